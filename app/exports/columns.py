"""Columns of exported tables: their types, what they mean, and which codes stand where a value is missing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Type(StrEnum):
    """What a column holds; a format decides how it is written."""

    ID = "id"
    CODE = "code"  # a word of a vocabulary, never free text
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"


class Missing(StrEnum):
    """Why there is no value; in CSV the cell holds the code after a dot, elsewhere a column beside it holds the code."""

    NOT_ASKED = "not_asked"
    SKIPPED = "skipped"
    DECLINED = "declined"
    NOT_YET_DUE = "not_yet_due"
    NO_ACTIVITY = "no_activity"
    WITHHELD_BY_CONSENT = "withheld_by_consent"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    TOO_RARE = "too_rare"  # in de-identified exports only


MARK: Final = "."  # no id, code, number or day starts with it


@dataclass(frozen=True)
class Column:
    """One column: its name, type, meaning, and which codes can stand in it instead of a value.

    `prefix` is that of an id (`cpl`), `refers` the table and column it is found in, `categories` a closed list of codes or,
    when `vocabulary` is set, the name of the vocabulary (`GET /v1/vocabularies/{name}`) they come from.
    """

    name: str
    type: Type
    description: str
    missing: tuple[Missing, ...] = ()
    prefix: str | None = None
    refers: tuple[str, str] | None = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    vocabulary: str | None = None
