"""One cell of a file as a value of its column, or why it cannot be one; what stood there is never repeated."""

import re
from math import isfinite
from typing import Final

from pydantic import TypeAdapter, ValidationError

from app.core.schemas import LONGEST_TEXT, Day, Moment
from app.exports.columns import MARK, Column, Missing, Type

Value = str | int | float | bool | None
"""As it goes into a wire schema; where there is none, a text that starts with `MARK` says why."""

LONGEST_ID: Final = 128
WHOLE: Final = re.compile(r"-?\d{1,15}")
DECIMAL: Final = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
ESCAPED: Final = re.compile(r"'[=+\-@\t\r.']")  # what a spreadsheet would run, or that looks like a code, has a quote before it
FORBIDDEN: Final = re.compile("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f]")
SENTENCES: Final = {
    Type.INTEGER: "Must be a whole number.",
    Type.NUMBER: "Must be a number, with a point if it has decimals.",
    Type.BOOLEAN: "Must be true or false.",
    Type.DATE: "Must be a day as in 2026-11-22.",
    Type.MOMENT: "Must be a moment with its offset, as in 2026-11-22T18:30:00Z.",
}
TIMES: Final = {Type.DATE: TypeAdapter[object](Day), Type.MOMENT: TypeAdapter[object](Moment)}
CODES: Final = {f"{MARK}{code}" for code in Missing}


class CellError(ValueError):
    """A cell that its column does not take: `code` and `detail` say which rule."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def is_missing(value: Value) -> bool:
    """Whether a value stands for one that is not there."""
    return value is None or (isinstance(value, str) and value in CODES)


def why(value: Value) -> str | None:
    """The code that stands in place of a value, without its mark."""
    return value.removeprefix(MARK) if isinstance(value, str) and value in CODES else None


def read_cell(column: Column, text: str) -> Value:
    """A cell of a CSV file. Raises CellError."""
    if text == "":
        return _missing(column, None)
    if text in CODES:
        return _missing(column, text)
    if text.startswith(MARK) and column.type not in {Type.TEXT, Type.ID, Type.NUMBER}:
        raise CellError("missing_code_unknown", f"A missing code is one of {', '.join(sorted(CODES))}.")
    match column.type:
        case Type.INTEGER if WHOLE.fullmatch(text):
            return _checked(column, int(text))
        case Type.NUMBER if DECIMAL.fullmatch(text):
            return _checked(column, float(text))
        case Type.BOOLEAN if text in {"true", "false"}:
            return text == "true"
        case Type.INTEGER | Type.NUMBER | Type.BOOLEAN:
            raise CellError("wrong_type", SENTENCES[column.type])
        case _:
            return _checked(column, text[1:] if ESCAPED.match(text) else text)


def read_member(column: Column, value: object, code: object) -> Value:
    """A member of a line of JSON, with the code of the member beside it if there is one. Raises CellError."""
    if value is None:
        if code is not None and f"{MARK}{code}" not in CODES:
            raise CellError("missing_code_unknown", f"A missing code is one of {', '.join(sorted(Missing))}.")
        return _missing(column, None if code is None else f"{MARK}{code}")
    kinds: dict[Type, tuple[type, ...]] = {Type.INTEGER: (int,), Type.NUMBER: (int, float), Type.BOOLEAN: (bool,)}
    fitting = kinds.get(column.type, (str,))
    if not isinstance(value, fitting) or (isinstance(value, bool) and column.type is not Type.BOOLEAN):
        raise CellError("wrong_type", SENTENCES.get(column.type, "Must be text."))
    assert isinstance(value, str | int | float)  # noqa: S101 - one of the kinds above
    return _checked(column, value)


def _missing(column: Column, code: str | None) -> Value:
    if not column.missing:
        raise CellError("required", "This column needs a value in every row.")
    if code is not None and code.removeprefix(MARK) not in column.missing and column.type is Type.NUMBER:
        raise CellError("missing_code_unknown", f"Here a missing code is one of {', '.join(column.missing)}.")
    return code


def _checked(column: Column, value: Value) -> Value:
    if isinstance(value, float) and not isfinite(value):
        raise CellError("wrong_type", SENTENCES[Type.NUMBER])
    if not isinstance(value, str):
        return value
    if len(value) > (LONGEST_TEXT if column.type is Type.TEXT else LONGEST_ID):
        raise CellError("too_long", "This is longer than any value of this column.")
    if FORBIDDEN.search(value):
        raise CellError("not_acceptable", "Control characters and lone surrogates are not taken.")
    if column.categories and value not in column.categories:
        raise CellError("not_a_choice", f"Must be one of {', '.join(column.categories)}.")
    if column.type in TIMES:
        try:
            TIMES[column.type].validate_python(value)
        except ValidationError:
            raise CellError("wrong_type", SENTENCES[column.type]) from None
    return value
