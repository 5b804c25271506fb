"""How a rule's condition reads, and which fields and thresholds it names."""

from collections.abc import Iterable, Mapping

from app.clinical.predicates import AllOf, Amount, AnyOf, AtLeast, Both, Is, OnDays, Predicate, Said, Test, Was

_OVER = {"sessions": "sessions that took place", "offers": "sessions not declined", "answers": "sessions offered"}


def words(condition: Predicate | Test, limits: Mapping[str, float] | None = None) -> str:
    """The condition in words; thresholds by name in braces, or their values when `limits` are given."""
    match condition:
        case Is():
            return f"{condition.field} {condition.sign} {_named(condition.threshold, limits)}"
        case Said():
            answer = {True: "yes", False: "no"}[condition.answer] if isinstance(condition.answer, bool) else condition.answer
            return f"{condition.field} is {answer}"
        case Was():
            return f"the session was {' or '.join(way.replace('_', ' ') for way in condition.ways)}"
        case Both():
            return " and ".join(words(test, limits) for test in condition.tests)
        case AtLeast():
            times, last = _named(condition.times, limits), _named(condition.of_last, limits)
            how_many = f"each of the last {last}" if times == last else f"at least {times} of the last {last}"
            return f"in {how_many} {_OVER[condition.over]}: {words(condition.test, limits)}"
        case OnDays():
            times, days = _named(condition.times, limits), _named(condition.of_days, limits)
            return f"on at least {times} of the last {days} days: {words(condition.test, limits)}"
        case AllOf():
            return "; and ".join(words(one, limits) for one in condition.conditions)
        case AnyOf():
            return "; or ".join(words(one, limits) for one in condition.conditions)


def fields_of(condition: Predicate | Test) -> tuple[str, ...]:
    """The ratings and log fields a condition reads, each once."""
    match condition:
        case Is() | Said():
            return (condition.field,)
        case Was():
            return ()
        case Both():
            return _unique(name for test in condition.tests for name in fields_of(test))
        case AtLeast() | OnDays():
            return fields_of(condition.test)
        case AllOf() | AnyOf():
            return _unique(name for one in condition.conditions for name in fields_of(one))


def thresholds_of(condition: Predicate | Test) -> tuple[str, ...]:
    """The thresholds a condition names, each once."""
    match condition:
        case Is():
            return (condition.threshold,)
        case Said() | Was():
            return ()
        case Both():
            return _unique(name for test in condition.tests for name in thresholds_of(test))
        case AtLeast():
            return _unique((*_names(condition.times, condition.of_last), *thresholds_of(condition.test)))
        case OnDays():
            return _unique((*_names(condition.times, condition.of_days), *thresholds_of(condition.test)))
        case AllOf() | AnyOf():
            return _unique(name for one in condition.conditions for name in thresholds_of(one))


def amounts_of(condition: Predicate) -> tuple[str, ...]:
    """The thresholds a condition uses as numbers of sessions or days, each once."""
    match condition:
        case AtLeast():
            return _unique(_names(condition.times, condition.of_last))
        case OnDays():
            return _unique(_names(condition.times, condition.of_days))
        case AllOf() | AnyOf():
            return _unique(name for one in condition.conditions for name in amounts_of(one))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _names(*amounts: Amount) -> tuple[str, ...]:
    return tuple(amount for amount in amounts if isinstance(amount, str))


def _named(amount: Amount, limits: Mapping[str, float] | None) -> str:
    if isinstance(amount, int):
        return str(amount)
    return f"{{{amount}}}" if limits is None else f"{limits[amount]:g}"
