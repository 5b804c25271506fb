from dataclasses import replace

import pytest

from app.clinical.check_ins import CheckIn, LogValue
from app.clinical.log_answers import check_log
from app.clinical.protocol import FieldKind, LogField
from app.clinical.protocols import PROTOCOLS
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
