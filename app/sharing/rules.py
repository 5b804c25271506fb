"""Which levels a kind is shared at, and where an agreement on secrets stands; pure decisions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from app.core.lives import Life, after
from app.core.sharing import Kind, Level
from app.errors import ConflictError, Fault, InvalidError

Told = Literal["in_person", "by_telephone", "in_writing", "online"]
# A diagnosis has no part that could be told without the whole.
LEVELS: Final[Mapping[Kind, tuple[Level, ...]]] = MappingProxyType(
    {
        Kind.SCORES: (Level.NONE, Level.SUMMARY, Level.FULL),
        Kind.CHECK_INS: (Level.NONE, Level.SUMMARY, Level.FULL),
        Kind.CONCERNS: (Level.NONE, Level.SUMMARY, Level.FULL),
        Kind.DIAGNOSES: (Level.NONE, Level.FULL),
    }
)


class LevelNotOfferedError(InvalidError):
    """A kind was to be shared at a level that it does not have."""

    code = "sharing_level_not_offered"
    detail = "This kind of data is shared in full or not at all."


class PolicyReplacedError(ConflictError):
    """A newer text waits for signatures."""

    code = "secrets_policy_replaced"
    detail = "A newer agreement was proposed since. Only the newest can be signed."


class Agreed(StrEnum):
    """Where an agreement on secrets stands."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REPLACED = "replaced"


class OfAgreement(StrEnum):
    """What moves an agreement."""

    BOTH_SIGNED = "both_signed"
    ANOTHER_SIGNED = "another_signed_by_both"


# What was agreed on holds until both have signed something newer.
AGREEMENT: Final[Life[Agreed, OfAgreement]] = MappingProxyType(
    {
        Agreed.PROPOSED: {OfAgreement.BOTH_SIGNED: Agreed.IN_FORCE},
        Agreed.IN_FORCE: {OfAgreement.ANOTHER_SIGNED: Agreed.REPLACED},
        Agreed.REPLACED: {},
    }
)


def check_level(kind: Kind, level: Level) -> None:
    """Raises LevelNotOfferedError."""
    if level not in LEVELS[kind]:
        raise LevelNotOfferedError(faults=(Fault("/level", "not_offered", LevelNotOfferedError.detail),))


def stands(both_signed_at: Sequence[datetime | None], place: int) -> Agreed:
    """Where the agreement at a place in the couple's history stands; of each, when the second partner signed, or None."""
    later = [moment for moment in both_signed_at[place + 1 :] if moment is not None]
    happened = ((both_signed_at[place], OfAgreement.BOTH_SIGNED), (min(later, default=None), OfAgreement.ANOTHER_SIGNED))
    return after(AGREEMENT, Agreed.PROPOSED, happened)
