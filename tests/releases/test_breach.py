"""The scope of a breach: exactly what a key read and changed, by couple, and no word of content."""

from datetime import timedelta
from typing import Any

from tests.conftest import Caller, Clinic
from tests.notes.records import new_note
from tests.releases.records import couple_id
from tests.safety.records import done, new_pair


def scope(caller: Caller, clinic: Clinic, **narrowed: str) -> dict[str, dict[str, Any]]:
    """Couples by id."""
    since = {"from_at": (clinic.clock.moment - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    told = done(caller.get("/v1/breach-scope", params=since | narrowed), 200)
    return {one["couple_id"]: one for one in told["couples"]}


def test_it_counts_what_one_key_touched_and_nothing_of_others(clinic: Clinic, therapist: Caller) -> None:
    office = clinic.member("office", role="administrator")  # type: ignore[arg-type]  # the name of the role
    one, two = new_pair(therapist, "1"), new_pair(therapist, "2")
    stolen = clinic.integration("stolen")
    key = stolen.get("/v1/me").json()["credential_id"]
    assert scope(office, clinic, credential_id=key) == {}
    for _ in range(3):
        done(stolen.get(one.path), 200)
    framed = {"concern_id": one.concern_id, "words": "zq-words"}
    done(stolen.post(one.partner("a") + "/framings", json=framed))
    found = scope(office, clinic, credential_id=key)
    assert set(found) == {couple_id(one)}
    assert found[couple_id(one)]["reads"] == {"couple": 4}
    assert found[couple_id(one)]["changes"] == {"care": 1}
    assert scope(therapist, clinic, credential_id=key)[couple_id(one)]["changes"] == {"concern_framing": 1}
    assert "zq-words" not in str(found)
    done(therapist.post(two.path + "/notes", json=new_note()))
    assert couple_id(two) in scope(office, clinic, member_id=therapist.holder_id)
    clinic.clock.turn(hours=3)
    assert scope(office, clinic, credential_id=key) == {}


def test_an_administrator_is_not_told_of_which_kind_care_was(clinic: Clinic, therapist: Caller) -> None:
    office = clinic.member("office", role="administrator")  # type: ignore[arg-type]  # the name of the role
    pair = new_pair(therapist, "1")
    done(therapist.post(pair.partner("b") + "/diagnoses", json={"system": "icd10cm", "code": "F52.32"}))
    told = scope(office, clinic)[couple_id(pair)]["changes"]
    assert set(told) == {"couple", "partner", "care_team_member", "care"}
    assert "diagnosis" in scope(therapist, clinic)[couple_id(pair)]["changes"]  # the control


def test_a_therapist_learns_of_the_couples_they_care_for_alone(clinic: Clinic, therapist: Caller) -> None:
    pair, other = new_pair(therapist, "1"), clinic.member("other")
    assert set(scope(therapist, clinic)) == {couple_id(pair)}
    assert scope(other, clinic) == {}
    backwards = {"from_at": "2026-11-22T10:00:00Z", "to_at": "2026-11-22T09:00:00Z"}
    assert therapist.get("/v1/breach-scope", params=backwards).json()["code"] == "scope_backwards"
