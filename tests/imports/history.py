"""Couples of a clinic who have been there for a while, made through its API over months."""

from typing import Any

from tests.conftest import Caller, Clinic
from tests.measures.records import GMSEX, PHQ9, administer, path

Json = dict[str, Any]


def live(clinic: Clinic) -> Caller:
    """Three couples: one in its second episode, one who left, one who only came once; returns who recorded it."""
    caller = clinic.integration("their ehr")
    first = _couple(caller, "1", external_id="EHR-C-1", time_zone="Europe/Berlin")
    opened = _open(caller, first, "desire_discrepancy", ("relationship_distress",))
    _rate(caller, first, opened["concerns"][0]["id"], 8, 5)
    _answer_for_months(clinic, caller, first)
    added = caller.post(
        f"/v1/couples/{first['id']}/episodes/{opened['id']}/concerns",
        json={"code": "painful_sex_couple", "bearer": "partner_a"},
    )
    assert added.status_code == 201, added.text
    _rate(caller, first, added.json()["id"], 6, 2)
    assert (
        caller.post(f"/v1/couples/{first['id']}/concerns/{opened['concerns'][1]['id']}/resolutions", json={}).status_code == 200
    )
    clinic.clock.turn(days=3)
    _close(caller, first, opened["id"], "completed")
    clinic.clock.turn(days=20)
    again = _open(caller, first, "performance_anxiety", ())
    _rate(caller, first, again["concerns"][0]["id"], 3, 9)
    administer(caller, first, external_id="EHR-A-last")
    second = _couple(caller, "2")
    left = _open(caller, second, "low_sex_relationship", ())
    administer(caller, second, slot=1)
    _close(caller, second, left["id"], "separated")
    tag = caller.get(f"/v1/couples/{second['id']}").headers["etag"]
    assert caller.delete(f"/v1/couples/{second['id']}", headers={"If-Match": tag}).status_code == 204
    _couple(caller, "3", external_id="EHR-C-3")
    clinic.clock.turn(days=2)
    return caller


def _couple(caller: Caller, number: str, **more: Any) -> Json:
    partners = {f"partner_{slot}": {"record_number": f"{slot.upper()}-{number}"} for slot in "ab"}
    made = caller.post("/v1/couples", json={**partners, **more})
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


def _open(caller: Caller, couple: Json, concern: str, others: tuple[str, ...]) -> Json:
    body = {"primary_concern": {"code": concern}, "other_concerns": [{"code": code} for code in others]}
    made = caller.post(f"/v1/couples/{couple['id']}/episodes", json=body)
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


def _close(caller: Caller, couple: Json, episode: str, reason: str) -> None:
    closed = caller.post(f"/v1/couples/{couple['id']}/episodes/{episode}/closures", json={"reason": reason})
    assert closed.status_code == 200, closed.text


def _rate(caller: Caller, couple: Json, concern: str, *severities: int) -> None:
    for partner, severity in zip(couple["partners"], severities, strict=True):
        said = {"partner_id": partner["id"], "severity": severity, "distressed": severity > 4}
        rated = caller.post(f"/v1/couples/{couple['id']}/concerns/{concern}/ratings", json=said)
        assert rated.status_code == 201, rated.text


def _answer_for_months(clinic: Clinic, caller: Caller, couple: Json) -> None:
    """Whole and broken answers, a correction, and a total that somebody else computed."""
    for month in range(3):
        clinic.clock.turn(days=14)
        for slot in (0, 1):
            _sent(administer(caller, couple, slot=slot, external_id=f"EHR-A-{month}-{slot}"))
    _sent(administer(caller, couple, {**GMSEX, "3": None}, reasons={"3": "declined"}))
    wrong = _sent(administer(caller, couple, {**PHQ9, "9": 1}, measure="phq9", slot=1))
    _sent(administer(caller, couple, PHQ9, measure="phq9", slot=1, supersedes=wrong["id"], mode="clinician", language="en-GB"))
    idle = {str(item): 3 if item in {1, 2, 15, 16} else 0 for item in range(1, 20)}
    _sent(administer(caller, couple, idle, measure="fsfi", reasons={"3": "no_activity"}))
    elsewhere = {"scores_elsewhere": {"total": 20}, "scored_by": "Their EHR 4.2", "measure": "gmsex"}
    reported = _sent(caller.post(f"{path(couple, 1)}/administrations", json=elsewhere))
    better = {**elsewhere, "scores_elsewhere": {"total": 21}, "supersedes": reported["id"]}
    _sent(caller.post(f"{path(couple, 1)}/administrations", json=better))


def _sent(answer: Any) -> Json:
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found
