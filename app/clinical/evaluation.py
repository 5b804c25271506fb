"""Whether a rule's condition holds for one partner's check-ins; truth has three values, None says an answer is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.clinical.check_ins import CheckIn, LogValue, counted
from app.clinical.compare import compare
from app.clinical.predicates import (
    AllOf,
    Amount,
    AnyOf,
    AtLeast,
    Both,
    Either,
    Is,
    IsShareOf,
    OnDays,
    Predicate,
    Said,
    Test,
    Was,
)
from app.clinical.rule_words import fields_of, thresholds_of

Limits = Mapping[str, float]


@dataclass(frozen=True)
class Seen:
    """A number a rule looked at: an answer on its day, or (without a day) a threshold in force."""

    name: str
    value: LogValue
    occurred_on: date | None = None


@dataclass(frozen=True)
class Finding:
    """Whether a condition holds, the numbers that say so, and the fields that were not answered."""

    truth: bool | None
    numbers: tuple[Seen, ...]
    missing: tuple[str, ...] = ()


def find(condition: Predicate, check_ins: Sequence[CheckIn], limits: Limits) -> Finding:
    """Looks at check-ins, oldest first."""
    looked_at = _looked_at(condition, check_ins, limits)
    answers = tuple(
        Seen(name, check_in.value(name), check_in.occurred_on) for check_in in looked_at for name in fields_of(condition)
    )
    in_force = tuple(Seen(name, limits[name]) for name in thresholds_of(condition))
    missing = tuple(dict.fromkeys(seen.name for seen in answers if seen.value is None))
    return Finding(_holds(condition, check_ins, limits), answers + in_force, missing)


def passes(test: Test, check_in: CheckIn, limits: Limits) -> bool | None:
    """What one check-in says to a test; None where it was not answered."""
    match test:
        case Is():
            value = _number(check_in, test.field)
            return None if value is None else compare(value, test.sign, limits[test.threshold])
        case IsShareOf():
            value, whole = _number(check_in, test.field), _number(check_in, test.of)
            return None if value is None or whole is None else compare(value, test.sign, limits[test.share] * whole)
        case Said():
            answer = check_in.value(test.field)
            return test.silence if answer is None else answer == test.answer
        case Was():
            return check_in.done in test.ways
        case Both():
            return _every(passes(one, check_in, limits) for one in test.tests)
        case Either():
            return _some(passes(one, check_in, limits) for one in test.tests)


def _holds(condition: Predicate, check_ins: Sequence[CheckIn], limits: Limits) -> bool | None:
    match condition:
        case AtLeast():
            window = _window(condition, check_ins, limits)
            return _enough([passes(condition.test, check_in, limits) for check_in in window], condition.times, limits)
        case OnDays():
            return _enough(_by_day(condition, _window(condition, check_ins, limits), limits), condition.times, limits)
        case AllOf():
            return _every(_holds(one, check_ins, limits) for one in condition.conditions)
        case AnyOf():
            return _some(_holds(one, check_ins, limits) for one in condition.conditions)


def _enough(answers: Sequence[bool | None], times: Amount, limits: Limits) -> bool | None:
    needed = _amount(times, limits)
    if answers.count(True) >= needed:
        return True
    return None if answers.count(True) + answers.count(None) >= needed else False


def _by_day(condition: OnDays, window: Sequence[CheckIn], limits: Limits) -> list[bool | None]:
    # The best answer of a day counts: a ritual kept once that day was kept.
    days: dict[date, list[bool | None]] = {}
    for check_in in window:
        days.setdefault(check_in.occurred_on, []).append(passes(condition.test, check_in, limits))
    return [_some(found) for found in days.values()]


def _window(condition: AtLeast | OnDays, check_ins: Sequence[CheckIn], limits: Limits) -> tuple[CheckIn, ...]:
    chosen = counted(check_ins, condition.over)
    if isinstance(condition, AtLeast):
        return chosen[-_amount(condition.of_last, limits) :]
    if not check_ins:
        return ()
    first = check_ins[-1].occurred_on - timedelta(days=_amount(condition.of_days, limits) - 1)
    return tuple(check_in for check_in in chosen if check_in.occurred_on >= first)


def _looked_at(condition: Predicate, check_ins: Sequence[CheckIn], limits: Limits) -> tuple[CheckIn, ...]:
    if isinstance(condition, AtLeast | OnDays):
        return _window(condition, check_ins, limits)
    windows = [_looked_at(one, check_ins, limits) for one in condition.conditions]
    # A check-in holds mappings and cannot be hashed: told apart by identity, kept in order.
    seen = {id(check_in) for window in windows for check_in in window}
    return tuple(check_in for check_in in check_ins if id(check_in) in seen)


def _amount(amount: Amount, limits: Limits) -> int:
    return amount if isinstance(amount, int) else int(limits[amount])


def _number(check_in: CheckIn, field: str) -> float | None:
    value = check_in.value(field)
    return None if isinstance(value, str) else value


def _some(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False


def _every(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return False if False in found else None if None in found else True
