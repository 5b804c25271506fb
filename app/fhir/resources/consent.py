"""Consent: leave to release some kinds of data, once under each partner whom it takes; not what anybody agreed to do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, not_, or_, select

from app.access.work import Work
from app.couples.models import Partner, Slot
from app.disclosures.models import Authorisation, AuthorisationSignature
from app.disclosures.rules import KINDS, PSYCHOTHERAPY, SAFETY
from app.fhir.couples import shared_identifier, sharing
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.rows import Rows, later, of_each_partner
from app.fhir.spans import holds
from app.fhir.tokens import meant
from app.fhir.values import Span, Token

KIND: Final = "authorisation"
STATUSES: Final = "http://hl7.org/fhir/consent-state-codes"
ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SCOPES: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
SCOPE: Final = {"coding": [{"system": SCOPES, "code": "patient-privacy", "display": "Privacy Consent"}]}
CATEGORY: Final = {
    "coding": [
        {"system": "http://loinc.org", "code": "64292-6", "display": "Release of information consent"},
        {"system": ACT, "code": "IDSCL", "display": "information disclosure"},
    ]
}
# Nothing leaves unless it was agreed to.
POLICY: Final = {"coding": [{"system": ACT, "code": "OPTIN", "display": "opt-in"}]}
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
RECIPIENT: Final = {"coding": [{"system": PARTICIPATION, "code": "IRCP", "display": "information recipient"}]}
RECIPIENTS: Final = {
    "both_partners": "Both partners",
    "health_professional": "A health professional",
    "insurer": "An insurer",
    "lawyer": "A lawyer",
    "court": "A court",
    "other": "Somebody else",
}
DATA: Final = "CodeSystem/kinds-of-data"
# That somebody lets these go says something of them already.
KEPT_HERE: Final = (PSYCHOTHERAPY, SAFETY)
A_DAY: Final = timedelta(days=1)

_signature = (AuthorisationSignature.clinic_id == Authorisation.clinic_id) & (
    AuthorisationSignature.authorisation_id == Authorisation.id
)
SIGNATURES: Final = select(func.count()).select_from(AuthorisationSignature).where(_signature).correlate(Authorisation)
SIGNED_AT: Final = select(func.max(AuthorisationSignature.recorded_at)).where(_signature).correlate(Authorisation)
NEEDED: Final = case((Authorisation.partner_id.is_(None), 2), else_=1)
IS_SIGNED: Final = SIGNATURES.scalar_subquery() >= NEEDED
# Everything but the words, who receives it and why, which are not even fetched.
SHOWN: Final = (
    Authorisation.id,
    Authorisation.clinic_id,
    Authorisation.recipient_kind,
    Authorisation.kinds,
    Authorisation.from_on,
    Authorisation.to_on,
    Authorisation.created_at,
    Authorisation.expires_at,
)


def _is_over(now: datetime) -> ColumnElement[bool]:
    return or_(Authorisation.ended_at.is_not(None), Authorisation.expires_at <= now)


def _statuses(now: datetime) -> dict[str, ColumnElement[bool]]:
    """Which authorisations have which status: the standing that `app/disclosures/rules.py` reckons, one by one."""
    over = _is_over(now)
    return {"inactive": over, "active": and_(not_(over), IS_SIGNED), "proposed": and_(not_(over), not_(IS_SIGNED))}


def _query(work: Work) -> Query:
    codes = _statuses(work.now)
    status = case(*((condition, code) for code, condition in codes.items()))
    owner = (Partner.id.label("owner_id"), Partner.slot.label("owner_slot"))
    query = select(*SHOWN, *owner, status.label("status")).select_from(Authorisation)
    for kind in KEPT_HERE:
        query = query.where(cast(Authorisation.kinds, Text).not_like(f'%"{kind}"%'))
    return of_each_partner(query, Authorisation.couple_id, Authorisation.compartment)


def _updated(work: Work) -> ColumnElement[datetime]:
    """When it was drawn up, came to run, ended or expired; one signature of two changes nothing that is shown."""
    drawn_up = Authorisation.created_at
    signed = case((IS_SIGNED, func.coalesce(SIGNED_AT.scalar_subquery(), drawn_up)), else_=drawn_up)
    over = func.coalesce(
        Authorisation.ended_at, case((Authorisation.expires_at <= work.now, Authorisation.expires_at)), drawn_up
    )
    return later(signed, over)


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [_content(drawing, row) for row in rows]


def _content(drawing: Drawing, row: Any) -> Content:
    return {
        **shared_identifier(drawing, KIND, row.id),
        "status": row.status,
        "scope": SCOPE,
        "category": [CATEGORY],
        "patient": drawing.reference("Patient", row.owner_id),
        "dateTime": row.created_at.astimezone(UTC).date().isoformat(),
        "organization": [drawing.reference("Organization", row.clinic_id)],
        "policyRule": POLICY,
        "provision": _provision(drawing, row),
    }


def _provision(drawing: Drawing, row: Any) -> Content:
    system = drawing.system(DATA)
    provision: Content = {
        "type": "permit",
        "period": {"end": _last_moment(drawing, row.expires_at)},
        "actor": [{"role": RECIPIENT, "reference": {"display": _recipient(row.recipient_kind, row.owner_slot)}}],
        "code": [{"coding": [{"system": system, "code": one}], "text": KINDS[one]} for one in row.kinds],
    }
    days = {"start": row.from_on, "end": row.to_on}
    if any(days.values()):
        provision["dataPeriod"] = {name: day.isoformat() for name, day in days.items() if day is not None}
    return provision


def _last_moment(drawing: Drawing, expires_at: datetime) -> str:
    """Until when it holds; for whom a moment that two consents have in common would tell too much, its last whole day."""
    if drawing.knows_couples:
        return expires_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return (expires_at.astimezone(UTC) - A_DAY).date().isoformat()


def _recipient(kind: str, slot: str) -> str:
    """What the recipient is, as seen from the partner whose record it stands in; who it is stays sealed."""
    if kind in {"partner_a", "partner_b"}:
        return "The patient" if Slot(slot) == kind.removeprefix("partner_") else "The patient's partner"
    return RECIPIENTS[kind]


def _has_status(drawing: Drawing, value: Token) -> ColumnElement[bool]:
    return meant(value, STATUSES, _statuses(drawing.work.now))


def _of_day(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    """By whole days, as it is shown."""
    begins = datetime.combine(value.begins.date(), time(), UTC)
    ends = value.ends if value.ends.time() == time() else datetime.combine(value.ends.date(), time(), UTC) + A_DAY
    return holds(replace(value, begins=begins, ends=ends), Authorisation.created_at, drawing.work.now)


RESOURCE: Final = Resource(
    type="Consent",
    source=Rows(
        query=_query,
        draw=_draw,
        key=Authorisation.id,
        updated=_updated,
        couple_id=Authorisation.couple_id,
        slot=Partner.slot,
        strewn=True,
        # The moment it ended at would say who was there at that moment; what lists authorisations does not tell it either.
        dated=lambda _drawing: False,
    ),
    params=(
        Param("patient", "reference", of_patient(Partner.id), ("Patient",), "patient"),
        Param("status", "token", _has_status, says="`proposed` until all have signed who must, `active`, `inactive`."),
        Param("date", "date", _of_day, says="The day it was drawn up."),
        Param("identifier", "token", sharing(KIND, Authorisation.id), says="What both partners' consents have in common."),
    ),
    says=(
        "Authorisations to release data: one of both partners stands under each, one of a partner's own under that partner."
        " Who signed when, what a signature let go along, through whom and when it ended, who receives and why are not told, so"
        " there is no `meta.lastUpdated`."
        " Authorisations of safety data and of psychotherapy notes, and consents to homework, are not here."
    ),
)
