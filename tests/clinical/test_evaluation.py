from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.clinical.check_ins import CheckIn, LogValue
from app.clinical.evaluation import find, passes
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
    Test,
    Was,
    any_of_last,
    each_of_last,
)
from app.clinical.rule_words import amounts_of, fields_of, thresholds_of, words

DAY = date(2026, 3, 2)
LIMITS = {"much": 5.0, "few": 2.0, "window": 3.0, "half": 0.5}
MUCH = Is("pain", ">=", "much")
EASED = IsShareOf("end", "<=", "half", "peak")


def felt(*pains: float | None) -> list[CheckIn]:
    return [replace(CheckIn(DAY + timedelta(days=day), "within_rules"), pain=pain) for day, pain in enumerate(pains)]


@pytest.mark.parametrize(
    ("test", "found"),
    [
        (MUCH, True),
        (Is("pain", "<", "much"), False),
        (Is("mood_before", ">=", "much"), None),
        (Is("note", ">=", "much"), None),
        (Said("kept", answer=True), True),
        (Said("kept", answer=False), False),
        (Said("unsaid", answer=True), None),
        (Said("unsaid", answer=True, silence=False), False),
        (Said("note", answer="fine"), True),
        (Was(("within_rules", "partly")), True),
        (Was(("declined",)), False),
        (Both((MUCH, Said("kept", answer=True))), True),
        (Both((MUCH, Said("unsaid", answer=True))), None),
        (Both((Was(("declined",)), Said("unsaid", answer=True))), False),
    ],
)
def test_a_test_of_one_check_in_has_three_answers(test: Test, found: bool | None) -> None:
    told = replace(felt(6)[0], log={"kept": True, "note": "fine"})
    assert passes(test, told, LIMITS) is found


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ({"peak": 8, "end": 4}, True),
        ({"peak": 8, "end": 5}, False),
        ({"peak": 0, "end": 0}, True),
        ({"peak": 3, "end": 9}, False),
        ({"peak": 8}, None),
        ({"end": 4}, None),
        ({"peak": "high", "end": 4}, None),
        ({"peak": 8, "end": "low"}, None),
        ({}, None),
    ],
)
def test_one_answer_is_compared_with_a_share_of_another_of_the_same_check_in(
    log: dict[str, LogValue], found: bool | None
) -> None:
    assert passes(EASED, CheckIn(DAY, "within_rules", log), LIMITS) is found


@pytest.mark.parametrize(
    ("tests", "found"),
    [
        ((MUCH, Was(("declined",))), True),
        ((Was(("declined",)), Said("unsaid", answer=True)), None),
        ((MUCH, Said("unsaid", answer=True)), True),
        ((Was(("declined",)), Said("kept", answer=False)), False),
    ],
)
def test_either_of_several_tests_is_enough(tests: tuple[Test, ...], found: bool | None) -> None:
    assert passes(Either(tests), replace(felt(6)[0], log={"kept": True}), LIMITS) is found


@pytest.mark.parametrize(
    ("pains", "found"),
    [((6, 6), True), ((6, 1), False), ((6,), False), ((), False), ((1, 6, 6), True), ((6, None), None), ((1, None), False)],
)
def test_each_of_the_last_two(pains: tuple[float | None, ...], found: bool | None) -> None:
    assert find(each_of_last("few", MUCH), felt(*pains), LIMITS).truth is found


@pytest.mark.parametrize(
    ("pains", "found"), [((6, 1), True), ((1, 1), False), ((6, 1, 1), False), ((1, None), None), ((6, None), True), ((), False)]
)
def test_any_of_the_last_two(pains: tuple[float | None, ...], found: bool | None) -> None:
    assert find(any_of_last("few", MUCH), felt(*pains), LIMITS).truth is found


def test_on_days_counts_back_from_the_latest_check_in() -> None:
    rule = OnDays("few", "window", MUCH)
    assert find(rule, felt(6, 1, 6), LIMITS).truth
    assert not find(rule, felt(6, 1, 1, 6), LIMITS).truth
    assert find(rule, [], LIMITS).truth is False


TRUE: Predicate = any_of_last(9, Was(("within_rules",)))
FALSE: Predicate = any_of_last(9, Was(("declined",)))
UNKNOWN: Predicate = any_of_last(9, Is("mood_after", ">=", "much"))


@pytest.mark.parametrize(
    ("conditions", "every", "either"),
    [
        ((TRUE, TRUE), True, True),
        ((TRUE, FALSE), False, True),
        ((TRUE, UNKNOWN), None, True),
        ((FALSE, UNKNOWN), False, None),
        ((UNKNOWN, UNKNOWN), None, None),
        ((FALSE, FALSE), False, False),
    ],
)
def test_conditions_join(conditions: tuple[Predicate, ...], every: bool | None, either: bool | None) -> None:
    assert find(AllOf(conditions), felt(6), LIMITS).truth is every
    assert find(AnyOf(conditions), felt(6), LIMITS).truth is either


def test_a_finding_tells_each_number_once_with_its_day() -> None:
    both = AnyOf((any_of_last(1, MUCH), any_of_last("few", MUCH)))
    found = find(both, felt(1, 2, 6), LIMITS)
    assert [(seen.name, seen.value) for seen in found.numbers] == [("pain", 2), ("pain", 6), ("much", 5.0), ("few", 2.0)]
    assert found.numbers[0].occurred_on == DAY + timedelta(days=1)
    assert found.numbers[2].occurred_on is None


def test_a_condition_reads_as_words() -> None:
    rule = AllOf(
        (each_of_last("few", Both((Was(("within_rules",)), Said("kept", answer=True)))), AtLeast(1, "window", MUCH, "offers"))
    )
    assert words(rule) == (
        "in each of the last {few} sessions that took place: the session was within rules and kept is yes; and "
        "in at least 1 of the last {window} sessions not declined: pain >= {much}"
    )
    assert words(OnDays("few", 14, Said("note", answer="fine")), LIMITS) == "on at least 2 of the last 14 days: note is fine"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (any_of_last(1, MUCH), "in the last session that took place: pain >= {much}"),
        (any_of_last(1, Was(("declined",)), "answers"), "in the last session offered: the session was declined"),
        (each_of_last(1, MUCH, "offers"), "in the last session not declined: pain >= {much}"),
        (OnDays(1, 1, MUCH), "on the last day: pain >= {much}"),
        (any_of_last(2, EASED), "in at least 1 of the last 2 sessions that took place: end <= {half} times peak"),
        (
            each_of_last(2, Both((Was(("within_rules",)), Either((MUCH, EASED))))),
            (
                "in each of the last 2 sessions that took place: the session was within rules "
                "and either pain >= {much} or end <= {half} times peak"
            ),
        ),
    ],
)
def test_what_is_only_one_is_told_as_one(rule: Predicate, told: str) -> None:
    assert words(rule) == told


def test_a_count_that_a_clinic_sets_to_one_reads_as_one() -> None:
    assert words(each_of_last("few", MUCH), {**LIMITS, "few": 1}) == "in the last session that took place: pain >= 5"


def test_a_share_and_a_choice_tell_what_they_read() -> None:
    rule = any_of_last("few", Either((MUCH, EASED)))
    assert (fields_of(rule), thresholds_of(rule)) == (("pain", "end", "peak"), ("few", "much", "half"))


def test_a_condition_tells_what_it_reads() -> None:
    rule = AnyOf((OnDays("few", 14, Both((MUCH, Said("kept", answer=False)))), each_of_last("window", MUCH)))
    assert fields_of(rule) == ("pain", "kept")
    assert thresholds_of(rule) == ("few", "much", "window")
    assert amounts_of(rule) == ("few", "window")
