"""Logs by allow-list: an event and known fields of known types, never text that came from people."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

ALLOWED: Final[dict[str, type | tuple[type, ...]]] = {
    "operation": str,  # operation id of the route
    "route": str,  # route template, never the path that was asked for
    "method": str,
    "status": int,
    "milliseconds": float,
    "request_id": str,
    "clinic": str,
    "credential": str,
    "code": str,  # stable code of a problem
    "error": str,  # class of an exception, never its text
    "logger": str,  # which library spoke, never what it said
    "sqlstate": str,
    "address": str,  # where the service listens
    "count": int,
    "version": str,
}
OURS: Final = {"level", "timestamp"}  # put there by the processors below, over whatever was passed
EVENT: Final = re.compile(r"[a-z][a-z_]{0,39}")
VALUE: Final = re.compile(r"[!-~]{0,200}")  # names, ids and codes have no spaces; sentences do
UNNAMED: Final = "unnamed"


def keep_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drops every field that is not on the list or not of its type and form; says how many were dropped."""
    kept = {key: value for key, value in event.items() if key in OURS or (key in ALLOWED and _fits(key, value))}
    name = event.get("event")
    kept["event"] = name if isinstance(name, str) and EVENT.fullmatch(name) else UNNAMED
    if dropped := len({*event, "event"}) - len(kept):
        kept["dropped_fields"] = dropped
    return kept


def _fits(key: str, value: Any) -> bool:
    if not isinstance(value, ALLOWED[key]):
        return False
    return not isinstance(value, str) or VALUE.fullmatch(value) is not None


class Hushed(logging.Handler):
    """Lets a library say that something happened, and not what: its text may hold anything."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line with the library's name and the class of an exception."""
        kind = record.exc_info[0] if record.exc_info else None
        told = {"error": kind.__name__} if kind else {}
        log.log(record.levelno, "library", logger=record.name, **told)


def set_up_logs(level: int = logging.INFO) -> None:
    """One JSON line an event on standard error; the server's own access log, which holds paths, is off."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),  # whatever standard error is by then
        cache_logger_on_first_use=False,
    )
    # A logger without any handler falls back to Python's last resort, which prints the text of exceptions.
    logging.getLogger().handlers[:] = [Hushed(logging.WARNING)]
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error", "sqlalchemy", "asyncio"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True


log = structlog.get_logger()
