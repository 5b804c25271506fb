"""What an import has to tell of the rows it met: which file, row and column, which rule, and never a value."""

import csv
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

HEADER: Final = ("weight", "file", "row", "column", "code", "detail")
SHOWN: Final = 20


class Weight(StrEnum):
    """What a finding means for what it is about."""

    REFUSED = "refused"
    DIFFERS = "differs"  # the record has it otherwise, and keeps it
    LEFT = "left"  # nothing an import takes


@dataclass(frozen=True)
class Finding:
    """One thing to tell; `row` counts lines of the file as an editor does, 0 where it is about the whole file."""

    file: str
    row: int
    column: str
    code: str
    detail: str
    weight: Weight = Weight.REFUSED


class Report:
    """Keeps findings in a file, if there is one, as they come; holds only the first few and how many of each weight."""

    def __init__(self, path: Path | None = None, *, goes_on: bool = False) -> None:
        """`goes_on` adds to the report of a run that was cut off."""
        self._path, self._goes_on = path, goes_on
        self._file: TextIO | None = None
        self.counts: Counter[Weight] = Counter()
        self.first: list[Finding] = []

    def __enter__(self) -> Self:
        if self._path is not None:
            goes_on = self._goes_on and self._path.exists()
            self._file = self._path.open("a" if goes_on else "w", encoding="utf-8", newline="")
            if not goes_on:
                csv.writer(self._file, lineterminator="\n").writerow(HEADER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, finding: Finding) -> None:
        """Keeps one finding."""
        self.counts[finding.weight] += 1
        if len(self.first) < SHOWN:
            self.first.append(finding)
        if self._file is not None:
            told = (finding.weight, finding.file, finding.row or "", finding.column, finding.code, finding.detail)
            csv.writer(self._file, lineterminator="\n").writerow(told)

    def flush(self) -> None:
        """Hands to the disk what was told so far."""
        if self._file is not None:
            self._file.flush()

    @property
    def refuses(self) -> bool:
        """Whether anything was refused."""
        return self.counts[Weight.REFUSED] > 0
