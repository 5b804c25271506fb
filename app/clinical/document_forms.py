"""Reads values of a document by their form, and says of everything that does not fit where it stands and why."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields
from math import isfinite
from typing import Any, Final

from app.errors import Fault

# What a form makes of what does not fit; a fault has been noted then.
UNFIT: Final = object()
Form = Callable[[object, str, list[Fault]], Any]

LONGEST_TEXT: Final = 500
LONGEST_LIST: Final = 60
LARGEST_NUMBER: Final = 1_000_000
_LONGEST_KEY: Final = 64
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


def text(longest: int = LONGEST_TEXT) -> Form:
    """A sentence or a name: not empty, printable, so and so long at the most."""

    def read(value: object, pointer: str, faults: list[Fault]) -> object:
        if not isinstance(value, str):
            return unfit(faults, pointer, "wrong_kind", "This is text.")
        if not value.strip() or not value.isprintable():
            return unfit(faults, pointer, "not_readable", "This is text that can be read, without control signs.")
        if len(value) > longest:
            return unfit(faults, pointer, "too_long", f"This has at most {longest} signs.")
        return value

    return read


def code(value: object, pointer: str, faults: list[Fault]) -> object:
    """A name for machines: small letters, digits and underscores."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return value
    return unfit(
        faults, pointer, "not_a_code", "A code is a small letter, then small letters, digits or underscores; 64 at most."
    )


def flag(value: object, pointer: str, faults: list[Fault]) -> object:
    """Yes or no."""
    return value if isinstance(value, bool) else unfit(faults, pointer, "wrong_kind", "This is true or false.")


def number(value: object, pointer: str, faults: list[Fault]) -> object:
    """Any finite number of a reasonable size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return unfit(faults, pointer, "wrong_kind", "This is a number.")
    # Compared first: a huge integer has no float to ask.
    if abs(value) <= LARGEST_NUMBER and isfinite(value):
        return value
    return unfit(faults, pointer, "out_of_range", f"This is a number of at most {LARGEST_NUMBER}.")


def whole(lowest: int, highest: int) -> Form:
    """A whole number in a range."""

    def read(value: object, pointer: str, faults: list[Fault]) -> object:
        if isinstance(value, bool) or not isinstance(value, int):
            return unfit(faults, pointer, "wrong_kind", "This is a whole number.")
        if not lowest <= value <= highest:
            return unfit(faults, pointer, "out_of_range", f"This lies from {lowest} to {highest}.")
        return value

    return read


def one_of(choices: Collection[str]) -> Form:
    """One of the words given."""

    def read(value: object, pointer: str, faults: list[Fault]) -> object:
        if isinstance(value, str) and value in choices:
            return value
        return unfit(faults, pointer, "not_a_choice", f"This is one of: {', '.join(choices)}.")

    return read


def optional(form: Form) -> Form:
    """The form, or null."""
    return lambda value, pointer, faults: None if value is None else form(value, pointer, faults)


def many(form: Form, fewest: int = 0, most: int = LONGEST_LIST) -> Form:
    """A list of so and so many, each of the form."""

    def read(value: object, pointer: str, faults: list[Fault]) -> object:
        if not isinstance(value, list | tuple):
            return unfit(faults, pointer, "wrong_kind", "This is a list.")
        if not fewest <= len(value) <= most:
            return unfit(faults, pointer, "wrong_length", f"This has from {fewest} to {most} entries.")
        entries = tuple(form(entry, f"{pointer}/{place}", faults) for place, entry in enumerate(value))
        return UNFIT if any(entry is UNFIT for entry in entries) else entries

    return read


def span(value: object, pointer: str, faults: list[Fault]) -> object:
    """From and to, as two numbers that are not negative."""
    ends = many(number, 2, 2)(value, pointer, faults)
    if ends is not UNFIT and not 0 <= ends[0] <= ends[1]:
        return unfit(faults, pointer, "out_of_range", "From is not negative, and not above to.")
    return ends


def record(kind: type[Any], /, **forms: Form) -> Form:
    """An object with a form for every field of a dataclass; fields with a default may be left out, others are refused."""
    named = {field.name: field.default is not MISSING for field in fields(kind)}
    if set(named) != set(forms):
        raise TypeError(f"{kind.__name__} has a form for each of its fields, and for no other")

    def read(value: object, pointer: str, faults: list[Fault]) -> object:
        found = keyed(value, pointer, faults, forms, {name for name, may_miss in named.items() if not may_miss})
        return found if found is UNFIT else kind(**found)

    return read


def keyed(value: object, pointer: str, faults: list[Fault], forms: Mapping[str, Form], needed: Collection[str]) -> Any:
    """What an object holds under known keys; `UNFIT` if anything in it does not fit."""
    if not isinstance(value, Mapping):
        return unfit(faults, pointer, "wrong_kind", "This is an object.")
    before = len(faults)
    for key in value:
        if key not in forms:
            unfit(faults, _at(pointer, key), "unknown_key", "Nothing is known by this name here.")
    for key in needed:
        if key not in value:
            unfit(faults, f"{pointer}/{key}", "required", "This is needed.")
    found = {key: form(value[key], f"{pointer}/{key}", faults) for key, form in forms.items() if key in value}
    return UNFIT if len(faults) > before else found


def unfit(faults: list[Fault], pointer: str, why: str, detail: str) -> object:
    """Notes a fault."""
    faults.append(Fault(pointer, why, detail))
    return UNFIT


def _at(pointer: str, key: object) -> str:
    # What was sent is not repeated beyond a short, printable key.
    if not isinstance(key, str) or len(key) > _LONGEST_KEY or not key.isprintable():
        return pointer
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
