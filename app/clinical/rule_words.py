"""How a rule's condition reads, and which fields and thresholds it names."""

from collections.abc import Iterable, Mapping

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
    SingleTest,
    Test,
    Was,
)

_OVER = {"sessions": "that took place", "offers": "not declined", "answers": "offered"}


def words(condition: Predicate | Test, limits: Mapping[str, float] | None = None) -> str:
    """The condition in words; thresholds by name in braces, or their values when `limits` are given."""
    match condition:
        case AtLeast():
            return f"in {_how_many(condition, limits)} {_OVER[condition.over]}: {_test_words(condition.test, limits)}"
        case OnDays():
            return f"on {_which_days(condition, limits)}: {_test_words(condition.test, limits)}"
        case AllOf():
            return "; and ".join(words(one, limits) for one in condition.conditions)
        case AnyOf():
            return "; or ".join(words(one, limits) for one in condition.conditions)
        case Is() | IsShareOf() | Said() | Was() | Both() | Either():
            return _test_words(condition, limits)


def _test_words(test: Test, limits: Mapping[str, float] | None) -> str:
    match test:
        case Is():
            return f"{test.field} {test.sign} {_named(test.threshold, limits)}"
        case IsShareOf():
            return f"{test.field} {test.sign} {_named(test.share, limits)} times {test.of}"
        case Said():
            answer = {True: "yes", False: "no"}[test.answer] if isinstance(test.answer, bool) else test.answer
            return f"{test.field} is {answer}"
        case Was():
            return f"the session was {' or '.join(way.replace('_', ' ') for way in test.ways)}"
        case Both():
            return " and ".join(_test_words(one, limits) for one in test.tests)
        case Either():
            return f"either {' or '.join(_test_words(one, limits) for one in test.tests)}"


def fields_of(condition: Predicate | Test) -> tuple[str, ...]:
    """The ratings and log fields a condition reads, each once."""
    match condition:
        case Is() | Said():
            return (condition.field,)
        case IsShareOf():
            return _unique((condition.field, condition.of))
        case Was():
            return ()
        case Both() | Either():
            return _unique(name for test in condition.tests for name in fields_of(test))
        case AtLeast() | OnDays():
            return fields_of(condition.test)
        case AllOf() | AnyOf():
            return _unique(name for one in condition.conditions for name in fields_of(one))


def single_tests(condition: Predicate | Test) -> tuple[SingleTest, ...]:
    """The tests of one answer that a condition is made of, in order."""
    match condition:
        case Is() | IsShareOf() | Said() | Was():
            return (condition,)
        case Both() | Either():
            return tuple(one for test in condition.tests for one in single_tests(test))
        case AtLeast() | OnDays():
            return single_tests(condition.test)
        case AllOf() | AnyOf():
            return tuple(test for one in condition.conditions for test in single_tests(one))


def thresholds_of(condition: Predicate | Test) -> tuple[str, ...]:
    """The thresholds a condition names, each once."""
    match condition:
        case Is():
            return (condition.threshold,)
        case IsShareOf():
            return (condition.share,)
        case Said() | Was():
            return ()
        case Both() | Either():
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


def _how_many(condition: AtLeast, limits: Mapping[str, float] | None) -> str:
    times, last = _named(condition.times, limits), _named(condition.of_last, limits)
    if last == "1":
        return "the last session"
    return f"each of the last {last} sessions" if times == last else f"at least {times} of the last {last} sessions"


def _which_days(condition: OnDays, limits: Mapping[str, float] | None) -> str:
    times, days = _named(condition.times, limits), _named(condition.of_days, limits)
    return "the last day" if days == "1" else f"at least {times} of the last {days} days"


def fixed_amounts_of(condition: Predicate) -> tuple[int, ...]:
    """The fixed numbers of sessions or days in a condition."""
    match condition:
        case AtLeast():
            return tuple(amount for amount in (condition.times, condition.of_last) if isinstance(amount, int))
        case OnDays():
            return tuple(amount for amount in (condition.times, condition.of_days) if isinstance(amount, int))
        case AllOf() | AnyOf():
            return tuple(amount for one in condition.conditions for amount in fixed_amounts_of(one))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _names(*amounts: Amount) -> tuple[str, ...]:
    return tuple(amount for amount in amounts if isinstance(amount, str))


def _named(amount: Amount, limits: Mapping[str, float] | None) -> str:
    if isinstance(amount, int):
        return str(amount)
    return f"{{{amount}}}" if limits is None else f"{limits[amount]:g}"
