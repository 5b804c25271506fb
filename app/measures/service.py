"""Use cases of administrations: record one or many, read them back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.measures import MEASURES
from app.core.crypto import Owner
from app.core.existing import existing
from app.core.ids import encode
from app.core.paging import Page, Pager
from app.core.problems import MOST_FAULTS, ProblemFault, status_of
from app.couples.models import Partner
from app.couples.service import get_couple, get_couple_in_care, get_couples_in_care, get_known, get_partner
from app.errors import Fault, NotFoundError
from app.measures.entries import Entry, check_entries, opened_content
from app.measures.models import Administration, Score
from app.measures.recording import check_supersedes, place_in_care, recognise, share_with_twins, store
from app.measures.rules import BatchRefusedError, refusal
from app.measures.schemas import (
    AdministrationCreate,
    AdministrationKept,
    AdministrationRead,
    AlertRead,
    BandRead,
    BatchCreate,
    BatchDone,
    CutoffMet,
    ItemDone,
    ItemProblem,
)
from app.measures.scoring import Interpretation, interpret

RECORDERS: Mapping[str, str] = {"member": "mem", "integration": "int", "partner": "prt"}


def record_administration(work: Work, couple_id: UUID, partner_id: UUID, body: AdministrationCreate) -> AdministrationKept:
    """Stores one administration. Raises what `rules.refusal` names, CoupleArchivedError, NotFoundError."""
    get_couple_in_care(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    entry = Entry("", couple_id, partner_id, body, body.answered_at or work.now, partner.compartment)
    _take_in(work, [entry])
    if entry.faults:
        raise refusal(entry.faults)
    store(work, [entry])
    kept = read_all(work, couple_id, [_get_administration(work, couple_id, partner_id, entry.id)])[0]
    return AdministrationKept(**dict(kept), existing=entry.existing)


def record_batch(work: Work, body: BatchCreate) -> BatchDone:
    """Stores many administrations. Raises BatchRefusedError unless the mode is partial."""
    entries = [
        Entry(f"/items/{number}", item.couple_id, item.partner_id, item, item.answered_at or work.now)
        for number, item in enumerate(body.items)
    ]
    _place(work, entries)
    _take_in(work, entries)
    faults = tuple(fault for entry in entries for fault in entry.faults)
    if faults and body.mode == "all_or_nothing":
        raise BatchRefusedError(faults=faults)
    store(work, entries)
    stored = _scales_of(work, [entry.stored for entry in entries if entry.stored is not None])
    return BatchDone(
        mode=body.mode,
        stored=sum(entry.is_new for entry in entries),
        existing=sum(entry.existing for entry in entries),
        refused=sum(bool(entry.faults) for entry in entries),
        items=[_done(entry, stored) for entry in entries],
    )


def _place(work: Work, entries: Sequence[Entry]) -> None:
    """Finds the couples in care and their partners; what may not be seen does not exist."""
    couples = get_couples_in_care(work, {entry.couple_id for entry in entries})
    partners = {
        (couple_id, partner_id): compartment
        for couple_id, partner_id, compartment in work.session.execute(
            select(Partner.couple_id, Partner.id, Partner.compartment).where(Partner.couple_id.in_(couples))
        )
    }
    for entry in entries:
        entry.compartment = partners.get((entry.couple_id, entry.partner_id))
        if entry.couple_id not in couples:
            entry.faults.append(Fault(f"{entry.base}/couple_id", "not_found", "There is no couple in care that you may see."))
        elif entry.compartment is None:
            entry.faults.append(Fault(f"{entry.base}/partner_id", "not_found", "This couple has no such partner."))


def _take_in(work: Work, entries: Sequence[Entry]) -> None:
    check_entries(entries, work.now)
    recognise(work, entries)
    check_supersedes(work, entries)
    place_in_care(work, entries)
    share_with_twins(entries)


def _done(entry: Entry, stored: Mapping[UUID, Mapping[str, float | None]]) -> ItemDone:
    if entry.faults or entry.scored is None or entry.id is None:
        return ItemDone(**_BLANK, **_problem(entry.faults))
    row = entry.stored or entry.scored
    return ItemDone(
        status=200 if entry.existing else 201,
        id=entry.id,
        existing=entry.existing,
        scales=dict(stored.get(entry.id, entry.scored.scales)),
        validity=row.validity,
        prorated=row.prorated,
        problem=None,
    )


_BLANK: Mapping[str, Any] = {"id": None, "existing": False, "scales": {}, "validity": None, "prorated": False}


def _problem(faults: Sequence[Fault]) -> dict[str, Any]:
    error = NotFoundError() if faults[0].code == "not_found" and faults[0].pointer.endswith("_id") else refusal(faults)
    told = [ProblemFault(pointer=fault.pointer, code=fault.code, detail=fault.detail) for fault in faults[:MOST_FAULTS]]
    problem = ItemProblem(code=error.code, detail=error.sentence, errors=told)
    return {"status": status_of(type(error)), "problem": problem}


def _scales_of(work: Work, rows: Sequence[Administration]) -> dict[UUID, dict[str, float | None]]:
    """The stored scores of administrations, in one query."""
    found: dict[UUID, dict[str, float | None]] = {row.id: {} for row in rows}
    if found:
        query = select(Score.administration_id, Score.scale, Score.value).where(
            Score.couple_id.in_({row.couple_id for row in rows}), Score.administration_id.in_(found)
        )
        for administration_id, scale, value in work.session.execute(query.order_by(Score.id)):
            found[administration_id][scale] = value
    return found


def _get_administration(work: Work, couple_id: UUID, partner_id: UUID, administration_id: UUID | None) -> Administration:
    return existing(
        work.session,
        select(Administration).where(
            Administration.couple_id == couple_id,
            Administration.partner_id == partner_id,
            Administration.id == administration_id,
        ),
    )


def read_administration(work: Work, couple_id: UUID, partner_id: UUID, administration_id: UUID) -> AdministrationRead:
    """One administration with its answers."""
    get_couple(work, couple_id)
    get_known(work, couple_id, partner_id)
    return read_all(work, couple_id, [_get_administration(work, couple_id, partner_id, administration_id)])[0]


def list_administrations(
    work: Work, couple_id: UUID, partner_id: UUID, page: tuple[int, str | None], measure: str | None
) -> Page[AdministrationRead]:
    """A page of one partner's administrations, in the order they were recorded; superseded ones included."""
    get_couple(work, couple_id)
    get_known(work, couple_id, partner_id)
    pager = Pager(work.vault, *page, "administrations", couple_id, partner_id, measure)
    query = select(Administration).where(Administration.couple_id == couple_id, Administration.partner_id == partner_id)
    if measure is not None:
        query = query.where(Administration.measure_code == measure)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Administration.id))))
    return Page(items=read_all(work, couple_id, rows), next_cursor=next_cursor)


def read_all(work: Work, couple_id: UUID, rows: Sequence[Administration]) -> list[AdministrationRead]:
    """Administrations of one couple as the wire shows them; two queries for all."""
    ids = [row.id for row in rows]
    work.vault.load_keys({(Owner.PARTNER, row.partner_id) for row in rows})
    scores: defaultdict[UUID, list[Score]] = defaultdict(list)
    query = select(Score).where(Score.couple_id == couple_id, Score.administration_id.in_(ids)).order_by(Score.id)
    for score in work.session.scalars(query):
        scores[score.administration_id].append(score)
    successors = work.session.execute(
        select(Administration.supersedes_id, Administration.id).where(Administration.supersedes_id.in_(ids))
    )
    superseded = {old: new for old, new in successors if old is not None}
    return [_shown(work, row, scores[row.id], superseded.get(row.id)) for row in rows]


def _shown(work: Work, row: Administration, scores: Sequence[Score], superseded_by: UUID | None) -> AdministrationRead:
    content = opened_content(work.vault.open(row, "answers", row.answers))
    scales = {score.scale: score.value for score in scores}
    return AdministrationRead(
        id=row.id,
        couple_id=row.couple_id,
        partner_id=row.partner_id,
        episode_id=row.episode_id,
        measure=row.measure_code,
        measure_version=row.measure_version,
        mode=row.mode,
        language=row.language,
        answered_at=row.answered_at,
        recorded_at=row.recorded_at,
        recorded_by=encode(RECORDERS[row.recorded_by_kind], row.recorded_by),
        recall_starts_on=row.recall_starts_on,
        recall_ends_on=row.recall_ends_on,
        external_id=row.external_id,
        supersedes=row.supersedes_id,
        superseded_by=superseded_by,
        scored_elsewhere=row.scored_elsewhere,
        scored_by=None if content.elsewhere is None else content.elsewhere.scored_by,
        answers={str(number): answer for number, answer in content.answers.items()},
        reasons={str(number): reason for number, reason in content.reasons.items()},
        scales=scales,
        standard_errors={score.scale: score.standard_error for score in scores if score.standard_error is not None},
        withheld={score.scale: score.reason for score in scores if score.reason is not None},
        validity=row.validity,
        prorated=row.prorated,
        scoring_version=row.scoring_version,
        **shown_meaning(interpret(MEASURES[row.measure_code], content, scales, row.validity), alerts=work.sees_safety),
    )


def shown_meaning(told: Interpretation, *, alerts: bool) -> dict[str, Any]:
    """What scores mean, as the wire shows it; alerts only to those who may see what belongs to safety."""
    return {
        "cutoffs": [CutoffMet.model_validate(cutoff) for cutoff in told.cutoffs],
        "meanings": list(told.meanings),
        "bands": [BandRead.model_validate(band) for band in told.bands],
        "alerts": [AlertRead.model_validate(alert) for alert in told.alerts] if alerts else [],
    }
