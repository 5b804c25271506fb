import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clinical.check_ins import Done, Over
from app.clinical.document_forms import UNFIT, code, record
from app.clinical.predicate_document import DEEPEST, read_condition, write_condition
from app.clinical.predicates import AllOf, AnyOf, AtLeast, Both, Either, Is, IsShareOf, OnDays, Predicate, Said, Sign, Was
from app.clinical.protocol import Protocol
from app.clinical.protocol_checks import check_protocol
from app.clinical.protocol_document import read_protocol, write_protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import Precondition
from app.errors import Fault, InvalidError

ALL = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
GOOD = write_protocol(PROTOCOLS["sensate_focus"])
MARKED = "zqxj-secret-marker"
ABSENT = object()


def planted(pointer: str, value: object) -> dict[str, Any]:
    """The good document with another value at a place, or nothing there if it is `ABSENT`."""
    document = deepcopy(GOOD)
    *way, last = pointer.split("/")[1:]
    at: Any = document
    for step in way:
        at = at[int(step) if isinstance(at, list) else step]
    if value is ABSENT:
        del at[last]
    elif isinstance(at, list):
        at[int(last)] = value
    else:
        at[last] = value
    return document


def faults(document: Mapping[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as refused:
        read_protocol(document)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


@ALL
def test_what_is_written_reads_back_the_same_and_is_sound(protocol: Protocol) -> None:
    sent = json.loads(json.dumps(write_protocol(protocol), allow_nan=False))
    read = read_protocol(sent)
    assert read == protocol
    assert check_protocol(read) == ()


def test_a_condition_is_written_so_that_a_person_can_read_it() -> None:
    assert GOOD["rules"][0]["when"] == {
        "at_least": 2,
        "of_last": "sessions_needed",
        "test": {"field": "anxiety_peak", "sign": ">=", "threshold": "anxiety_step_back"},
    }


def test_preconditions_are_written_with_their_code_and_kind() -> None:
    met = Precondition("seen", "Seen by a physician.", "medical")
    document = write_protocol(replace(PROTOCOLS["sensate_focus"], preconditions=(met,)))
    assert document["preconditions"] == [{"code": "seen", "description": "Seen by a physician.", "kind": "medical"}]
    assert read_protocol(document).preconditions == (met,)


def test_what_has_a_default_may_be_left_out() -> None:
    document = planted("/rules/0/role", ABSENT)
    del document["stages"][0]["company"]
    del document["log_fields"][0]["low"]
    assert read_protocol(document) == PROTOCOLS["sensate_focus"]


NAMES = st.sampled_from(["pain", "anxiety_peak", "ban_kept"])
SIGNS: st.SearchStrategy[Sign] = st.sampled_from(get_args(Sign))
OVERS: st.SearchStrategy[Over] = st.sampled_from(get_args(Over))
WAYS: st.SearchStrategy[tuple[Done, ...]] = st.lists(st.sampled_from(get_args(Done)), min_size=1, unique=True).map(tuple)
AMOUNTS = st.integers(1, 99) | NAMES
SINGLE = st.one_of(
    st.builds(Is, NAMES, SIGNS, NAMES),
    st.builds(IsShareOf, NAMES, SIGNS, NAMES, NAMES),
    st.builds(Said, NAMES, st.booleans() | st.just("talk"), st.none() | st.booleans()),
    st.builds(Was, WAYS),
)
FEW_SINGLE = st.lists(SINGLE, min_size=1, max_size=3).map(tuple)
TESTS = SINGLE | st.builds(Both, FEW_SINGLE) | st.builds(Either, FEW_SINGLE)
WINDOWS = st.builds(AtLeast, AMOUNTS, AMOUNTS, TESTS, OVERS) | st.builds(OnDays, AMOUNTS, AMOUNTS, TESTS, OVERS)
FEW_WINDOWS = st.lists(WINDOWS, min_size=1, max_size=3).map(tuple)
CONDITIONS = WINDOWS | st.builds(AllOf, FEW_WINDOWS) | st.builds(AnyOf, FEW_WINDOWS)


@given(CONDITIONS)
def test_every_condition_reads_back_the_same(condition: Predicate) -> None:
    found: list[Fault] = []
    assert read_condition(json.loads(json.dumps(write_condition(condition))), "", found) == condition
    assert found == []


TEST = "/rules/0/when/test"
TOO_MANY = [GOOD["rules"][0]] * 41


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/code", "Sensate Focus", "not_a_code"),
        ("/code", "", "not_a_code"),
        ("/code", "a" * 65, "not_a_code"),
        ("/code", "code\n", "not_a_code"),
        ("/version", "V 1", "not_a_version"),
        ("/version", 1, "not_a_version"),
        ("/name", "", "not_readable"),
        ("/name", "  ", "not_readable"),
        ("/name", "Sens\u200bate", "not_readable"),
        ("/name", "\x00", "not_readable"),
        ("/name", "x" * 121, "too_long"),
        ("/name", None, "wrong_kind"),
        ("/hard_rules/0", "x" * 501, "too_long"),
        ("/hard_rules", "Never.", "wrong_kind"),
        ("/hard_rules", ["Never."] * 21, "wrong_length"),
        ("/rules", TOO_MANY, "wrong_length"),
        ("/rules", [], "wrong_length"),
        ("/stages", [], "wrong_length"),
        ("/stages/0", None, "wrong_kind"),
        ("/stages/0/number", True, "wrong_kind"),
        ("/stages/0/number", 1.0, "wrong_kind"),
        ("/stages/0/number", 0, "out_of_range"),
        ("/stages/0/plissit", "XX", "not_a_choice"),
        ("/stages/0/plissit", ["SS"], "not_a_choice"),
        ("/stages/0/company", "with_friends", "not_a_choice"),
        ("/shared_touch", 1, "wrong_kind"),
        ("/dose/unit", "intercourse", "not_a_choice"),
        ("/dose/times", [3, 2], "out_of_range"),
        ("/dose/times", [-1, 2], "out_of_range"),
        ("/dose/times", [2], "wrong_length"),
        ("/thresholds/0/value", float("nan"), "out_of_range"),
        ("/thresholds/0/value", float("inf"), "out_of_range"),
        ("/thresholds/0/value", 10**400, "out_of_range"),
        ("/thresholds/0/value", "2", "wrong_kind"),
        ("/thresholds/0/value", False, "wrong_kind"),
        ("/log_fields/0/kind", "photo", "not_a_choice"),
        ("/sources/0/grade", "certain", "not_a_choice"),
        ("/evidence/sources", [], "wrong_length"),
        ("/rules/0/when", None, "wrong_kind"),
        ("/rules/0/when", {}, "unknown_condition"),
        ("/rules/0/when", {"at_least": 1, "all_of": []}, "unknown_condition"),
        ("/rules/0/when/of_last", 0, "out_of_range"),
        ("/rules/0/when/at_least", -1, "out_of_range"),
        ("/rules/0/when/at_least", 1.5, "wrong_kind"),
        ("/rules/0/when/at_least", True, "wrong_kind"),
        ("/rules/0/when/over", "weekends", "not_a_choice"),
        (TEST, {"field": "pain"}, "unknown_condition"),
        (f"{TEST}/sign", "==", "not_a_choice"),
        (f"{TEST}/sign", "eval", "not_a_choice"),
    ],
)
def test_what_does_not_fit_is_pointed_at(pointer: str, value: object, code: str) -> None:
    assert faults(planted(pointer, value)) == [(pointer, code)]


@pytest.mark.parametrize("pointer", ["/code", "/stages/0/title", "/dose/source", "/rules/0/when/test", "/evidence/grade"])
def test_what_is_needed_is_asked_for(pointer: str) -> None:
    assert faults(planted(pointer, ABSENT)) == [(pointer, "required")]


@pytest.mark.parametrize("pointer", ["/colour", "/stages/0/music", "/rules/0/when/colour", f"{TEST}/colour", "/dose/acts"])
def test_an_unknown_key_is_refused(pointer: str) -> None:
    assert faults(planted(pointer, 1)) == [(pointer, "unknown_key")]


def test_an_unknown_key_is_escaped_and_a_long_or_strange_one_is_not_repeated() -> None:
    strange: dict[Any, object] = {"a/b~c": 1, "x" * 65: 1, "\x00": 1, 7: 1}
    assert faults({**GOOD, **strange}) == [("/a~1b~0c", "unknown_key"), *[("", "unknown_key")] * 3]


@pytest.mark.parametrize("document", [None, [], "protocol", 1])
def test_what_is_no_object_is_refused(document: Any) -> None:
    assert faults(document) == [("", "wrong_kind")]


def test_every_fault_is_told_at_once() -> None:
    document = planted("/code", "No Code") | {"colour": 1}
    document["stages"][1]["title"] = ""
    assert set(faults(document)) == {("/code", "not_a_code"), ("/colour", "unknown_key"), ("/stages/1/title", "not_readable")}


@pytest.mark.parametrize("mark", ["all_of", "any_of"])
def test_conditions_nest_only_so_deep(mark: str) -> None:
    deep: Any = GOOD["rules"][0]["when"]
    for _ in range(DEEPEST - 1):
        deep = {mark: [deep]}
    assert read_protocol(planted("/rules/0/when", deep)).code == "sensate_focus"
    for _ in range(2000):
        deep = {mark: [deep]}
    assert {code for _, code in faults(planted("/rules/0/when", deep))} == {"too_deep"}


def test_nothing_that_was_sent_is_repeated() -> None:
    document = planted("/code", MARKED) | {"version": MARKED.upper(), "targets": [MARKED], "participants": MARKED}
    document["rules"][0]["when"] = {MARKED: MARKED}
    with pytest.raises(InvalidError) as refused:
        read_protocol(document)
    assert not any(MARKED in f"{fault.pointer}{fault.detail}".lower() for fault in refused.value.faults)


UNTOUCHED = [rule for rule in GOOD["rules"] if rule["code"] != "pressure" and rule["code"] != "settled"]
SETTLED = next(rule for rule in GOOD["rules"] if rule["code"] == "settled")
ON_A_RESULT = {"at_least": 1, "of_last": 1, "test": {"field": "enjoyment", "sign": ">=", "threshold": "focus_advance"}}


@pytest.mark.parametrize(
    ("pointer", "value", "found"),
    [
        ("/name", "Sex every day", ("/name", "intercourse_frequency_target")),
        ("/stages/0/title", "Zweimal die Woche Sex", ("/stages/0/title", "intercourse_frequency_target")),
        (
            "/stages/0/instructions/0",
            "Faites l'amour deux fois par semaine.",
            ("/stages/0/instructions/0", "intercourse_frequency_target"),
        ),
        ("/dose/note", "Relaciones dos veces por semana.", ("/dose/note", "intercourse_frequency_target")),
        ("/thresholds/0/meaning", "Intercourse each week.", ("/thresholds/0/meaning", "intercourse_frequency_target")),
        ("/log_fields/0/code", "times_intercourse", ("/log_fields/0/code", "intercourse_frequency_target")),
        ("/rules", [*UNTOUCHED, SETTLED], ("/rules", "pressure_ignored")),
        ("/rules/0/when/test/field", "unheard_of", ("/rules/0", "unknown_field")),
        ("/rules/0/when/test/threshold", "unheard_of", ("/rules/0", "unknown_threshold")),
        ("/rules/7/when", ON_A_RESULT, ("/rules/7", "success_is_the_exercise")),
        ("/targets/0", "relationship_distress", ("/targets/0", "plan_must_start_from_sexual_concern")),
        ("/targets/0", "unheard_of", ("/targets/0", "unknown_concern")),
        ("/stages/0/company", "each_alone", ("/stages/0", "touch_when_alone")),
        ("/stages/0/shared_touch", "", ("/stages/0/shared_touch", "wrong_kind")),
        ("/shared_touch", False, ("/shared_touch", "shared_touch_unclear")),
        ("/stages/0/number", 2, ("/stages", "stages_not_in_order")),
        ("/thresholds/0/value", 99, ("/thresholds/0", "out_of_range")),
        ("/rules/0/stages", [9], ("/rules/0", "unknown_stage")),
    ],
)
def test_a_document_that_is_not_sound_is_refused(pointer: str, value: object, found: tuple[str, str]) -> None:
    assert found in faults(planted(pointer, value))


def places(value: object, pointer: str = "") -> Iterator[str]:
    """A pointer to everything in a document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield f"{pointer}/{key}"
        yield from places(inner, f"{pointer}/{key}")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300)
@given(st.sampled_from(sorted(places(GOOD))), ANYTHING)
def test_anything_anywhere_is_either_sound_or_refused(pointer: str, value: object) -> None:
    try:
        assert check_protocol(read_protocol(planted(pointer, value))) == ()
    except InvalidError as refused:
        assert refused.faults  # noqa: PT017 - either outcome is right, and nothing else is


@dataclass(frozen=True)
class Pair:
    """Two codes."""

    one: str
    two: str = "two"


def test_a_form_is_for_every_field_of_its_class() -> None:
    with pytest.raises(TypeError):
        record(Pair, one=code)
    found: list[Fault] = []
    assert record(Pair, one=code, two=code)({"one": "a"}, "", found) == Pair("a")
    assert record(Pair, one=code, two=code)({"two": "a"}, "/pair", found) is UNFIT
    assert [fault.pointer for fault in found] == ["/pair/one"]


def test_a_document_has_a_key_for_every_part_of_a_protocol() -> None:
    assert set(GOOD) == {field.name for field in fields(Protocol)}
