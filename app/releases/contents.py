"""Puts a copy together: row by row from one place at a time, numbered anew, without a trace of what is in another place."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from app.access.work import Work
from app.core.crypto import key_name
from app.core.database import Compartment
from app.couples.models import Concern, Slot
from app.couples.service import get_partner, partners_of
from app.disclosures.rules import Days, Reaches
from app.homework.models import HomeworkPlan
from app.homework.tracks import history
from app.releases.parts import BOTH, GUARDED, OWN, PARTS, Part
from app.releases.rendering import ABOUT, NOTICES, html_of

EVERYTHING: Final = frozenset(Compartment)
PLANS_SHOW: Final = frozenset({Compartment.CONJOINT})
Json = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What a file is to hold: kinds by place, of which days, and whether it carries the notice of 42 CFR Part 2."""

    title: str
    reaches: Reaches
    days: Days
    part_2: bool = False


@dataclass(frozen=True)
class File:
    """A finished file: its document, its two forms, and how many rows of each kind came from each place."""

    document: Json
    left: Mapping[str, Mapping[str, int]]

    @property
    def as_json(self) -> bytes:
        """The document for machines."""
        return (json.dumps(self.document, ensure_ascii=False, indent=1) + "\n").encode()

    @property
    def as_html(self) -> bytes:
        """The document for people: one page that needs nothing else."""
        return html_of(self.document).encode()

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each form."""
        return {"json": sha256(self.as_json).hexdigest(), "html": sha256(self.as_html).hexdigest()}


def put_together(work: Work, couple_id: UUID, wanted: Wanted) -> File:
    """Everything of the wanted kinds and places, and nothing that would show that there is more."""
    with work.session.reaching(EVERYTHING):
        partners = {str(Slot(partner.slot)): partner.id for partner in partners_of(work, couple_id)}
    sections: list[Json] = []
    left: dict[str, dict[str, int]] = {}
    for place, kinds in sorted(wanted.reaches.items()):
        where, _, slot = place.partition("_")
        for part in PARTS:
            if where not in part.places or _kind_in(part, where) not in kinds:
                continue
            entries = list(_entries(work, couple_id, part, place, partners.get(slot), wanted.days))
            _add(sections, left, place, part, entries)
        if where == BOTH and "homework" in kinds:
            _add(sections, left, place, LIFE_OF_PLANS, list(_lives(work, couple_id, wanted.days)))
    notices = [*NOTICES["copy"], *(NOTICES["part_2"] if wanted.part_2 else ())]
    document = {
        "form": "rekindle-file-1",
        "title": wanted.title,
        "made_on": str(work.now.date()),
        "notices": notices,
        "sections": sections,
    }
    return File(document, left)


def _kind_in(part: Part, where: str) -> str:
    """What lies in the safety compartment goes by one kind, whatever it is."""
    return GUARDED if where == GUARDED else part.kind


def _add(sections: list[Json], left: dict[str, dict[str, int]], place: str, part: Part, entries: Sequence[Json]) -> None:
    if not entries:
        return
    numbered = [{"number": number, **entry} for number, entry in enumerate(entries, start=1)]
    sections.append({"about": ABOUT[place], "title": part.title, "entries": numbered})
    counts = left.setdefault(place, {})
    kind = _kind_in(part, place.partition("_")[0])
    counts[kind] = counts.get(kind, 0) + len(entries)


def compartments_of(place: str, part: Part) -> frozenset[Compartment]:
    """The one compartment that a part is read from: what is guarded lies with safety, or is a partner's own sheet."""
    where, _, slot = place.partition("_")
    if where == GUARDED:
        own = Slot(slot).compartment
        return frozenset({Compartment.SAFETY}) if OWN in part.places else frozenset({Compartment.SAFETY, own})
    return frozenset({Compartment(place)})


def _entries(  # noqa: PLR0913, PLR0917 - a part, whose, and of which days
    work: Work, couple_id: UUID, part: Part, place: str, partner_id: UUID | None, days: Days
) -> Iterator[Json]:
    model = part.model
    query = whose(select(model).where(model.couple_id == couple_id).order_by(model.id), model, partner_id)
    if part.where is not None:
        query = query.where(part.where(work))
    with work.session.reaching(compartments_of(place, part)):
        rows = [row for row in work.session.scalars(query) if _is_within(row, part, days)]
    work.vault.load_keys({key_name(row) for row in rows})
    for row in rows:
        yield {name.removesuffix("_id"): _told(work, row, name, part) for name in part.shows}


def whose(query: Select[Any], model: Any, partner_id: UUID | None) -> Select[Any]:
    """The query for one partner's rows, said here too so that it does not rest on the compartment alone."""
    return query.where(model.partner_id == partner_id) if partner_id and "partner_id" in model.__table__.c else query


def _is_within(row: Any, part: Part, days: Days) -> bool:
    if part.day is None or days == Days():
        return True
    told = getattr(row, part.day)
    day = told.date() if isinstance(told, datetime) else told
    return Days(days.first, days.last).hold(Days(day, day))


def _told(work: Work, row: Any, name: str, part: Part) -> Any:
    value = getattr(row, name)
    if name == "concern_id":
        with work.session.reaching(EVERYTHING):
            return work.session.scalars(
                select(Concern.code).where(Concern.couple_id == row.couple_id, Concern.id == value)
            ).one()
    if isinstance(value, bytes):
        value = work.vault.open(row, name, value)
        value = value[part.within] if part.within else value
        return {key: value[key] for key in part.picks} if part.picks else value
    return _plain(value)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case _:
            return value


LIFE_OF_PLANS: Final = Part("homework", "How plans went on", HomeworkPlan, (BOTH,), ())


def _lives(work: Work, couple_id: UUID, days: Days) -> Iterator[Json]:
    """What happened to the plans, as it shows outside the care team by now: nobody learns here who stopped, or when."""
    with work.session.reaching(PLANS_SHOW):
        plans = list(
            work.session.execute(
                select(HomeworkPlan.id, HomeworkPlan.protocol)
                .where(HomeworkPlan.couple_id == couple_id)
                .order_by(HomeworkPlan.id)
            )
        )
        told = history(work, couple_id, [plan.id for plan in plans])
    for plan in plans:
        for step in told.get(plan.id, []):
            day = step.shown_at.date()
            if Days(days.first, days.last).hold(Days(day, day)):
                yield {
                    "protocol": plan.protocol,
                    "on": _plain(day),
                    "status": step.status,
                    "stage": step.stage,
                    "reason": step.reason,
                }


def slot_of(work: Work, couple_id: UUID, partner_id: UUID) -> str:
    """`a` or `b`. Raises NotFoundError."""
    with work.session.reaching(EVERYTHING):
        return str(Slot(get_partner(work, couple_id, partner_id).slot))
