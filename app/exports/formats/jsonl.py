"""JSON Lines: an object a row; where a value can be missing, the member after it says why it is null."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from app.exports.columns import Column, Missing, Type
from app.exports.format import Format
from app.exports.spelling import speller
from app.exports.table import Row, Table

BARE: Final = frozenset({Type.INTEGER, Type.NUMBER, Type.BOOLEAN})  # written without quotes


def write(table: Table, pages: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """A line a row, always with the same members in the same order."""
    members = [_member(column) for column in table.columns]
    for page in pages:
        lines = (",".join([member(value) for member, value in zip(members, row, strict=True)]) for row in page)
        yield "".join(f"{{{line}}}\n" for line in lines).encode()


def _member(column: Column) -> Callable[[Any], str]:
    """What turns a value of a column into its member, or two where it can be missing."""
    spelled, name = speller(column), json.dumps(column.name)
    why = json.dumps(f"{column.name}_missing") if column.missing else None
    quoted = (lambda text: text) if column.type in BARE else lambda text: json.dumps(text, ensure_ascii=False)

    def member(value: Any) -> str:
        if isinstance(value, Missing):
            return f'{name}:null,{why}:"{value}"'
        text = f"{name}:{quoted(spelled(value))}"
        return text if why is None else f"{text},{why}:null"

    return member


FORMAT: Final = Format(code="jsonl", title="JSON Lines", suffix="jsonl", media_type="application/jsonl", write=write)
