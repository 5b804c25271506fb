"""Correcting responses: each correction a version, by whoever knew the one before."""

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import Clinic
from tests.fhir.writing.records import EHR, RESPONSES, desk, items, numbered, places, totals
from tests.measures.records import GMSEX, administer, path

OTHER = GMSEX | {"1": 7}


def test_a_correction_is_the_next_version_and_the_one_before_stays(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response(identifier=numbered("7"))).json()
    changed = of.update(made | {"item": items(OTHER)})
    assert (changed.status_code, changed.headers["ETag"]) == (200, 'W/"2"')
    assert changed.headers["Location"].endswith(f"{made['id']}/_history/2")
    told = changed.json()
    assert (told["id"], told["status"], told["identifier"]) == (made["id"], "amended", made["identifier"])
    assert of.software.get(f"{RESPONSES}/{made['id']}").json() == told
    assert of.software.get(f"{RESPONSES}/{made['id']}/_history/1").json()["item"] == made["item"]
    assert totals(of) == [25]
    found = of.software.get(RESPONSES, params={"identifier": f"{EHR}|7"}).json()
    assert [one["resource"] for one in found["entry"]] == [told]
    assert of.update(told | {"item": items(GMSEX)}, 2).headers["ETag"] == 'W/"3"'


def test_an_update_that_changes_nothing_is_no_new_version(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response(identifier=numbered("7"), language="en-GB", source={"reference": "Practitioner/x"})).json()
    before = of.counted()[:2]
    same = of.update(made)
    assert (same.status_code, same.json(), of.counted()[:2]) == (200, made, before)
    administer(of.therapist, of.couple, {"1": 4}, reasons=dict.fromkeys("2345", "declined"), slot=1)
    recorded = of.software.get(f"{RESPONSES}?subject=Patient/{of.patients[1]}").json()["entry"][0]["resource"]
    before = of.counted()[:2]
    assert (of.update(recorded).json(), of.counted()[:2]) == (recorded, before)


def test_scores_that_were_computed_elsewhere_outlive_a_correction_of_their_day(clinic: Clinic) -> None:
    of = desk(clinic)
    finished = {"measure": "gmsex", "answers": None, "scores_elsewhere": {"total": 30}}
    assert of.therapist.post(f"{path(of.couple)}/administrations", json=finished).status_code == 201
    recorded = of.software.get(RESPONSES).json()["entry"][0]["resource"]
    assert of.update(recorded).headers["ETag"] == 'W/"1"'
    moved = of.update(recorded | {"authored": "2026-11-19T08:00:00Z"})
    assert (moved.headers["ETag"], moved.json()["authored"], totals(of)) == ('W/"2"', "2026-11-19T08:00:00.000Z", [30])


NO_VERSIONS: list[tuple[dict[str, str], int, str]] = [
    ({}, 400, "fhir_if_match_required"),
    ({"If-Match": "*"}, 400, "fhir_if_match_required"),
    ({"If-Match": 'W/"2"'}, 412, "version_stale"),
    ({"If-Match": 'W/"01"'}, 412, "version_stale"),
    ({"If-Match": 'W/"2", W/"3"'}, 412, "version_stale"),
    # No ETag at all: whoever is told that the record has changed reads it again, and sends the same, for ever.
    *(({"If-Match": one}, 400, "fhir_if_match_required") for one in ("nonsense", "1", "W/1", "W/'1'", 'W/"1",')),
]


def test_a_change_names_the_version_that_it_changes(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    before = of.counted()
    for headers, status, code in NO_VERSIONS:
        refused = of.software.put(f"{RESPONSES}/{made['id']}", json=made | {"item": items(OTHER)}, headers=headers)
        assert (refused.status_code, refused.json()["issue"][0]["details"]["coding"][0]["code"]) == (status, code)
    assert of.counted() == before


def test_of_several_versions_that_are_named_one_is_enough(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    headers = {"If-Match": 'W/"7", "1"'}
    changed = of.software.put(f"{RESPONSES}/{made['id']}", json=made | {"item": items(OTHER)}, headers=headers)
    assert (changed.status_code, changed.headers["ETag"]) == (200, 'W/"2"')


def test_clients_do_not_choose_ids(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    other = of.create(of.response(1)).json()
    before = of.counted()
    for fhir_id in ("mine", "0" * 32):
        refused = of.update(of.response() | {"id": fhir_id})
        assert (refused.status_code, refused.json()["issue"][0]["details"]["coding"][0]["code"]) == (405, "fhir_id_not_chosen")
    strange = of.software.put(f"{RESPONSES}/{made['id']}", json=other, headers={"If-Match": 'W/"1"'})
    assert (strange.status_code, places(strange)) == (400, ["QuestionnaireResponse.id"])
    assert of.counted() == before


NAMES = ("identifier", "questionnaire", "subject")


def test_whose_a_response_is_and_to_what_stays(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response(identifier=numbered("7"))).json()
    before = of.counted()
    changed = {
        "subject": {"reference": f"Patient/{of.patients[1]}"},
        "questionnaire": "Questionnaire/gmrel",
        "identifier": numbered("8"),
        "source": None,
    }
    refused = of.update(made | changed)
    assert (refused.status_code, sorted(places(refused))) == (422, [f"QuestionnaireResponse.{name}" for name in NAMES])
    without = {name: value for name, value in made.items() if name != "identifier"}
    assert places(of.update(without)) == ["QuestionnaireResponse.identifier"]
    assert of.counted() == before


def test_of_many_who_change_one_version_at_once_one_wins(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    bodies = [made | {"item": items(GMSEX | {"1": number})} for number in (1, 2, 3, 5, 6, 7)]
    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(of.update, bodies))
    assert sorted(one.status_code for one in told) == [200] + [412] * 5, [one.text for one in told]
    won = next(one.json() for one in told if one.status_code == 200)
    assert of.software.get(f"{RESPONSES}/{made['id']}").json() == won
    assert len(totals(of)) == 1


def test_what_was_recorded_and_corrected_natively_is_corrected_on(clinic: Clinic) -> None:
    of = desk(clinic)
    first = administer(of.therapist, of.couple, external_id="N-1").json()
    administer(of.therapist, of.couple, OTHER, external_id="N-2", supersedes=first["id"])
    shown = of.software.get(RESPONSES).json()["entry"][0]["resource"]
    assert (shown["meta"]["versionId"], shown["identifier"]["value"]) == ("2", "N-2")
    changed = of.update(shown | {"item": items(GMSEX)}, 2)
    assert (changed.headers["ETag"], changed.json()["identifier"], totals(of)) == ('W/"3"', shown["identifier"], [22])
