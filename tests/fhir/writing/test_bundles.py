"""Transactions and batches: all or nothing, or each by itself."""

from sqlalchemy import event

from tests.conftest import Clinic
from tests.fhir.writing.records import EHR, RESPONSES, desk, items, numbered, places, post, put, totals
from tests.measures.records import GMSEX, PHQ9

OTHER = GMSEX | {"1": 7}


def test_a_transaction_stores_and_corrects_at_once_and_tells_of_each_in_order(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response(identifier=numbered("1"))).json()
    new = post(of.response(1)) | {"fullUrl": "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"}
    done = of.bundle("transaction", put(made | {"item": items(OTHER)}), new)
    assert (done.status_code, done.json()["type"]) == (200, "transaction-response"), done.text
    told = [entry["response"] for entry in done.json()["entry"]]
    assert [one["status"] for one in told] == ["200 OK", "201 Created"]
    assert [one["etag"] for one in told] == ['W/"2"', 'W/"1"']
    assert of.software.get(f"/fhir/{told[1]['location']}").json()["subject"] == {"reference": f"Patient/{of.patients[1]}"}
    assert (totals(of), totals(of, 1)) == ([25], [22])


def test_one_refused_entry_refuses_a_transaction_and_leaves_nothing(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    before = of.counted()
    wrong = of.response(item=items(GMSEX | {"2": 9}))
    refused = of.bundle("transaction", post(of.response(1)), post(wrong), post(of.response(status="in-progress")))
    assert refused.status_code == 422
    assert places(refused) == ["Bundle.entry[2].resource.status"]
    refused = of.bundle("transaction", put(made | {"item": items(OTHER)}), post(wrong))
    assert (refused.status_code, places(refused)) == (422, ["Bundle.entry[1].resource.item[1].answer[0]"])
    stale = of.bundle("transaction", post(of.response(1)), put(made, 2))
    assert (stale.status_code, places(stale)) == (412, ["Bundle.entry[1].resource"])
    assert of.counted() == before


def test_two_entries_of_a_transaction_are_not_of_one_response(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    before = of.counted()
    twice = of.bundle("transaction", *[post(of.response(identifier=numbered("1"))) for _ in range(2)])
    assert (twice.status_code, len(places(twice))) == (409, 2)
    twice = of.bundle("transaction", put(made | {"item": items(OTHER)}), put(made))
    assert (twice.status_code, len(places(twice))) == (409, 2)
    same = [post(of.response()) | {"fullUrl": "urn:uuid:1"} for _ in range(2)]
    assert places(of.bundle("transaction", *same)) == ["Bundle.entry[0].fullUrl", "Bundle.entry[1].fullUrl"]
    assert of.counted() == before


def test_each_entry_of_a_batch_stands_alone(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response(identifier=numbered("1"))).json()
    done = of.bundle(
        "batch",
        post(of.response(1)),
        post(of.response(item=items(GMSEX | {"2": 9}))),
        put(made | {"item": items(OTHER)}),
        put(made | {"item": items(GMSEX | {"1": 1})}),
        post(of.response(identifier=numbered("1")), ifNoneExist=f"identifier={EHR}|1"),
        post(of.response(subject={"reference": "urn:uuid:1"})),
        {"request": {"method": "GET", "url": "QuestionnaireResponse"}},
        {"request": {"method": "DELETE", "url": f"QuestionnaireResponse/{made['id']}"}},
        {"resource": of.response()},
        put(of.response() | {"id": "mine"}),
        Prefer="return=representation",
    )
    assert (done.status_code, done.json()["type"]) == (200, "batch-response")
    entries = done.json()["entry"]
    statuses = [int(entry["response"]["status"][:3]) for entry in entries]
    assert statuses == [201, 422, 200, 412, 200, 422, 405, 405, 400, 405]
    assert entries[4]["resource"] == entries[2]["resource"]
    outcomes = [entry["response"].get("outcome", {}).get("resourceType") for entry in entries]
    assert outcomes == [None if status < 300 else "OperationOutcome" for status in statuses]
    assert (totals(of), totals(of, 1)) == ([25], [22])


def test_what_is_refused_in_a_batch_leaves_no_row(clinic: Clinic) -> None:
    of = desk(clinic)
    before = of.counted()[:2]
    of.bundle("batch", post(of.response(item=items(GMSEX | {"2": 9}))), post(of.response(item=None)))
    assert of.counted()[:2] == before


def test_a_scope_to_create_alone_lets_a_batch_do_no_more(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    of.software = clinic.integration("another", scopes={"system/QuestionnaireResponse.c"})
    done = of.bundle("batch", put(made | {"item": items(OTHER)}), post(of.response(1))).json()["entry"]
    assert [entry["response"]["status"] for entry in done] == ["403 Forbidden", "201 Created"]
    assert totals(of) == [22]


def test_a_bundle_of_another_kind_or_too_many_entries_is_refused_as_a_whole(clinic: Clinic) -> None:
    of = desk(clinic)
    before = of.counted()
    assert places(of.bundle("document", post(of.response()))) == ["Bundle.type"]
    assert places(of.bundle("batch", *[{}] * 501)) == ["Bundle.entry"]
    assert of.software.post("/fhir", json=of.response()).status_code == 400
    assert of.software.post("/fhir/", json={"resourceType": "Bundle", "type": "transaction"}).json()["type"].startswith("trans")
    assert of.counted() == before


def test_many_responses_are_stored_with_as_many_statements_as_few(clinic: Clinic) -> None:
    of = desk(clinic)
    csi = {str(number): 3 for number in range(1, 17)}
    body = of.response(questionnaire="Questionnaire/csi16", item=items(csi))
    asked: list[str] = []
    engine = clinic.app.state.runtime.database.engine
    heard = lambda *given: asked.append(given[2])  # noqa: E731 - the very function has to be removed again
    event.listen(engine, "before_cursor_execute", heard)
    counts = []
    for size in (5, 6, 120):
        asked.clear()
        entries = [post(body | {"identifier": numbered(f"{size}-{number:036}")}) for number in range(size)]
        done = of.bundle("transaction", *entries, Prefer="return=representation")
        assert done.status_code == 200, done.text
        counts.append(len(asked))
    event.remove(engine, "before_cursor_execute", heard)
    assert counts[2] - counts[1] in {0, 3}, counts  # from a hundred rows on, each table's plans are made anew
    assert of.software.get(f"{RESPONSES}?_summary=count").json()["total"] == 131


def test_a_transaction_of_several_measures_scores_each(clinic: Clinic) -> None:
    of = desk(clinic)
    phq = of.response(1, questionnaire="Questionnaire/phq9", item=items(PHQ9 | {"1": 3}))
    assert of.bundle("transaction", post(of.response()), post(phq)).status_code == 200
    assert (totals(of), totals(of, 1)) == ([22], [3])
