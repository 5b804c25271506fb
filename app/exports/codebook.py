"""`codebook.csv`: a line a column of the export, a scale and an item of its measures, ordered as a REDCap data dictionary."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from app.clinical.measure import Item, Measure, Scale
from app.exports.columns import MARK, Column, Type
from app.exports.descriptor import MEANINGS
from app.exports.measured import are_measured, exported_measures, formula_of, variable_of
from app.exports.table import Table

NAME: Final = "codebook.csv"
VARIABLE, FORM, SECTION, KIND = "Variable / Field Name", "Form Name", "Section Header", "Field Type"
LABEL, CHOICES, NOTE = "Field Label", "Choices, Calculations, OR Slider Labels", "Field Note"
VALIDATION, LOWEST, HIGHEST = (
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
)
IDENTIFIER, REQUIRED, ANNOTATION = "Identifier?", "Required Field?", "Field Annotation"
REDCAP: Final = (
    *(VARIABLE, FORM, SECTION, KIND, LABEL, CHOICES, NOTE, VALIDATION, LOWEST, HIGHEST, IDENTIFIER),
    *("Branching Logic (Show field only if...)", REQUIRED, "Custom Alignment", "Question Number (surveys only)"),
    *("Matrix Group Name", "Matrix Ranking?", ANNOTATION),
)
OURS: Final = (
    *("table", "column", "type", "unit", "missing_codes", "vocabulary", "key", "refers_to"),
    *("measure", "measure_version", "scale", "item", "low", "high", "step", "reversed", "scales_of_item", "direction"),
    *("cutoffs", "sources"),
)
COLUMNS: Final = REDCAP + OURS
VALIDATIONS: Final = {
    Type.INTEGER: "integer",
    Type.NUMBER: "number",
    Type.DATE: "date_ymd",
    Type.MOMENT: "datetime_seconds_ymd",
}
NUMBERS_OF_PEOPLE: Final = frozenset({"record_number", "external_id"})  # by them the clinic knows who it is
RUNS: Final = ("=", "+", "-", "@", "\t", "\r")
YES: Final = "y"
Line = dict[str, str | float]


def codebook(tables: Sequence[Table]) -> bytes:
    """The codebook of these tables; that of measures stands below where a table holds something of them."""
    out = io.StringIO()
    written = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    written.writeheader()
    written.writerows({name: _harmless(cell) for name, cell in line.items()} for line in _lines(tables))
    return out.getvalue().encode()


def _harmless(cell: str | float) -> str | float:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RUNS) else cell


def _lines(tables: Sequence[Table]) -> Iterator[Line]:
    for table in tables:
        yield from (_of_column(table, column, first=column is table.columns[0]) for column in table.columns)
    for measure in exported_measures() if are_measured(tables) else ():
        yield from (_of_item(measure, item, first=item is measure.items[0]) for item in measure.items)
        yield from (_of_scale(measure, scale) for scale in measure.scales)


def _of_column(table: Table, column: Column, *, first: bool) -> Line:
    kind, choices = _asked_as(column)
    return {
        VARIABLE: f"{table.name}_{column.name}",
        FORM: table.name,
        SECTION: table.title if first else "",
        KIND: kind,
        LABEL: column.description,
        CHOICES: choices,
        NOTE: " ".join(f"{MARK}{code}: {MEANINGS[code]}" for code in column.missing),
        VALIDATION: VALIDATIONS.get(column.type, ""),
        LOWEST: _number(column.minimum),
        HIGHEST: _number(column.maximum),
        IDENTIFIER: YES if column.type is Type.ID or column.name in NUMBERS_OF_PEOPLE else "",
        REQUIRED: "" if column.missing else YES,
        "table": table.name,
        "column": column.name,
        "type": str(column.type),
        "unit": column.unit or "",
        "missing_codes": " ".join(column.missing),
        "vocabulary": column.vocabulary or "",
        "key": YES if column.name in table.key else "",
        "refers_to": ".".join(column.refers or ()),
    }


def _asked_as(column: Column) -> tuple[str, str]:
    if column.type is Type.BOOLEAN:
        return "truefalse", ""
    if column.categories:
        return "radio", " | ".join(f"{code}, {code}" for code in column.categories)
    return "text", ""


def _of_item(measure: Measure, item: Item, *, first: bool) -> Line:
    whole = all(float(each).is_integer() for each in (item.low, item.high, item.step))
    return {
        VARIABLE: variable_of(measure, item.number),
        FORM: measure.code,
        SECTION: measure.name if first else "",
        KIND: "text",
        LABEL: f"{measure.name}, item {item.number}",
        NOTE: "Turned before it counts: low + high - answer." if item.reversed else "",
        VALIDATION: "integer" if whole else "number",
        LOWEST: item.low,
        HIGHEST: item.high,
        REQUIRED: "" if item.optional else YES,
        **_of_measure(measure),
        "item": item.number,
        "low": item.low,
        "high": item.high,
        "step": item.step,
        "reversed": YES if item.reversed else "",
        "scales_of_item": " ".join(scale.code for scale in measure.scales if item.number in scale.items),
    }


def _of_scale(measure: Measure, scale: Scale) -> Line:
    formula = formula_of(measure, scale)
    lines = [cut for cut in measure.cutoffs if cut.scale == scale.code]
    known = measure.reliable_change_of(scale.code)
    sources = [cut.source.text for cut in lines] + ([known.source.text] if known else [])
    return {
        VARIABLE: variable_of(measure, scale.code),
        FORM: measure.code,
        KIND: "calc" if formula else "text",
        LABEL: scale.name or f"{measure.name}, {scale.code}",
        CHOICES: formula,
        NOTE: _missing_rule(measure) if formula else "Scored elsewhere: its key or its tables are not ours to hold.",
        VALIDATION: "" if formula else "number",
        LOWEST: "" if formula else scale.low,
        HIGHEST: "" if formula else scale.high,
        **_of_measure(measure),
        "scale": scale.code,
        "low": scale.low,
        "high": scale.high,
        "direction": measure.direction_of(scale.code),
        "cutoffs": "; ".join(f"{cut.meaning} {cut.operator} {cut.value:g}" for cut in lines),
        "sources": "; ".join(dict.fromkeys(sources or [source.text for source in measure.sources])),
    }


def _of_measure(measure: Measure) -> Line:
    return {"measure": measure.code, "measure_version": measure.version}


def _missing_rule(measure: Measure) -> str:
    rule = measure.missing
    if not rule.prorate:
        return "No score where an item is unanswered."
    return f"Unanswered items get the person's own mean where {rule.min_percent_answered} % or more are answered."


def _number(value: float | None) -> str | float:
    return "" if value is None else value
