"""Every safety screen over HTTP: a gate with its published lines, and nowhere a chart or a class."""

import pytest
from sqlalchemy import select

from app.clinical.measures import MEASURES
from app.core.database import Compartment
from app.safety.models import SafetyScreen
from app.safety.rules import SCREENS
from tests.conftest import Clinic
from tests.safety.records import Pair, done

Answers = dict[str, int | None]
EACH_SCREEN = pytest.mark.parametrize("code", SCREENS)


def answers(code: str, *, worst: bool = False) -> Answers:
    """Calm answers, or the worst."""
    return {str(item.number): int(item.high if worst else item.low) for item in MEASURES[code].items}


@EACH_SCREEN
def test_a_calm_screen_asks_for_nothing_and_the_worst_for_review(pair: Pair, code: str) -> None:
    calm = done(pair.screen("a", answers(code), measure=code))
    worst = done(pair.screen("b", answers(code, worst=True), measure=code))
    assert (calm["measure"], calm["meanings"], calm["needs_review"]) == (code, [], False)
    assert (worst["measure"], worst["meanings"], worst["needs_review"]) == (code, ["review"], True)
    assert {line["met"] for line in calm["cutoffs"]} == {False}
    assert {line["met"] for line in worst["cutoffs"]} == {True}


@EACH_SCREEN
def test_every_screen_opens_the_way_to_a_clearance_alike(pair: Pair, code: str) -> None:
    done(pair.screen("a", answers(code), measure=code))
    done(pair.screen("b", answers(code, worst=True), measure=code))
    assert pair.clear().json()["code"] == "clearance_incomplete"
    assert done(pair.clear(reason="Both seen alone; the incident is long past."))["decision"] == "cleared"


@EACH_SCREEN
def test_an_unanswered_item_of_any_screen_asks_for_review(pair: Pair, code: str) -> None:
    for number in answers(code):
        silent = answers(code) | {number: None}
        assert pair.screen("a", silent, measure=code).status_code == 422
        kept = done(pair.screen("a", silent, measure=code, reasons={number: "declined"}))
        assert (kept["needs_review"], kept["answers"]) == (True, silent)


@EACH_SCREEN
def test_a_screen_is_refused_where_measures_are_charted(pair: Pair, code: str) -> None:
    sent = {"measure": code, "answers": answers(code, worst=True)}
    alone = pair.therapist.post(pair.partner("a") + "/administrations", json=sent)
    finished = {"measure": code, "scores_elsewhere": {"total": MEASURES[code].scales[0].high}}
    total = pair.therapist.post(pair.partner("a") + "/administrations", json=finished)
    item = {"couple_id": pair.path.rsplit("/", 1)[1], "partner_id": pair.a, **sent}
    batch = pair.therapist.post("/v1/administrations/batch", json={"items": [item]})
    for refused in (alone, total, batch):
        assert refused.status_code == 422
        assert "safety_screen_apart" in [fault["code"] for fault in refused.json()["errors"]]


@EACH_SCREEN
def test_a_screen_is_in_no_chart_and_no_change(pair: Pair, code: str) -> None:
    for worst in (True, False):
        done(pair.screen("a", answers(code, worst=worst), measure=code))
    partner = pair.partner("a")
    assert pair.therapist.get(f"{partner}/scores?measure={code}").json()["items"] == []
    assert pair.therapist.get(f"{partner}/administrations?measure={code}").json()["items"] == []
    changed = pair.therapist.get(f"{partner}/change?measure={code}").json()
    assert (changed["class"], changed["reason"]) == ("not_classifiable", "safety_screen_no_change_scores")
    assert changed["intake"] is changed["latest"] is changed["index"] is None
    outcomes = pair.therapist.get(f"{pair.path}/outcomes").text
    assert f'"{code}"' not in outcomes


@EACH_SCREEN
def test_no_sum_of_a_screen_is_told(pair: Pair, code: str) -> None:
    made = done(pair.screen("a", answers(code, worst=True), measure=code))
    assert not {"score", "scores", "total", "scales", "class", "index"} & set(made)


@pytest.mark.parametrize(("third", "met"), [(1, [False] * 3), (2, [True, False, False]), (6, [True, True, False])])
def test_hits_tells_each_of_its_conflicting_lines_with_its_source(pair: Pair, third: int, met: list[bool]) -> None:
    rest = {"3": 1 + min(third, 4), "4": 1 + max(0, third - 4)}
    kept = done(pair.screen("a", answers("hits") | rest, measure="hits"))
    lines = [line for line in kept["cutoffs"] if line["scale"] == "total"]
    assert [line["value"] for line in lines] == [6, 10, 11]
    assert [line["met"] for line in lines] == met
    assert len({line["source"]["text"] for line in lines}) == 3
    assert kept["needs_review"] is any(met)


def test_a_screen_keeps_its_meaning_when_its_definition_changes(pair: Pair, clinic: Clinic) -> None:
    done(pair.screen("a", answers("hits", worst=True), measure="hits"))
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset({Compartment.SAFETY})):
        session.scalars(select(SafetyScreen)).one().measure_version = "0"
    (kept,) = pair.therapist.get(pair.partner("a") + "/safety-screens").json()["items"]
    assert (kept["cutoffs"], kept["meanings"], kept["needs_review"]) == ([], ["review"], True)


def test_wast_short_is_one_of_the_lines_of_wast(pair: Pair) -> None:
    kept = done(pair.screen("a", answers("wast") | {"1": 3, "2": 3}, measure="wast"))
    lines = {(line["scale"], tuple(line["items"]), line["met"]) for line in kept["cutoffs"]}
    assert lines == {("total", (), False), (None, (1, 2), True), (None, (4, 5, 6, 8), False)}
    assert kept["needs_review"] is True


def test_what_is_no_screen_is_refused_with_the_names_of_those_that_are(pair: Pair) -> None:
    refused = pair.screen("a", measure="phq9").json()
    assert refused["code"] == "not_a_safety_screen"
    assert all(f"`{code}`" in refused["detail"] for code in ("ehits", "hits", "wast"))


@EACH_SCREEN
def test_no_machine_account_hands_in_or_reads_a_screen(pair: Pair, clinic: Clinic, code: str) -> None:
    done(pair.screen("a", answers(code), measure=code))
    machine = clinic.integration()
    path = pair.partner("a") + "/safety-screens"
    assert machine.get(path).status_code == 403
    assert machine.post(path, json={"measure": code, "taken_alone": True, "answers": answers(code)}).status_code == 403
