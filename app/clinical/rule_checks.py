"""Refuses a rule that cannot be followed, or that leads on without the exercise having been done."""

from collections.abc import Iterator, Mapping

from app.clinical.predicates import (
    AllOf,
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
from app.clinical.protocol import UNIVERSAL_FIELDS, LogField, Protocol, Rule
from app.clinical.rule_words import amounts_of, fields_of, fixed_amounts_of, single_tests, thresholds_of
from app.clinical.verdict import UNIVERSAL_THRESHOLDS
from app.errors import Fault


def rule_faults(protocol: Protocol, rule: Rule, pointer: str) -> Iterator[Fault]:
    """Everything that makes one rule unfit."""
    fields = {field.code: field for field in (*UNIVERSAL_FIELDS, *protocol.log_fields)}
    yield from _reading_faults(fields, rule, pointer)
    yield from _threshold_faults(protocol, rule, pointer)
    if not {stage.number for stage in protocol.stages}.issuperset(rule.stages):
        yield Fault(pointer, "unknown_stage", "The rule names a stage that does not exist.")
    if rule.verdict == "advance" and not rests_on_the_exercise(rule.when):
        sentence = "Whatever else it asks, going on asks that the exercise was done within its rules."
        yield Fault(pointer, "success_is_the_exercise", sentence)


def rests_on_the_exercise(condition: Predicate | Test) -> bool:
    """Whether the condition can only hold if an exercise was done within its rules."""
    match condition:
        case Was():
            return set(condition.ways) == {"within_rules"}
        case Is() | IsShareOf() | Said():
            return False
        case Both():
            return any(rests_on_the_exercise(test) for test in condition.tests)
        case Either():
            return all(rests_on_the_exercise(test) for test in condition.tests)
        case AtLeast() | OnDays():
            return rests_on_the_exercise(condition.test)
        case AllOf():
            return any(rests_on_the_exercise(one) for one in condition.conditions)
        case AnyOf():
            return all(rests_on_the_exercise(one) for one in condition.conditions)


def _reading_faults(fields: Mapping[str, LogField], rule: Rule, pointer: str) -> Iterator[Fault]:
    if not set(fields).issuperset(fields_of(rule.when)):
        yield Fault(pointer, "unknown_field", "The rule reads something that is not logged.")
    elif not all(_can_read(test, fields) for test in single_tests(rule.when)):
        yield Fault(pointer, "field_misread", "The rule compares a field with what it can never answer.")


def _can_read(test: SingleTest, fields: Mapping[str, LogField]) -> bool:
    match test:
        case Is():
            return _is_number(fields[test.field])
        case IsShareOf():
            return _is_number(fields[test.field]) and _is_number(fields[test.of])
        case Said(answer=bool()):
            return fields[test.field].kind == "boolean"
        case Said():
            return test.answer in fields[test.field].choices
        case Was():
            return True


def _is_number(field: LogField) -> bool:
    return field.kind in {"integer", "number"}


def _threshold_faults(protocol: Protocol, rule: Rule, pointer: str) -> Iterator[Fault]:
    thresholds = {threshold.name: threshold for threshold in (*UNIVERSAL_THRESHOLDS, *protocol.thresholds)}
    if not set(thresholds).issuperset(thresholds_of(rule.when)):
        yield Fault(pointer, "unknown_threshold", "The rule names a threshold that does not exist.")
        return
    counts = [thresholds[name] for name in amounts_of(rule.when)]
    if not all(count.whole for count in counts):
        yield Fault(pointer, "count_not_whole", "A number of sessions or days is a whole number.")
    if any(lowest < 1 for lowest in (*(count.low for count in counts), *fixed_amounts_of(rule.when))):
        yield Fault(pointer, "count_too_small", "A rule looks at one session or day at the least, and needs one.")
