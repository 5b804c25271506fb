"""Recording responses: many at once, creates and corrections, through the same door as every administration."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.problems import is_duplicate
from app.couples.models import Partner
from app.errors import Fault, RekindleError, StaleVersionError
from app.fhir.resource import Drawing
from app.fhir.resources.questionnaire_response import UNKNOWN_LANGUAGE
from app.fhir.writing.conditions import read_if_match, read_if_none_exist
from app.fhir.writing.reading import SUBJECT_UNKNOWN, TYPE, Given, read_response
from app.fhir.writing.rules import (
    ConditionUnknownError,
    EntryTwiceError,
    IdDiffersError,
    IdForeignError,
    ResponseInvalidError,
    SeveralMatchError,
)
from app.fhir.writing.stored import Chain, by_external_ids, chains_of, firsts_of
from app.fhir.writing.told import told_of
from app.measures.schemas import BatchCreate, BatchItem, ItemDone
from app.measures.service import record_batch

ATTEMPTS: Final = 3


@dataclass
class Sent:
    """A response on its way in, and what becomes of it."""

    at: str
    """FHIRPath of where it stands in the body."""
    body: Any
    changes: str | None = None
    """The id that an update is of; None for a create."""
    if_match: str | None = None
    if_none_exist: str | None = None
    refused: RekindleError | None = None
    given: Given | None = None
    versions: frozenset[str] = frozenset()
    """The versions that an update changes, whichever of them is there."""
    unless: tuple[str, ...] = ()
    """External ids on which a create depends."""
    chain: Chain | None = None
    row: UUID | None = None
    """The administration whose chain the response is, once it is known."""
    status: int = 0
    is_stored: bool = False
    """Whether it was stored now, and not there before."""

    @property
    def letter(self) -> str:
        """What a client's scope must allow."""
        return "c" if self.changes is None else "u"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.refused is None and not self.status


def read_all(sent: Sequence[Sent], base: str) -> None:
    """Reads each by itself, before the record is asked anything."""
    for one in sent:
        if one.refused is None:
            try:
                _read(one, base)
            except RekindleError as error:
                one.refused = error


def _read(one: Sent, base: str) -> None:
    if one.changes is not None:
        one.versions = read_if_match(one.if_match)
    one.given = read_response(one.body, base, one.at)
    if one.changes is not None and one.body.get("id") != one.changes:
        raise IdDiffersError(faults=(Fault(f"{one.at}.id", "wrong_form", IdDiffersError.detail),))
    if one.changes is None and one.if_none_exist is not None:
        one.unless = read_if_none_exist(one.if_none_exist, base)
        if one.given.external_id not in one.unless:
            raise ConditionUnknownError


def record(drawing: Drawing, sent: Sequence[Sent], *, together: bool) -> None:
    """Stores what is not refused; `together`, nothing is stored if anything is. Raises the refusal of all together.

    Where another transaction stored one of them in the same moment, what it stored is found the next time round.
    """
    read = [one.refused for one in sent]
    led = set(drawing.work.session.info.get("led", ()))
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with drawing.work.session.begin_nested():
                _record(drawing, sent, together=together)
        except IntegrityError as error:
            if attempt == ATTEMPTS or not is_duplicate(error):
                raise
            drawing.work.session.info["led"] = set(led)
            for one, refused in zip(sent, read, strict=True):
                one.refused, one.chain, one.row, one.status, one.is_stored = refused, None, None, 0, False
        else:
            return


def _record(drawing: Drawing, sent: Sequence[Sent], *, together: bool) -> None:
    if together:
        _refuse_twice(sent)
        _refuse_together(sent)
    _find_existing(drawing, [one for one in sent if one.is_open and one.unless])
    _find_changed(drawing, [one for one in sent if one.is_open and one.changes is not None])
    _store(drawing, [one for one in sent if one.is_open])
    if together:
        _refuse_together(sent)
    firsts = firsts_of(drawing.work, {one.row for one in sent if one.row is not None})
    for one in sent:
        one.row = None if one.row is None else firsts[one.row]


def _refuse_twice(sent: Sequence[Sent]) -> None:
    """In a transaction no two entries may be of one response."""
    names = [one.changes or (one.given and one.given.external_id) for one in sent]
    twice = {name for name, times in Counter(names).items() if name is not None and times > 1}
    for one, name in zip(sent, names, strict=True):
        if name in twice and one.refused is None:
            one.refused = EntryTwiceError(faults=(Fault(one.at, EntryTwiceError.code, EntryTwiceError.detail),))


def _refuse_together(sent: Sequence[Sent]) -> None:
    """One refused entry refuses all: by its name, with what is wrong with each."""
    refused = [(one, one.refused) for one in sent if one.refused is not None]
    if refused:
        faults = [fault for one, error in refused for fault in error.faults or (Fault(one.at, error.code, error.sentence),)]
        first = refused[0][1]
        raise type(first)(first.sentence, tuple(faults))


def _find_existing(drawing: Drawing, sent: Sequence[Sent]) -> None:
    """Creates that depend on there being none yet: what there is, is the answer."""
    there = by_external_ids(drawing.work, {name for one in sent for name in one.unless})
    firsts = firsts_of(drawing.work, set(there.values()))
    for one in sent:
        matches = {firsts[there[name]] for name in one.unless if name in there}
        if len(matches) > 1:
            one.refused = SeveralMatchError()
        elif matches:
            one.row, one.status = matches.pop(), 200


def _find_changed(drawing: Drawing, sent: Sequence[Sent]) -> None:
    """The responses that updates change, as they stand; one that says what is there already is done."""
    firsts = [drawing.ids.row(TYPE, one.changes or "") for one in sent]
    chains = chains_of(drawing.work, {row for row in firsts if row is not None})
    for one, first in zip(sent, firsts, strict=True):
        chain = one.chain = None if first is None else chains.get(first)
        one.row = None if chain is None else first
        one.refused = _refusal_of_change(drawing, one)
        if one.refused is None and chain and one.given and chain.says(drawing.work, one.given):
            one.status = 200


def _refusal_of_change(drawing: Drawing, one: Sent) -> RekindleError | None:
    chain, given = one.chain, one.given
    if chain is None or given is None:
        return IdForeignError()
    if str(chain.version) not in one.versions:
        return StaleVersionError()
    stays = "This stays as it was when the response was created."
    row, faults = chain.newest, []
    if drawing.ids.of("Patient", row.partner_id) != given.patient:
        faults.append(Fault(f"{one.at}.subject", "stays", stays))
    if row.measure_code != given.measure:
        faults.append(Fault(f"{one.at}.questionnaire", "stays", stays))
    if chain.external_id != given.external_id:
        faults.append(Fault(f"{one.at}.identifier", "stays", stays))
    return ResponseInvalidError(faults=tuple(faults)) if faults else None


def _store(drawing: Drawing, sent: Sequence[Sent]) -> None:
    """Hands all that is new to the record at once, each for itself."""
    couples = _couples(drawing, sent)
    items, kept = [], []
    for one in sent:
        assert one.given is not None  # noqa: S101 - what was not read is refused
        partner_id = drawing.ids.row("Patient", one.given.patient)
        if partner_id is None or partner_id not in couples:
            fault = Fault(f"{one.at}.subject", "subject_unknown", SUBJECT_UNKNOWN)
            one.refused = ResponseInvalidError(faults=(fault,))
        else:
            kept.append(one)
            items.append(_item(drawing, one, one.given, (couples[partner_id], partner_id)))
    if items:
        done = record_batch(drawing.work, BatchCreate(mode="partial", items=items))
        for one, item in zip(kept, done.items, strict=True):
            _take(one, item)


def _couples(drawing: Drawing, sent: Sequence[Sent]) -> dict[UUID, UUID]:
    """The couples of the partners whose answers these are."""
    patients = {drawing.ids.row("Patient", one.given.patient) for one in sent if one.given is not None} - {None}
    query = select(Partner.id, Partner.couple_id).where(Partner.id.in_(patients), Partner.erased_at.is_(None))
    return {row.id: row.couple_id for row in drawing.work.session.execute(query)} if patients else {}


def _item(drawing: Drawing, one: Sent, given: Given, of: tuple[UUID, UUID]) -> BatchItem:
    """A response as an administration; a correction keeps what FHIR does not tell of the one it corrects."""
    answered = given.answered
    about: dict[str, Any] = {
        "answers": {str(number): answer for number, answer in answered.answers.items()},
        "reasons": {str(number): reason for number, reason in answered.reasons.items()},
        "answered_at": given.answered_at,
        "external_id": given.external_id,
        "mode": given.mode or "self",
        "language": given.language or UNKNOWN_LANGUAGE,
    }
    if one.chain is not None:
        about |= one.chain.kept(drawing.work, given)
    return BatchItem(couple_id=of[0], partner_id=of[1], measure=given.measure, **about)


def _take(one: Sent, item: ItemDone) -> None:
    """What became of it."""
    if item.problem is not None and one.given is not None:
        one.refused = told_of(item.problem.errors, one.given.answered, one.at)
    elif one.changes is None:
        one.row, one.status, one.is_stored = item.id, item.status, not item.existing
    else:
        one.status, one.is_stored = 200, True
