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
    assert found[couple_id(one)]["reads"] == {"care": 3}
    assert found[couple_id(one)]["changes"] == {"care": 1}
    seen = scope(therapist, clinic, credential_id=key)[couple_id(one)]
    assert (seen["reads"], seen["changes"]) == ({"couple": 4}, {"concern_framing": 1})
    assert "zq-words" not in str(found)
    done(therapist.post(two.path + "/notes", json=new_note()))
    assert couple_id(two) in scope(office, clinic, member_id=therapist.holder_id)
    clinic.clock.turn(hours=3)
    assert scope(office, clinic, credential_id=key) == {}


def test_an_administrator_is_told_of_care_by_requests_and_never_by_rows_nor_of_a_private_note(
    clinic: Clinic, therapist: Caller
) -> None:
    office = clinic.member("office", role="administrator")  # type: ignore[arg-type]  # the name of the role
    pair = new_pair(therapist, "1")
    clinic.clock.turn(hours=2)
    done(pair.screen("b", {str(item): 5 for item in range(1, 6)}))
    done(therapist.post(pair.partner("b") + "/diagnoses", json={"system": "icd10cm", "code": "F52.32"}))
    done(therapist.post(pair.path + "/psychotherapy-notes", json={"text": "Mine alone."}))
    done(office.post(pair.path + "/legal-holds", json={"reason": "R"}))
    since = {"from_at": (clinic.clock.moment - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    told = done(office.get("/v1/breach-scope", params=since), 200)
    (touched,) = told["couples"]
    assert (touched["reads"], touched["changes"]) == ({"couple": 1}, {"care": 2, "legal_hold": 1})
    assert "own_work" not in told["beside_couples"]
    seen = scope(therapist, clinic)[couple_id(pair)]["changes"]  # the control: other members of the care team
    assert {"safety_screen", "diagnosis"} <= set(seen)


def test_a_therapist_learns_of_the_couples_they_care_for_alone(clinic: Clinic, therapist: Caller) -> None:
    pair, other = new_pair(therapist, "1"), clinic.member("other")
    assert set(scope(therapist, clinic)) == {couple_id(pair)}
    assert scope(other, clinic) == {}
    backwards = {"from_at": "2026-11-22T10:00:00Z", "to_at": "2026-11-22T09:00:00Z"}
    assert therapist.get("/v1/breach-scope", params=backwards).json()["code"] == "scope_backwards"
