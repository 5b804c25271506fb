"""Somebody who has an export, knows something of couples besides, and wants to find them in it."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

Files = Mapping[str, bytes]
Row = dict[str, str]
COARSER: Final = {
    "under_13_weeks": "under_26_weeks",
    "13_to_25_weeks": "under_26_weeks",
    "26_to_51_weeks": "26_weeks_or_more",
    "52_weeks_or_more": "26_weeks_or_more",
}


def rows(files: Files, table: str) -> list[Row]:
    """A table of an export, all its parts."""
    return [
        row
        for name in sorted(files)
        if name.startswith(f"{table}-") and name.endswith(".csv")
        for row in csv.DictReader(io.StringIO(files[name].decode()))
    ]


def fits(told: str, true: str) -> bool:
    """Whether what an export tells can be said of somebody of whom this is true."""
    ended = told == "ended" and true != "in_care"
    return told.startswith(".") or told == true or COARSER.get(true) == told or ended


def link(files: Files, known: Mapping[str, str]) -> set[str]:
    """The couples of an export that may be the one of whom this is known: of those that fit, those that fit best."""
    found = [row for row in rows(files, "couples") if all(fits(row[name], true) for name, true in known.items())]
    exact = max((sum(row[name] == true for name, true in known.items()) for row in found), default=0)
    return {row["couple_id"] for row in found if sum(row[name] == true for name, true in known.items()) == exact}


def fingerprints(files: Files) -> dict[frozenset[tuple[str, ...]], str]:
    """Each couple by its scores and their days: the same in any other export, whatever the ids."""
    found: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for row in rows(files, "scores"):
        found[row["couple_id"]].add((row["answered_day"], row["measure"], row["scale"], row["value"]))
    return {frozenset(marks): couple_id for couple_id, marks in found.items()}


def subtract(before: Files, after: Files) -> tuple[set[str], set[str]]:
    """The couples of the first export that are not in the second, and the other way round."""
    one, other = fingerprints(before), fingerprints(after)
    return {one[marks] for marks in one.keys() - other.keys()}, {other[marks] for marks in other.keys() - one.keys()}


def ids(files: Files, names: Iterable[str]) -> set[str]:
    """Every id in an export."""
    return {value for name in names for row in rows(files, name) for column, value in row.items() if column.endswith("_id")}
