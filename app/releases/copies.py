"""Use cases of copies: asked for by one partner, prepared by a therapist, handed over, or denied with a right to review."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from app.access.work import Work
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.core.schemas import FUTURE_LEEWAY
from app.couples.episodes import today_of
from app.couples.rules import DayInFutureError
from app.couples.service import get_couple, get_partner
from app.disclosures.rules import KINDS, PSYCHOTHERAPY, SAFETY, Days, Ground, ReleaseNotAuthorisedError, Standing
from app.disclosures.service import Recipient, Release, disclose, load, own_place, safety_place
from app.errors import Fault, InvalidError, NotFoundError
from app.releases.contents import File, Wanted, put_together, slot_of
from app.releases.models import AccessCopy
from app.releases.rules import (
    ANSWERED_WITHIN,
    EXTENDED_BY,
    IN_PREPARATION,
    SETTLED,
    Copied,
    ExtendedOnceError,
    OfCopy,
    ReviewByAnotherError,
    check_copy,
    copy_stands,
)
from app.releases.schemas import CopyCreate, CopyDenial, CopyExtension, CopyFile, CopyHandover, CopyPreparation, CopyRead

OWN_KINDS: Final = frozenset(KINDS) - {PSYCHOTHERAPY, SAFETY}
CONJOINT: Final = str(Compartment.CONJOINT)
PURPOSE: Final = "The partner's own request for a copy."


class NotThisFileError(InvalidError):
    """What was handed over is not what was prepared."""

    code = "copy_not_this_file"
    detail = "This is not the copy as it was prepared. Read its file again."


def ask(work: Work, couple_id: UUID, partner_id: UUID, body: CopyCreate) -> CopyRead:
    """Keeps a request; the days to answer it run from then. Raises DayInFutureError."""
    couple = get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    requested_at = body.requested_at or work.now
    if requested_at > work.now + FUTURE_LEEWAY:
        raise DayInFutureError(faults=(Fault("/requested_at", "moment_in_future", "This moment has not come yet."),))
    copy = AccessCopy(
        clinic_id=work.actor.clinic_id,
        couple_id=couple.id,
        partner_id=partner.id,
        compartment=partner.compartment,
        requested_at=requested_at,
        due_on=requested_at.date() + ANSWERED_WITHIN,
        authorisations=[],
        files={},
    )
    work.session.add(copy)
    work.session.flush()
    return _shown(work, copy)


def extend(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID, body: CopyExtension) -> CopyRead:
    """Lengthens the time to answer, once and before it is over. Raises ExtendedOnceError, CopyNotNowError."""
    couple = get_couple(work, couple_id)
    copy = _get(work, couple_id, partner_id, copy_id)
    check_copy(standing_of(copy), OfCopy.WITHDRAW)  # that is, while it is open
    if copy.extended_at is not None or copy.due_on < today_of(work, couple):
        raise ExtendedOnceError
    copy.extended_at, copy.due_on = work.now, copy.due_on + EXTENDED_BY
    copy.extension = work.vault.seal(copy, "extension", body.reason)
    work.session.flush()
    return _shown(work, copy)


def prepare(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID, body: CopyPreparation) -> CopyRead:
    """Puts the copy together for a therapist to look at; preparing again replaces it. Raises what a release raises."""
    get_couple(work, couple_id)
    copy = _get(work, couple_id, partner_id, copy_id)
    check_copy(standing_of(copy), OfCopy.PREPARE)
    slot = slot_of(work, couple_id, partner_id)
    reaches = {own_place(slot): OWN_KINDS, CONJOINT: _of_both(work, couple_id, body, slot)}
    if body.own_safety:
        reaches[safety_place(slot)] = frozenset({SAFETY})
    days = Days(body.from_on, body.to_on)
    file = put_together(work, couple_id, Wanted("A copy of your record", reaches, days))
    copy.prepared_at, copy.prepared_by, copy.files = work.now, work.actor.id, file.hashes
    copy.authorisations = [str(one) for one in body.authorisations]
    kept = {"document": file.document, "left": file.left, "own_safety": body.own_safety}
    copy.file = work.vault.seal(copy, "file", kept | {"from_on": _day(body.from_on), "to_on": _day(body.to_on)})
    work.session.flush()
    return _shown(work, copy)


def _day(day: Any) -> str | None:
    return None if day is None else str(day)


def _of_both(work: Work, couple_id: UUID, body: CopyPreparation, slot: str) -> frozenset[str]:
    """What both partners let this one have of what is theirs together: without their signatures nothing."""
    found = load(work, couple_id, body.authorisations)
    recipient = Recipient(f"partner_{slot}", "")
    for one in found:
        meant = one.row.partner_id is None and recipient.is_meant_by(one.row.recipient_kind, one.recipient)
        days = Days(one.row.from_on, one.row.to_on).hold(Days(body.from_on, body.to_on))
        if not meant or not days or one.standing is not Standing.RUNNING:
            raise ReleaseNotAuthorisedError
    if len(found) < len(set(body.authorisations)):
        raise ReleaseNotAuthorisedError
    return frozenset(kind for one in found for kind in one.row.kinds)


def read_file(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID) -> CopyFile:
    """The prepared copy, byte for byte as it was hashed. Raises NotFoundError while there is none."""
    get_couple(work, couple_id)
    copy = _get(work, couple_id, partner_id, copy_id, lock=False)
    if copy.file is None or standing_of(copy) not in {Copied.PREPARED, Copied.HANDED_OVER}:
        raise NotFoundError
    file = File(work.vault.open(copy, "file", copy.file)["document"], {})
    return CopyFile(sha256=copy.files, json_text=file.as_json.decode(), html_text=file.as_html.decode())


def hand_over(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID, body: CopyHandover) -> CopyRead:
    """Keeps that the copy was handed over, as a disclosure. Raises NotThisFileError and what a release raises."""
    get_couple(work, couple_id)
    copy = _get(work, couple_id, partner_id, copy_id)
    check_copy(standing_of(copy), OfCopy.HAND_OVER)
    sha256: str = copy.files[body.form]
    if body.sha256 not in {None, sha256}:
        raise NotThisFileError(faults=(Fault("/sha256", "not_this_file", NotThisFileError.detail),))
    kept = work.vault.open(copy, "file", copy.file)
    slot = slot_of(work, couple_id, partner_id)
    left: dict[str, dict[str, int]] = kept["left"]
    release = Release(
        couple_id,
        Ground.ACCESS,
        Recipient(f"partner_{slot}", f"partner_{slot}"),
        PURPOSE,
        {place: frozenset(counts) for place, counts in left.items()} or {own_place(slot): frozenset()},
        Days(*(day and date.fromisoformat(day) for day in (kept["from_on"], kept["to_on"]))),
        tuple(UUID(one) for one in copy.authorisations),
        individual=partner_id,
    )
    disclose(work, release, left, sha256)
    copy.handed_over_at, copy.handed_over_by = work.now, work.actor.id
    work.session.flush()
    return _shown(work, copy)


def deny(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID, body: CopyDenial) -> CopyRead:
    """Keeps that no copy is handed over, and why, for the care team. Raises CopyNotNowError."""
    get_couple(work, couple_id)
    copy = _get(work, couple_id, partner_id, copy_id)
    check_copy(standing_of(copy), OfCopy.DENY)
    copy.denied_at, copy.denied_by = work.now, work.actor.id
    copy.denial = work.vault.seal(copy, "denial", body.model_dump())
    work.session.flush()
    return _shown(work, copy)


def review(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID) -> CopyRead:
    """Takes a denial back, by somebody who had no part in it. Raises CopyNotNowError, ReviewByAnotherError."""
    get_couple(work, couple_id)
    copy = _get(work, couple_id, partner_id, copy_id)
    check_copy(standing_of(copy), OfCopy.REVIEW)
    if copy.denied_by == work.actor.id:
        raise ReviewByAnotherError
    copy.reopened_at, copy.reopened_by = work.now, work.actor.id
    copy.due_on = max(copy.due_on, work.now.date() + timedelta(days=1))
    work.session.flush()
    return _shown(work, copy)


def withdraw(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID) -> CopyRead:
    """Keeps that the partner no longer asks. Raises CopyNotNowError."""
    get_couple(work, couple_id)
    copy = _get(work, couple_id, partner_id, copy_id)
    check_copy(standing_of(copy), OfCopy.WITHDRAW)
    copy.withdrawn_at = work.now
    work.session.flush()
    return _shown(work, copy)


def list_copies(work: Work, couple_id: UUID, partner_id: UUID, limit: int, cursor: str | None) -> Page[CopyRead]:
    """A page of one partner's requests, oldest first."""
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    pager = Pager(work.vault, limit, cursor, "copies", partner.id)
    query = _of(couple_id, partner.id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, AccessCopy.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_copy(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID) -> CopyRead:
    """One request. Raises NotFoundError."""
    get_couple(work, couple_id)
    return _shown(work, _get(work, couple_id, partner_id, copy_id, lock=False))


def _of(couple_id: UUID, partner_id: UUID) -> Select[AccessCopy]:
    return select(AccessCopy).where(AccessCopy.couple_id == couple_id, AccessCopy.partner_id == partner_id)


def _get(work: Work, couple_id: UUID, partner_id: UUID, copy_id: UUID, *, lock: bool = True) -> AccessCopy:
    query = _of(couple_id, partner_id).where(AccessCopy.id == copy_id)
    return existing(work.session, query.with_for_update() if lock else query)


def standing_of(copy: AccessCopy) -> Copied:
    """Where a request truly stands."""
    return copy_stands(
        [
            (copy.prepared_at, OfCopy.PREPARE),
            (copy.denied_at, OfCopy.DENY),
            (copy.reopened_at, OfCopy.REVIEW),
            (copy.withdrawn_at, OfCopy.WITHDRAW),
            (copy.handed_over_at, OfCopy.HAND_OVER),
        ]
    )


def _shown(work: Work, copy: AccessCopy) -> CopyRead:
    standing, may_know = standing_of(copy), work.sees_safety
    denied = standing is Copied.DENIED
    return CopyRead(
        id=copy.id,
        couple_id=copy.couple_id,
        partner_id=copy.partner_id,
        requested_at=copy.requested_at,
        due_on=copy.due_on,
        status=standing if may_know or standing in SETTLED else IN_PREPARATION,
        extension=work.vault.open(copy, "extension", copy.extension),
        handed_over_at=copy.handed_over_at,
        denied_at=copy.denied_at if denied else None,
        prepared_at=copy.prepared_at if may_know else None,
        files=copy.files if may_know and copy.files else None,
        own_safety=work.vault.open(copy, "file", copy.file)["own_safety"] if may_know and copy.file else None,
        denial=CopyDenial(**work.vault.open(copy, "denial", copy.denial)) if may_know and denied else None,
    )
