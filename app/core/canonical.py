"""Canonical JSON (RFC 8785) and its SHA-256: the same content gives the same bytes, wherever and whenever it is hashed."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

HELD: Final = "canonical JSON here holds text, whole numbers, truth values, days, moments, lists and objects with ASCII names"


def canonical(value: Mapping[str, Any]) -> bytes:
    """The bytes of `value`: members sorted, no white space, UTF-8.

    Holds text, whole numbers, truth values, null, lists and objects with ASCII names, for which Python's escapes and order
    are those of RFC 8785; a day or a moment stands as text. Raises TypeError for fractions and for anything else.
    """
    plain = _plain(value)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal."""
    return sha256(canonical(value)).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case date():
            return value.isoformat()
        case Mapping():
            return {_name(key): _plain(inner) for key, inner in value.items()}
        case Sequence():
            return [_plain(inner) for inner in value]
        case _:
            raise TypeError(HELD)


def _name(key: Any) -> str:
    if isinstance(key, str) and key.isascii():
        return key
    raise TypeError(HELD)
