import json
from dataclasses import asdict

import pytest

from app.clinical.protocol import UNIVERSAL_FIELDS, Protocol
from app.clinical.protocol_checks import check_protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.rule_words import words
from app.clinical.safety import PLISSIT

ALL = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)


@ALL
def test_a_protocol_is_sound(protocol: Protocol) -> None:
    assert check_protocol(protocol) == ()


@ALL
def test_every_threshold_has_a_source(protocol: Protocol) -> None:
    assert all(threshold.source.text and threshold.meaning for threshold in protocol.thresholds)


@ALL
def test_every_rule_reads_as_a_sentence_with_its_condition(protocol: Protocol) -> None:
    limits = {threshold.name: threshold.value for threshold in protocol.thresholds}
    for rule in protocol.rules:
        assert rule.sentence.endswith(".")
        assert "{" not in words(rule.when, limits)
        assert words(rule.when)


@ALL
def test_every_stage_says_what_to_do_and_that_one_may_stop(protocol: Protocol) -> None:
    for stage in protocol.stages:
        assert stage.instructions
        assert stage.plissit in PLISSIT
        may_stop = "Either of you may" if stage.company == "together" else "You may stop"
        assert any(may_stop in rule for rule in stage.rules)


@ALL
def test_what_goes_deep_and_is_done_together_stands_behind_the_gate_touched_or_watched(protocol: Protocol) -> None:
    assert all(stage.shared_touch for stage in protocol.stages if stage.company == "together" and stage.plissit == "IT")


@ALL
def test_containment_does_not_forbid_what_it_is(protocol: Protocol) -> None:
    assert not [stage for stage in protocol.stages if stage.code == "containment" and "intercourse" in stage.ban]


@ALL
def test_what_was_felt_as_pressure_is_for_the_care_team_alone(protocol: Protocol) -> None:
    private = [field for field in (*UNIVERSAL_FIELDS, *protocol.log_fields) if "pressure" in field.code]
    assert private
    assert all(field.privacy == "safety" for field in private)


@ALL
def test_no_log_field_is_shared_with_the_couple(protocol: Protocol) -> None:
    assert not [field.code for field in protocol.log_fields if field.privacy == "conjoint"]


def test_a_condition_or_flag_means_the_same_in_every_protocol() -> None:
    for named in ("preconditions", "contraindications"):
        meant = {one for protocol in PROTOCOLS.values() for one in getattr(protocol, named)}
        assert len({one.code for one in meant}) == len(meant)


@ALL
def test_evidence_has_a_grade_and_a_source(protocol: Protocol) -> None:
    assert protocol.evidence.grade
    assert protocol.evidence.sources


@ALL
def test_a_protocol_can_be_written_as_json(protocol: Protocol) -> None:
    assert json.dumps(asdict(protocol))


@pytest.mark.parametrize(
    ("code", "stages", "targets"), [("sensate_focus", 5, 11), ("scheduled_intimacy", 3, 4), ("affection_ritual", 4, 4)]
)
def test_the_protocol_agrees_with_the_catalogue(code: str, stages: int, targets: int) -> None:
    protocol = PROTOCOLS[code]
    assert (len(protocol.stages), len(protocol.targets)) == (stages, targets)


def test_only_the_first_stage_of_sensate_focus_may_be_a_specific_suggestion() -> None:
    assert [stage.plissit for stage in PROTOCOLS["sensate_focus"].stages] == ["SS", "IT", "IT", "IT", "IT"]


@pytest.mark.parametrize(
    ("code", "values"),
    [
        (
            "sensate_focus",
            {
                "sessions_needed": 2,
                "focus_advance": 50,
                "anxiety_advance": 3,
                "anxiety_step_back": 7,
                "pain_step_back": 4,
                "pressure_advance": 0,
                "pressure_step_back": 3,
            },
        ),
        (
            "scheduled_intimacy",
            {"occasions_needed": 4, "connection_advance": 5, "declines_in_a_row": 2, "pressure_step_back": 3},
        ),
        (
            "affection_ritual",
            {"days_needed": 10, "days_looked_at": 14, "escalation_advance": 0, "escalation_step_back": 3},
        ),
    ],
)
def test_the_thresholds_are_those_of_the_catalogue(code: str, values: dict[str, float]) -> None:
    assert {threshold.name: threshold.value for threshold in PROTOCOLS[code].thresholds} == values
