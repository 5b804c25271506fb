"""The lives of a copy and of an erasure, the retention clock, and what each of them refuses; pure decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.core.lives import Life, after
from app.errors import ConflictError, Fault, InvalidError
from app.releases.jurisdictions import Rule

ANSWERED_WITHIN: Final = timedelta(days=30)  # 45 CFR 164.524(b)(2); GDPR 12(3) gives a month
EXTENDED_BY: Final = timedelta(days=30)  # once, 45 CFR 164.524(b)(2)(iii)
ACCOUNTED_YEARS: Final = 6  # 45 CFR 164.528: a disclosure is accounted for so long, and so its row is kept


class Copied(StrEnum):
    """Where a request for a copy stands."""

    REQUESTED = "requested"
    PREPARED = "prepared"
    HANDED_OVER = "handed_over"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class OfCopy(StrEnum):
    """What moves a request for a copy."""

    PREPARE = "preparations"
    HAND_OVER = "handovers"
    DENY = "denials"
    REVIEW = "reviews"
    WITHDRAW = "withdrawals"


COPY: Final[Life[Copied, OfCopy]] = MappingProxyType(
    {
        Copied.REQUESTED: {
            OfCopy.PREPARE: Copied.PREPARED,
            OfCopy.DENY: Copied.DENIED,
            OfCopy.WITHDRAW: Copied.WITHDRAWN,
        },
        Copied.PREPARED: {
            OfCopy.PREPARE: Copied.PREPARED,
            OfCopy.HAND_OVER: Copied.HANDED_OVER,
            OfCopy.DENY: Copied.DENIED,
            OfCopy.WITHDRAW: Copied.WITHDRAWN,
        },
        Copied.DENIED: {OfCopy.REVIEW: Copied.REQUESTED},
        Copied.HANDED_OVER: {},
        Copied.WITHDRAWN: {},
    }
)
# What everybody outside the care team is told while nothing is settled: the same whether it waits for time, for a clinician or
# behind a flag.
IN_PREPARATION: Final = "in_preparation"
SETTLED: Final = frozenset({Copied.HANDED_OVER, Copied.DENIED, Copied.WITHDRAWN})


class Erased(StrEnum):
    """Where an erasure stands."""

    REQUESTED = "requested"
    REFUSED = "refused"
    RESTRICTED = "restricted"
    HELD = "held"
    DUE = "due"
    CONFIRMED = "confirmed"
    SHREDDED = "shredded"
    WITHDRAWN = "withdrawn"


class OfErasure(StrEnum):
    """What moves an erasure."""

    REFUSE = "refusals"
    RESTRICT = "restrictions"
    HOLD = "a_hold_was_set"
    FALL_DUE = "retention_ended"
    CONFIRM = "confirmations"
    SHRED = "shreddings"
    WITHDRAW = "withdrawals"
    RELEASE = "the_last_hold_was_lifted"


ERASURE: Final[Life[Erased, OfErasure]] = MappingProxyType(
    {
        Erased.REQUESTED: {
            OfErasure.REFUSE: Erased.REFUSED,
            OfErasure.RESTRICT: Erased.RESTRICTED,
            OfErasure.HOLD: Erased.HELD,
            OfErasure.FALL_DUE: Erased.DUE,
            OfErasure.WITHDRAW: Erased.WITHDRAWN,
        },
        Erased.RESTRICTED: {
            OfErasure.HOLD: Erased.HELD,
            OfErasure.FALL_DUE: Erased.DUE,
            OfErasure.WITHDRAW: Erased.WITHDRAWN,
        },
        Erased.HELD: {OfErasure.RELEASE: Erased.DUE, OfErasure.REFUSE: Erased.REFUSED, OfErasure.WITHDRAW: Erased.WITHDRAWN},
        Erased.DUE: {
            OfErasure.HOLD: Erased.HELD,
            OfErasure.CONFIRM: Erased.CONFIRMED,
            OfErasure.RESTRICT: Erased.DUE,
            OfErasure.WITHDRAW: Erased.WITHDRAWN,
        },
        Erased.CONFIRMED: {
            OfErasure.HOLD: Erased.HELD,
            OfErasure.SHRED: Erased.SHREDDED,
            OfErasure.WITHDRAW: Erased.WITHDRAWN,
        },
        Erased.REFUSED: {},
        Erased.SHREDDED: {},
        Erased.WITHDRAWN: {},
    }
)


class CopyNotNowError(ConflictError):
    """The request does not stand where this can be done."""

    code = "copy_not_now"
    detail = "Where this request stands, this cannot be done. Read it again."


class ExtendedOnceError(ConflictError):
    """The time was lengthened already."""

    code = "copy_extended"
    detail = "The time to answer can be lengthened once, before it has run out."


class ReviewByAnotherError(ConflictError):
    """A denial is reviewed by somebody else."""

    code = "review_by_another"
    detail = "A denial is reviewed by a licensed professional who had no part in it (45 CFR 164.524(d)(4))."


class ErasureNotNowError(ConflictError):
    """The erasure does not stand where this can be done; the sentence says what stands in the way."""

    code = "erasure_not_now"
    detail = "Where this erasure stands, this cannot be done."


class ErasureNeedsBothError(InvalidError):
    """One partner asked for what belongs to both."""

    code = "erasure_needs_both"
    detail = "What belongs to both is erased when both ask, or when its time is over. One partner can ask for what is theirs."


class ErasureOpenError(ConflictError):
    """The same erasure is under way."""

    code = "erasure_open"
    detail = "An erasure of the same is under way."


class HeldError(ConflictError):
    """A legal hold stands."""

    code = "legal_hold"
    detail = "A legal hold stands: nothing of this record may be destroyed until it is lifted."


class JurisdictionUnknownError(InvalidError):
    """There is no rule for the jurisdiction."""

    code = "jurisdiction_unknown"
    detail = "There is no retention rule for this jurisdiction. `GET /v1/retention-rules` lists them; the clinic can add one."


@dataclass(frozen=True)
class Served:
    """What the retention clock of one couple is set by."""

    last_service_on: date
    still_in_care: bool
    of_age_on: date | None
    last_disclosure_on: date | None


@dataclass(frozen=True)
class Clock:
    """The first day on which a record need not be kept any longer, and the rule that made it so late; None while in care."""

    due_on: date | None
    because: str

    def is_over(self, today: date) -> bool:
        """Whether the time is over."""
        return self.due_on is not None and self.due_on <= today


def clock_of(served: Served, rules: Mapping[str, Rule]) -> Clock:
    """The longest of all rules wins; the clock runs from the last service to the couple.

    `rules` are by jurisdiction, the clinic's default among them.
    """
    if served.still_in_care:
        return Clock(None, "an episode of care is open")
    days = [(years_after(served.last_service_on, rule.years), f"{name}: {rule.source}") for name, rule in rules.items()]
    if served.of_age_on is not None:
        days += [
            (years_after(served.of_age_on, rule.years_of_age), f"{name}, after coming of age: {rule.source}")
            for name, rule in rules.items()
        ]
    if served.last_disclosure_on is not None:
        days.append((years_after(served.last_disclosure_on, ACCOUNTED_YEARS), "45 CFR 164.528: accounting of disclosures"))
    due_on, because = max(days)
    return Clock(due_on, because)


def years_after(day: date, years: int) -> date:
    """The same day so many years later; the 1st of March for a 29th of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


@dataclass(frozen=True)
class Steps:
    """What has happened to an erasure."""

    refused_at: datetime | None = None
    restricted_at: datetime | None = None
    confirmed_at: datetime | None = None
    shredded_at: datetime | None = None
    withdrawn_at: datetime | None = None


def erasure_stands(steps: Steps, *, held: bool, over: bool) -> Erased:
    """Where an erasure stands: a hold wins over everything but the end, and only a clock that has run out makes it due."""
    ends = (
        (steps.shredded_at, Erased.SHREDDED),
        (steps.refused_at, Erased.REFUSED),
        (steps.withdrawn_at, Erased.WITHDRAWN),
    )
    for moment, state in ends:
        if moment is not None:
            return state
    if held:
        return Erased.HELD
    if over:
        return Erased.DUE if steps.confirmed_at is None else Erased.CONFIRMED
    return Erased.REQUESTED if steps.restricted_at is None else Erased.RESTRICTED


def check_erasure(standing: Erased, event: OfErasure) -> None:
    """Raises HeldError, ErasureNotNowError."""
    if event in ERASURE[standing]:
        return
    raise (
        HeldError if standing is Erased.HELD else ErasureNotNowError(f"This erasure is {standing}: {event} cannot be made now.")
    )


def copy_stands(happened: Iterable[tuple[datetime | None, OfCopy]]) -> Copied:
    """Where a request for a copy stands."""
    return after(COPY, Copied.REQUESTED, happened)


def check_copy(standing: Copied, event: OfCopy) -> None:
    """Raises CopyNotNowError."""
    if event not in COPY[standing]:
        raise CopyNotNowError


def check_whole(ground: str, asked_by: str, *, one_partner: str | None) -> None:
    """Raises ErasureNeedsBothError when one partner asks for what is not theirs alone."""
    if ground != "partner_request":
        return
    if asked_by != ("both_partners" if one_partner is None else f"partner_{one_partner}"):
        raise ErasureNeedsBothError(faults=(Fault("/asked_by", "needs_both", ErasureNeedsBothError.detail),))
