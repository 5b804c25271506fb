"""All that is said over FHIR is FHIR R4: every resource, bundle, outcome and statement, by libraries that are not ours."""

from typing import Any, Final

import pytest

from app.clinical.measures import MEASURES
from app.fhir.resources import resources
from tests.conftest import Caller, Clinic
from tests.contract.world import World, sign
from tests.fhir.r4 import Json, faults, held, references

PATIENT: Final[Json] = {
    "resourceType": "Patient",
    "id": "a",
    "meta": {"versionId": "1", "lastUpdated": "2026-01-01T00:00:00.000Z"},
    "active": True,
    "name": [{"text": "Alex"}],
}
SCORE: Final[Json] = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"text": "Satisfaction"},
    "valueQuantity": {"value": 22, "system": "http://unitsofmeasure.org", "code": "{score}"},
}
ANSWERS: Final[Json] = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "item": [{"linkId": "1", "answer": [{"valueInteger": 4}]}],
}
BUNDLE: Final[Json] = {
    "resourceType": "Bundle",
    "type": "searchset",
    "entry": [{"resource": PATIENT}, {"resource": SCORE}, {"resource": ANSWERS}],
}


def with_score(**changed: Any) -> Json:
    """A bundle whose score is different; None takes an element away."""
    score = {name: value for name, value in (SCORE | changed).items() if value is not None}
    return BUNDLE | {"entry": [{"resource": PATIENT}, {"resource": score}]}


PLANTED: Final[dict[str, Json]] = {
    "an element there is none of": PATIENT | {"couple": "c"},
    "a text for a boolean": PATIENT | {"active": "true"},
    "a day for an instant": PATIENT | {"meta": {"lastUpdated": "2026-01-01"}},
    "one where there may be several": PATIENT | {"name": {"text": "Alex"}},
    "several where there may be one": ANSWERS | {"identifier": [{"value": "1"}]},
    "an empty list": PATIENT | {"name": []},
    "an empty text": PATIENT | {"name": [{"text": ""}]},
    "null": PATIENT | {"active": None},
    "a code that is not of those bound": PATIENT | {"gender": "diverse"},
    "an element that must be there": with_score(code=None),
    "a status that is none": with_score(status="done"),
    "two of a choice": with_score(valueString="22"),
    "a type that is not of the choice": with_score(valueQuantity=None, valueUri="urn:x"),
    "a text for a number": with_score(valueQuantity={"value": "22"}),
    "an answer to no item": ANSWERS | {"item": [{"answer": [{"valueInteger": 4}]}]},
    "half an integer": ANSWERS | {"item": [{"linkId": "1", "answer": [{"valueInteger": 4.5}]}]},
    "an element of a later version": with_score(instantiatesCanonical="urn:x"),
    "a kind of bundle that is none": BUNDLE | {"type": "found"},
    "a resource type there is none of": {"resourceType": "Couple", "id": "c"},
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_that_is_planted_is_found(fault: str) -> None:
    """What cannot fail shows nothing."""
    assert faults(PLANTED[fault])


def test_what_is_right_has_no_fault() -> None:
    """The planted faults are found for what they are."""
    assert not faults(BUNDLE)


@pytest.fixture
def told(clinic: Clinic, therapist: Caller) -> World:
    """A full record of one couple, with a signed note and every measure answered by both."""
    world = World(clinic, therapist)
    sign(world)
    items = [
        {
            "couple_id": world.ids["couple_id"],
            "partner_id": partner_id,
            "measure": code,
            "answers": {str(item.number): item.low for item in measure.items},
        }
        for code, measure in MEASURES.items()
        for partner_id in world.partners
        if measure.items and not any(item.safety for item in measure.items)
    ]
    world.post("/v1/administrations/batch", {"items": items})
    return world


def pages(software: Caller, type_: str) -> list[Json]:
    """Every page of all there is of a type."""
    found, path = [], f"/fhir/{type_}?_count=50"
    while path:
        answer = software.get(path)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        path = next((link["url"] for link in found[-1]["link"] if link["relation"] == "next"), "")
    return found


@pytest.mark.parametrize("engine_name", ["sqlite"])  # a mapper makes the same of the same rows, whatever they lie in
def test_every_resource_and_bundle_is_as_r4_defines_it(told: World) -> None:
    """Of every type there is at least one, each reference leads to one of them, and none has a fault."""
    software = told.clinic.integration(scopes={"system/*.rs"})
    bundles = [page for type_ in resources() for page in pages(software, type_)]
    found = {f"{one['resourceType']}/{one['id']}" for page in bundles for one in held(page)}
    assert {one.partition("/")[0] for one in found} == {"Bundle", *resources()}
    for page in bundles:
        assert not faults(page)
        assert {one for one in references(page) if one.partition("/")[0] in resources()} <= found


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_statement_and_every_outcome_are_as_r4_defines_them(clinic: Clinic) -> None:
    """Of what there is, and of whatever goes wrong."""
    software = clinic.integration(scopes={"system/Patient.rs"})
    statement = clinic.anonymous().get("/fhir/metadata").json()
    assert (statement["resourceType"], faults(statement)) == ("CapabilityStatement", [])
    refused = {
        400: software.get("/fhir/Patient?birthdate=1980-01-01"),
        401: clinic.anonymous().get("/fhir/Patient"),
        403: software.get("/fhir/Organization"),
        404: software.get("/fhir/Patient/nobody"),
        405: software.delete("/fhir/Patient/nobody"),
        415: software.post("/fhir/Patient/_search", content=b"{}", headers={"Content-Type": "text/plain"}),
    }
    for status, answer in refused.items():
        outcome = answer.json()
        assert (answer.status_code, outcome["resourceType"], faults(outcome)) == (status, "OperationOutcome", [])
