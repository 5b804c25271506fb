"""One couple and both partners: found by external id, or opened as the API opens one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import or_, select

from app.access.work import Work
from app.core.ids import decode, encode
from app.core.schemas import Moment
from app.couples.models import Couple, Partner
from app.couples.schemas import Contact, CoupleCreate, PartnerCreate
from app.couples.service import archive_couple, get_couple_in_care, open_couple, partners_of, take_seat, visible_to
from app.imports.locating import Place, Places, RefusedError, body_of, located
from app.imports.report import Finding, Weight
from app.imports.spool import Bundle, Row

NEW: Final = "new"
THERE: Final = "there"
MOMENTS: Final = TypeAdapter[datetime](Moment)
CONTACT: Final = {"email": "email", "telephone": "telephone", "rules": "contact_rules"}


@dataclass
class Arrival:
    """One couple on its way in: who it is here, what became of its rows, and what the record has otherwise."""

    bundle: Bundle
    couple_id: UUID
    is_new: bool
    in_care: bool = True
    partners: dict[str, UUID] = field(default_factory=dict)
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[Finding] = field(default_factory=list)

    def count(self, table: str, what: str) -> None:
        """One more row of a table that is new, or was there."""
        self.done[table, what] += 1

    def differs(self, row: Row, column: str) -> None:
        """The record has something else than a row says, and keeps it."""
        told = row.told(column, "differs", "The record has this otherwise, and keeps what it has.")
        self.differences.append(replace(told, weight=Weight.DIFFERS))

    def partner(self, row: Row) -> UUID:
        """The partner that a row names. Raises RefusedError."""
        found = self.partners.get(row.text("partner_id"))
        if found is None:
            raise RefusedError(row.told("partner_id", "partner_unknown", "This couple has no such partner."))
        return found


def at(work: Work, row: Row, column: str) -> Work:
    """The same work, done at the moment a row tells; now where it tells none. Raises RefusedError for one to come."""
    told = row.get(column)
    if told is None:
        return work
    moment = MOMENTS.validate_python(told)
    if moment > work.now:
        raise RefusedError(row.told(column, "moment_in_future", "This moment has not come yet."))
    return replace(work, now=moment)


def arrive(work: Work, bundle: Bundle, care_team: Sequence[UUID]) -> Arrival:
    """Finds the couple of a bundle, or opens it with its partners. Raises RefusedError, MemberUnknownError."""
    couple = _find(work, bundle)
    if couple is None:
        return _open(work, bundle, care_team)
    arrival = Arrival(bundle, couple.id, is_new=False, in_care=couple.archived_at is None)
    for row in bundle.of("couples"):
        arrival.count("couples", THERE)
        if row.get("time_zone") not in {None, couple.time_zone}:
            arrival.differs(row, "time_zone")
    if arrival.in_care:
        get_couple_in_care(work, couple.id)  # leaves the trace that this couple was looked at
    _recognise_partners(work, arrival)
    return arrival


def _external_id(bundle: Bundle) -> str:
    rows = bundle.of("couples")
    return str(rows[0].get("external_id") or bundle.couple) if rows else bundle.couple


def _find(work: Work, bundle: Bundle) -> Couple | None:
    """By external id; by its own id where the files came out of this very clinic."""
    own = own_id("cpl", bundle.couple)
    named = or_(Couple.external_id == _external_id(bundle), *([] if own is None else [Couple.id == own]))
    found = work.session.scalars(select(Couple).where(named, visible_to(work))).all()
    if len(found) > 1:
        told = "Its id names one couple of this clinic, and its external id another."
        raise RefusedError(_first(bundle).told("couple_id", "couple_ambiguous", told))
    return found[0] if found else None


def own_id(prefix: str, text: str) -> UUID | None:
    """An id as this service writes them; None for any other text."""
    try:
        return decode(prefix, text)
    except ValueError:
        return None


def _first(bundle: Bundle) -> Row:
    return next(row for rows in bundle.rows.values() for row in rows)


def _open(work: Work, bundle: Bundle, care_team: Sequence[UUID]) -> Arrival:
    rows = bundle.of("couples")
    if not rows:
        told = "No couple of this clinic has this external id, and no row of `couples` opens it."
        raise RefusedError(_first(bundle).told("couple_id", "couple_unknown", told))
    partners = {row.text("slot"): row for row in bundle.of("partners")}
    if len(partners) != 2 or len(bundle.of("partners")) != 2:
        told = "A couple comes in with two rows of `partners`, one with slot a and one with slot b."
        raise RefusedError(rows[0].told("couple_id", "partners_incomplete", told))
    body, places = _body(bundle, rows[0], partners)
    with located(places):
        made = open_couple(at(work, rows[0], "created_at"), body)
    for member_id in care_team:  # whoever cannot have a seat is no fault of any row, and ends the import
        take_seat(work, made.id, member_id, None, "")
    arrival = Arrival(bundle, made.id, is_new=True)
    arrival.partners = {partners[partner.slot].text("partner_id"): partner.id for partner in made.partners}
    arrival.count("couples", NEW)
    arrival.done["partners", NEW] += 2
    return arrival


def _body(bundle: Bundle, row: Row, partners: dict[str, Row]) -> tuple[CoupleCreate, Places]:
    places = {"": Place(row)}
    sent: dict[str, object] = {"external_id": _external_id(bundle), "time_zone": row.get("time_zone")}
    for slot, partner in partners.items():
        own = {"": Place(partner), "/contact": Place(partner, columns=CONTACT)}
        reached = {name: partner.get(column) for name, column in CONTACT.items() if partner.get(column) is not None}
        told = {name: partner.get(name) for name in ("record_number", "name", "pronouns")}
        contact = body_of(Contact, reached, {"": own["/contact"]}) if reached else None
        sent[f"partner_{slot}"] = body_of(PartnerCreate, {**told, "contact": contact}, own)
        places[f"/partner_{slot}"] = Place(partner)
    return body_of(CoupleCreate, sent, places), places


def _recognise_partners(work: Work, arrival: Arrival) -> None:
    """Tells which partner of the record each of the files is. Raises RefusedError for somebody else than is in the record.

    Without rows of partners, they are named by record number or by their own ids.
    """
    known: dict[str, Partner] = {str(partner.slot): partner for partner in partners_of(work, arrival.couple_id)}
    for partner in known.values():
        arrival.partners |= {partner.record_number: partner.id, encode("prt", partner.id): partner.id}
    for row in arrival.bundle.of("partners"):
        found = known.get(row.text("slot"))
        if found is None or found.erased_at is not None or found.record_number != row.text("record_number"):
            told = "The record has somebody else, or nobody any more, in this place of the couple."
            raise RefusedError(row.told("record_number", "partner_differs", told))
        arrival.partners[row.text("partner_id")] = found.id
        arrival.count("partners", THERE)


def put_away(work: Work, arrival: Arrival) -> None:
    """Archives a couple that was archived where it comes from, once all that belongs to it is there. Raises RefusedError."""
    for row in arrival.bundle.of("couples"):
        if row.get("archived_at") is None or not arrival.in_care:
            continue
        couple = work.session.scalars(select(Couple).where(Couple.id == arrival.couple_id)).one()
        moment = at(work, row, "archived_at")
        if moment.now < couple.created_at:
            told = "A couple is archived after its record began."
            raise RefusedError(row.told("archived_at", "days_out_of_order", told))
        with located({"": Place(row)}):
            archive_couple(moment, couple.id, couple.version)
