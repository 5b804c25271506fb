"""Values of search parameters: what they may be, read from the text they come as (FHIR R4, search)."""

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.fhir.rules import SearchValueError

MOMENT: Final = re.compile(
    r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})[0-9]*)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?"
)
ESCAPED: Final = re.compile(r"\\([\\,|$])")
PIECE: Final = re.compile(r"\\[\\,|$]|.", re.DOTALL)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
REFERENCE: Final = re.compile(r"(?:([A-Z][A-Za-z]{1,39})/)?([A-Za-z0-9.-]{1,64})")


@dataclass(frozen=True)
class Token:
    """A code with the system it is of: None is any system, an empty text is none."""

    system: str | None
    code: str

    def is_of(self, system: str, code: str) -> bool:
        """Whether it means this code; without a code it means each of the system."""
        return self.system in {None, system} and self.code in {"", code}


@dataclass(frozen=True)
class Reference:
    """Another resource: its type, where that is said, and its id."""

    type: str | None
    id: str


@dataclass(frozen=True)
class Span:
    """A stretch of time, its end excluded, and how what is searched has to lie to it."""

    prefix: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Text:
    """Words, and whether they are to be the whole, anywhere in it, or its beginning."""

    words: str
    how: str = "starts"


def apart(text: str, mark: str) -> list[str]:
    """What stands between marks, each as it came: a mark after a backslash is none (R4, escaping search parameters)."""
    found = [""]
    for piece in PIECE.findall(text):
        if piece == mark:
            found.append("")
        else:
            found[-1] += piece
    return found


def plain(text: str) -> str:
    """What a value means, without the backslashes that R4 has before what would otherwise be a mark."""
    return ESCAPED.sub(r"\1", text)


def read_token(text: str) -> Token:
    """`code`, `system|code`, `|code` or `system|`. Raises SearchValueError."""
    *system, code = apart(text, "|")
    if not text or text == "|":
        raise SearchValueError
    return Token(plain("|".join(system)) if system else None, plain(code))


def read_reference(text: str, base: str, type_: str | None = None) -> Reference:
    """`id`, `Type/id` or the whole address of a resource of this service. Raises SearchValueError."""
    found = REFERENCE.fullmatch(text.removeprefix(base + "/"))
    if found is None or (type_ and found[1] and found[1] != type_):
        raise SearchValueError
    return Reference(found[1] or type_, found[2])


def read_span(text: str) -> Span:
    """A year, month, day or moment, with a prefix or without; without a zone it is UTC. Raises SearchValueError."""
    found = MOMENT.fullmatch(text.replace(" ", "+"))
    if found is None:
        raise SearchValueError
    year, month, day, hour, minute, second, fraction = (None if one is None else int(one) for one in _numbers(found))
    try:
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{found[9] or 'Z'}").tzinfo or UTC
        whole = (year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, fraction or 0)
        begins = datetime(*whole, tzinfo=zone).astimezone(UTC)
        if month is None:
            length = timedelta(days=365 + isleap(year or 0))
        elif day is None:
            length = timedelta(days=monthrange(year or 0, month)[1])
        else:
            steps = (timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1), timedelta(milliseconds=1))
            length = steps[sum(one is not None for one in (minute, second, fraction))]
        return Span(found[1] or "eq", begins, moved(begins, length))
    except (ValueError, OverflowError):
        raise SearchValueError from None


def moved(moment: datetime, by: timedelta) -> datetime:
    """A moment later or earlier, as far as there are moments: a day that means "for ever" is a day like any other."""
    try:
        return moment + by
    except OverflowError:
        return LATEST if by > timedelta(0) else EARLIEST


def _numbers(found: re.Match[str]) -> tuple[str | None, ...]:
    fraction = found[8]
    return (*found.group(2, 3, 4, 5, 6, 7), None if fraction is None else fraction.ljust(6, "0"))
