"""Formats of exported files, one to a file."""

from functools import cache

from app.exports.format import Format
from app.registry import collect


@cache
def formats() -> dict[str, Format]:
    """Every format by its code."""
    return collect("app.exports.formats", "FORMAT", Format)
