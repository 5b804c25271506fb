"""Where a partner's answers leave a gap, and why: missing is a word, never a blank and never a zero."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Literal

GapCode = Literal["not_asked", "skipped", "not_yet_due"]
# Why a score is missing where there was an answer, and why there was none: one vocabulary, so that clients draw both alike.
MISSING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_asked": "Not asked: nobody asked in this time, or of an administration, no item of the scale was asked",
        "skipped": "Skipped: asked and not answered before the time was over, or every item of the scale was passed over",
        "declined": "Declined: the partner chose to answer no item of the scale",
        "not_yet_due": "Not yet due: asked, or about to be, and there is still time",
        "no_activity": "No sexual activity in the time asked about: a reason, not a zero",
        "too_few_answers": "Too few items were answered for a score",
        "safety_item_unanswered": "An item that is never filled in was not answered",
        "part_withheld": "A scale that this one is made of has no score",
        "scored_elsewhere": "The scale is scored elsewhere, and no score was sent",
    }
)


@dataclass(frozen=True)
class Ask:
    """A measure that a partner was asked to answer, from one day to another; `is_over` once that time has run out."""

    measure: str
    starts_on: date
    ends_on: date
    is_over: bool


@dataclass(frozen=True)
class Gap:
    """Days, both included, of which a measure has no answer, and why."""

    measure: str
    code: GapCode
    starts_on: date
    ends_on: date


def gaps(asks: Iterable[Ask], answered: Mapping[str, Sequence[date]], every: Mapping[str, int], today: date) -> list[Gap]:
    """All gaps of one partner, oldest first, each day told once a measure.

    `asks` are those that were not answered themselves, `answered` the days of the answers to each measure in their order,
    `every` in how many days the measures come round that have a rhythm and are still followed. An ask tells more than a
    rhythm, and one that was answered in another way leaves no gap.
    """
    told = [_of_ask(ask) for ask in asks if not _has_answer(ask, answered.get(ask.measure, ()))]
    found = [*told]
    for measure, days in answered.items():
        if measure in every:
            found += [gap for gap in _between(measure, days, every[measure], today) if not any(_meet(gap, one) for one in told)]
    return sorted(found, key=lambda gap: (gap.starts_on, gap.measure, gap.ends_on))


def _of_ask(ask: Ask) -> Gap:
    return Gap(ask.measure, "skipped" if ask.is_over else "not_yet_due", ask.starts_on, ask.ends_on)


def _has_answer(ask: Ask, days: Sequence[date]) -> bool:
    return any(ask.starts_on <= day <= ask.ends_on for day in days)


def _meet(one: Gap, other: Gap) -> bool:
    return one.measure == other.measure and one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def _between(measure: str, days: Sequence[date], every: int, today: date) -> Iterator[Gap]:
    """A whole round that no answer looks back on is a gap; so is what runs since the last answer, until the next is due."""
    day = timedelta(days=1)
    for before, after in pairwise(days):
        first_seen_again = after - timedelta(days=every - 1)
        if first_seen_again - before > timedelta(days=every):
            yield Gap(measure, "not_asked", before + day, first_seen_again - day)
    if not days or days[-1] >= today:
        return
    due = days[-1] + timedelta(days=every)
    yield Gap(measure, "not_yet_due", days[-1] + day, due) if due >= today else Gap(measure, "not_asked", days[-1] + day, today)
