"""Red flags and preconditions: recorded by a clinician, kept, and seen by the care team alone."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.clinical.gates import PRECONDITIONS, RED_FLAGS
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import Precondition
from app.safety.flag_rules import Finding, precondition_faults
from tests.conftest import Caller, Clinic
from tests.safety.records import Pair, done, new_pair


def test_a_flag_is_opened_listed_and_cleared_with_a_reason_once(pair: Pair) -> None:
    flag = pair.flag("unprocessed_trauma", "b")
    path = f"{pair.path}/red-flags"
    assert (flag["partner_id"], flag["cleared_at"], flag["opened_by"]) == (pair.b, None, pair.therapist.holder_id)
    cleared = pair.lower(flag)
    assert (cleared["clearing_reason"], cleared["cleared_by"]) == ("It no longer holds.", pair.therapist.holder_id)
    assert pair.lower(flag) == cleared
    assert done(pair.therapist.get(path), 200)["items"] == [cleared]
    assert done(pair.therapist.get(f"{path}/{flag['id']}"), 200) == cleared


def test_the_same_flag_is_open_once_for_each_whom_it_is_about(pair: Pair) -> None:
    first = pair.flag("unprocessed_trauma", "a")
    pair.flag("unprocessed_trauma", "b")
    pair.flag("unprocessed_trauma")
    again = {"code": "unprocessed_trauma", "partner_id": pair.a}
    assert done(pair.therapist.post(pair.path + "/red-flags", json=again), 409)["code"] == "red_flag_is_open"
    pair.lower(first)
    pair.flag("unprocessed_trauma", "a")


@pytest.mark.parametrize(
    ("path", "body", "pointer", "code"),
    [
        ("/red-flags", {"code": "moonlight"}, "/code", "red_flag_unknown"),
        ("/precondition-records", {"code": "moonlight", "met": True}, "/code", "precondition_unknown"),
        (
            "/precondition-records",
            {"code": "pelvic_examination", "met": True, "found_on": "2027-01-01"},
            "/found_on",
            "day_in_future",
        ),
        (
            "/precondition-records",
            {"code": "pelvic_examination", "met": False, "expires_on": "2027-01-01"},
            "/expires_on",
            "expiry_invalid",
        ),
        (
            "/precondition-records",
            {"code": "pelvic_examination", "met": True, "expires_on": "2026-11-01"},
            "/expires_on",
            "expiry_invalid",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(
    pair: Pair, path: str, body: dict[str, object], pointer: str, code: str
) -> None:
    problem = done(pair.therapist.post(pair.path + path, json=body), 422)
    assert (problem["code"], [fault["pointer"] for fault in problem["errors"]]) == (code, [pointer])
    assert "moonlight" not in str(problem)
    assert done(pair.therapist.get(pair.path + path), 200)["items"] == []


def test_a_partner_of_another_couple_does_not_exist_here(pair: Pair, therapist: Caller) -> None:
    other = new_pair(therapist, "2")
    body = {"code": "pelvic_examination", "partner_id": other.a}
    assert therapist.post(pair.path + "/precondition-records", json=body | {"met": True}).status_code == 404
    assert therapist.post(pair.path + "/red-flags", json=body | {"code": "psychosis"}).status_code == 404
    flag = other.flag("psychosis")
    assert therapist.get(f"{pair.path}/red-flags/{flag['id']}").status_code == 404


def test_records_are_kept_and_read_back_as_they_were(pair: Pair) -> None:
    first = pair.found("pelvic_examination", "a", note="No finding.", expires_on="2027-05-01")
    second = pair.found("pelvic_examination", "a", met=False, found_on="2026-11-20")
    path = pair.path + "/precondition-records"
    assert done(pair.therapist.get(path), 200)["items"] == [first, second]
    assert done(pair.therapist.get(f"{path}/{first['id']}"), 200) == first
    assert (first["note"], first["found_on"], second["expires_on"]) == ("No finding.", "2026-11-22", None)


def test_no_machine_reads_or_writes_them(pair: Pair, clinic: Clinic) -> None:
    machine = clinic.integration()
    for path in ("/red-flags", "/precondition-records"):
        assert machine.get(pair.path + path).status_code == 403
        assert machine.post(pair.path + path, json={"code": "psychosis"}).status_code == 403


def test_the_vocabularies_hold_every_flag_and_precondition_of_every_protocol(therapist: Caller) -> None:
    flags, conditions = (
        {term["code"]: term for term in therapist.get(f"/v1/vocabularies/{name}").json()["terms"]}
        for name in ("red_flags", "preconditions")
    )
    assert (set(flags), set(conditions)) == (set(RED_FLAGS), set(PRECONDITIONS))
    for protocol in PROTOCOLS.values():
        assert all(protocol.code in flags[flag.code]["details"]["protocols"] for flag in protocol.contraindications)
        assert all(protocol.code in conditions[one.code]["details"]["protocols"] for one in protocol.preconditions)
    assert flags["under_age"]["details"]["protocols"] == []


A, B = UUID(int=1), UUID(int=2)
NEEDS_IT = replace(PROTOCOLS["sensate_focus"], preconditions=(Precondition("wounds_healed", "Wounds have healed.", "medical"),))


@pytest.mark.parametrize(
    ("met_of", "practising", "is_met"),
    [
        ([A], A, True),
        ([B], A, False),
        ([None], A, True),
        ([None], None, True),
        ([A], None, False),
        ([A, B], None, True),
    ],
)
def test_a_precondition_is_met_of_the_one_who_practises_or_else_of_both(
    met_of: list[UUID | None], practising: UUID | None, is_met: bool
) -> None:
    found = [Finding("wounds_healed", about, met=True, expires_on=None) for about in met_of]
    faults = list(precondition_faults(NEEDS_IT, found, practising, date(2026, 11, 22)))
    assert [fault.code for fault in faults] == ([] if is_met else ["precondition_missing"])
