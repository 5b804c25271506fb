"""One guarded JSON decoder in front of everything: it refuses what would hurt before it costs anything.

The limits are those of the security rules: depth 20, 1,000 members an object or array, integers within 2^53.
"""

import json
import math
import re
from typing import Final, NoReturn

from app.errors import MalformedError

DEPTH: Final = 20
MEMBERS: Final = 1_000
LARGEST: Final = 2**53 - 1
LONGEST_NUMBER: Final = 40
# A string that never ends is taken to the end and never tried again, so that the search stays linear.
PIECES: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
FORBIDDEN: Final = re.compile("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f]")

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class JsonError(MalformedError):
    """The body is not JSON that this service reads."""

    code = "json_invalid"
    detail = "The body is not JSON, in UTF-8 and without a byte order mark."


class JsonTooLargeError(MalformedError):
    """The JSON is deeper or wider than any record needs."""

    code = "json_too_large"
    detail = f"JSON may be {DEPTH} levels deep, and hold {MEMBERS} members in one object or array."


class JsonAmbiguousError(MalformedError):
    """Two readers of this JSON could understand two things."""

    code = "json_ambiguous"
    detail = "JSON may not repeat a key, nor hold NaN, infinities, numbers beyond 2^53 or lone surrogates."


def decode(body: bytes, longest_array: int = MEMBERS) -> Json:
    """The value of `body`; raises JsonError, JsonTooLargeError or JsonAmbiguousError, none of which repeats it.

    `longest_array` is how many members an array may hold; an object never more than others.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        raise JsonError
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise JsonError from None
    check_depth(text)
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_ambiguous, parse_float=_float, parse_int=_integer
        )
    except ValueError:
        raise JsonError from None
    _check(value, longest_array)
    return value


def check_depth(text: str) -> None:
    """Counts brackets outside strings, before the parser recurses."""
    if text.count("[") + text.count("{") <= DEPTH:
        return
    depth = 0
    for piece in PIECES.finditer(text):
        mark = piece.group()
        if mark in "[{":
            depth += 1
            if depth > DEPTH:
                raise JsonTooLargeError
        elif mark in "]}":
            depth -= 1


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len(pairs) > MEMBERS:
        raise JsonTooLargeError
    value = dict(pairs)
    if len(value) != len(pairs):
        raise JsonAmbiguousError
    return value


def _ambiguous(_constant: str) -> NoReturn:
    raise JsonAmbiguousError


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise JsonAmbiguousError
    return value


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER or abs(value := int(digits)) > LARGEST:
        raise JsonAmbiguousError
    return value


def _check(value: Json, longest_array: int) -> None:
    """Walks without recursion: array sizes, lone surrogates and control characters."""
    waiting: list[Json] = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                if FORBIDDEN.search(text):
                    raise JsonAmbiguousError("Text may not hold lone surrogates, NUL or control characters.")
            case list() as items:
                if len(items) > longest_array:
                    raise JsonTooLargeError
                waiting.extend(items)
            case dict() as members:
                waiting.extend(members)
                waiting.extend(members.values())
            case _:
                pass
