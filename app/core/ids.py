"""Opaque, prefixed, time-sortable identifiers: UUIDv7 inside, `cpl_...` outside."""

import secrets
import threading
import time
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, which sorts as its numbers do
LENGTH: Final = 26
PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562), strictly increasing within the process."""
    global _last  # noqa: PLW0603 - the last id handed out is what makes the next one larger
    with _lock:
        stamp = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(74)
        if stamp <= _last:
            stamp = _last + 1 + secrets.randbits(32)
        _last = stamp
    return _version_7(stamp >> 80, stamp & ((1 << 74) - 1))


def new_id_at(moment: datetime) -> UUID:
    """A UUIDv7 that tells this moment instead of the one it was made at."""
    return _version_7(int(moment.timestamp() * 1000), secrets.randbits(74))


def _version_7(milliseconds: int, random: int) -> UUID:
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def encode(prefix: str, value: UUID) -> str:
    """`cpl` and a UUID give `cpl_01k...`, 26 letters after the prefix."""
    number = value.int
    letters = [PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)]
    return f"{prefix}_{''.join(letters)}"


def decode(prefix: str, text: object) -> UUID:
    """The UUID of `cpl_01k...`; a UUID passes; anything else is a ValueError that does not repeat what was sent."""
    if isinstance(text, UUID):
        return text
    if not isinstance(text, str) or not text.startswith(prefix + "_"):
        raise ValueError(f"an id of this kind starts with '{prefix}_'")
    letters = text[len(prefix) + 1 :]
    if len(letters) != LENGTH or letters[0] > "7" or any(letter not in VALUES for letter in letters):
        raise ValueError(f"an id of this kind is '{prefix}_' and {LENGTH} letters and digits")
    number = 0
    for letter in letters:
        number = number << 5 | VALUES[letter]
    return UUID(int=number)


def _typed(prefix: str) -> tuple[BeforeValidator, PlainSerializer, WithJsonSchema]:
    example = encode(prefix, UUID("01939d5e-6c00-7000-8000-000000000001"))
    return (
        BeforeValidator(lambda text: decode(prefix, text)),
        PlainSerializer(lambda value: encode(prefix, value), return_type=str),
        WithJsonSchema({"type": "string", "pattern": f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", "examples": [example]}),
    )


ClinicId = Annotated[UUID, *_typed("cln"), Field(description="Clinic.")]
MemberId = Annotated[UUID, *_typed("mem"), Field(description="Member of the clinic.")]
IntegrationId = Annotated[UUID, *_typed("int"), Field(description="Integration: a machine account of clinic software.")]
SignInId = Annotated[UUID, *_typed("sgn"), Field(description="Sign-in of a member.")]
IdentityId = Annotated[UUID, *_typed("idn"), Field(description="A provider's name for a member.")]
OAuthClientId = Annotated[UUID, *_typed("ocl"), Field(description="Client of an integration.")]
CredentialId = Annotated[UUID, *_typed("crd"), Field(description="Credential.")]
CoupleId = Annotated[UUID, *_typed("cpl"), Field(description="Couple.")]
PartnerId = Annotated[UUID, *_typed("prt"), Field(description="Partner.")]
EpisodeId = Annotated[UUID, *_typed("epi"), Field(description="Episode of care.")]
ConcernId = Annotated[UUID, *_typed("con"), Field(description="Concern.")]
FramingId = Annotated[UUID, *_typed("frm"), Field(description="One partner's own words for a concern.")]
DiagnosisId = Annotated[UUID, *_typed("dgn"), Field(description="Diagnosis of one partner.")]
ScreenId = Annotated[UUID, *_typed("scr"), Field(description="Safety screen.")]
ClearanceId = Annotated[UUID, *_typed("clr"), Field(description="Clearance.")]
ConsentId = Annotated[UUID, *_typed("cns"), Field(description="Consent.")]
PlanId = Annotated[UUID, *_typed("pln"), Field(description="Homework plan.")]
AssignmentId = Annotated[UUID, *_typed("asg"), Field(description="Assignment.")]
CheckInId = Annotated[UUID, *_typed("chk"), Field(description="Check-in.")]
MenuId = Annotated[UUID, *_typed("mnu"), Field(description="Menu of yes, no and maybe.")]
AdministrationId = Annotated[UUID, *_typed("adm"), Field(description="Administration of a measure.")]
NoteId = Annotated[UUID, *_typed("nte"), Field(description="Session note.")]
NoteVersionId = Annotated[UUID, *_typed("ver"), Field(description="Version of a session note's draft.")]
PsychotherapyNoteId = Annotated[UUID, *_typed("psy"), Field(description="Psychotherapy note.")]
PsychotherapyGrantId = Annotated[UUID, *_typed("psg"), Field(description="Grant to read psychotherapy notes.")]
AddendumId = Annotated[UUID, *_typed("add"), Field(description="Addendum to a signed session note.")]
AttestationId = Annotated[UUID, *_typed("lic"), Field(description="Attestation of a licence.")]
FormId = Annotated[UUID, *_typed("frm"), Field(description="Uploaded form of a measure.")]
RedFlagId = Annotated[UUID, *_typed("flg"), Field(description="Red flag.")]
PreconditionRecordId = Annotated[UUID, *_typed("pre"), Field(description="Record of a precondition.")]
SignalId = Annotated[UUID, *_typed("sig"), Field(description="Safety signal.")]
LinkId = Annotated[UUID, *_typed("lnk"), Field(description="Link of one partner.")]
SharingChoiceId = Annotated[UUID, *_typed("shc"), Field(description="Sharing choice of one partner.")]
SecretsAgreementId = Annotated[UUID, *_typed("sec"), Field(description="Agreement of a couple on secrets.")]
NormSetId = Annotated[UUID, *_typed("nrm"), Field(description="Norm set of the clinic.")]
AuthorisationId = Annotated[UUID, *_typed("aut"), Field(description="Authorisation to release something.")]
ReleaseFlagId = Annotated[UUID, *_typed("rfl"), Field(description="Flag that holds releases back.")]
ReleaseId = Annotated[UUID, *_typed("rls"), Field(description="Release: what left the clinic at once.")]
DisclosureId = Annotated[UUID, *_typed("dsc"), Field(description="Disclosure: what of one place left in a release.")]
CopyId = Annotated[UUID, *_typed("cpy"), Field(description="Request of one partner for a copy of their record.")]
HoldId = Annotated[UUID, *_typed("hld"), Field(description="Legal hold.")]
ErasureId = Annotated[UUID, *_typed("ers"), Field(description="Erasure.")]
EventId = Annotated[UUID, *_typed("evt"), Field(description="Event of the audit trail.")]
AlarmId = Annotated[UUID, *_typed("alm"), Field(description="Alarm.")]
SeatId = Annotated[UUID, *_typed("sea"), Field(description="Seat on a couple's care team.")]
DirectionAnalysisId = Annotated[UUID, *_typed("dra"), Field(description="Analysis of which of two series came first.")]
ExportId = Annotated[UUID, *_typed("exp"), Field(description="Export.")]
WebhookEndpointId = Annotated[UUID, *_typed("whe"), Field(description="Webhook endpoint of an integration.")]
WebhookSecretId = Annotated[
    UUID, *_typed("whs"), Field(description="Secret that deliveries to a webhook endpoint are signed with.")
]
WebhookDeliveryId = Annotated[UUID, *_typed("whd"), Field(description="Webhook delivery; the same in every attempt.")]
BreakGlassId = Annotated[UUID, *_typed("bgl"), Field(description="Opening of one couple's record in an emergency.")]
