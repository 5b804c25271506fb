"""An export asked of a running service: one job, followed until its files are ready, each fetched to its last byte."""

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import uuid4

import httpx

from app.exports.client.calling import ANOTHER, NO_SUCH, Patience, Refusal, answered, json_of, seconds_of
from app.exports.client.ends import PartialError, RefusedError, SchemaChangedError
from app.exports.client.fetching import Fetching
from app.exports.client.files import File
from app.exports.client.folder import Folder, Journal
from app.exports.client.shape import start_anew
from app.exports.client.telling import Telling

EXPORTS: Final = "/v1/exports"
WAITING: Final = frozenset({"queued", "running"})
STALE: Final = frozenset({"cursor_invalid", "changes_start_anew"})
FAILURES: Final = {
    "storage_full": "The service has no room left to make the export. Tell whoever runs it; then repeat with --resume.",
    "not_allowed": "While the export was made, what you may read became less. Repeat the command with --resume.",
    "gave_up": "The service tried to make the export several times, and gave up. Tell whoever runs it.",
}
SHAPE: Final = {"id": str, "status": str}
ID: Final = re.compile(r"[a-z0-9_]{1,64}")
GONE: Final = frozenset({404, 410})
LOOK_AGAIN: Final = 1.0


class GoneError(Exception):
    """The service does not keep the export any more."""


class FailedError(PartialError):
    """The service tried, and could not make it."""


@dataclass(frozen=True)
class Service:
    """The service at an address, asked with one key."""

    client: httpx.Client
    patience: Patience

    @property
    def name(self) -> str:
        """Where the export comes from."""
        return str(self.client.base_url)

    def make(self, journal: Journal, folder: Folder, telling: Telling) -> Journal:
        """Fetches every file of the export; one that the service keeps no more is asked for anew.

        Raises PartialError, RefusedError, SchemaChangedError.
        """
        try:
            return self._made(journal, folder, telling)
        except GoneError:
            telling.note("The service keeps this export no more. A new one begins.")
        anew = folder.begin(replace(journal, kept={}, files=(), is_done=False))
        try:
            return self._made(anew, folder, telling)
        except GoneError:
            raise PartialError("The service dropped the export before it was fetched. Repeat the command.") from None

    def _made(self, journal: Journal, folder: Folder, telling: Telling) -> Journal:
        journal = self._asked(journal, folder)
        path = f"{EXPORTS}/{journal.kept['id']}"
        try:
            journal = folder.write(replace(journal, files=self._files(path, telling)))
        except FailedError:
            folder.write(replace(journal, kept={}))  # so that the next try asks anew
            raise
        fetching, total, whole = Fetching(self.client, self.patience), sum(file.bytes for file in journal.files), 0
        for file in journal.files:
            if folder.find(journal, file) is None:
                try:
                    fetching.fetch(
                        f"{path}/files/{file.name}", file, folder.incoming, partial(_step, telling, whole, total=total)
                    )
                except Refusal as refused:
                    raise self._understood(refused) from None
            whole += file.bytes
            _step(telling, whole, 0, total=total)
            telling.part(file)
        return journal

    def _asked(self, journal: Journal, folder: Folder) -> Journal:
        """The job, asked for under a key that is kept first: however often this is cut off, there is one."""
        if "id" in journal.kept:
            return journal
        if "key" not in journal.kept:
            journal = folder.write(replace(journal, kept={"key": uuid4().hex}))
        headers = {"Idempotency-Key": journal.kept["key"]}
        body = journal.asked.body(journal.since)
        try:
            answer = answered(self.client, self.patience, "POST", EXPORTS, json=body, headers=headers)
        except Refusal as refused:
            if refused.answer_code in STALE:
                raise SchemaChangedError(f"{refused} {start_anew(folder, journal)}") from None
            if refused.status in NO_SUCH:
                raise RefusedError(ANOTHER) from None
            raise
        return folder.write(replace(journal, kept=journal.kept | {"id": _read(answer)["id"]}))

    def _files(self, path: str, telling: Telling) -> tuple[File, ...]:
        """Follows the job to its end."""
        while True:
            try:
                answer = answered(self.client, self.patience, "GET", path)
            except Refusal as refused:
                raise self._understood(refused) from None
            found = _read(answer)
            progress = found.get("progress") or {}
            telling.step("Prepared", progress.get("done", 0), progress.get("total"))
            if found["status"] not in WAITING:
                break
            self.patience.pause(seconds_of(answer) or LOOK_AGAIN)
        if found["status"] == "failed":
            raise FailedError(FAILURES.get(str(found.get("failure")), "The service could not make the export."))
        if found["status"] != "done":
            raise GoneError
        return tuple(_file(one) for one in found.get("files") or ())

    def _understood(self, refused: Refusal) -> Exception:
        return GoneError() if refused.status in GONE else refused


def _step(telling: Telling, whole: int, of_this: int, *, total: int) -> None:
    telling.step("Fetched", whole + of_this, total)


def _read(answer: httpx.Response) -> dict[str, Any]:
    found = json_of(answer)
    is_ours = all(isinstance(found.get(name), type_) for name, type_ in SHAPE.items())
    if not is_ours or not isinstance(found.get("progress") or {}, dict) or not ID.fullmatch(found["id"]):
        raise RefusedError(ANOTHER)
    return found


def _file(told: dict[str, Any]) -> File:
    try:
        return File(told["name"], told["bytes"], told["sha256"], told.get("rows"), told.get("table"))
    except (KeyError, TypeError):
        raise RefusedError(ANOTHER) from None
