"""The folder an export is put into: what is under way in it, what is in place, and from where the next one goes on.

A file of an unfinished export lies in `.incoming`. What is in place stays as it is until the new export is whole and every file
of it was checked; then the files move in, `manifest.json` last, so that a folder with a manifest is complete.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from app.core.disk import settle_names
from app.exports.client.asked import Asked
from app.exports.client.ends import RefusedError
from app.exports.client.files import MANIFEST, File, is_whole, write_whole

INCOMING: Final = ".incoming"
JOURNAL: Final = ".export.json"
STATE: Final = ".state.json"
LOCK: Final = ".export.lock"
NUMBERED: Final = re.compile(r"[0-9]{4,9}")
Shape = dict[str, list[list[str]]]
"""The tables of an export, each with the names and types of its columns."""


@dataclass(frozen=True)
class Journal:
    """The export that is under way in a folder, or that was the last one.

    `source` is the service's address or the record's, `since` the token it goes on from, `run` the number of its folder.
    `kept` is what whoever makes it needs to go on. `placed` names what lies in place, of this export or of the one it replaces.
    """

    asked: Asked
    source: str
    since: str | None = None
    run: int | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    is_placing: bool = False
    is_done: bool = False
    placed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self) | {"asked": self.asked.kept()}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        """As it was kept."""
        told = {
            "asked": Asked.from_kept(found["asked"]),
            "files": tuple(File(**file) for file in found["files"]),
            "placed": tuple(found["placed"]),
        }
        return cls(**(found | told))


@dataclass(frozen=True)
class State:
    """What the last export in numbered folders was, and the token that the next goes on from."""

    token: str
    run: int
    asked: dict[str, Any]
    shape: Shape


class Folder:
    """A folder for exports; one command at a time works in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.incoming = path / INCOMING

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps every other export out of the folder; raises RefusedError when one is at work in it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusedError(f"Another export is at work in {self.path}.") from None
        else:
            yield
        finally:
            os.close(descriptor)

    def journal(self) -> Journal | None:
        """What is, or was last, under way here. Raises RefusedError for what no export wrote."""
        found = self._read(JOURNAL)
        if found is None:
            if (self.path / MANIFEST).exists():
                raise RefusedError(f"{self.path} holds an export that this command did not put there. Choose another folder.")
            return None
        try:
            return Journal.from_json(found)
        except (KeyError, TypeError, AttributeError):
            raise self._spoilt(JOURNAL) from None

    def state(self) -> State | None:
        """From where the next export goes on."""
        found = self._read(STATE)
        try:
            return None if found is None else State(**found)
        except TypeError:
            raise self._spoilt(STATE) from None

    def write(self, journal: Journal) -> Journal:
        """Keeps the journal; a kill leaves it as it was before or as it is now."""
        self._write(JOURNAL, journal.as_json())
        return journal

    def begin(self, journal: Journal) -> Journal:
        """Drops what is unfinished and begins anew; what lies in place stays there.

        Raises RefusedError where exports of the folder are numbered and this one is not, or the other way round.
        """
        before = self.journal()
        if before is not None and (before.run is None) != (journal.run is None):
            numbered = "numbered folders" if before.run else "the folder itself"
            raise RefusedError(f"The exports in {self.path} go into {numbered}. Choose another folder for this one.")
        begun = self.write(replace(journal, placed=() if before is None or journal.run is not None else before.placed))
        shutil.rmtree(self.incoming, ignore_errors=True)
        self.incoming.mkdir(mode=0o700)
        return begun

    def next_run(self) -> int:
        """The number of the folder that the next of several exports goes into."""
        return 1 + max((int(each.name) for each in self.path.iterdir() if NUMBERED.fullmatch(each.name)), default=0)

    def drop(self, journal: Journal) -> None:
        """Drops an export that may not be put in place; what lies there stays."""
        shutil.rmtree(self.incoming, ignore_errors=True)
        if journal.placed:
            self.write(replace(journal, files=(), is_done=True))
        else:
            (self.path / JOURNAL).unlink()

    def target(self, journal: Journal) -> Path:
        """Where the files of an export go."""
        return self.path if journal.run is None else self.path / f"{journal.run:04}"

    def find(self, journal: Journal, file: File) -> Path | None:
        """Where a file of the export lies whole: fetched, or in place already."""
        places = (self.incoming / file.name, self.target(journal) / file.name)
        return next((path for path in places if is_whole(path, file)), None)

    def place(self, journal: Journal, shape: Shape, token: str | None) -> Path:
        """Puts every file in place; the export is whole and was checked. Begun once, it is gone on with whatever happens."""
        if not journal.is_placing:
            self._refuse_to_overwrite(journal)
            kept = journal.kept | {"shape": shape, "token": token}
            journal = self.write(replace(journal, is_placing=True, kept=kept))
        return self.finish(journal)

    def finish(self, journal: Journal) -> Path:
        """Goes on with what `place` began."""
        target, names = self.target(journal), [file.name for file in journal.files]
        target.mkdir(mode=0o700, exist_ok=True)
        if (self.incoming / MANIFEST).exists():
            (target / MANIFEST).unlink(missing_ok=True)
            settle_names(target)
        for name in {*journal.placed} - {*names}:
            (target / name).unlink(missing_ok=True)
        for name in sorted(names, key=lambda name: name == MANIFEST):
            if name == MANIFEST:
                settle_names(target)  # before anybody may think that it is complete
            if (self.incoming / name).exists():
                (self.incoming / name).replace(target / name)
        settle_names(target)
        settle_names(self.path)
        shutil.rmtree(self.incoming, ignore_errors=True)
        if journal.run is not None:
            state = State(journal.kept["token"], journal.run, journal.asked.kept(), journal.kept["shape"])
            self._write(STATE, asdict(state))
        self.write(replace(journal, is_placing=False, is_done=True, placed=tuple(names)))
        return target

    def _refuse_to_overwrite(self, journal: Journal) -> None:
        target = self.target(journal)
        for file in journal.files:
            if file.name not in journal.placed and (target / file.name).exists() and not is_whole(target / file.name, file):
                raise RefusedError(f"{target / file.name} is there already, and no export put it there. Choose another folder.")

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            raise self._spoilt(name) from None

    def _write(self, name: str, content: dict[str, Any]) -> None:
        write_whole(self.path / name, json.dumps(content, indent=1, sort_keys=True).encode() + b"\n")

    def _spoilt(self, name: str) -> RefusedError:
        return RefusedError(f"{self.path / name} is not as an export leaves it. Choose another folder.")
