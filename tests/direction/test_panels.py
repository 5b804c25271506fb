"""A panel that an analyst brings, as rows or CSV: the planted direction comes out, what is wrong is named and not repeated."""

from typing import Any

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic
from tests.direction.records import ANALYSES, COLUMNS, Json, as_csv, ask, panel


@pytest.fixture
def analyst(clinic: Clinic) -> Caller:
    """Who works with figures and sees no couple."""
    return clinic.member("ana", Role.ANALYST)


def crossing(result: Json, earlier: str, later: str) -> list[Json]:
    """The paths from one series to the other within a person."""
    return [one for one in result["paths"] if (one["from"], one["to"], one["who"]) == (earlier, later, "actor")]


def test_the_planted_direction_comes_out_of_both_models(clinic: Clinic, analyst: Caller) -> None:
    sent = panel(120, 8)
    found = ask(clinic, analyst, panel=sent, equal_lags=True)
    assert (found["status"], found["source"]) == ("done", "panel")
    assert set(found["results"]) == {"within_lagged", "ri_clpm"}
    for result in found["results"].values():
        assert result["usable"], result
        assert (result["direction"], result["n_units"]) == ("x_leads", 120)
        assert result["reading"].startswith("This way: x first.")
        assert all(one["low"] > 0 for one in crossing(result, "x", "y"))
        assert all(one["low"] < 0 < one["high"] for one in crossing(result, "y", "x"))
    assert found["results"]["ri_clpm"]["fit"]["df"] > 0
    assert found["notes"]


def test_csv_and_rows_give_the_same_figures_and_turned_round_the_other_direction(clinic: Clinic, analyst: Caller) -> None:
    sent = panel(60, 14)
    of_rows, of_csv = (
        ask(clinic, analyst, models=["within_lagged"], **body) for body in ({"panel": sent}, {"csv": as_csv(sent)})
    )
    assert of_rows["results"] == of_csv["results"]
    turned = {"columns": ["unit", "occasion", "y", "x"], "rows": sent["rows"]}
    found = ask(clinic, analyst, models=["within_lagged"], panel=turned)["results"]["within_lagged"]
    assert found["direction"] == "y_leads"


def test_of_couples_each_partner_is_fitted_alone_and_it_is_said_whether_they_agree(clinic: Clinic, analyst: Caller) -> None:
    found = ask(clinic, analyst, models=["ri_clpm"], equal_lags=True, panel=panel(100, 5, lead=0.6, partners="ab"))
    assert set(found["results"]) == {"ri_clpm_a", "ri_clpm_b"}
    assert {one["direction"] for one in found["results"].values()} == {"x_leads"}
    assert "Among partners A and among partners B alike x came first." in found["notes"]


def test_too_small_a_panel_is_refused_with_what_is_missing(clinic: Clinic, analyst: Caller) -> None:
    found = ask(clinic, analyst, panel=panel(12, 6))
    for result in found["results"].values():
        assert (result["usable"], result["code"], result["paths"]) == (False, "too_few_couples", [])
        assert "12" in result["missing"] or "0" in result["missing"]
    assert found["status"] == "done"


def test_an_analysis_is_queued_then_done_and_says_when_to_look_again(clinic: Clinic, analyst: Caller) -> None:
    made = analyst.post(ANALYSES, json={"panel": panel(3, 3)})
    assert (made.status_code, made.json()["status"], made.headers["Retry-After"]) == (202, "queued", "1")
    assert made.headers["Location"] == f"{ANALYSES}/{made.json()['id']}"
    waiting = analyst.get(made.headers["Location"])
    assert (waiting.json()["status"], waiting.json()["results"], waiting.headers["Retry-After"]) == ("queued", {}, "1")
    ask(clinic, analyst, panel=panel(3, 3))
    done = analyst.get(made.headers["Location"])
    assert (done.json()["status"], "Retry-After" in done.headers) == ("done", False)


def test_a_retry_with_the_same_key_asks_once(analyst: Caller) -> None:
    body, key = {"panel": panel(3, 3)}, {"Idempotency-Key": "one"}
    made = [analyst.post(ANALYSES, json=body, headers=key) for _ in range(2)]
    assert made[0].headers["Location"] == made[1].headers["Location"]
    assert len(analyst.get(ANALYSES).json()["items"]) == 1


WRONG: list[tuple[Any, str, str]] = [
    ({"columns": ["unit", "occasion", "x"], "rows": [["a", 1, 2]]}, "/panel/columns", "missing_column"),
    ({"columns": [*COLUMNS, "z"], "rows": [["a", 1, 2, 3, 4]]}, "/panel/columns/4", "unknown_column"),
    ({"columns": COLUMNS, "rows": [["a", 1, 2, 3], ["a", 2, 3]]}, "/panel/rows/1", "wrong_shape"),
    ({"columns": COLUMNS, "rows": [["a", 1, "zaunkoenig", 3]]}, "/panel/rows/0/2", "not_a_number"),
    ({"columns": COLUMNS, "rows": [["a", 1.5, 2, 3]]}, "/panel/rows/0/1", "not_an_occasion"),
    ({"columns": COLUMNS, "rows": [["a", 1, 2, 3], ["a", 1, 2, 3]]}, "/panel/rows/1", "duplicate_occasion"),
    ({"columns": COLUMNS, "rows": []}, "/panel/rows", "too_few"),
]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("sent", "pointer", "code"), WRONG)
def test_what_is_wrong_in_a_panel_is_pointed_at(analyst: Caller, sent: Json, pointer: str, code: str) -> None:
    refused = analyst.post(ANALYSES, json={"panel": sent})
    assert refused.status_code == 422
    assert (refused.json()["errors"][0]["pointer"], refused.json()["errors"][0]["code"]) == (pointer, code)
    assert "zaunkoenig" not in refused.text
    assert analyst.get(ANALYSES).json()["items"] == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"csv": "unit,occasion,x,y\na,1,2,3", "panel": panel(1, 3)}, "/csv"),
        ({"csv": "unit,occasion,x,y\na,1,zaunkoenig,3"}, "/csv/2/2"),
        ({"csv": "unit;occasion;x;y\na;1;2;3"}, "/csv"),
        ({"panel": panel(1, 3), "weeks_per_wave": 4}, "/weeks_per_wave"),
        ({"models": ["clpm"]}, "/models/0"),
        ({"models": ["ri_clpm", "ri_clpm"]}, "/models"),
        ({"x": {"measure": "nope", "scale": "total"}}, "/x/measure"),
        ({"y": {"measure": "gmsex", "scale": "nope"}}, "/y/scale"),
        ({"x": {"measure": "phq9", "scale": "total"}}, "/x/measure"),
        ({"x": {"measure": "rekindle_pulse", "scale": "relationship_satisfaction"}}, "/y"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(analyst: Caller, body: Json, pointer: str) -> None:
    refused = analyst.post(ANALYSES, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
    assert "zaunkoenig" not in refused.text


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_panel_may_hold_more_rows_than_other_lists_and_no_more_than_told(analyst: Caller) -> None:
    runtime = analyst.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"direction_rows": 1_500})
    rows = [[number, 1, 1, 2] for number in range(1_501)]
    assert analyst.post(ANALYSES, json={"panel": {"columns": COLUMNS, "rows": rows[1:]}}).status_code == 202
    refused = analyst.post(ANALYSES, json={"panel": {"columns": COLUMNS, "rows": rows}})
    assert refused.json()["errors"][0]["code"] == "too_many_rows"
    wide = {"models": ["ri_clpm"] * 1_001}
    assert analyst.post(ANALYSES, json=wide).status_code == 422


def test_a_panel_is_its_analysts_alone_and_goes_when_they_say(clinic: Clinic, analyst: Caller) -> None:
    own = ask(clinic, analyst, panel=panel(3, 3))
    path = f"{ANALYSES}/{own['id']}"
    others = (clinic.member("else", Role.ANALYST), clinic.member("sue", Role.SUPERVISOR), clinic.integration())
    for other in others:
        assert other.get(path).status_code == 404
        assert other.delete(path).status_code == 404
        assert other.get(ANALYSES).json()["items"] == []
    assert [one["id"] for one in analyst.get(ANALYSES).json()["items"]] == [own["id"]]
    assert analyst.delete(path).status_code == 204
    assert analyst.get(path).status_code == 404


def test_the_office_asks_for_none(clinic: Clinic) -> None:
    office = clinic.member("olga", Role.ADMINISTRATOR)
    assert office.get(ANALYSES).status_code == 403
    assert office.post(ANALYSES, json={"panel": panel(3, 3)}).status_code == 403
    assert clinic.integration("without", {"outcomes:read"}).get(ANALYSES).status_code == 403


def test_a_list_is_paged(clinic: Clinic, analyst: Caller) -> None:
    made = [ask(clinic, analyst, panel=panel(2, 3))["id"] for _ in range(3)]
    assert [one["id"] for one in analyst.every(f"{ANALYSES}?limit=2")] == made
