"""What a link may ask for, whether it still opens, and which answers fit it; pure decisions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from app.core.lives import Life, after
from app.errors import Fault, InvalidError, NotFoundError

Purpose = Literal["measure", "check_in", "consent", "stop"]
LONGEST_HOURS: Final = 2_160  # 90 days, as long as a key
# The part of a body that belongs to each purpose; stopping asks for nothing, not even a reason.
PARTS: Final[Mapping[str, str | None]] = MappingProxyType(
    {"measure": "measure", "check_in": "check_in", "consent": "consent", "stop": None}
)


class State(StrEnum):
    """Where a link stands."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


class OfLink(StrEnum):
    """What moves a link."""

    USE = "answers"
    REVOKE = "revocations"
    RUN_OUT = "time_ran_out"


# A link to stop is never used up, and of a consent only the care team is told that it was.
LINK: Final[Life[State, OfLink]] = MappingProxyType(
    {
        State.OPEN: {OfLink.USE: State.USED, OfLink.REVOKE: State.REVOKED, OfLink.RUN_OUT: State.EXPIRED},
        State.USED: {},
        State.REVOKED: {},
        State.EXPIRED: {OfLink.REVOKE: State.REVOKED},
    }
)


class LinkNotOpenError(NotFoundError):
    """Whatever is wrong with a link, there is one answer."""

    code = "link_not_open"
    detail = "This link opens nothing. It may have been used, or its time may be over. Ask for a new one."


class LinkAsksError(InvalidError):
    """A link asks for exactly what its purpose needs."""

    code = "link_asks_invalid"
    detail = "A link asks for exactly one thing: the part named like its purpose, and for `stop` none."


class AnswersDoNotFitError(InvalidError):
    """The answers are not what the link asks for."""

    code = "answers_do_not_fit"
    detail = "Send the part that the link asks for, and no other."


@dataclass(frozen=True)
class Standing:
    """What decides whether a link opens, as far as its reader may know it."""

    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


def state_of(link: Standing, now: datetime) -> State:
    """Where a link stands; one that was used stays used."""
    ended = link.expires_at if link.expires_at <= now else None
    happened = ((link.used_at, OfLink.USE), (link.revoked_at, OfLink.REVOKE), (ended, OfLink.RUN_OUT))
    return after(LINK, State.OPEN, happened)


def opens(purpose: str, link: Standing, now: datetime) -> bool:
    """Whether a link opens. That a consent was given shows nowhere, so its link looks the same until its time is over."""
    seen = replace(link, used_at=None) if purpose == "consent" else link
    return state_of(seen, now) is State.OPEN


def check_asks(purpose: str, given: Collection[str]) -> None:
    """Raises LinkAsksError for a part that is missing or belongs to another purpose."""
    if faults := _misfits(purpose, given):
        raise LinkAsksError(faults=faults)


def check_answers_fit(purpose: str, given: Collection[str]) -> None:
    """Raises AnswersDoNotFitError for a part that is missing or belongs to another purpose."""
    if faults := _misfits(purpose, given):
        raise AnswersDoNotFitError(faults=faults)


def _misfits(purpose: str, given: Collection[str]) -> tuple[Fault, ...]:
    needed = PARTS[purpose]
    missing = [Fault(f"/{needed}", "required", "This purpose needs it.")] if needed and needed not in given else []
    others = [Fault(f"/{part}", "not_asked", "This belongs to another purpose.") for part in sorted(given) if part != needed]
    return (*missing, *others)


def below(part: str, faults: Collection[Fault]) -> tuple[Fault, ...]:
    """The faults of a part, where they stand in the whole body."""
    return tuple(replace(fault, pointer=f"/{part}{fault.pointer}") for fault in faults)
