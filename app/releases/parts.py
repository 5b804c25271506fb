"""The parts a record is put together from when it leaves: which columns of which table, in whose place, and what stays.

An allow-list: a new table or column is in no copy before somebody has decided so here, and a test fails until they have.
What stays out: `left_out.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement

from app.access.work import Work
from app.couples.models import Concern, ConcernFraming, ConcernRating, Episode, Partner
from app.diagnoses.models import Diagnosis, DiagnosisStatus, ExclusionOverride
from app.disclosures.models import Authorisation, AuthorisationSignature, Disclosure
from app.homework.models import Assignment, CheckIn, HomeworkPlan, Menu, MenuSheet, PrivateAnswer
from app.measures.models import Administration, Score
from app.notes.models import Addendum, SessionNote
from app.notes.states import AUTHORS_ALONE
from app.partner_pages.models import LinkUse, PartnerLink
from app.releases.models import AccessCopy
from app.safety.models import Consent, OpenedFlag, PreconditionRecord, SafetyScreen, SafetySignal
from app.sharing.models import SecretsAgreement, SecretsSignature, SharingChoice

BOTH: Final = "conjoint"
OWN: Final = "individual"
GUARDED: Final = "safety"  # one partner's own, that goes along only when the therapist decides so


@dataclass(frozen=True)
class Part:
    """One table as a copy shows it: `shows` are its columns, `day` the one that dates it, `where` what of it is out at all.

    `picks` names what is shown of a sealed object that holds more than that, `within` one of its members where it is there.
    """

    kind: str
    title: str
    model: Any
    places: tuple[str, ...]
    shows: tuple[str, ...]
    day: str | None = None
    hides: tuple[str, ...] = ()
    where: Callable[[Work], ColumnElement[bool]] | None = None
    picks: tuple[str, ...] = ()
    within: str | None = None


# Ids, who recorded something and the mechanics of a row: never in a copy, because they would tell of other rows.
MECHANICS: Final = frozenset({"clinic_id", "id", "couple_id", "partner_id", "compartment", "version", "changed_at"})
PARTS: Final = (
    Part("contact", "Who you are to the clinic", Partner, (OWN,), ("record_number", "person"), hides=("slot", "erased_at")),
    Part(
        "contact",
        "Links you were given",
        PartnerLink,
        (OWN,),
        ("purpose", "measure_code", "language", "created_at", "expires_at", "revoked_at"),
        "created_at",
        # of what a link asks a consent to belongs to the consent
        (
            "plan_id",
            "assignment_id",
            "consent_kind",
            "protocol",
            "stage",
            "text_version",
            "secret_hash",
            "created_by_kind",
            "created_by",
        ),
    ),
    Part("contact", "Links you used", LinkUse, (OWN, GUARDED), ("used_at",), "used_at", ("link_id",)),
    Part("concerns", "Episodes of care", Episode, (BOTH,), ("opened_on", "closed_on", "close_reason"), "opened_on"),
    Part(
        "concerns",
        "What you came with",
        Concern,
        (BOTH,),
        ("code", "is_primary", "bearer", "contributing_factors", "added_at", "resolved_on"),
        None,
        ("episode_id",),
    ),
    Part(
        "concerns",
        "What a concern weighed, as you said it",
        ConcernRating,
        (OWN, GUARDED),
        ("concern_id", "severity", "distressed", "rated_at"),
        "rated_at",
    ),
    Part(
        "concerns", "A concern in your own words", ConcernFraming, (OWN, GUARDED), ("concern_id", "words", "said_at"), "said_at"
    ),
    Part(
        "diagnoses",
        "Diagnoses",
        Diagnosis,
        (OWN, GUARDED),
        (
            "system",
            "code",
            "concern",
            "status",
            "onset",
            "context",
            "severity",
            "contributing_factors",
            "onset_on",
            "recorded_on",
            "note",
        ),
        "recorded_on",
        ("recorded_at", "recorded_by"),
    ),
    Part(
        "diagnoses",
        "How diagnoses went on",
        DiagnosisStatus,
        (OWN,),
        ("status", "on"),
        "on",
        ("diagnosis_id", "recorded_at", "recorded_by"),
    ),
    Part(
        "diagnoses",
        "Why two diagnoses stand together",
        ExclusionOverride,
        (OWN, GUARDED),
        ("rule", "reason", "recorded_at"),
        "recorded_at",
        ("diagnosis_id", "other_diagnosis_id", "recorded_by"),
    ),
    Part(
        "measures",
        "Measures you answered",
        Administration,
        (OWN,),
        (
            "measure_code",
            "measure_version",
            "language",
            "mode",
            "answered_at",
            "recall_starts_on",
            "recall_ends_on",
            "answers",
            "validity",
            "scored_elsewhere",
        ),
        "answered_at",
        (
            "episode_id",
            "supersedes_id",
            "external_id",
            "recorded_at",
            "recorded_by",
            "recorded_by_kind",
            "prorated",
            "scoring_version",
        ),
    ),
    Part(
        "measures",
        "Scores",
        Score,
        (OWN,),
        ("measure_code", "scale", "answered_at", "value", "reason", "prorated"),
        "answered_at",
        ("administration_id", "standard_error"),
    ),
    Part(
        "homework",
        "Plans",
        HomeworkPlan,
        (BOTH,),
        ("protocol", "protocol_version", "opened_at"),
        "opened_at",
        ("episode_id", "concern_id", "therapist_id", "practising_partner_id", "thresholds", "opened_by_kind", "opened_by"),
    ),
    Part(
        "homework",
        "What you were given to do",
        Assignment,
        (BOTH,),
        ("stage", "starts_on", "ends_on", "occasions", "note"),
        "starts_on",
        ("plan_id", "plissit", "created_at", "shown_at"),
        where=lambda work: Assignment.shown_at <= work.now,
    ),
    Part(
        "homework",
        "Your check-ins",
        CheckIn,
        (OWN,),
        ("stage", "occurred_at", "done", "answers"),
        "occurred_at",
        ("plan_id", "assignment_id", "received_at", "is_late"),
    ),
    Part(
        "homework",
        "What a check-in asked for the care team alone",
        PrivateAnswer,
        (GUARDED,),
        ("answers",),
        hides=("check_in_id",),
    ),
    Part("menus", "Menus", Menu, (BOTH,), ("menu_version", "own_items", "opened_at"), "opened_at"),
    Part("menus", "Your answers to a menu", MenuSheet, (GUARDED,), ("answers", "answered_at", "agreed_at"), None, ("menu_id",)),
    Part(
        "session_notes",
        "Session notes",
        SessionNote,
        (BOTH, OWN),
        (
            *("held_on", "started_at", "ended_at", "format", "status", "minutes_by_topic", "said", "late_entry", "entered_at"),
            *("signed_at", "signed_as"),
        ),
        "held_on",
        (
            *("author_id", "drafts", "addenda", "created_at", "signed_by", "content_hash", "previous_hash", "signing_key_id"),
            *("signature", "co_signature_wanted", "locks_at", "co_signed_at", "co_signed_by", "co_signed_as"),
            *("co_signing_key_id", "co_signature"),
        ),
        where=lambda _: SessionNote.status.not_in(AUTHORS_ALONE),
        picks=("sections", "attendance", "times_by_attendee", "cpt_codes"),  # and no id of another row
        within="said",
    ),
    Part(
        "session_notes",
        "Addenda to session notes",
        Addendum,
        (BOTH, OWN),
        ("written_at", "reason", "text"),
        "written_at",
        ("note_id", "number", "author_id", "content_hash", "previous_hash", "signing_key_id", "signature"),
        picks=("text",),
    ),
    Part(
        "releases",
        "Authorisations",
        Authorisation,
        (BOTH, OWN),
        ("recipient_kind", "kinds", "from_on", "to_on", "words", "created_at", "expires_at", "ended_at"),
        "created_at",
        ("created_by_kind", "created_by"),
    ),
    Part(
        "releases",
        "What you signed",
        AuthorisationSignature,
        (OWN,),
        ("own_kinds", "method", "signed_at"),
        "signed_at",
        ("authorisation_id", "recorded_at", "recorded_by"),
    ),
    Part(
        "releases",
        "What was agreed on about secrets",
        SecretsAgreement,
        (BOTH,),
        ("policy", "text_version", "language", "text", "proposed_at"),
        "proposed_at",
        ("number", "proposed_by_kind", "proposed_by"),
    ),
    Part(
        "releases",
        "Agreements on secrets that you signed",
        SecretsSignature,
        (OWN,),
        ("signed_on",),
        "signed_on",
        ("agreement_id", "told", "recorded_at", "recorded_by_kind", "recorded_by"),
    ),
    Part(
        "releases",
        "What you let the other read",  # guarded: the other cannot tell that nothing is shared from that nothing is there
        SharingChoice,
        (GUARDED,),
        ("kind", "level", "chosen_at"),
        "chosen_at",
        ("told", "recorded_by_kind", "recorded_by"),
    ),
    Part(
        "releases",
        "What was released",
        Disclosure,
        (BOTH, OWN),
        ("disclosed_at", "ground", "recipient_kind", "words"),
        "disclosed_at",
        # a hash of a file could be compared with a guess of what the other's part of it was
        (
            "release_id",
            "authorisations",
            "counts",
            "from_on",
            "to_on",
            "file_sha256",
            "recorded_at",
            "recorded_by_kind",
            "recorded_by",
        ),
    ),
    Part(
        "releases",
        "Copies you asked for",
        AccessCopy,
        (OWN,),
        ("requested_at", "due_on"),
        "requested_at",
        (
            "authorisations",
            "extended_at",
            "extension",
            "prepared_at",
            "prepared_by",
            "file",
            "files",
            "handed_over_at",
            "handed_over_by",
            "denied_at",
            "denied_by",
            "denial",
            "reopened_at",
            "reopened_by",
            "withdrawn_at",
        ),
    ),
    Part(
        "safety",
        "Screens you answered alone",
        SafetyScreen,
        (GUARDED,),
        ("measure", "measure_version", "taken_on", "answers", "meanings"),
        "taken_on",
        ("recorded_at", "recorded_by", "needs_review"),
    ),
    Part(
        "safety",
        "What you answered that asked for attention",
        SafetySignal,
        (GUARDED,),
        ("kind", "value", "at"),
        "at",
        ("response", "source", "source_id", "recorded_at", "reviewed_at", "reviewed_by", "review_note"),
    ),
    Part(
        "safety",
        "Consents you gave",
        Consent,
        (GUARDED,),
        ("kind", "protocol", "protocol_version", "stage", "text_version", "language", "given_at", "withdrawn_at"),
        "given_at",
    ),
    Part(
        "safety",
        "What a clinician noted about you that forbids an exercise",
        OpenedFlag,
        (GUARDED,),
        ("code", "note", "opened_at", "cleared_at", "clearing_reason"),
        "opened_at",
        ("opened_by", "cleared_by"),
    ),
    Part(
        "safety",
        "What was examined before an exercise",
        PreconditionRecord,
        (GUARDED,),
        ("code", "met", "found_on", "expires_on", "note"),
        "found_on",
        ("recorded_at", "recorded_by"),
    ),
)
