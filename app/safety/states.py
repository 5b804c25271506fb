"""The lives of a clearance, a consent and a red flag, as tables that the service reads and the documentation draws."""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.core.lives import Life, after


class Cleared(StrEnum):
    """Where a couple's clearance stands; the latest decision counts."""

    MISSING = "missing"
    IN_FORCE = "in_force"
    OVERTAKEN = "overtaken"
    EXPIRED = "expired"
    BLOCKED = "blocked"


class OfClearance(StrEnum):
    """What moves a clearance."""

    CLEAR = "cleared_by_therapist"
    BLOCK = "blocked_by_therapist"
    ALARM = "something_alarming_became_known"
    RUN_OUT = "time_ran_out"


_DECISIONS: Final = {OfClearance.CLEAR: Cleared.IN_FORCE, OfClearance.BLOCK: Cleared.BLOCKED}
CLEARANCE: Final[Life[Cleared, OfClearance]] = MappingProxyType(
    {
        Cleared.MISSING: _DECISIONS,
        Cleared.IN_FORCE: {
            **_DECISIONS,
            OfClearance.ALARM: Cleared.OVERTAKEN,
            OfClearance.RUN_OUT: Cleared.EXPIRED,
        },
        Cleared.OVERTAKEN: {**_DECISIONS, OfClearance.RUN_OUT: Cleared.EXPIRED},
        Cleared.EXPIRED: _DECISIONS,
        Cleared.BLOCKED: _DECISIONS,
    }
)
DECISIONS: Final = MappingProxyType({"cleared": OfClearance.CLEAR, "blocked": OfClearance.BLOCK})


class Consented(StrEnum):
    """Where a consent stands; another yes is another consent."""

    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"


class OfConsent(StrEnum):
    """What moves a consent."""

    WITHDRAW = "withdrawals"


CONSENT: Final[Life[Consented, OfConsent]] = MappingProxyType(
    {Consented.IN_FORCE: {OfConsent.WITHDRAW: Consented.WITHDRAWN}, Consented.WITHDRAWN: {}}
)


class Flagged(StrEnum):
    """Where a red flag stands; the same may be opened again as another flag."""

    OPEN = "open"
    CLEARED = "cleared"


class OfFlag(StrEnum):
    """What moves a red flag."""

    CLEAR = "clearings"


FLAG: Final[Life[Flagged, OfFlag]] = MappingProxyType({Flagged.OPEN: {OfFlag.CLEAR: Flagged.CLEARED}, Flagged.CLEARED: {}})


def consent_stands(withdrawn_at: datetime | None) -> Consented:
    """Whether a consent is in force."""
    return after(CONSENT, Consented.IN_FORCE, [(withdrawn_at, OfConsent.WITHDRAW)])


def flag_stands(cleared_at: datetime | None) -> Flagged:
    """Whether a red flag is open."""
    return after(FLAG, Flagged.OPEN, [(cleared_at, OfFlag.CLEAR)])
