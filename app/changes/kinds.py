"""What can be followed: the kinds of things a change is told of, and which event of the trail speaks of which of them.

Kinds are found by what a machine account may see, whoever follows: nothing of the safety compartment, a plan on the track that
is shown, an assignment once it shows, a session note once it is signed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement

from app.access.permissions import Permission
from app.access.work import Work
from app.core.database import Compartment
from app.couples.models import Concern, ConcernFraming, ConcernRating, Couple, Episode, Partner
from app.diagnoses.models import Diagnosis, DiagnosisStatus, ExclusionOverride
from app.homework.models import Assignment, CheckIn, HomeworkPlan, PlanTransition
from app.measures.models import Administration
from app.notes.models import Addendum, SessionNote
from app.notes.states import AUTHORS_ALONE

COUPLE: Final = "couple"
PARTNER: Final = "partner"
OUTCOMES: Final = "outcomes"
SEAT: Final = "care_team_member"
OF_COUPLE: Final = "/v1/couples/{couple_id}"
OF_PARTNER: Final = OF_COUPLE + "/partners/{partner_id}"
OF_PLAN: Final = OF_COUPLE + "/plans/{plan_id}"
OF_ASSIGNMENT: Final = OF_PLAN + "/assignments/{assignment_id}"


@dataclass(frozen=True)
class Kind:
    """One kind of thing: what its ids begin with, what it takes to read it, where it is read, and which rows show.

    `places` are columns that its address names beside couple and id. `version` is None where a row has none, or where one
    would tell of what is not shown.
    """

    name: str
    prefix: str
    permission: Permission
    model: Any
    path: str
    places: tuple[str, ...] = ()
    version: str | None = "version"
    shows: Callable[[Work], ColumnElement[bool]] | None = None


def _assignment_shows(work: Work) -> ColumnElement[bool]:
    return Assignment.shown_at <= work.now


def _note_shows(_work: Work) -> ColumnElement[bool]:
    return SessionNote.status.not_in(AUTHORS_ALONE)


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(COUPLE, "cpl", Permission.COUPLES_READ, Couple, OF_COUPLE),
        Kind(
            PARTNER,
            "prt",
            Permission.COUPLES_READ,
            Partner,
            OF_COUPLE + "/partners/{id}",
            shows=lambda _work: Partner.erased_at.is_(None),
        ),
        Kind("episode", "epi", Permission.COUPLES_READ, Episode, OF_COUPLE + "/episodes/{id}"),
        Kind("concern", "con", Permission.COUPLES_READ, Concern, OF_COUPLE + "/concerns/{id}"),
        Kind(
            "framing",
            "frm",
            Permission.COUPLES_READ,
            ConcernFraming,
            OF_PARTNER + "/framings",
            ("partner_id",),
            version=None,
        ),
        Kind("diagnosis", "dgn", Permission.DIAGNOSES_READ, Diagnosis, OF_PARTNER + "/diagnoses/{id}", ("partner_id",)),
        Kind("plan", "pln", Permission.HOMEWORK_READ, HomeworkPlan, OF_COUPLE + "/plans/{id}", version=None),
        Kind(
            "assignment",
            "asg",
            Permission.HOMEWORK_READ,
            Assignment,
            OF_PLAN + "/assignments/{id}",
            ("plan_id",),
            shows=_assignment_shows,
        ),
        Kind(
            "check_in",
            "chk",
            Permission.HOMEWORK_READ,
            CheckIn,
            OF_ASSIGNMENT + "/check-ins/{id}",
            ("plan_id", "assignment_id"),
        ),
        Kind(
            "administration",
            "adm",
            Permission.ADMINISTRATIONS_READ,
            Administration,
            OF_PARTNER + "/administrations/{id}",
            ("partner_id",),
            version=None,
        ),
        Kind("session_note", "nte", Permission.NOTES_READ, SessionNote, OF_COUPLE + "/notes/{id}", shows=_note_shows),
        Kind(OUTCOMES, "cpl", Permission.OUTCOMES_READ, Couple, OF_COUPLE + "/outcomes", version=None),
    )
}


@dataclass(frozen=True)
class Through:
    """Leads from the row an event is about to the thing that changed with it: a rating changes its concern."""

    kind: str
    model: Any
    column: str
    shows: Callable[[Work], ColumnElement[bool]] | None = None


@dataclass(frozen=True)
class Told:
    """What an event about one table speaks of: the row itself, the couple's figures, or what the row belongs to."""

    itself: str | None = None
    couple: tuple[str, ...] = ()
    through: tuple[Through, ...] = ()


def _hour_shows(work: Work) -> ColumnElement[bool]:
    """Figures are reckoned from the hours of both: that one partner was seen alone changes none, and its moment would tell."""
    return _note_shows(work) & (SessionNote.compartment == Compartment.CONJOINT)


# THE table of which event speaks of what. What stands in no line here is in no feed, no message and no incremental export.
TOLD: Final[Mapping[str, Told]] = {
    "couple": Told(COUPLE),
    "partner": Told(PARTNER, couple=(COUPLE,)),  # a couple is read with its partners
    "episode": Told("episode", couple=(OUTCOMES,)),
    "concern": Told("concern", couple=(OUTCOMES,)),
    "concern_rating": Told(couple=(OUTCOMES,), through=(Through("concern", ConcernRating, "concern_id"),)),
    "concern_framing": Told("framing"),
    "diagnosis": Told("diagnosis"),
    "diagnosis_status": Told(through=(Through("diagnosis", DiagnosisStatus, "diagnosis_id"),)),
    "exclusion_override": Told(
        through=(
            Through("diagnosis", ExclusionOverride, "diagnosis_id"),
            Through("diagnosis", ExclusionOverride, "other_diagnosis_id"),
        )
    ),
    "homework_plan": Told("plan", couple=(OUTCOMES,)),
    "plan_transition": Told(couple=(OUTCOMES,), through=(Through("plan", PlanTransition, "plan_id"),)),
    "assignment": Told("assignment", couple=(OUTCOMES,)),
    "check_in": Told("check_in", couple=(OUTCOMES,)),
    "administration": Told(
        "administration",
        couple=(OUTCOMES,),
        through=(Through("administration", Administration, "supersedes_id"),),  # it says by which one it was corrected
    ),
    "session_note": Told("session_note", through=(Through(OUTCOMES, SessionNote, "couple_id", _hour_shows),)),
    "addendum": Told(through=(Through("session_note", Addendum, "note_id"),)),
    SEAT: Told(),  # who sees the couple: `following.py` knows what that means to whom
}
