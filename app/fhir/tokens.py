"""Conditions on rows that tokens mean: numbers, states that are codes, and what is so or not."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from app.fhir.resource import Drawing, Where
from app.fhir.values import Token

Condition = ColumnElement[bool]


def numbered(name: str, column: Any) -> Where:
    """Rows by a number that stands in a column, in a naming system of this service."""

    def where(drawing: Drawing, value: Token) -> Condition:
        if not value.is_of(drawing.system(name), value.code):
            return false()
        has_one: Condition = column.is_not(None)  # said by itself, so that `:not` finds those that have none
        return and_(has_one, column == value.code) if value.code else has_one

    return where


def coded_as(system: str, codes: Mapping[str, Condition]) -> Where:
    """Rows by a code of a system, each with the rows that bear it."""
    return lambda _drawing, value: meant(value, system, codes)


def meant(value: Token, system: str, codes: Mapping[str, Condition]) -> Condition:
    """The rows that bear a code which a token means."""
    return or_(false(), *(condition for code, condition in codes.items() if value.is_of(system, code)))


def always(system: str, code: str) -> Where:
    """Rows that all bear one code."""
    return coded_as(system, {code: true()})


def is_so(condition: Condition) -> Where:
    """Rows of which something is so, or is not: `true` or `false`."""

    def where(_drawing: Drawing, value: Token) -> Condition:
        return {"true": condition, "false": not_(condition)}.get(value.code, false())

    return where
