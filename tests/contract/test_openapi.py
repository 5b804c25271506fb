"""The OpenAPI document is the one committed, complete, and true to itself."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from app.cli import rendered_openapi
from app.main import bare_app

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = bare_app().openapi()
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}

BY_LINK = {name: told for name, told in OPERATIONS.items() if told[1].startswith("/p/{link}")}
BY_NOBODY = {name: told for name, told in OPERATIONS.items() if told[2]["x-permission"] == "sign_in"}
BY_KEY = {name: told for name, told in OPERATIONS.items() if name not in BY_LINK | BY_NOBODY}


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator that knows the document's schemas."""
    whole = {"$ref": "#/root", "root": schema, "components": DOCUMENT["components"]}
    return Draft202012Validator(whole)


def test_the_committed_document_is_up_to_date() -> None:
    committed = (ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8")
    assert committed == rendered_openapi(), "run `python -m app openapi`"


def test_the_walk_finds_every_room() -> None:
    assert {"open_couple", "read_me", "read_vocabulary"} <= set(OPERATIONS)
    assert len(OPERATIONS) >= 20


BYTES = {"type": "string", "format": "binary"}  # a file, of which no example says anything


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_described_guarded_and_exampled(name: str) -> None:
    _method, path, operation = OPERATIONS[name]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
    assert operation["tags"]
    assert operation["description"].endswith(".")
    assert operation["x-permission"]
    assert operation["security"] == ([{"key": []}] if name in BY_KEY else [])
    assert path.startswith(("/v1/", "/p/{link}")) or path == "/oauth/token"
    for status, response in operation["responses"].items():
        assert response["description"]
        for media_type, content in response.get("content", {}).items():
            assert "example" in content or content["schema"] == BYTES, (name, status)
            # RFC 6749's own, but for a body that is refused before anybody looks at the path
            is_its_own = name == "issue_token" and status != "413"
            told = "application/json" if is_its_own else "application/problem+json"
            assert (media_type == told) == (status[0] in "45" or is_its_own), (name, status)
    strangers = {"404"} if name in BY_LINK else {"401"} if name in BY_NOBODY else {"401", "403"}
    assert strangers | {"429", "500"} <= set(operation["responses"])
    assert not (name in BY_LINK and {"401", "403"} & set(operation["responses"])), "a link is told nothing but 404"
    for parameter in operation.get("parameters", []):
        assert parameter.get("description"), (name, parameter["name"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_examples_of_an_operation_hold_by_its_own_schemas(name: str) -> None:
    _method, _path, operation = OPERATIONS[name]
    contents = list(operation.get("requestBody", {}).get("content", {}).values())
    for response in operation["responses"].values():
        contents += response.get("content", {}).values()
    for content in contents:
        if content["schema"] != BYTES:
            validator(content["schema"]).validate(content["example"])


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_field_of_a_schema_is_described(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    for field, told in schema.get("properties", {}).items():
        referred = DOCUMENT["components"]["schemas"].get(told.get("$ref", "").rpartition("/")[2], {})
        assert told.get("description") or referred.get("description"), f"{name}.{field}"


def test_a_wrong_example_would_be_noticed() -> None:
    content = OPERATIONS["open_couple"][2]["requestBody"]["content"]["application/json"]
    with pytest.raises(jsonschema.ValidationError):
        validator(content["schema"]).validate(content["example"] | {"time_zone": 7})
