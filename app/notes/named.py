"""The rows that a note may name: those of its couple that everyone who can read the note may know of.

A note about both partners names nothing that is one partner's alone: an administration's id tells when its partner answered.
What lies in the safety compartment is named beside the note, in that compartment, and never in the note itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, true

from app.access.work import Work
from app.core.database import Base, Compartment
from app.core.ids import decode
from app.errors import Fault
from app.notes.models import SessionNote
from app.notes.rules import NoteNamesUnknownError

SENTENCE: Final = "There is no such row of this couple that a note of this kind may name."


@dataclass(frozen=True)
class Kind:
    """Rows of one table: the prefix of their ids, and the compartment they lie in (None: the note's own)."""

    table: str
    prefix: str
    compartment: Compartment | None


NAMED: Final[Mapping[str, Kind]] = {
    "plans_reviewed": Kind("homework_plan", "pln", Compartment.CONJOINT),
    "assignments_reviewed": Kind("assignment", "asg", Compartment.CONJOINT),
    "assignments_given": Kind("assignment", "asg", Compartment.CONJOINT),
    "administrations_reviewed": Kind("administration", "adm", None),
    "consents_reviewed": Kind("consent", "cns", Compartment.SAFETY),
    "screens_reviewed": Kind("safety_screen", "scr", Compartment.SAFETY),
}


def row_class(table: str) -> Any:
    """The rows of a table of a slice beside this one, by name, as a foreign key refers to it."""
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is Base.metadata.tables[table])


def check_names(work: Work, note: SessionNote, named: Mapping[str, list[str]]) -> None:
    """Raises NoteNamesUnknownError with every id that is not this couple's, or not for a note of this kind to name."""
    faults = tuple(fault for field, ids in named.items() if ids for fault in _faults(work, note, field, ids))
    if faults:
        raise NoteNamesUnknownError(faults=faults)


def _faults(work: Work, note: SessionNote, field: str, ids: list[str]) -> Iterator[Fault]:
    kind = NAMED[field]
    row = row_class(kind.table)
    wanted = [decode(kind.prefix, one) for one in ids]
    query = select(row.id).where(row.couple_id == note.couple_id, row.id.in_(wanted), *_may_name(work, note, kind, row))
    found: set[UUID] = set(work.session.scalars(query))
    for place, one in enumerate(wanted):
        if one not in found:
            yield Fault(f"/{field}/{place}", "not_for_this_note", SENTENCE)


def _may_name(work: Work, note: SessionNote, kind: Kind, row: Any) -> Iterator[ColumnElement[bool]]:
    """What must hold of a row: in its compartment, shown by now, and of the note's partner if the note is about one."""
    yield row.compartment == (kind.compartment or note.compartment)
    yield row.shown_at <= work.now if hasattr(row, "shown_at") else true()
    if note.partner_id is not None and hasattr(row, "partner_id"):
        yield row.partner_id == note.partner_id
