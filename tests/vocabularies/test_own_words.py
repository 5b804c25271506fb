"""What a clinic's own protocols define is in the vocabularies of that clinic, and of no other."""

from collections.abc import Callable
from typing import Any

import pytest

from app.protocols.example import EXAMPLE
from tests.conftest import Caller, Clinic
from tests.safety.records import done, new_pair

FLAGS = [
    {"code": "own_storm", "description": "A storm is on.", "kind": "safety"},
    {"code": "open_hostility", "description": "Said in the clinic's own words.", "kind": "relationship"},
]
CODE = EXAMPLE["code"]


def terms(caller: Caller, name: str) -> dict[str, Any]:
    """A vocabulary by code, which is as long as the list of vocabularies says."""
    read = done(caller.get(f"/v1/vocabularies/{name}"), 200)["terms"]
    counts = {one["name"]: one["count"] for one in done(caller.get("/v1/vocabularies"), 200)["items"]}
    assert len(read) == len({term["code"] for term in read}) == counts[name]
    return {term["code"]: term for term in read}


@pytest.fixture
def brought(therapist: Caller) -> None:
    done(therapist.post("/v1/protocols", json={"document": EXAMPLE | {"contraindications": FLAGS}}))


@pytest.mark.usefixtures("brought")
def test_a_clinics_protocol_is_a_word_and_is_said_to_be_retired(therapist: Caller) -> None:
    assert terms(therapist, "protocols")[CODE] == {"code": CODE, "name": EXAMPLE["name"], "details": {"origin": ["clinic"]}}
    assert terms(therapist, "protocols")["sensate_focus"]["details"] == {"origin": ["catalogue"]}
    done(therapist.post(f"/v1/protocols/{CODE}/retirements", json={"reason": "Another."}), 200)
    assert terms(therapist, "protocols")[CODE]["details"]["standing"] == ["retired"]


@pytest.mark.usefixtures("brought")
def test_what_its_document_defines_are_words_and_are_taken(therapist: Caller) -> None:
    assert terms(therapist, "preconditions")["time_agreed"]["details"] == {"kind": ["relationship"], "protocols": [CODE]}
    assert terms(therapist, "red_flags")["own_storm"]["details"] == {"kind": ["safety"], "protocols": [CODE]}
    pair = new_pair(therapist)
    pair.flag("own_storm")
    pair.found("time_agreed")


@pytest.mark.usefixtures("brought")
def test_a_word_of_ours_keeps_our_sentence_and_names_the_clinics_protocol_too(therapist: Caller) -> None:
    shared = terms(therapist, "red_flags")["open_hostility"]
    assert shared["name"] != FLAGS[1]["description"]
    assert shared["details"]["protocols"] == ["sensate_focus", CODE]


@pytest.mark.usefixtures("brought")
def test_words_of_an_earlier_version_stay_because_plans_follow_it(therapist: Caller) -> None:
    later = EXAMPLE | {"version": "2", "name": "Another name", "contraindications": [], "preconditions": []}
    done(therapist.post(f"/v1/protocols/{CODE}/versions", json={"document": later}))
    assert terms(therapist, "protocols")[CODE]["name"] == "Another name"
    assert {"own_storm"} <= set(terms(therapist, "red_flags"))
    assert {"time_agreed"} <= set(terms(therapist, "preconditions"))


@pytest.mark.usefixtures("brought")
def test_a_concern_names_the_clinics_homework_until_it_is_retired(therapist: Caller) -> None:
    def named() -> list[bool]:
        shown = done(therapist.get("/v1/concerns/desire_discrepancy"), 200)["protocols"]
        return [CODE in shown, CODE in terms(therapist, "concerns")["desire_discrepancy"]["details"]["protocols"]]

    assert named() == [True, True]
    assert CODE not in done(therapist.get("/v1/concerns/erectile"), 200)["protocols"]
    done(therapist.post(f"/v1/protocols/{CODE}/retirements", json={"reason": "Another."}), 200)
    assert named() == [False, False]


def test_another_clinic_has_none_of_these_words(new_clinic: Callable[[], Clinic], engine_name: str) -> None:
    if engine_name == "sqlite":
        pytest.skip("an SQLite file holds one clinic")
    mine, theirs = new_clinic().member("thea"), new_clinic().member("theo")
    done(mine.post("/v1/protocols", json={"document": EXAMPLE | {"contraindications": FLAGS}}))
    for name, own in (("protocols", CODE), ("red_flags", "own_storm"), ("preconditions", "time_agreed")):
        assert own in terms(mine, name)
        assert own not in terms(theirs, name)
