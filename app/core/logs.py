"""Logs by allow-list: an event and known fields of known types, never text that came from people."""

import logging
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
    "sqlstate": str,
    "address": str,  # where the service listens
    "count": int,
    "version": str,
}
LONGEST: Final = 200


def keep_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drops every field that is not on the list or not of its type; says how many were dropped."""
    kept = {
        key: value if not isinstance(value, str) else value[:LONGEST]
        for key, value in event.items()
        if key in {"event", "level", "timestamp"} or (key in ALLOWED and isinstance(value, ALLOWED[key]))
    }
    if dropped := len(event) - len(kept):
        kept["dropped_fields"] = dropped
    return kept


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error", "sqlalchemy", "asyncio"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = False


log = structlog.get_logger()
