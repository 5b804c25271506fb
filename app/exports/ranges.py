"""Which bytes of a file were asked for (RFC 9110, sections 13 and 14)."""

import re
from dataclasses import dataclass
from typing import Final

from app.core.problems import RangeOutsideError

ONE_SPAN: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")


@dataclass(frozen=True)
class Part:
    """What the headers of a request say of the bytes it is after: `Range`, `If-Range`, `If-None-Match`."""

    asked: str | None = None
    if_range: str | None = None
    if_none_match: str | None = None


def span_of(asked: str | None, if_range: str | None, tag: str, size: int) -> range | None:
    """The span that `Range` asks for; None is all of it. Raises RangeOutsideError when it lies behind the end.

    What is no span of bytes, or several, is not asked for, as the standard allows; so is a span of something that is not the
    same any more, which `If-Range` finds out.
    """
    found = None if asked is None else ONE_SPAN.fullmatch(asked.replace(" ", ""))
    if found is None or if_range not in {None, tag}:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        begins, ends = max(0, size - int(suffix)), size
    else:
        begins, ends = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < begins:
            return None
    if begins >= ends:
        raise RangeOutsideError(size)
    return range(begins, ends)


def is_same(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has it already."""
    named = [] if if_none_match is None else [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return tag in named or "*" in named
