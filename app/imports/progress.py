"""How far an import came: a small file beside what comes in, so that one that was cut off goes on from there."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from app.imports.reading import Source

FILE_NAME: Final = ".import.json"


def fingerprint(sources: Iterable[Source], clinic_id: UUID, care_team: Iterable[UUID]) -> str:
    """What makes two imports the same: the bytes of every file, the clinic, and who gets a seat."""
    told = [(source.name, source.digest) for source in sources]
    return sha256(json.dumps([told, str(clinic_id), sorted(str(one) for one in care_team)]).encode()).hexdigest()


@dataclass
class Progress:
    """Couples that are done, in the order of their ids: how many, the last of them, and what became of the rows."""

    of: str
    last: str | None = None
    couples: int = 0
    refused: int = 0
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, couples: int, last: str, rows: Counter[tuple[str, str]]) -> None:
        """Couples that are done now."""
        self.couples, self.last = self.couples + couples, last
        self.rows += rows

    def save(self, file: Path) -> None:
        """Replaces the file in one step; the record is ahead of it by one batch at most, which is recognised."""
        told = {"of": self.of, "last": self.last, "couples": self.couples, "refused": self.refused, "rows": self._rows()}
        partial = file.with_name(file.name + ".partial")
        owners_alone = os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(owners_alone, "w", encoding="utf-8") as out:
            json.dump(told, out)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)

    def _rows(self) -> list[tuple[str, str, int]]:
        return [(table, what, count) for (table, what), count in sorted(self.rows.items())]


def resumed(file: Path, of: str) -> Progress:
    """Where the same import was cut off; from the start if it never was, or if anything of it is another now."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        rows = Counter({(table, what): count for table, what, count in told["rows"]})
        found = Progress(told["of"], told["last"], told["couples"], told["refused"], rows)
    except (OSError, ValueError, KeyError, TypeError):
        return Progress(of)
    return found if found.of == of else Progress(of)
