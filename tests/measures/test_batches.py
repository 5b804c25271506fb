"""Batches of administrations over HTTP: all or nothing, partial, and the same again."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from app.clinical.measure import Example, Measure
from app.clinical.measures import MEASURES
from app.clinical.scoring import score
from app.core.database import Compartment
from app.ledger.models import LedgerEvent
from app.measures.models import Administration, Score
from app.measures.scoring import Content, score_all
from app.safety.models import SafetySignal
from tests.clinical.strategies import given_answers
from tests.conftest import Caller, Clinic
from tests.measures.records import GMSEX, PHQ9, Json, administer, couple, item, path, scores, send


def counted(clinic: Clinic, *tables: type[Any]) -> list[int]:
    """How many rows each table holds."""
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset(Compartment)):
        return [session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def test_a_batch_of_measures_and_couples_is_stored_at_once(clinic: Clinic, therapist: Caller) -> None:
    one, two = couple(therapist, "1"), couple(therapist, "2")
    sent = send(therapist, item(one), item(one, PHQ9 | {"9": 1}, 1, measure="phq9"), item(two, GMSEX | {"1": 7}))
    assert sent.status_code == 201, sent.text
    done = sent.json()
    assert (done["stored"], done["existing"], done["refused"]) == (3, 0, 0)
    assert [entry["scales"]["total"] for entry in done["items"]] == [22, 1, 25]
    assert [scores(therapist, of, slot)[0]["value"] for of, slot in ((one, 0), (one, 1), (two, 0))] == [22, 1, 25]
    assert counted(clinic, Administration, Score, SafetySignal) == [3, 3, 1]


def test_each_administration_of_a_batch_leaves_its_trace(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    done = send(therapist, item(of), item(of, slot=1)).json()
    with clinic.at_desk() as (session, _vault):
        events = session.execute(
            select(LedgerEvent.kind, LedgerEvent.compartment).where(LedgerEvent.subject == "administration")
        ).all()
        reads = session.scalars(
            select(LedgerEvent.subject).where(LedgerEvent.operation == "record_administrations", LedgerEvent.kind == "read")
        ).all()
    assert done["stored"] == 2
    assert sorted(map(tuple, events)) == [("create", "individual_a"), ("create", "individual_b")]
    assert reads == ["couple"]


def test_one_wrong_item_stores_nothing_and_every_fault_is_named(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    refused = send(therapist, item(of), item(of, GMSEX | {"2": 9}), item(of, measure="nope"), item(of, {"1": 4}))
    assert (refused.status_code, refused.json()["code"]) == (422, "batch_refused")
    pointers = [fault["pointer"] for fault in refused.json()["errors"]]
    assert pointers == ["/items/1/answers/2", "/items/2/measure", *[f"/items/3/answers/{number}" for number in (2, 3, 4, 5)]]
    assert counted(clinic, Administration, Score) == [0, 0]


def test_partial_mode_stores_what_is_right_and_says_why_the_rest_is_not(clinic: Clinic, therapist: Caller) -> None:
    one, two = couple(therapist, "1"), couple(therapist, "2")
    stray = item(one) | {"partner_id": two["partners"][0]["id"]}
    sent = send(therapist, item(one), item(one, GMSEX | {"2": 9}), stray, item(two), mode="partial")
    assert sent.status_code == 207
    done = sent.json()
    assert (done["stored"], done["refused"]) == (2, 2)
    assert [entry["status"] for entry in done["items"]] == [201, 422, 404, 201]
    assert done["items"][1]["problem"]["errors"][0]["pointer"] == "/items/1/answers/2"
    assert done["items"][2]["problem"]["code"] == "not_found"
    assert counted(clinic, Administration) == [2]


def test_an_archived_and_a_strangers_couple_are_alike_to_a_batch(clinic: Clinic, therapist: Caller) -> None:
    archived, hidden = couple(therapist, "1"), couple(clinic.member("other"), "2")
    therapist.delete(f"/v1/couples/{archived['id']}", headers={"If-Match": '"1"'})
    done = send(therapist, item(archived), item(hidden), mode="partial").json()["items"]
    problems = [{**entry["problem"], "errors": [fault["code"] for fault in entry["problem"]["errors"]]} for entry in done]
    assert problems[0] == problems[1]
    assert problems[0]["errors"] == ["not_found"]


def test_a_batch_sent_again_changes_nothing_and_answers_the_same_ids(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    items = [item(of, external_id="x-1"), item(of, slot=1, external_id="x-2"), item(of, {"1": 4}, external_id="x-3")]
    items[2]["reasons"] = dict.fromkeys("2345", "skipped")
    first, again = send(therapist, *items).json(), send(therapist, *items).json()
    assert (again["stored"], again["existing"]) == (0, 3)
    assert [entry["id"] for entry in again["items"]] == [entry["id"] for entry in first["items"]]
    assert [entry["scales"] for entry in again["items"]] == [entry["scales"] for entry in first["items"]]
    assert {entry["status"] for entry in again["items"]} == {200}
    assert counted(clinic, Administration, Score) == [3, 3]


def test_an_external_id_twice_in_a_batch_is_one_if_it_is_the_same(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    same = send(therapist, item(of, external_id="x"), item(of, external_id="x")).json()
    assert (same["stored"], same["existing"]) == (1, 1)
    assert same["items"][0]["id"] == same["items"][1]["id"]
    other = send(therapist, item(of, external_id="y"), item(of, GMSEX | {"1": 7}, external_id="y"))
    assert other.json()["errors"][0]["pointer"] == "/items/1/external_id"
    assert counted(clinic, Administration) == [1]


def test_a_twin_of_a_refused_correction_is_refused_with_it(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    wrong: Json = {"supersedes": "adm_00000000000000000000000000", "external_id": "x"}
    done = send(therapist, item(of, **wrong), item(of, **wrong), mode="partial").json()
    assert ([entry["status"] for entry in done["items"]], done["refused"]) == ([422, 422], 2)
    assert counted(clinic, Administration) == [0]


def test_two_corrections_of_one_administration_in_a_batch_are_one_too_many(therapist: Caller) -> None:
    of = couple(therapist)
    wrong = administer(therapist, of).json()["id"]
    done = send(therapist, item(of, supersedes=wrong), item(of, supersedes=wrong), mode="partial").json()["items"]
    assert [entry["status"] for entry in done] == [201, 409]


def test_five_hundred_long_administrations_fit_and_more_do_not(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    answers = {str(number): 3 for number in range(1, 17)}
    items = [item(of, answers, measure="csi16", external_id=f"import-2026-11-22-{number:05}") for number in range(501)]
    full = send(therapist, *items[:500])
    assert (full.status_code, full.json()["stored"]) == (201, 500)
    over = send(therapist, *items)
    assert (over.status_code, over.json()["errors"][0]["code"]) == (422, "too_many")
    assert counted(clinic, Administration) == [500]


def test_only_the_batch_takes_a_large_body(therapist: Caller) -> None:
    of = couple(therapist)
    body = b'{"measure": "gmsex", "answers": {}' + b" " * 300_000 + b"}"
    json = {"Content-Type": "application/json"}
    assert therapist.post(f"{path(of)}/administrations", content=body, headers=json).status_code == 413
    assert therapist.post("/v1/administrations/batch", content=body, headers=json).status_code == 422
    assert therapist.post("/v1/administrations/batch", content=b" " * 1_048_577, headers=json).status_code == 413


def test_the_number_of_statements_does_not_grow_with_the_batch(clinic: Clinic, therapist: Caller) -> None:
    couples = [couple(therapist, str(number)) for number in range(6)]
    asked: list[str] = []
    engine = clinic.app.state.runtime.database.engine
    heard = lambda *given: asked.append(given[2])  # noqa: E731 - the very function has to be removed again
    event.listen(engine, "before_cursor_execute", heard)
    counts = []
    for size in (1, 6):
        asked.clear()
        items = [item(of, slot=slot, external_id=f"{size}-{of['id']}-{slot}") for of in couples[:size] for slot in (0, 1)]
        assert send(therapist, *items).status_code == 201
        counts.append(len(asked))
    event.remove(engine, "before_cursor_execute", heard)
    assert counts[0] == counts[1] <= 20


@given(data=st.data())
@settings(max_examples=60)
def test_scoring_many_is_scoring_each_alone(data: st.DataObject) -> None:
    measure: Measure = data.draw(
        st.sampled_from(
            [found for found in MEASURES.values() if found.kind != "safety_screen" and not found.scored_elsewhere_only]
        )
    )
    drawn = data.draw(st.lists(given_answers(measure), min_size=1, max_size=8))
    many = score_all(measure, [Content(one.answers, one.reasons) for one in drawn])
    for found, one in zip(many, drawn, strict=True):
        alone = score(measure, one.answers, one.reasons)
        assert (found.scales, found.withheld) == (alone.scales, alone.withheld)
        assert (found.validity, found.prorated) == (alone.validity, alone.prorated)


def given_in(shown: Example) -> Json:
    """A worked example as it is sent: its answers, or the scores that came from elsewhere."""
    if shown.reported:
        return {"answers": None, "reasons": {}, "scores_elsewhere": dict(shown.reported)}
    answers = {str(key): value for key, value in shown.answers.items()}
    return {"answers": answers, "reasons": {str(key): why for key, why in shown.reasons.items()}, "scores_elsewhere": None}


def test_a_batch_answers_what_single_posts_answer(therapist: Caller) -> None:
    one, two = couple(therapist, "1"), couple(therapist, "2")
    measures = [measure for measure in MEASURES.values() if measure.kind != "safety_screen"]
    items = [item(one, measure=measure.code) | given_in(shown) for measure in measures for shown in measure.examples]
    for sent, got in zip(items, send(therapist, *items).json()["items"], strict=True):
        body = {key: sent[key] for key in ("measure", "answers", "reasons", "scores_elsewhere")}
        alone = therapist.post(f"{path(two)}/administrations", json=body).json()
        assert [alone[key] for key in ("scales", "validity", "prorated")] == [
            got[key] for key in ("scales", "validity", "prorated")
        ]
