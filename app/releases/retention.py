"""Use cases of the retention clock: which law counts for a couple, when its time is over, and what is due."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from app.access.permissions import Role
from app.access.work import Work
from app.core.database import Compartment
from app.core.paging import Page, Pager
from app.couples.models import Couple, Episode
from app.couples.service import visible_to
from app.disclosures.models import Disclosure
from app.errors import Fault
from app.ledger.service import log_reads
from app.notes.models import SessionNote
from app.releases.holds import reach_couple
from app.releases.jurisdictions import RULES, Rule
from app.releases.models import LegalHold, RetentionFact, RetentionRule
from app.releases.rules import Clock, JurisdictionUnknownError, Served, clock_of
from app.releases.schemas import DueRead, RetentionChange, RetentionRead, RuleCreate, RuleRead

EVERYTHING: Final = frozenset(Compartment)
DEFAULT: Final = "clinic default"


def rules_of(work: Work) -> dict[str, Rule]:
    """Every rule by jurisdiction: the clinic's own where it has one, else ours."""
    own = work.session.scalars(select(RetentionRule).order_by(RetentionRule.id))
    return {**RULES, **{row.jurisdiction: Rule(row.years, row.years_of_age, row.source) for row in own}}


def add_rule(work: Work, body: RuleCreate) -> RuleRead:
    """Keeps a rule of the clinic's own; it replaces the one before it for that jurisdiction."""
    work.actor.check_recently_proven(work.now)
    rule = RetentionRule(recorded_at=work.now, recorded_by=work.actor.id, **body.model_dump())
    work.session.add(rule)
    work.session.flush()
    return RuleRead(own=True, **body.model_dump())


def list_rules(work: Work) -> Page[RuleRead]:
    """Every rule that counts now, by jurisdiction."""
    told = rules_of(work)
    return Page(
        items=[RuleRead(jurisdiction=name, own=RULES.get(name) != told[name], **asdict(told[name])) for name in sorted(told)],
        next_cursor=None,
    )


def read_retention(work: Work, couple_id: UUID) -> RetentionRead:
    """Which law counts for a couple, and when its record need not be kept any longer."""
    reach_couple(work, couple_id)
    return _shown(work, couple_id)


def set_retention(work: Work, couple_id: UUID, body: RetentionChange) -> RetentionRead:
    """Keeps which law counts for a couple. Raises JurisdictionUnknownError."""
    reach_couple(work, couple_id)
    known = rules_of(work)
    for number, name in enumerate(body.jurisdictions):
        if name not in known:
            place = f"/jurisdictions/{number}"
            raise JurisdictionUnknownError(faults=(Fault(place, "jurisdiction_unknown", JurisdictionUnknownError.detail),))
    fact = RetentionFact(
        couple_id=couple_id,
        jurisdictions=sorted(set(body.jurisdictions)),
        of_age_on=body.of_age_on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    work.session.add(fact)
    work.session.flush()
    return _shown(work, couple_id)


def _shown(work: Work, couple_id: UUID) -> RetentionRead:
    fact = _facts(work, [couple_id]).get(couple_id)
    clock = clocks(work, [couple_id])[couple_id]
    return RetentionRead(
        couple_id=couple_id,
        jurisdictions=[] if fact is None else fact.jurisdictions,
        of_age_on=None if fact is None else fact.of_age_on,
        due_on=clock.due_on,
        because=clock.because,
    )


def clocks(work: Work, couple_ids: Iterable[UUID]) -> dict[UUID, Clock]:
    """The retention clocks of couples, in a fixed number of queries. It knows more than its caller may: let out days alone."""
    ids = list(couple_ids)
    known = rules_of(work)
    default = Rule(work.settings.retention_years, work.settings.retention_years_of_age, "the clinic's own choice")
    facts = _facts(work, ids)
    return {
        couple_id: clock_of(served, {DEFAULT: default, **_rules_for(facts.get(couple_id), known)})
        for couple_id, served in _served(work, ids, facts).items()
    }


def _rules_for(fact: RetentionFact | None, known: Mapping[str, Rule]) -> dict[str, Rule]:
    return {} if fact is None else {name: known[name] for name in fact.jurisdictions if name in known}


def _facts(work: Work, ids: list[UUID]) -> dict[UUID, RetentionFact]:
    query = select(RetentionFact).where(RetentionFact.couple_id.in_(ids)).order_by(RetentionFact.id)
    return {fact.couple_id: fact for fact in work.session.scalars(query)}


def _served(work: Work, ids: list[UUID], facts: Mapping[UUID, RetentionFact]) -> dict[UUID, Served]:
    """From the last hour or episode that any of a couple's records tells of; where none does, from the day it was made."""
    with work.session.reaching(EVERYTHING):
        notes = _latest(work, SessionNote, SessionNote.held_on, ids)
        closed = _latest(work, Episode, Episode.closed_on, ids)
        left = _latest(work, Disclosure, Disclosure.disclosed_at, ids)
        in_care = set(
            work.session.scalars(select(Episode.couple_id).where(Episode.couple_id.in_(ids), Episode.closed_on.is_(None)))
        )
        made = work.session.execute(select(Couple.id, Couple.created_at).where(Couple.id.in_(ids))).all()
    return {
        couple_id: Served(
            max((day for day in (notes.get(couple_id), closed.get(couple_id)) if day is not None), default=created_at.date()),
            couple_id in in_care,
            facts[couple_id].of_age_on if couple_id in facts else None,
            left[couple_id].date() if couple_id in left else None,
        )
        for couple_id, created_at in made
    }


def _latest(work: Work, row: Any, moment: Any, ids: list[UUID]) -> dict[UUID, Any]:
    """The latest day or moment of each couple in one column."""
    query = select(row.couple_id, func.max(moment)).where(row.couple_id.in_(ids)).group_by(row.couple_id)
    return {couple_id: latest for couple_id, latest in work.session.execute(query).all() if latest is not None}


def list_due(work: Work, limit: int, cursor: str | None) -> Page[DueRead]:
    """A page of the couples whose time is over, by id: no names, and of each only since when and whether a hold stands."""
    pager = Pager(work.vault, limit, cursor, "retention-due", work.actor.id)
    within = select(Couple.id).where(Couple.clinic_id == work.actor.clinic_id).order_by(Couple.id)
    if work.actor.role is not Role.ADMINISTRATOR:
        within = within.where(visible_to(work))
    ids = list(work.session.scalars(within if pager.after is None else within.where(Couple.id > pager.after)))
    held = set(work.session.scalars(select(LegalHold.couple_id).where(LegalHold.lifted_at.is_(None))))
    due = []
    for couple_id, clock in sorted(clocks(work, ids).items()):
        if clock.due_on is not None and clock.is_over(work.now.date()):
            due.append(DueRead(couple_id=couple_id, due_on=clock.due_on, held=couple_id in held))
    items, next_cursor = pager.split(due[: limit + 1], "couple_id")
    log_reads(work.session, "couple", [item.couple_id for item in items])
    return Page(items=items, next_cursor=next_cursor)
