"""Exports over HTTP: asked for, made beside the requests, fetched in pieces, and dropped."""

from hashlib import sha256
from typing import Any

import pytest

from app.exports.job import make_waiting
from tests.conftest import Caller, Clinic


@pytest.fixture
def therapist(clinic: Clinic) -> Caller:
    """A therapist who has just signed in, with two couples."""
    found = clinic.signed_in("therapist")
    for number in range(2):
        found.post("/v1/couples", json={f"partner_{slot}": {"record_number": f"{number}{slot}"} for slot in "ab"})
    return found


def made(clinic: Clinic, caller: Caller, **asked: Any) -> dict[str, Any]:
    """An export that is done."""
    answer = caller.post("/v1/exports", json=asked)
    assert answer.status_code == 202, answer.text
    make_waiting(clinic.app.state.runtime, clinic.id)
    found: dict[str, Any] = caller.get(answer.headers["Location"]).json()
    return found


def test_an_export_is_asked_for_followed_and_fetched(clinic: Clinic, therapist: Caller) -> None:
    asked = therapist.post("/v1/exports", json={"formats": ["csv", "jsonl"]})
    assert asked.status_code == 202 and asked.headers["Retry-After"] == "1"
    make_waiting(clinic.app.state.runtime, clinic.id)
    found = therapist.get(asked.headers["Location"]).json()
    assert found["status"] == "done", found
    assert found["files"][-1]["name"] == "manifest.json"
    for file in found["files"]:
        sent = therapist.get(f"{asked.headers['Location']}/files/{file['name']}")
        assert (len(sent.content), sha256(sent.content).hexdigest()) == (file["bytes"], file["sha256"]), file["name"]
        assert sent.headers["ETag"] == f'"{file["sha256"]}"'
    manifest = sent.json()
    assert manifest["token"] == found["token"]
    couples = therapist.get(f"{asked.headers['Location']}/files/couples-0001.csv").text.splitlines()
    assert len(couples) == 3
