"""Bad input, one case after another, sent alone, in a batch and in a partial batch: a clear problem, and nothing stored."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select

from app.core.database import Compartment
from app.ledger.models import LedgerEvent
from app.measures.models import Administration, Score
from app.safety.models import SafetySignal
from tests.conftest import Caller, Clinic
from tests.measures.records import GMSEX, PHQ9, Json, administer, couple, item, path

TABLES = (Administration, Score, SafetySignal)
CLOSED_ON, DAY_AFTER = "2026-11-10", "2026-11-15T12:00:00Z"


@dataclass
class Scene:
    """A couple after its episode of care closed, with an administration that was superseded, and another couple."""

    therapist: Caller
    of: Json
    other: Json
    superseded: str


@dataclass(frozen=True)
class Case:
    """What is sent, with the code of the problem and the first fault; `raw` replaces a mark that JSON cannot hold."""

    name: str
    body: Callable[[Scene], Json]
    status: int
    code: str
    pointer: str = ""
    fault: str = ""
    raw: str = ""


def answers(**changed: Any) -> Callable[[Scene], Json]:
    """GMSEX, with some answers changed."""
    return lambda _scene: {"answers": GMSEX | {name.lstrip("_"): value for name, value in changed.items()}}


def fields(**sent: Any) -> Callable[[Scene], Json]:
    """GMSEX, with other fields."""
    return lambda _scene: {"answers": GMSEX, **sent}


def elsewhere(measure: str, scores: Json, **sent: Any) -> Callable[[Scene], Json]:
    """Scores computed elsewhere."""
    return lambda _scene: {"answers": None, "measure": measure, "scores_elsewhere": scores, **sent}


MARK = 987_654_321
INVALID, AMBIGUOUS = "administration_invalid", "json_ambiguous"
CASES = (
    Case("above the range", answers(_3=8), 422, INVALID, "/answers/3", "out_of_range"),
    Case("below the range", answers(_3=0), 422, INVALID, "/answers/3", "out_of_range"),
    Case("between two answers", answers(_3=4.5), 422, INVALID, "/answers/3", "not_an_integer"),
    Case("missing without reason", answers(_3=None), 422, INVALID, "/answers/3", "missing_without_reason"),
    Case("an unknown reason", lambda _: {"answers": GMSEX | {"3": None}, "reasons": {"3": "tired"}}, 422, INVALID,
         "/reasons/3", "unknown_reason"),
    Case("a reason beside an answer", fields(reasons={"3": "declined"}), 422, INVALID, "/reasons/3",
         "reason_contradicts_answer"),
    Case("an item too many", answers(_6=4), 422, INVALID, "/answers/6", "unknown_item"),
    Case("text", answers(_3="4"), 422, "invalid", "/answers/3", "wrong_type"),
    Case("a truth value", answers(_3=True), 422, "invalid", "/answers/3", "wrong_type"),
    Case("NaN", answers(_3=MARK), 400, AMBIGUOUS, raw="NaN"),
    Case("infinity", answers(_3=MARK), 400, AMBIGUOUS, raw="-Infinity"),
    Case("a huge fraction", answers(_3=MARK), 400, AMBIGUOUS, raw="1e308"),
    Case("a huge integer", answers(_3=MARK), 400, AMBIGUOUS, raw="9" * 4_000),
    Case("an integer past every answer", answers(_3=2**53 - 1), 422, INVALID, "/answers/3", "out_of_range"),
    Case("300 items", lambda _: {"answers": {str(number): 4 for number in range(1, 301)}}, 422, "invalid", "/answers",
         "too_many"),
    Case("an item twice", answers(_3=MARK), 400, AMBIGUOUS, raw='4, "3": 4'),
    Case("an unknown measure", fields(measure="bdi"), 422, "measure_unknown", "/measure", "measure_unknown"),
    Case("a safety screen", fields(measure="ehits"), 422, "safety_screen_apart", "/measure", "safety_screen_apart"),
    Case("the future", fields(answered_at="2026-11-22T10:00:00Z"), 422, "answered_in_future", "/answered_at",
         "answered_in_future"),
    Case("another couple's partner", lambda scene: {"answers": GMSEX, "partner_id": scene.other["partners"][0]["id"]}, 404,
         "not_found", "/partner_id", "not_found"),
    Case("after care closed", fields(answered_at=DAY_AFTER), 409, "episode_closed", "/answered_at", "episode_closed"),
    Case("superseded twice", lambda scene: {"answers": GMSEX, "supersedes": scene.superseded}, 409, "superseded_already",
         "/supersedes", "superseded_already"),
    Case("superseding nothing", fields(supersedes="adm_00000000000000000000000000"), 422, INVALID, "/supersedes", "not_found"),
    Case("items scored elsewhere only", fields(measure="griss"), 422, INVALID, "/answers", "scored_elsewhere_only"),
    Case("a score out of range", elsewhere("griss", {"total": 10}), 422, INVALID, "/scores_elsewhere/total", "out_of_range"),
    Case("two forms in one report", elsewhere("griss", {"erection": 4, "vaginismus": 4}), 422, INVALID,
         "/scores_elsewhere/vaginismus", "of_another_form"),
    Case("an error of zero", elsewhere("promis_sexfs_brief_v2", {"interest": 50}, standard_errors_elsewhere={"interest": 0}),
         422, INVALID, "/standard_errors_elsewhere/interest", "not_positive"),
    Case("an error of nothing", fields(standard_errors_elsewhere={"total": 1}), 422, INVALID, "/standard_errors_elsewhere",
         "only_with_scores_elsewhere"),
    Case("an engine that computed nothing", fields(scored_by="x"), 422, INVALID, "/scored_by", "only_with_scores_elsewhere"),
)  # fmt: skip


@pytest.fixture
def scene(therapist: Caller) -> Scene:
    """Care opened in October and closed on the tenth of November."""
    of, other = couple(therapist, "1"), couple(therapist, "2")
    wrong = administer(therapist, of, answered_at="2026-11-01T12:00:00Z").json()["id"]
    administer(therapist, of, supersedes=wrong, answered_at="2026-11-01T12:00:00Z")
    concern = {"code": "desire_discrepancy"}
    episodes = f"/v1/couples/{of['id']}/episodes"
    opened = therapist.post(episodes, json={"primary_concern": concern, "opened_on": "2026-10-01"}).json()["id"]
    therapist.post(f"{episodes}/{opened}/closures", json={"reason": "completed", "closed_on": CLOSED_ON})
    return Scene(therapist, of, other, wrong)


def body_of(case: Case, scene: Scene) -> Json:
    """One item that is right but for the case, answered in the last days of care."""
    return {**item(scene.of, answered_at="2026-11-09T12:00:00Z"), **case.body(scene)}


def post(scene: Scene, case: Case, address: str, body: Json) -> Response:
    """Sends JSON as it stands, with what no encoder would write in place of the mark."""
    text = json.dumps(body).replace(str(MARK), case.raw or str(MARK))
    return scene.therapist.post(address, content=text, headers={"Content-Type": "application/json"})


def send_alone(scene: Scene, case: Case) -> Response:
    """The case by itself."""
    body = body_of(case, scene)
    address = f"/v1/couples/{body.pop('couple_id')}/partners/{body.pop('partner_id')}/administrations"
    return post(scene, case, address, body)


def send_among_good(scene: Scene, case: Case, mode: str) -> Response:
    """The case between two items that are right."""
    good = item(scene.other)
    return post(scene, case, "/v1/administrations/batch", {"mode": mode, "items": [good, body_of(case, scene), good]})


def stored(clinic: Clinic) -> list[int]:
    """How many rows there are, and how many creations the trail tells of."""
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset(Compartment)):
        rows = [int(session.execute(select(func.count()).select_from(table)).scalar_one()) for table in TABLES]
        told = select(func.count()).select_from(LedgerEvent).where(LedgerEvent.kind == "create")
        return [*rows, int(session.execute(told).scalar_one())]


def first_fault(problem: Json) -> tuple[str, str]:
    """Where, and which rule."""
    fault = (problem["errors"] or [{"pointer": "", "code": ""}])[0]
    return fault["pointer"], fault["code"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_gets_a_clear_problem_and_nothing_is_stored(clinic: Clinic, scene: Scene, case: Case) -> None:
    before = stored(clinic)
    is_missing = case.status == 404
    alone = send_alone(scene, case)
    assert (alone.status_code, alone.json()["code"]) == (case.status, case.code), alone.text
    assert first_fault(alone.json()) == (("", "") if is_missing else (case.pointer, case.fault))

    whole = send_among_good(scene, case, "all_or_nothing")
    unread = case.code in {AMBIGUOUS, "invalid"}  # no list of items could be made of it
    assert (whole.status_code, whole.json()["code"]) == ((case.status, case.code) if unread else (422, "batch_refused"))
    assert first_fault(whole.json()) == (("/items/1" if case.pointer else "") + case.pointer, case.fault)
    assert stored(clinic) == before

    partial = send_among_good(scene, case, "partial")
    if unread:
        assert (partial.status_code, partial.json()["code"]) == (case.status, case.code)
        assert stored(clinic) == before
        return
    done = partial.json()["items"]
    assert (partial.status_code, [one["status"] for one in done]) == (207, [201, case.status, 201])
    assert done[1]["problem"]["code"] == case.code
    assert first_fault(done[1]["problem"]) == (f"/items/1{case.pointer}", case.fault)
    assert stored(clinic) == [before[0] + 2, before[1] + 2, before[2], before[3] + 2]


def test_an_item_that_is_right_is_taken_so_that_each_case_fails_by_its_own_fault(scene: Scene) -> None:
    right = Case("right", fields(), 201, "")
    assert send_alone(scene, right).status_code == 201
    assert send_among_good(scene, right, "all_or_nothing").status_code == 201


def test_every_fault_of_an_item_stands_at_its_place_in_the_batch(scene: Scene) -> None:
    wrong = item(scene.other, PHQ9 | {"7": 4, "2": -1}, measure="phq9")
    told = scene.therapist.post("/v1/administrations/batch", json={"items": [item(scene.other)] * 3 + [wrong]}).json()
    assert [fault["pointer"] for fault in told["errors"]] == ["/items/3/answers/2", "/items/3/answers/7"]


def test_no_problem_repeats_what_was_sent(scene: Scene) -> None:
    secret = {"answers": GMSEX | {"3": "zaunkoenig-4711"}, "reasons": {"4": "zaunkoenig_4711"}, "scored_by": "zaunkoenig-4711"}
    for sent in (
        secret,
        {"measure": "zaunkoenig_4711", "answers": {}},
        {"measure": "griss", "scores_elsewhere": {"zaunkoenig_4711": 1}},
    ):
        refused = scene.therapist.post(f"{path(scene.of)}/administrations", json={"measure": "gmsex", **sent})
        assert refused.status_code == 422
        assert "zaunkoenig" not in refused.text
