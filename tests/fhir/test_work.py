"""What is done in therapy, over FHIR: hours, notes, concerns, plans and homework."""

import json
import re
from typing import Any

from tests.conftest import Caller, Clinic
from tests.homework.records import running
from tests.notes.records import new_note
from tests.safety.records import done

TYPES = ("Encounter", "DocumentReference", "Goal", "CarePlan", "Task")
ID = re.compile(r"[0-9a-f]{32}")


def found(caller: Caller, query: str) -> list[dict[str, Any]]:
    """What a search finds, all of it on one page."""
    bundle = done(caller.get(f"/fhir/{query}"), 200)
    resources = [entry["resource"] for entry in bundle.get("entry", ())]
    assert bundle["total"] == len(resources)
    return resources


def told(caller: Caller) -> str:
    """All that is told, byte for byte."""
    return json.dumps([found(caller, type_) for type_ in TYPES])


def signed(caller: Caller, couple: str, about: str = "couple", **more: Any) -> str:
    """The path of a signed note."""
    note = done(caller.post(f"{couple}/notes", json=new_note(about, **more)))
    path = f"{couple}/notes/{note['id']}"
    done(caller.post(f"{path}/signatures", json={"version": 1}), 200)
    return path


def test_an_hour_of_both_is_told_to_each_from_its_signature_until_it_was_entered_in_error(
    clinic: Clinic, therapist: Caller
) -> None:
    """Hours alone and drafts are told to no software, and an addendum is nobody's to know of."""
    couple = running(therapist).pair.path
    ehr = clinic.integration(scopes={"system/*.rs"})
    done(therapist.post(f"{couple}/notes", json=new_note()))
    for about in ("partner_a", "partner_b"):
        signed(therapist, couple, about)
    before = told(ehr)
    assert found(ehr, "Encounter") == found(ehr, "DocumentReference") == []
    note = signed(therapist, couple)
    hours, notes = found(ehr, "Encounter?date=2026-11-20"), found(ehr, "DocumentReference?type=http://loinc.org|11506-3")
    assert len({hour["subject"]["reference"] for hour in hours}) == len(hours) == len(notes) == 2
    for one in notes:
        hour = done(ehr.get("/fhir/" + one["context"]["encounter"][0]["reference"]), 200)
        assert hour in hours
        assert (hour["subject"], hour["period"]["start"]) == (one["subject"], "2026-11-20T17:00:00.000Z")
        assert set(one["content"][0]["attachment"]) == {"contentType", "title"}
    after = told(ehr)
    done(therapist.post(f"{note}/addenda", json={"reason": "correction", "text": "Added."}), 200)
    assert told(ehr) == after
    done(therapist.post(f"{note}/retractions", json={"reason": "Of another couple."}), 200)
    assert told(ehr) == before
    assert ehr.get(f"/fhir/Encounter/{hours[0]['id']}").status_code == 404


def test_two_encounters_of_one_hour_share_nothing_for_who_may_not_know_couples(clinic: Clinic, therapist: Caller) -> None:
    """Whose hour it was they share only with both scopes that say who is whose partner."""
    signed(therapist, running(therapist).pair.path)
    lone = clinic.integration("lone", scopes={"system/Encounter.rs", "system/CarePlan.rs", "system/Group.rs"})
    knowing = clinic.integration("knowing", scopes={"system/*.rs"})
    for type_ in ("Encounter", "CarePlan"):
        a, b = found(lone, type_)
        staff = {*ID.findall(json.dumps([a.get("participant"), a.get("serviceProvider"), a.get("author")]))}
        assert {*ID.findall(json.dumps(a))} & {*ID.findall(json.dumps(b))} == staff
        (shared,) = {json.dumps(one["identifier"][0]) for one in found(knowing, type_)}
        asked = f"{type_}?identifier={json.loads(shared)['system']}|{json.loads(shared)['value']}"
        assert (len(found(knowing, asked)), len(found(lone, asked))) == (2, 0)
