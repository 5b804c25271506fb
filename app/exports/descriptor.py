"""`datapackage.json`: what every file, table and column of an export is, in Data Package v2, for people and programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from app.exports.columns import MARK, Column, Type
from app.exports.format import Format
from app.exports.measured import measures_in
from app.exports.table import Table

NAME: Final = "datapackage.json"
PACKAGE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE: Final = "https://datapackage.org/profiles/2.0/dataresource.json"
SCHEMA: Final = "https://datapackage.org/profiles/2.0/tableschema.json"
WHY: Final = "_missing"  # in JSON Lines and Parquet, the column that says why the one before it is null
SPELLED_OUT: Final = "csv"  # the format in which a missing value stands in its own cell
ID_LETTERS: Final = "[0-7][0-9a-hjkmnp-tv-z]{25}"

TYPES: Final[dict[Type, str]] = {
    Type.ID: "string",
    Type.CODE: "string",
    Type.TEXT: "string",
    Type.INTEGER: "integer",
    Type.NUMBER: "number",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.MOMENT: "datetime",
}
MEANINGS: Final = {
    "not_asked": "Nobody asked.",
    "skipped": "It was asked and passed over.",
    "declined": "It was asked and the partner chose not to say.",
    "not_yet_due": "It cannot be there yet.",
    "no_activity": "It asks of sexual activity, and there was none; this is not a low value.",
    "withheld_by_consent": "It is not covered by what the partners allow to leave.",
    "not_applicable": "It does not exist here.",
    "unknown": "Nothing is known of it.",
    "too_rare": "Too few couples share it, and so it is not told.",
}


class Part(Protocol):
    """One file of one table, as the manifest lists it; `sha256` in hexadecimal digits."""

    @property
    def name(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def table(self) -> str: ...  # noqa: D102
    @property
    def format(self) -> str: ...  # noqa: D102
    @property
    def bytes(self) -> int: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102


def describe(
    tables: Sequence[Table], formats: Sequence[Format], parts: Sequence[Part], at: datetime, *, joins: bool = True
) -> bytes:
    """The descriptor of an export; `joins` says whether every row that another refers to is sure to be in it.

    It is not in an export to a recipient, where partners may allow one kind of row to leave and not another: foreign keys that
    may dangle are not declared. Tables in the first format have their own name, in a further one `<table>.<format>`.
    """
    here = {table.name for table in tables} if joins else set[str]()
    told = {
        "$schema": PACKAGE,
        "name": "rekindle-export",
        "title": "Rekindle export",
        "description": (
            "Tables of a couples' record from one snapshot. Rows of both partners stand apart and are never averaged. "
            "A value that is missing has a code that says why; the codes of each column stand with it."
        ),
        "created": at.isoformat().replace("+00:00", "Z"),
        "resources": [
            _resource(
                table, form, [part for part in parts if (part.table, part.format) == (table.name, form.code)], here, number
            )
            for number, form in enumerate(formats)
            for table in tables
        ],
        "rekindle:measures": measures_in(tables),
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _resource(table: Table, form: Format, parts: Sequence[Part], here: set[str], number: int) -> dict[str, Any]:
    suffix = f".{form.code}" if number else ""
    told: dict[str, Any] = {
        "$schema": RESOURCE,
        "name": table.name + suffix,
        "type": "table",
        "title": table.title,
        "description": table.description,
        "path": parts[0].name if len(parts) == 1 else [part.name for part in parts],
        "format": form.suffix,
        "mediatype": form.media_type.partition(";")[0],
    }
    if form.media_type.startswith("text/"):
        told["encoding"] = "utf-8"
    if len(parts) == 1:
        told |= {"bytes": parts[0].bytes, "hash": f"sha256:{parts[0].sha256}"}
    return told | {"schema": schema_of(table, spelled_out=form.code == SPELLED_OUT, here=here, suffix=suffix)}


def schema_of(table: Table, *, spelled_out: bool, here: Iterable[str] = (), suffix: str = "") -> dict[str, Any]:
    """The Table Schema of a table; `spelled_out` where codes stand in the cells, `here` are the tables it can join."""
    fields = [field for column in table.columns for field in fields_of(column, spelled_out=spelled_out)]
    told: dict[str, Any] = {"$schema": SCHEMA, "fields": fields, "primaryKey": list(table.key)}
    if keys := [
        {"fields": [column.name], "reference": _reference(table, column.refers, suffix)}
        for column in table.columns
        if column.refers and column.refers[0] in here and column.refers != (table.name, column.name)
    ]:
        told["foreignKeys"] = keys
    return told


def _reference(table: Table, refers: tuple[str, str], suffix: str) -> dict[str, Any]:
    other, field = refers
    return {"resource": "" if other == table.name else other + suffix, "fields": [field]}  # empty: the table itself


def fields_of(column: Column, *, spelled_out: bool) -> list[dict[str, Any]]:
    """The field of a column and, where codes do not stand in its own cells, the one beside it that holds them."""
    codes = [{"value": (MARK if spelled_out else "") + code, "label": MEANINGS[code]} for code in column.missing]
    told: dict[str, Any] = {"name": column.name, "type": TYPES[column.type], "description": column.description}
    if constraints := _constraints(column):
        told["constraints"] = constraints
    if column.categories:
        told["categories"] = list(column.categories)
    told["missingValues"] = codes if spelled_out else []
    told |= {"rekindle:type": str(column.type)}
    told |= {"rekindle:unit": column.unit} if column.unit else {}
    told |= {"rekindle:vocabulary": column.vocabulary} if column.vocabulary else {}
    if spelled_out or not codes:
        return [told]
    beside = {
        "name": column.name + WHY,
        "type": "string",
        "description": f"Why there is no `{column.name}`; null where there is one.",
        "constraints": {"enum": list(column.missing)},
        "categories": codes,
        "missingValues": [],
        "rekindle:type": str(Type.CODE),
    }
    return [told, beside]


def _constraints(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {} if column.missing else {"required": True}
    if column.minimum is not None:
        told["minimum"] = column.minimum
    if column.maximum is not None:
        told["maximum"] = column.maximum
    if column.categories:
        told["enum"] = list(column.categories)
    if column.prefix:
        told["pattern"] = f"{column.prefix}_{ID_LETTERS}"
    return told
