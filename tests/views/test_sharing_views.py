"""What B shares widens A's view by kind and level and nothing else, and taken back it is as if it had never been."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from app.core.sharing import Kind, Level
from app.sharing.rules import LEVELS
from tests.outcomes.records import answers_of
from tests.views import acts
from tests.views.looks import InterferenceError, Look, looked_by_therapist_for_a
from tests.views.record import Record
from tests.views.stage import Ask

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
# What shows more in A's view once B shares a kind, by operation.
OPENED = {
    (Kind.SCORES, Level.SUMMARY): {"list_scores", "read_change", "read_outcomes"},
    (Kind.SCORES, Level.FULL): {"list_scores", "read_change", "read_outcomes", "list_administrations", "read_administration"},
    (Kind.CHECK_INS, Level.SUMMARY): {"list_check_ins", "read_check_in"},
    (Kind.CHECK_INS, Level.FULL): {"list_check_ins", "read_check_in"},
    (Kind.CONCERNS, Level.SUMMARY): {
        *("list_episodes", "read_episode", "list_couple_concerns", "read_concern", "read_outcomes"),
    },
    (Kind.CONCERNS, Level.FULL): {
        *("list_episodes", "read_episode", "list_couple_concerns", "read_concern", "read_outcomes", "list_framings"),
    },
    (Kind.DIAGNOSES, Level.FULL): {"list_diagnoses", "read_diagnosis"},
}
# What B does that is of none of these kinds, or of another one.
BESIDE = {
    Kind.SCORES: acts.measure("gmsex", 11),
    Kind.CHECK_INS: acts.check_in("within_rules", (3, 8), {"pressure": 2}),
    Kind.CONCERNS: acts.frame("Never."),
    Kind.DIAGNOSES: acts.posts("is diagnosed", "{b}/diagnoses", {"system": "icd10cm", "code": "Z70.3"}),
}


def share(record: Record, kind: Kind, level: Level, which: str = "b") -> None:
    """A choice of one partner."""
    record.done(record.partner(which) + "/sharing-choices", {"kind": kind, "level": level, "told": "in_person"})


def changed(record: Record, look: Look) -> set[str]:
    """The operations that answer otherwise than before."""
    asks = list(look.told)
    told = zip(asks, record.stage.tell(asks, look.at), strict=True)
    operations = {ask.path: place.operation for place in look.places.values() for ask in place.ways}
    return {operations[ask.path] for ask, one in told if (one.status, one.body) != (look.told[ask].status, look.told[ask].body)}


@pytest.fixture
def look(record: Record) -> Look:
    """All that A is shown before anything is shared."""
    return Look(record, record.later, looked_by_therapist_for_a, in_all_ways=False)


def test_every_level_opens_what_it_says_and_taken_back_nothing(record: Record, look: Look) -> None:
    assert set(OPENED) == {(kind, level) for kind, levels in LEVELS.items() for level in levels if level is not Level.NONE}
    for (kind, level), operations in OPENED.items():
        with record.stage.database.undone():
            share(record, kind, level)
            assert changed(record, look) == operations, (kind, level)
            with pytest.raises(InterferenceError):  # the control of the next line
                look.all_again()
            share(record, kind, Level.NONE)
            look.all_again()


def test_what_is_not_shared_interferes_with_nothing_that_is(record: Record) -> None:
    for kind in Kind:
        with_kind_shared = Look(
            record, record.later, looked_by_therapist_for_a, in_all_ways=False, after=partial(_all_of, kind=kind)
        )
        secret = [acts.screen([3, 3, 3, 3, 3]), acts.block(), acts.sign()]
        for act in [*(act for other, act in BESIDE.items() if other is not kind), *secret]:
            with record.stage.database.undone():
                _all_of(record, kind=kind)
                assert act.do(record, 3).status in {200, 201}
                assert changed(record, with_kind_shared) == set(), (kind, act.told)
        with record.stage.database.undone():  # the control: of the kind itself, it shows
            _all_of(record, kind=kind)
            BESIDE[kind].do(record, 3)
            assert changed(record, with_kind_shared), kind


def _all_of(record: Record, *, kind: Kind) -> None:
    share(record, kind, Level.FULL)


def test_the_choice_itself_and_a_share_of_nothing_look_like_none(record: Record) -> None:
    with record.stage.database.undone():
        couple = record.done("/v1/couples", {f"partner_{slot}": {"record_number": f"second-{slot}"} for slot in "ab"})
        for member in ("therapist",):
            me = json.loads(record.stage.tell([Ask("GET", "/v1/me", record.keys[member])], record.said)[0].body)
            assert me["role"] == "therapist"
        record.done(f"/v1/couples/{couple['id']}/care-team", {"member_id": record.ids["member_id"]})
        path = f"/v1/couples/{couple['id']}"
        b = f"{path}/partners/{couple['partners'][1]['id']}"
        asks = [Ask("GET", one, record.keys["therapist"]) for one in _of_nothing(path, b)]
        before = record.stage.tell(asks, record.later)
        for kind in Kind:
            record.done(f"{b}/sharing-choices", {"kind": kind, "level": "full", "told": "in_writing"})
        assert record.stage.tell(asks, record.later) == before
        own = [Ask("GET", ask.path.replace("partner_a", "partner_b"), ask.key) for ask in asks]
        assert [one.body for one in record.stage.tell(own, record.later)] != [one.body for one in before]


def _of_nothing(path: str, b: str) -> Iterator[str]:
    nouns = ("sharing", "sharing-choices", "scores", "administrations", "diagnoses", "framings", "change?measure=gmsex", "")
    for place in (path, path + "/outcomes", path + "/concerns", *(f"{b}/{noun}".rstrip("/") for noun in nouns)):
        yield f"{place}{'&' if '?' in place else '?'}as=partner_a"


def seen(record: Record, path: str) -> Any:
    """What A is shown."""
    view = f"{path}{'&' if '?' in path else '?'}as=partner_a"
    told = record.stage.tell([Ask("GET", view, record.keys["therapist"])], record.later)[0]
    return json.loads(told.body)


def test_a_summary_of_scores_holds_totals_and_class_and_no_answer(record: Record) -> None:
    with record.stage.database.undone():
        share(record, Kind.SCORES, Level.SUMMARY)
        points = seen(record, record.partner("b") + "/scores")["items"]
        assert {(point["measure"], point["value"]) for point in points} == {("gmsex", 12), ("gmsex", 25)}
        assert seen(record, record.partner("b") + "/change?measure=gmsex")["class"]
        assert seen(record, record.partner("b") + "/administrations")["items"] == []
        shown = seen(record, record.couple + "/outcomes")["partners"]
        assert [partner["partner_id"] for partner in shown] == [record.a, record.b]


def test_a_measure_that_asks_of_safety_is_shared_by_nobody(record: Record) -> None:
    with record.stage.database.undone():
        share(record, Kind.SCORES, Level.FULL)
        body = {"measure": "phq9", "answers": answers_of("phq9", 3) | {"9": 2}}
        record.done(record.partner("b") + "/administrations", body)
        for noun in ("scores", "administrations"):
            found = seen(record, f"{record.partner('b')}/{noun}")["items"]
            assert {one["measure"] for one in found} == {"gmsex"}
        series = seen(record, record.couple + "/outcomes")["partners"][1]["series"]
        assert {one["measure"] for one in series} == {"gmsex"}


def test_a_summary_of_check_ins_holds_no_answer_and_all_of_them_nothing_of_safety(record: Record) -> None:
    path = (
        f"{record.couple}/plans/{record.ids['plan_id']}/assignments/{record.ids['assignment_id']}"
        f"/check-ins/{record.of_b['check_in_id'][0]}"
    )
    with record.stage.database.undone():
        share(record, Kind.CHECK_INS, Level.SUMMARY)
        summary = seen(record, path)
        assert (summary["done"], summary["mood_before"], summary["log"], summary["note"]) == ("within_rules", None, {}, None)
        share(record, Kind.CHECK_INS, Level.FULL)
        full = seen(record, path)
        assert (full["mood_before"], full["mood_after"]) == (4, 6)
        assert {full[name] for name in ("willingness", "pressure", "felt_forced", "felt_afraid")} == {None}


def test_sharing_is_each_partners_own_and_opens_nothing_the_other_way(record: Record, look: Look) -> None:
    with record.stage.database.undone():
        for kind in Kind:
            share(record, kind, Level.FULL, which="a")
        assert changed(record, look) == {"list_sharing_choices", "read_sharing", "read_access_report"}
