"""What search parameters of several types ask of rows."""

from typing import Any

from sqlalchemy import ColumnElement, false, true

from app.couples.models import Partner
from app.fhir.resource import Drawing, Where
from app.fhir.rows import SLOTS
from app.fhir.values import Reference, Token


def has_code(system: str, column: Any) -> Where:
    """A token whose code stands in a column, or is one that every resource of the type bears."""

    def where(drawing: Drawing, value: Token) -> ColumnElement[bool]:
        address = system if "://" in system else drawing.system(system)
        if value.system not in {None, address}:
            return false()
        if not value.code:
            return true()
        if isinstance(column, str):
            return true() if column == value.code else false()
        found: ColumnElement[bool] = column == value.code
        return found

    return where


def leads_to(type_: str, column: Any) -> Where:
    """A reference to one partner's resource of a row, from that partner's own rows and never from the other's."""

    def where(drawing: Drawing, value: Reference) -> ColumnElement[bool]:
        found: ColumnElement[bool] = false()
        for slot in SLOTS if value.type in {None, type_} else ():
            row = drawing.ids.row(type_, value.id, slot)
            if row is not None:
                found |= (Partner.slot == slot) & (column == row)
        return found

    return where
