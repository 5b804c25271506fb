"""Exported tables, one to a file."""

from functools import cache

from app.exports.table import Table
from app.registry import collect


@cache
def tables() -> dict[str, Table]:
    """Every table by its name."""
    return collect("app.exports.tables", "TABLE", Table)
