from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from app.clinical.check_ins import CheckIn, LogValue
from app.clinical.log_answers import check_log
from app.clinical.protocol import FieldKind, LogField, Protocol, Role
from app.clinical.protocols import PROTOCOLS
from app.clinical.rule_words import fields_of
from tests.clinical.sessions import not_held, session

SENSATE = PROTOCOLS["sensate_focus"]


def faults(check_in: CheckIn) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in check_log(SENSATE, check_in)]


def test_a_good_session_has_no_fault() -> None:
    assert faults(session("sensate_focus", 0)) == []


@pytest.mark.parametrize("how", ["declined", "not_done"])
def test_a_session_that_did_not_take_place_needs_no_log(how: str) -> None:
    assert faults(not_held(0, how)) == []


def test_a_session_that_took_place_needs_what_is_required() -> None:
    assert faults(session("sensate_focus", 0, ban_kept=None, focus_pct=None)) == [
        ("/log/ban_kept", "required"),
        ("/log/focus_pct", "required"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("focus_pct", 101, "out_of_range"),
        ("focus_pct", -1, "out_of_range"),
        ("focus_pct", float("nan"), "wrong_kind"),
        ("focus_pct", 50.5, "wrong_kind"),
        ("focus_pct", "60", "wrong_kind"),
        ("focus_pct", True, "wrong_kind"),
        ("ban_kept", 1, "wrong_kind"),
        ("unheard_of", 1, "unknown_field"),
    ],
)
def test_a_bad_value_is_named(field: str, value: LogValue, code: str) -> None:
    assert faults(session("sensate_focus", 0, **{field: value})) == [(f"/log/{field}", code)]


@pytest.mark.parametrize("rating", ["pressure", "willingness", "pain", "mood_before", "mood_after"])
@pytest.mark.parametrize("value", [-1, 11])
def test_a_universal_rating_lies_from_nought_to_ten(rating: str, value: int) -> None:
    told = CheckIn(**{**vars(session("sensate_focus", 0)), rating: value})
    assert faults(told) == [(f"/{rating}", "out_of_range")]


@pytest.mark.parametrize(("kind", "good", "bad"), [("number", 1.5, "1.5"), ("choice", "talk", "shout"), ("text", "words", 5)])
def test_every_kind_of_field_takes_its_own_values(kind: FieldKind, good: LogValue, bad: LogValue) -> None:
    choices = ("talk",) if kind == "choice" else ()
    field = replace(LogField("extra", "number", "Extra.", low=0, high=9, choices=choices), kind=kind)
    protocol = replace(SENSATE, log_fields=(*SENSATE.log_fields, field))
    assert not check_log(protocol, session("sensate_focus", 0, extra=good))
    assert [fault.code for fault in check_log(protocol, session("sensate_focus", 0, extra=bad))] == ["wrong_kind"]


SEMANS = PROTOCOLS["stop_start"]
GOOD = {"minutes": 15, "pauses": 2, "control": 7, "over_before_pause": False, "distress": 1}
THEIRS = {"partner_distress": 2}


def of(role: Role, log: Mapping[str, LogValue], stage: int) -> list[tuple[str, str]]:
    said = CheckIn(date(2026, 11, 22), "within_rules", log)
    return [(fault.pointer, fault.code) for fault in check_log(SEMANS, said, role, stage)]


def test_a_field_is_asked_of_its_role_and_refused_of_the_other() -> None:
    assert of("practising", GOOD, 3) == of("accompanying", THEIRS, 3) == of("each", GOOD | THEIRS, 3) == []
    assert ("/log/partner_distress", "not_asked") in of("practising", GOOD | THEIRS, 3)
    assert ("/log/control", "not_asked") in of("accompanying", GOOD | THEIRS, 3)
    assert of("accompanying", {}, 3) == [("/log/partner_distress", "required")]
    assert {pointer for pointer, _ in of("practising", {}, 1)} == {f"/log/{code}" for code in GOOD}


def test_where_one_practises_alone_the_other_may_tell_and_need_not() -> None:
    assert of("accompanying", {}, 1) == of("accompanying", THEIRS, 1) == []


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_what_the_rules_read_of_one_at_every_stage_that_one_must_answer(protocol: Protocol) -> None:
    for field in protocol.log_fields:
        if field.asked_of == "each":
            continue
        waits = [one for one in protocol.stages if field.asked_of == "practising" or one.company != "practising_alone"]
        read = [
            any(
                field.code in fields_of(rule.when) and (not rule.stages or stage.number in rule.stages)
                for rule in protocol.rules
            )
            for stage in waits
        ]
        assert field.required == all(read), field.code
