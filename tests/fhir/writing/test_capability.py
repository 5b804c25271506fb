"""What the service says of writing is what can be done."""

from tests.conftest import Clinic
from tests.fhir.writing.records import desk, items, post
from tests.measures.records import GMSEX


def test_the_statement_says_what_is_written_and_how(clinic: Clinic) -> None:
    of = desk(clinic)
    rest = clinic.anonymous().get("/fhir/metadata").json()["rest"][0]
    told = {one["type"]: one for one in rest["resource"]}
    done = {name: [one["code"] for one in told[name]["interaction"]] for name in told}
    assert [one["code"] for one in rest["interaction"]] == ["transaction", "batch"]
    assert [name for name in done if {"create", "update"} & set(done[name])] == ["QuestionnaireResponse"]
    response = told["QuestionnaireResponse"]
    assert (response["versioning"], response["conditionalCreate"], response["updateCreate"]) == (
        "versioned-update",
        True,
        False,
    )
    made = of.create(of.response())
    assert made.status_code == 201
    assert of.update(made.json() | {"item": items(GMSEX | {"1": 7})}).status_code == 200
    for kind in ("transaction", "batch"):
        assert of.bundle(kind, post(of.response())).status_code == 200
    for method, path in (("PUT", "?identifier=x"), ("PATCH", f"/{made.json()['id']}"), ("DELETE", f"/{made.json()['id']}")):
        assert of.software.request(method, f"/fhir/QuestionnaireResponse{path}", json=made.json()).status_code == 405


def test_only_a_bundle_may_be_large(clinic: Clinic) -> None:
    of = desk(clinic)
    headers = {"Content-Type": "application/fhir+json"}
    body = b'{"resourceType": "Bundle", "type": "batch"}' + b" " * 300_000
    assert of.software.post("/fhir", content=body, headers=headers).status_code == 200
    assert of.software.post("/fhir/QuestionnaireResponse", content=body, headers=headers).status_code == 413
    assert of.software.post("/fhir", content=body * 7, headers=headers).status_code == 413
