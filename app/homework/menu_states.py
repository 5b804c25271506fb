"""The life of one partner's sheet of a menu, as a table that the service obeys and the documentation draws."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.core.lives import Life


class Sheet(StrEnum):
    """What one partner has told of a menu; only the care team knows where a sheet stands."""

    BLANK = "blank"
    ANSWERED = "answered"
    AGREED = "agreed"
    READY = "ready"


class OfSheet(StrEnum):
    """What moves a sheet."""

    ANSWER = "answers"
    AGREE = "agreements"
    REVEAL = "reveal"
    STOP = "stop"
    WITHDRAW = "withdrawals"


# Each agreement is to one reveal, and none outlives a stop; answers last until they are replaced or taken back.
SHEET: Final[Life[Sheet, OfSheet]] = MappingProxyType(
    {
        Sheet.BLANK: {OfSheet.ANSWER: Sheet.ANSWERED, OfSheet.AGREE: Sheet.AGREED},
        Sheet.ANSWERED: {OfSheet.ANSWER: Sheet.ANSWERED, OfSheet.AGREE: Sheet.READY, OfSheet.WITHDRAW: Sheet.BLANK},
        Sheet.AGREED: {
            OfSheet.ANSWER: Sheet.READY,
            OfSheet.AGREE: Sheet.AGREED,
            OfSheet.STOP: Sheet.BLANK,
            OfSheet.WITHDRAW: Sheet.BLANK,
        },
        Sheet.READY: {
            OfSheet.ANSWER: Sheet.READY,
            OfSheet.AGREE: Sheet.READY,
            OfSheet.REVEAL: Sheet.ANSWERED,
            OfSheet.STOP: Sheet.ANSWERED,
            OfSheet.WITHDRAW: Sheet.BLANK,
        },
    }
)
HAS_ANSWERS: Final = frozenset({Sheet.ANSWERED, Sheet.READY})
AGREES: Final = frozenset({Sheet.AGREED, Sheet.READY})


def sheet_stands(*, answered: bool, agreed: bool) -> Sheet:
    """Where a sheet stands."""
    return next(one for one in Sheet if (one in HAS_ANSWERS) == answered and (one in AGREES) == agreed)
