"""One run of `rekindle export`: what goes on from where, what is made, and when it may be put in place."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from app.exports.client.asked import Asked
from app.exports.client.ends import PartialError, RefusedError, SchemaChangedError
from app.exports.client.files import MANIFEST, disk_told
from app.exports.client.folder import Folder, Journal, State
from app.exports.client.shape import difference, shape_of, start_anew
from app.exports.client.telling import Telling

DESCRIPTOR: Final = "datapackage.json"


class Source(Protocol):
    """Who makes the files: a running service, or the record itself."""

    @property
    def name(self) -> str:
        """What tells it from every other."""

    def make(self, journal: Journal, folder: Folder, telling: Telling) -> Journal:
        """Brings every file of the export to the folder, whole and checked, and tells which they are."""


@dataclass(frozen=True)
class Run:
    """One run in one folder; `asked` is None where a resumed one goes on with what was asked then."""

    source: Source
    folder: Folder
    telling: Telling
    asked: Asked | None
    resume: bool = False

    def __call__(self) -> Path:
        """The folder that the export lies in. Raises PartialError, RefusedError, SchemaChangedError."""
        with disk_told(self.folder.path), self.folder.held():
            try:
                return self._run()
            except KeyboardInterrupt:
                raise PartialError("Interrupted. Repeat the command with --resume.") from None

    def _run(self) -> Path:
        journal = self._journal()
        if journal.is_done and all(self.folder.find(journal, file) for file in journal.files):
            self.telling.note("The export was in place already, and is whole.")
            return self._told(journal, self.folder.target(journal), journal.kept["token"])
        journal = self.source.make(journal, self.folder, self.telling)
        manifest, shape, state = self._read(journal, MANIFEST), shape_of(self._read(journal, DESCRIPTOR)), self._state(journal)
        if state is not None and state.shape != shape:
            self.folder.drop(journal)
            raise SchemaChangedError(f"{difference(state.shape, shape)} {start_anew(self.folder, journal)}")
        return self._told(journal, self.folder.place(journal, shape, manifest["token"]), manifest["token"])

    def _told(self, journal: Journal, placed: Path, token: str) -> Path:
        self.telling.done(placed, journal.files, since=journal.since, token=token)
        return placed

    def _journal(self) -> Journal:
        """What is gone on with, or a new beginning."""
        before = self.folder.journal()
        if before is not None and before.is_placing:
            self.folder.finish(before)
            before = self.folder.journal()
        if self.resume and before is not None:
            self._refuse_another(before)
            if not (before.is_done and before.asked.goes_on_from_last_time):
                self.folder.incoming.mkdir(mode=0o700, exist_ok=True)
                return before
        asked = self.asked or (before.asked if self.resume and before is not None else Asked())
        return self.folder.begin(self._begun(asked))

    def _begun(self, asked: Asked) -> Journal:
        """A new export; one that goes on from last time has to be of the same tables."""
        if not asked.goes_on_from_last_time:
            return Journal(asked, self.source.name, asked.since)
        begun = Journal(asked, self.source.name, run=self.folder.next_run())
        state = self.folder.state()
        if state is not None and _what(state.asked) != _what(asked.kept()):
            was = f"The last export in {self.folder.path} was of other tables or in other formats."
            raise SchemaChangedError(f"{was} {start_anew(self.folder, begun)}")
        return replace(begun, since=None if state is None else state.token)

    def _refuse_another(self, before: Journal) -> None:
        if self.asked is not None and self.asked != before.asked:
            raise RefusedError(
                f"The export in {self.folder.path} was asked for with other options. Repeat it without --resume, or with those."
            )
        if before.source != self.source.name:
            raise RefusedError(f"The export in {self.folder.path} came from elsewhere. Repeat it without --resume.")

    def _state(self, journal: Journal) -> State | None:
        """What the export goes on from, if it does."""
        return self.folder.state() if journal.run is not None and journal.since is not None else None

    def _read(self, journal: Journal, name: str) -> dict[str, Any]:
        file = next((one for one in journal.files if one.name == name), None)
        path = None if file is None else self.folder.find(journal, file)
        if path is None:
            raise PartialError(f"The export came without its {name}. Repeat the command without --resume.")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found


def _what(kept: dict[str, Any]) -> list[Any]:
    """What has to stay the same from one export to the next."""
    return [sorted(kept["formats"]), sorted(kept["tables"] or ["*"]), kept["deidentified"]]
