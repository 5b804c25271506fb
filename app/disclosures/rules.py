"""What an authorisation covers, which legal grounds open the record without one, and what is refused; pure decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.core.lives import Life, after
from app.errors import ConflictError, Fault, InvalidError

PSYCHOTHERAPY: Final = "psychotherapy_notes"
SAFETY: Final = "safety"
# What can be named in an authorisation, and what is counted in a disclosure.
KINDS: Final = MappingProxyType(
    {
        "contact": "names and how to reach a partner",
        "concerns": "episodes of care, concerns, what each partner says of them",
        "diagnoses": "diagnoses of one person",
        "measures": "administrations of measures and their scores",
        "homework": "plans, assignments, check-ins",
        "menus": "menus of yes, no and maybe",
        "session_notes": "signed session notes with their addenda",
        SAFETY: "one partner's own screens, signals, consents and private answers",
        "releases": "authorisations, disclosures and requests for a copy",
        PSYCHOTHERAPY: "notes kept apart by their author (45 CFR 164.501)",
    }
)
LONGEST_AUTHORISATION: Final = timedelta(days=366)  # our proposal; 45 CFR 164.508(c)(1)(v) asks for an end, not which
ACCOUNTED_FOR: Final = timedelta(days=6 * 365 + 2)  # six years, 45 CFR 164.528(a)(1)


class Ground(StrEnum):
    """Why something may leave."""

    AUTHORISATION = "authorisation"
    ACCESS = "access_by_the_individual"
    COURT_ORDER = "court_order"
    SUBPOENA = "subpoena"
    REQUIRED_BY_LAW = "required_by_law"
    OVERSIGHT = "health_oversight"
    SERIOUS_THREAT = "serious_threat"
    TREATMENT = "treatment"


# The couple's privilege is asserted against a bare subpoena, and treatment elsewhere is no reason to pass on what a couple
# said (AAMFT Code 2.2, 2.3): both need what an authorisation needs. The others compel, or protect a life.
COMPELLING: Final = frozenset({Ground.COURT_ORDER, Ground.REQUIRED_BY_LAW, Ground.OVERSIGHT, Ground.SERIOUS_THREAT})
# 45 CFR 164.508(a)(2): what opens psychotherapy notes without their own authorisation.
OPENS_PSYCHOTHERAPY: Final = frozenset({Ground.REQUIRED_BY_LAW, Ground.OVERSIGHT, Ground.SERIOUS_THREAT})
# 45 CFR 164.528(a)(1): an accounting need not tell of these; ours does, and says which are which.
OUTSIDE_THE_DUTY: Final = frozenset({Ground.AUTHORISATION, Ground.ACCESS, Ground.TREATMENT})


class Standing(StrEnum):
    """Where an authorisation stands."""

    INCOMPLETE = "incomplete"
    RUNNING = "running"
    ENDED = "ended"
    EXPIRED = "expired"


class OfAuthorisation(StrEnum):
    """What moves an authorisation."""

    SIGN = "signatures"
    END = "endings"
    RUN_OUT = "time_ran_out"


AUTHORISATION: Final[Life[Standing, OfAuthorisation]] = MappingProxyType(
    {
        Standing.INCOMPLETE: {
            OfAuthorisation.SIGN: Standing.RUNNING,
            OfAuthorisation.END: Standing.ENDED,
            OfAuthorisation.RUN_OUT: Standing.EXPIRED,
        },
        Standing.RUNNING: {OfAuthorisation.END: Standing.ENDED, OfAuthorisation.RUN_OUT: Standing.EXPIRED},
        Standing.ENDED: {},
        Standing.EXPIRED: {},
    }
)


class KindUnknownError(InvalidError):
    """Something was named that is no kind of data."""

    code = "kind_unknown"
    detail = "These are kinds of data: " + ", ".join(KINDS) + "."


class PsychotherapyStandsAloneError(InvalidError):
    """Psychotherapy notes were put together with something else."""

    code = "psychotherapy_stands_alone"
    detail = (
        "An authorisation for psychotherapy notes names nothing else and is each partner's own (45 CFR 164.508(b)(3)(ii));"
        " notes of hours with both need one of each."
    )


class KindNotJointError(InvalidError):
    """Two were to sign for what one has said alone."""

    code = "kind_not_joint"
    detail = "Screens, signals and consents are one partner's own: only that partner lets them go, with their own signature."


class ExpiryInvalidError(InvalidError):
    """An authorisation ends in the past, or too far away."""

    code = "authorisation_expiry_invalid"
    detail = "An authorisation ends in the future, at most 366 days from now."


class AuthorisationOverError(ConflictError):
    """Nothing can be added to an authorisation that is over."""

    code = "authorisation_over"
    detail = "This authorisation has ended. A new one needs new signatures."


class AlreadySignedError(ConflictError):
    """The partner has signed."""

    code = "authorisation_signed"
    detail = "This partner has signed this authorisation."


class NotTheirsError(InvalidError):
    """A partner was to sign or end what is the other's alone."""

    code = "authorisation_not_theirs"
    detail = "This authorisation is another person's alone."


class ReleaseNotAuthorisedError(ConflictError):
    """What is to leave is not covered."""

    code = "release_not_authorised"
    detail = (
        "This release is not covered: what belongs to both needs the running signatures of both, what belongs to one needs"
        " that partner's, for these kinds and days and this recipient."
    )


class PrivilegeAssertedError(ConflictError):
    """A subpoena alone opens nothing."""

    code = "privilege_asserted"
    detail = (
        "A subpoena alone does not open this record: the clinic asserts the couple's privilege. It takes a court order, or the"
        " authorisation of both partners."
    )


class ReleaseInPreparationError(ConflictError):
    """The release has not been seen to by the care team; what keeps them is told to nobody outside it."""

    code = "release_in_preparation"
    detail = "The clinic is preparing this release. A clinician has to see to it before anything leaves."


@dataclass(frozen=True)
class Days:
    """From which day to which, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def hold(self, other: "Days") -> bool:
        """Whether all days of the other lie within these."""
        begins = self.first is None or (other.first is not None and other.first >= self.first)
        return begins and (self.last is None or (other.last is not None and other.last <= self.last))


def stands(signed: Iterable[datetime], needed: int, ended_at: datetime | None, expires_at: datetime, now: datetime) -> Standing:
    """Where an authorisation stands now: the last signature it needs makes it run, an ending or its day is the end of it."""
    signatures = sorted(signed)
    complete = signatures[needed - 1] if len(signatures) >= needed else None
    happened = [
        (ended_at, OfAuthorisation.END),
        (expires_at if expires_at <= now else None, OfAuthorisation.RUN_OUT),
        (complete, OfAuthorisation.SIGN),
    ]
    return after(AUTHORISATION, Standing.INCOMPLETE, happened)


def check_kinds(kinds: Iterable[str], pointer: str) -> None:
    """Raises KindUnknownError."""
    for number, kind in enumerate(kinds):
        if kind not in KINDS:
            raise KindUnknownError(faults=(Fault(f"{pointer}/{number}", "kind_unknown", "This is no kind of data."),))


def check_own(kinds: Iterable[str]) -> None:
    """Raises PsychotherapyStandsAloneError for psychotherapy notes in company."""
    named = set(kinds)
    if PSYCHOTHERAPY in named and len(named) > 1:
        raise PsychotherapyStandsAloneError(faults=(Fault("/kinds", "stands_alone", PsychotherapyStandsAloneError.detail),))


def check_added(kinds: Iterable[str]) -> None:
    """Raises PsychotherapyStandsAloneError for psychotherapy notes that were to go along with something else."""
    check_own(["", *kinds])


def check_joint(kinds: Iterable[str]) -> None:
    """Raises KindNotJointError, PsychotherapyStandsAloneError for what no two can sign for together."""
    check_added(kinds)
    if SAFETY in kinds:
        raise KindNotJointError(faults=(Fault("/kinds", "kind_not_joint", KindNotJointError.detail),))


def check_expiry(expires_at: datetime, now: datetime) -> None:
    """Raises ExpiryInvalidError."""
    if not now < expires_at <= now + LONGEST_AUTHORISATION:
        raise ExpiryInvalidError(faults=(Fault("/expires_at", "out_of_range", ExpiryInvalidError.detail),))


def check_may_sign(standing: Standing) -> None:
    """Raises AuthorisationOverError."""
    if OfAuthorisation.SIGN not in AUTHORISATION[standing]:
        raise AlreadySignedError if standing is Standing.RUNNING else AuthorisationOverError


Reaches = Mapping[str, frozenset[str]]  # kinds by compartment


def is_covered(asked: Reaches, covered: Reaches) -> bool:
    """Whether every kind of every compartment that is to leave is covered there."""
    return all(kinds <= covered.get(compartment, frozenset()) for compartment, kinds in asked.items())


def check_psychotherapy_alone(asked: Reaches) -> bool:
    """Whether psychotherapy notes are to leave. Raises PsychotherapyStandsAloneError when anything else is with them."""
    kinds = {kind for named in asked.values() for kind in named}
    check_own(kinds)
    return PSYCHOTHERAPY in kinds
