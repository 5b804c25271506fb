"""Scripts that read an export as it lies there, typed: for pandas, polars and R, with a dyadic model to begin from."""

from collections.abc import Sequence
from string import Template
from typing import Final

from app.exports.columns import Type
from app.exports.scripts import DYADS, PANDAS, POLARS, R
from app.exports.table import Table

WEEKS: Final = "dyad_week"


def snippets(tables: Sequence[Table]) -> dict[str, bytes]:
    """By name, a script for each; all read `datapackage.json`, so that types and codes stand in one place."""
    listed = "\n".join(f"#   {table.name:<16} {table.title}" for table in tables)
    return {
        "read_pandas.py": _filled(PANDAS, listed),
        "read_polars.py": _filled(POLARS, listed),
        "read.R": _filled(R + dyads(tables), listed),
    }


def dyads(tables: Sequence[Table]) -> str:
    """A mixed model of both partners over their weeks in R, where there is a table of them with a score of each."""
    weeks = next((table for table in tables if table.name == WEEKS), None)
    scores = scores_of_both(weeks) if weeks else []
    return Template(DYADS).substitute(score=scores[0], scores=", ".join(scores)) if scores else ""


def scores_of_both(table: Table) -> list[str]:
    """The numbers that a table has of each partner, in columns `_a` and `_b`, without that ending."""
    numbers = [column.name for column in table.columns if column.type is Type.NUMBER]
    return [name.removesuffix("_a") for name in numbers if name.endswith("_a") and name[:-1] + "b" in numbers]


def _filled(script: str, listed: str) -> bytes:
    return script.replace("#TABLES#", listed).encode()
