"""Creating responses: what is stored, scored and answered, and what is found instead."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Clinic
from tests.fhir.writing.records import EHR, RESPONSES, desk, items, numbered, places, post, totals
from tests.measures.records import GMSEX, PHQ9, Json

SEARCH = f"identifier={EHR}|7"


def test_a_response_is_scored_as_any_administration_and_can_be_read_where_it_is_said_to_be(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response(identifier=numbered("7")))
    assert made.status_code == 201, made.text
    assert made.headers["Location"].endswith(f"{RESPONSES}/{made.json()['id']}/_history/1")
    assert made.headers["ETag"] == 'W/"1"'
    assert "Last-Modified" in made.headers
    assert of.software.get(f"{RESPONSES}/{made.json()['id']}").json() == made.json()
    assert of.software.get(f"{RESPONSES}/{made.json()['id']}/_history/1").json() == made.json()
    assert (made.json()["identifier"], made.json()["authored"]) == (numbered("7"), "2026-11-20T17:30:00.000Z")
    assert (totals(of), totals(of, 1)) == ([22], [])


def test_items_may_lie_in_groups_and_what_nothing_rests_on_is_passed_over(clinic: Clinic) -> None:
    of = desk(clinic)
    first, *rest = items(GMSEX)
    nested = [{"linkId": "stem", "text": "Words", "item": [first, {"linkId": "more", "item": rest}]}]
    more: Json = {
        "text": {"status": "generated", "div": "<div/>"},
        "extension": [{"url": "https://x.example", "valueCode": "x"}],
    }
    sent = of.response(item=nested, id="mine", meta={"versionId": "9"}, author={"display": "x"}, _status={"id": "a"}, **more)
    made = of.create(sent)
    assert (made.status_code, totals(of)) == (201, [22])
    assert "author" not in made.json()
    assert made.json()["id"] != "mine"


def test_who_answered_is_the_partner_unless_a_practitioner_asked_and_never_the_other_partner(clinic: Clinic) -> None:
    of = desk(clinic)
    for source, mode in (({"reference": f"Patient/{of.patients[0]}"}, "self"), ({"reference": "Practitioner/x"}, "clinician")):
        assert of.create(of.response(source=source)).status_code == 201
        path = f"/v1/couples/{of.couple['id']}/partners/{of.couple['partners'][0]['id']}/administrations"
        assert of.therapist.get(path).json()["items"][-1]["mode"] == mode
    refused = of.create(of.response(source={"reference": f"Patient/{of.patients[1]}"}))
    assert (refused.status_code, places(refused)) == (422, ["QuestionnaireResponse.source"])


def test_sent_again_a_response_is_found_and_with_other_answers_under_its_identifier_it_is_refused(clinic: Clinic) -> None:
    of = desk(clinic)
    sent = of.response(identifier=numbered("7"))
    made, again = of.create(sent), of.create(sent)
    assert (again.status_code, again.json()) == (200, made.json())
    assert again.headers["Location"] == made.headers["Location"]
    other = of.create(of.response(identifier=numbered("7"), item=items(GMSEX | {"1": 7})))
    assert (other.status_code, places(other)) == (409, ["QuestionnaireResponse.identifier"])
    of.update(made.json() | {"item": items(GMSEX | {"1": 7})})
    corrected = of.create(sent)
    assert (corrected.status_code, corrected.headers["ETag"], totals(of)) == (200, 'W/"2"', [25])


def test_the_same_number_of_two_systems_is_two_responses(clinic: Clinic) -> None:
    of = desk(clinic)
    made = [of.create(of.response(identifier=numbered("7", system))).json() for system in (EHR, "urn:oid:1.2.3")]
    assert made[0]["id"] != made[1]["id"]
    for one, system in zip(made, (EHR, "urn:oid:1.2.3"), strict=True):
        assert one["identifier"] == numbered("7", system)
        found = of.software.get(RESPONSES, params={"identifier": f"{system}|7"}).json()["entry"]
        assert [entry["resource"]["id"] for entry in found] == [one["id"]]


def test_a_conditional_create_stores_once_whatever_it_says_the_second_time(clinic: Clinic) -> None:
    of = desk(clinic)
    made = of.create(of.response(identifier=numbered("7")), If_None_Exist=SEARCH)
    again = of.create(of.response(identifier=numbered("7"), item=items(GMSEX | {"1": 7})), If_None_Exist="?" + SEARCH)
    assert (made.status_code, again.status_code, again.json()) == (201, 200, made.json())
    assert totals(of) == [22]


def test_a_conditional_create_that_several_meet_stores_nothing(clinic: Clinic) -> None:
    of = desk(clinic)
    for number in "78":
        of.create(of.response(identifier=numbered(number)))
    before = of.counted()
    refused = of.create(of.response(identifier=numbered("7")), If_None_Exist=f"{SEARCH},{EHR}|8")
    assert (refused.status_code, refused.json()["issue"][0]["details"]["coding"][0]["code"]) == (412, "fhir_several_match")
    assert of.counted() == before


@pytest.mark.parametrize(
    "condition", ["patient=x", "identifier=7", SEARCH + "&" + SEARCH, "identifier=urn:other|7", "", "identifier=", "nonsense"]
)
def test_a_condition_that_would_not_find_the_response_again_is_refused(clinic: Clinic, condition: str) -> None:
    of = desk(clinic)
    before = of.counted()
    refused = of.create(of.response(identifier=numbered("7")), If_None_Exist=condition)
    assert (refused.status_code, refused.json()["issue"][0]["details"]["coding"][0]["code"]) == (400, "fhir_condition_unknown")
    assert of.counted() == before


def test_eight_at_once_on_one_condition_store_one(clinic: Clinic) -> None:
    of = desk(clinic)
    sent = of.response(identifier=numbered("7"))
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _number: of.create(sent, If_None_Exist=SEARCH), range(8)))
    assert sorted(one.status_code for one in made) == [200] * 7 + [201], [one.text for one in made]
    assert len({one.headers["Location"] for one in made}) == 1
    assert totals(of) == [22]


def test_as_much_is_answered_as_is_preferred_and_may_be_read(clinic: Clinic) -> None:
    of = desk(clinic)
    minimal = of.create(of.response(), Prefer="return=minimal")
    assert (minimal.status_code, minimal.content, minimal.headers["ETag"]) == (201, b"", 'W/"1"')
    outcome = of.create(of.response(), Prefer="handling=strict, return=OperationOutcome").json()
    assert (outcome["resourceType"], outcome["issue"][0]["severity"]) == ("OperationOutcome", "information")
    of.software = clinic.integration("writer", scopes={"system/QuestionnaireResponse.c"})
    blind = of.create(of.response(), Prefer="return=representation")
    assert (blind.status_code, blind.content) == (201, b"")


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        ({"system/*.rs"}, (403, 403, 403)),
        ({"system/QuestionnaireResponse.rs"}, (403, 403, 403)),
        ({"system/QuestionnaireResponse.c"}, (201, 403, 200)),
        ({"system/QuestionnaireResponse.u"}, (403, 200, 403)),
        ({"system/QuestionnaireResponse.cu"}, (201, 200, 200)),
    ],
)
def test_only_a_scope_that_names_it_lets_software_write(clinic: Clinic, scopes: set[str], statuses: tuple[int, ...]) -> None:
    of = desk(clinic)
    made = of.create(of.response()).json()
    of.software = clinic.integration("another", scopes=scopes)
    told = (
        of.create(of.response()).status_code,
        of.update(made | {"item": items(GMSEX | {"1": 7})}).status_code,
        of.bundle("transaction", post(of.response())).status_code,
    )
    assert told == statuses
    unknown = of.create(of.response(subject={"reference": "Patient/" + "0" * 32}))
    assert unknown.status_code == (422 if statuses[0] == 201 else 403)


def test_what_calls_for_attention_is_kept_for_the_care_team_and_not_told_to_the_software(clinic: Clinic) -> None:
    of = desk(clinic)
    sent = of.response(questionnaire="Questionnaire/phq9|1", item=items(PHQ9 | {"9": 2}))
    made = of.create(sent)
    assert made.status_code == 201, made.text
    assert "signal" not in made.text
    signals = of.therapist.get(f"/v1/couples/{of.couple['id']}/safety-signals").json()["items"]
    assert [one["kind"] for one in signals] == ["self_harm"]
