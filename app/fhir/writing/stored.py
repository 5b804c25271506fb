"""Responses as they are stored: chains of administrations, each of which corrects the one before."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.crypto import Owner
from app.couples.models import Partner
from app.fhir.chains import chains_from, standings
from app.fhir.writing.reading import Given
from app.measures.entries import opened_content
from app.measures.models import Administration
from app.measures.scoring import Content


@dataclass
class Chain:
    """One response as it stands."""

    first: Administration
    newest: Administration
    external_id: str | None
    """The last that was given: a correction over FHIR brings none, because it is of the same response."""
    version: int = 1

    def content(self, work: Work) -> Content:
        """The answers of its newest version; the keys of its partner have been loaded."""
        return opened_content(work.vault.open(self.newest, "answers", self.newest.answers))

    def says(self, work: Work, given: Given) -> bool:
        """Whether that is what the newest version says. A reason beside an answer says what the answer says."""
        row, content = self.newest, self.content(work)
        answers = {number: answer for number, answer in content.answers.items() if answer is not None}
        reasons = {number: reason for number, reason in content.reasons.items() if number not in answers}
        return (row.answered_at, row.language, row.mode, answers, reasons) == (
            *(given.answered_at, given.language or row.language, given.mode or row.mode),
            *(given.answered.answers, given.answered.reasons),
        )

    def kept(self, work: Work, given: Given) -> dict[str, Any]:
        """What a correction takes from what it corrects: that it does, and all that FHIR does not tell."""
        row, told = self.newest, given.answered
        kept: dict[str, Any] = {"supersedes": row.id, "external_id": None}
        kept |= {"mode": given.mode or row.mode, "language": given.language or row.language}
        if row.answered_at == given.answered_at:
            kept["recall_ends_on"] = row.recall_ends_on
        elsewhere = self.content(work).elsewhere
        if elsewhere is not None and not told.answers and not told.reasons:
            kept |= {"answers": None, "scores_elsewhere": dict(elsewhere.scores), "scored_by": elsewhere.scored_by}
            kept["standard_errors_elsewhere"] = dict(elsewhere.errors) or None
        return kept


def chains_of(work: Work, firsts: Collection[UUID]) -> dict[UUID, Chain]:
    """The chains that begin with these administrations, of partners there are. Their keys are loaded."""
    if not firsts:
        return {}
    along = chains_from(work, firsts)
    query = (
        select(Administration)
        .join(along, along.c.id == Administration.id)
        .join(Partner, (Partner.clinic_id == Administration.clinic_id) & (Partner.id == Administration.partner_id))
        .where(Partner.erased_at.is_(None))
        .order_by(along.c.version)
    )
    ends: dict[UUID | None, Chain] = {}
    found: dict[UUID, Chain] = {}
    for row in work.session.scalars(query):
        chain = ends[row.id] = _longer(ends.get(row.supersedes_id), row)
        found.setdefault(chain.first.id, chain)
    work.vault.load_keys({(Owner.PARTNER, chain.first.partner_id) for chain in found.values()} if found else ())
    return found


def _longer(chain: Chain | None, row: Administration) -> Chain:
    if chain is None:
        return Chain(row, row, row.external_id)
    chain.newest, chain.version = row, chain.version + 1
    chain.external_id = row.external_id or chain.external_id
    return chain


def firsts_of(work: Work, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The first administration of the chain that each of these stands in."""
    if not ids:
        return {}
    query = select(Administration.id, Administration.supersedes_id).where(Administration.id.in_(ids))
    before = {row.id: row.supersedes_id for row in work.session.execute(query)}
    return {one: at.first for one, at in standings(work, before).items()}


def by_external_ids(work: Work, external_ids: Collection[str]) -> dict[str, UUID]:
    """The administrations that have these external ids."""
    if not external_ids:
        return {}
    query = select(Administration.external_id, Administration.id).where(Administration.external_id.in_(external_ids))
    return {found: row_id for found, row_id in work.session.execute(query) if found is not None}
