from dataclasses import replace

import pytest

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
from app.clinical.protocol import LogField, Protocol, Rule, VerdictName
from app.clinical.protocol_checks import check_protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import UNIVERSAL_BLOCKERS, Precondition, blocker

GOOD = PROTOCOLS["sensate_focus"]
OURS = GOOD.thresholds[0]
CHECKED = Precondition("checked", "A medical check.", "medical")
PRESSURE_ONE_SIDED = [replace(rule, role="practising") if rule.code == "pressure" else rule for rule in GOOD.rules]
PRESSURE_EARLY_ONLY = [replace(rule, stages=(1,)) if rule.code == "pressure" else rule for rule in GOOD.rules]


def codes(protocol: Protocol) -> set[str]:
    return {fault.code for fault in check_protocol(protocol)}


def with_rule(rule: Rule) -> Protocol:
    return replace(GOOD, rules=(*GOOD.rules, rule))


PLANTED = replace(
    GOOD,
    code="more_sex",
    hard_rules=("Have intercourse at least three times a week.",),
    log_fields=(*GOOD.log_fields, LogField("intercourse_count", "integer", "How often you had intercourse.", low=0, high=50)),
    thresholds=(*GOOD.thresholds, replace(OURS, name="intercourse_per_week", meaning="Intercourse each week.", value=3)),
    rules=(
        *GOOD.rules,
        Rule("enough", "advance", each_of_last(1, Is("intercourse_count", ">=", "intercourse_per_week")), "You did it."),
    ),
)


def test_a_planted_frequency_target_is_caught_everywhere_it_hides() -> None:
    found = {(fault.pointer.split("/")[1], fault.code) for fault in check_protocol(PLANTED)}
    assert found >= {
        ("hard_rules", "intercourse_frequency_target"),
        ("log_fields", "intercourse_frequency_target"),
        ("thresholds", "intercourse_frequency_target"),
        ("rules", "success_is_the_exercise"),
    }


@pytest.mark.parametrize("field", ["orgasm_reached", "erection_firmness", "arousal_max", "had_intercourse"])
def test_going_on_never_rests_on_a_bodily_result(field: str) -> None:
    planted = replace(
        GOOD,
        log_fields=(*GOOD.log_fields, LogField(field, "integer", "A result.", low=0, high=10)),
        rules=(Rule("result", "advance", each_of_last(1, Is(field, ">=", "focus_advance")), "It worked."), *GOOD.rules),
    )
    assert "success_is_the_exercise" in codes(planted)


def test_a_bodily_result_under_another_name_is_found_by_what_it_asks() -> None:
    planted = replace(
        GOOD,
        log_fields=(*GOOD.log_fields, LogField("result", "integer", "Whether there was intercourse.", low=0, high=1)),
        rules=(Rule("result", "advance", each_of_last(1, Is("result", ">=", "focus_advance")), "It worked."), *GOOD.rules),
    )
    assert "success_is_the_exercise" in codes(planted)


def test_a_rule_inside_a_rule_is_read_too() -> None:
    inner = AnyOf((each_of_last(1, Is("orgasm", ">=", "focus_advance")), OnDays(1, 7, Was(("within_rules",)))))
    assert {"success_is_the_exercise", "unknown_field"} <= codes(with_rule(Rule("nested", "advance", inner, "On.")))


@pytest.mark.parametrize(
    ("planted", "code"),
    [
        (replace(GOOD, targets=("relationship_distress",)), "plan_must_start_from_sexual_concern"),
        (replace(GOOD, targets=("ipv_suspected_or_confirmed",)), "plan_must_start_from_sexual_concern"),
        (replace(GOOD, targets=("unheard_of",)), "unknown_concern"),
        (replace(GOOD, targets=()), "no_target"),
        (replace(GOOD, stages=GOOD.stages[1:]), "stages_not_in_order"),
        (replace(GOOD, stages=()), "stages_not_in_order"),
        (replace(GOOD, shared_touch=False), "shared_touch_unclear"),
        (replace(GOOD, rules=tuple(rule for rule in GOOD.rules if rule.verdict != "advance")), "no_way_on"),
        (replace(GOOD, rules=tuple(rule for rule in GOOD.rules if rule.verdict == "advance")[:0]), "no_way_on"),
        (replace(GOOD, rules=(GOOD.rules[0],)), "pressure_ignored"),
        (replace(GOOD, rules=(*GOOD.rules, GOOD.rules[0])), "duplicate"),
        (replace(GOOD, preconditions=(CHECKED, CHECKED)), "duplicate"),
        (replace(GOOD, contraindications=UNIVERSAL_BLOCKERS[:1] * 2), "duplicate"),
        (replace(GOOD, contraindications=(replace(UNIVERSAL_BLOCKERS[0], description="Else."),)), "duplicate"),
        (
            replace(GOOD, preconditions=(replace(CHECKED, description="Intercourse twice a week."),)),
            "intercourse_frequency_target",
        ),
        (replace(GOOD, stages=(replace(GOOD.stages[0], company="practising_alone"), *GOOD.stages[1:])), "touch_when_alone"),
        (replace(GOOD, stages=(replace(GOOD.stages[0], company="each_alone"), *GOOD.stages[1:])), "participants_unclear"),
        (replace(GOOD, participants="alone"), "participants_unclear"),
        (replace(GOOD, participants="alone_then_together"), "participants_unclear"),
        (replace(GOOD, rules=(*GOOD.rules[:-1], replace(GOOD.rules[-1], role="practising"))), "no_way_on"),
        (replace(GOOD, rules=(*PRESSURE_ONE_SIDED,)), "pressure_ignored"),
        (replace(GOOD, rules=(*PRESSURE_EARLY_ONLY,)), "pressure_ignored"),
        (replace(GOOD, thresholds=(replace(OURS, value=99), *GOOD.thresholds[1:])), "out_of_range"),
        (replace(GOOD, thresholds=(replace(OURS, whole=False), *GOOD.thresholds[1:])), "count_not_whole"),
        (replace(GOOD, thresholds=GOOD.thresholds[1:]), "unknown_threshold"),
        (replace(GOOD, log_fields=()), "unknown_field"),
        (replace(GOOD, log_fields=(*GOOD.log_fields, LogField("pain", "boolean", "Pain?"))), "duplicate"),
        (replace(GOOD, log_fields=(*GOOD.log_fields, LogField("size", "number", "Size."))), "no_range"),
        (replace(GOOD, log_fields=(*GOOD.log_fields, LogField("mood", "choice", "Mood."))), "no_choices"),
        (replace(GOOD, rules=(replace(GOOD.rules[0], stages=(9,)), *GOOD.rules[1:])), "unknown_stage"),
    ],
)
def test_a_protocol_that_is_not_sound_is_refused(planted: Protocol, code: str) -> None:
    assert code in codes(planted)


def test_a_universal_blocker_may_be_named_to_hold_without_shared_touch_too() -> None:
    assert codes(replace(GOOD, contraindications=(blocker("untreated_infection"),))) == set()


def test_a_rule_of_caution_may_look_at_anything() -> None:
    caution = Rule("sore", "step_back", any_of_last(1, Is("pain", ">", "pain_step_back")), "It hurt.")
    assert codes(with_rule(caution)) == set()


WITHIN = Was(("within_rules",))
CALM = Is("anxiety_peak", "<=", "anxiety_advance")


@pytest.mark.parametrize(
    ("condition", "sound"),
    [
        (each_of_last(1, WITHIN), True),
        (each_of_last(1, Both((CALM, WITHIN))), True),
        (each_of_last(1, Either((WITHIN, Both((CALM, WITHIN))))), True),
        (OnDays(1, 7, WITHIN), True),
        (AllOf((each_of_last(1, CALM), each_of_last(1, WITHIN))), True),
        (each_of_last(1, CALM), False),
        (each_of_last(1, Either((WITHIN, CALM))), False),
        (each_of_last(1, Was(("within_rules", "declined"))), False),
        (each_of_last(1, Was(())), False),
        (AnyOf((each_of_last(1, CALM), each_of_last(1, WITHIN))), False),
        (AllOf(()), False),
    ],
)
def test_going_on_always_rests_on_an_exercise_within_the_rules(condition: Predicate, sound: bool) -> None:
    assert ("success_is_the_exercise" not in codes(with_rule(Rule("on", "advance", condition, "On.")))) == sound


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (AtLeast(0, 2, WITHIN), "count_too_small"),
        (AtLeast(1, 0, WITHIN), "count_too_small"),
        (OnDays(0, 7, WITHIN), "count_too_small"),
        (AllOf((AnyOf((OnDays(1, 0, WITHIN),)),)), "count_too_small"),
        (AtLeast("pressure_advance", 2, WITHIN), "count_too_small"),
        (any_of_last(1, Is("ban_kept", ">=", "focus_advance")), "field_misread"),
        (any_of_last(1, Said("anxiety_peak", answer=True)), "field_misread"),
        (any_of_last(1, Said("ban_kept", answer="sometimes")), "field_misread"),
        (any_of_last(1, IsShareOf("ban_kept", "<=", "focus_advance", "pain")), "field_misread"),
        (any_of_last(1, IsShareOf("anxiety_post", "<=", "unheard_of", "anxiety_peak")), "unknown_threshold"),
        (any_of_last(1, IsShareOf("anxiety_post", "<=", "focus_advance", "unheard_of")), "unknown_field"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(condition: Predicate, code: str) -> None:
    assert code in codes(with_rule(Rule("odd", "hold", condition, "Stay.")))


@pytest.mark.parametrize(
    ("planted", "code"),
    [
        (replace(GOOD, log_fields=(*GOOD.log_fields, LogField("late", "number", "Late.", low=9, high=1))), "out_of_range"),
        (replace(GOOD, log_fields=(*GOOD.log_fields, LogField("pressure_after", "boolean", "Pressed."))), "not_private"),
        (replace(GOOD, stages=(replace(GOOD.stages[0], instructions=()), *GOOD.stages[1:])), "no_instructions"),
    ],
)
def test_a_field_or_a_stage_that_is_not_sound_is_refused(planted: Protocol, code: str) -> None:
    assert code in codes(planted)


RESULT = LogField("had_intercourse", "boolean", "Whether it came to that.")
FIRMNESS = LogField("erection", "integer", "Firmness.", low=0, high=10)


@pytest.mark.parametrize("verdict", ["hold", "step_back", "stop"])
@pytest.mark.parametrize(
    ("test", "asks"),
    [
        (Said("had_intercourse", answer=False), True),
        (Said("had_intercourse", answer=True), False),
        (Is("erection", "<", "focus_advance"), True),
        (Is("erection", "<=", "focus_advance"), True),
        (Is("erection", ">=", "focus_advance"), False),
        (IsShareOf("erection", "<", "focus_advance", "pain"), True),
    ],
)
def test_to_be_kept_back_for_a_result_that_was_missed_is_to_be_asked_for_it(
    verdict: VerdictName, test: Test, asks: bool
) -> None:
    kept_back = Rule("kept_back", verdict, any_of_last(1, test), "Not yet.")
    planted = replace(GOOD, log_fields=(*GOOD.log_fields, RESULT, FIRMNESS), rules=(*GOOD.rules, kept_back))
    assert ("success_is_the_exercise" in codes(planted)) == asks
