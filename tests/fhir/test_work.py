"""What is done in therapy, over FHIR: hours, notes, concerns, plans and homework."""

import json
import re
from typing import Any

from app.fhir.resources import resources
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import draft, running
from tests.homework.test_practising import practising
from tests.homework.test_who_stopped import prepared, withdraw
from tests.notes.records import new_note
from tests.safety.records import done, new_pair

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


def whose(resource: dict[str, Any]) -> str:
    """The patient that a resource is of."""
    return str((resource.get("subject") or resource["for"])["reference"])


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
        if type_ == "CarePlan":  # whose moments may be days; the hour of a visit is an hour
            assert not re.search(r"T\d\d:", json.dumps([a, b]))


def test_a_concern_is_a_goal_of_each_until_it_is_settled_or_care_ends(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    """A suspicion of violence is nobody's goal, and how much a concern weighs on either moves nothing."""
    pair, ehr = new_pair(therapist), clinic.integration(scopes={"system/*.rs"})
    episode, before = f"{pair.path}/episodes/{pair.episode['id']}", told(ehr)
    done(therapist.post(f"{episode}/concerns", json={"code": "ipv_suspected_or_confirmed"}))
    weighs = {"partner_id": pair.b, "severity": 9, "distressed": True}
    done(therapist.post(f"{pair.path}/concerns/{pair.concern_id}/ratings", json=weighs))
    assert told(ehr) == before
    clock.turn(hours=14.5)  # the 23rd has begun for them, and not yet in UTC
    done(therapist.post(f"{episode}/concerns", json={"code": "erectile", "bearer": "partner_a"}))
    added = found(ehr, "Goal?start-date=2026-11-23")
    assert ([one["startDate"] for one in added], len({whose(one) for one in added})) == (["2026-11-23"] * 2, 2)
    since = clock().isoformat().replace("+00:00", "Z")
    done(therapist.post(f"{pair.path}/concerns/{pair.concern_id}/resolutions", json={}), 200)
    settled = found(ehr, f"Goal?_lastUpdated=ge{since}")
    assert [(one["lifecycleStatus"], one["statusDate"]) for one in settled] == [("completed", "2026-11-23")] * 2
    done(therapist.post(f"{episode}/closures", json={"reason": "completed"}), 200)
    assert found(ehr, "Goal?lifecycle-status=active") == []
    assert len(found(ehr, "Goal?lifecycle-status=cancelled")) == 4
    kept = found(ehr, "Goal?lifecycle-status=http://hl7.org/fhir/goal-status|completed")
    assert [one["id"] for one in kept] == [one["id"] for one in settled]


def test_a_plan_exists_from_its_offer_and_shows_where_it_stands(clinic: Clinic, therapist: Caller) -> None:
    """Before, it is the therapist's thinking. It addresses a diagnosis of that very partner, for who may read diagnoses."""
    ehr, lone = clinic.integration(scopes={"system/*.rs"}), clinic.integration("lone", scopes={"system/CarePlan.rs"})
    pair = new_pair(therapist, concern="female_interest_arousal")
    course = draft(pair)
    assert found(ehr, "CarePlan") == []
    done(course.move("offers"), 200)
    assert [plan["status"] for plan in found(ehr, "CarePlan?status=draft")] == ["draft", "draft"]
    assert found(ehr, "CarePlan?date=ge2020") == []
    apart = found(lone, "CarePlan")
    diagnosis = {"system": "icd10cm", "code": "F52.22", "concern": "female_interest_arousal", "status": "confirmed"}
    done(therapist.post(pair.partner("b") + "/diagnoses", json=diagnosis))
    a, b = sorted(found(ehr, "CarePlan"), key=lambda plan: "addresses" in plan)
    assert "addresses" not in a
    condition = done(ehr.get("/fhir/" + b["addresses"][0]["reference"]), 200)
    assert condition["subject"] == b["subject"] != a["subject"]
    assert b["meta"]["lastUpdated"] > a["meta"]["lastUpdated"]
    assert found(lone, "CarePlan") == apart


def test_of_a_pause_nothing_shows_before_it_does(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    """Not even what was given or resumed in secret meanwhile; and what then shows is dated to that moment."""
    course = prepared(therapist, "1")
    ehr = clinic.integration(scopes={"system/*.rs"})
    native = clinic.integration("native")
    done(course.move("holds"), 200)
    before = told(ehr)
    withdraw(course, "a", native)
    course.pair.consent("a")
    done(course.move("resumptions"), 200)
    given = done(course.assign(occasions=3))
    secret, shows = "active", course.read(native)["since"]
    assert course.read()["status"] == secret
    while course.read(native)["status"] == "held":
        assert told(ehr) == before
        clock.turn(hours=9)
    since = course.read(native)["since"]
    assert since > shows
    for type_, count in (("CarePlan", 2), ("Task", 4)):
        newer = found(ehr, f"{type_}?_lastUpdated=ge{since}")
        assert {one["meta"]["lastUpdated"] for one in newer} == {since}
        assert len(newer) == len(found(ehr, type_)) == count
    assert {len(plan["activity"]) for plan in found(ehr, "CarePlan?status=active")} == {2}
    assert given["id"] not in told(ehr)


def test_homework_stands_by_its_days_where_the_couple_lives_and_by_no_answer(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    """A client that asks what changed since it last did knows where every task stands."""
    course = running(therapist)
    ehr = clinic.integration(scopes={"system/*.rs"})
    words = "Only for the two of them."
    given = done(course.assign(starts_on="2026-11-24", ends_on="2026-11-26", note=words))
    known: dict[str, dict[str, Any]] = {}
    seen: list[tuple[str, str]] = []
    since = "2000"
    for hours in (0, 37.9, 0.2, 24, 47.7, 0.2):  # from the 22nd at nine, UTC; they live an hour ahead of it
        clock.turn(hours=hours)
        changed = found(ehr, f"Task?_lastUpdated=ge{since}")
        since = clock().isoformat().replace("+00:00", "Z")
        known |= {task["id"]: task for task in changed}
        assert list(known.values()) == found(ehr, "Task")
        seen += [(task["status"], task["meta"]["lastUpdated"]) for task in changed[:1]]
        assert found(ehr, f"Task?status={seen[-1][0]}") == list(known.values())
        if hours == 24:
            before = told(ehr)
            done(course.check_in(given, "b", pressure=3, note="And this."))
            assert told(ehr) == before
    assert words not in told(ehr)
    assert [status for status, _ in seen] == ["requested", "in-progress", "completed"]
    assert [at for _, at in seen[1:]] == ["2026-11-23T23:00:00.000Z", "2026-11-26T23:00:00.000Z"]


def test_where_one_partner_practises_alone_the_other_is_asked_for_nothing(clinic: Clinic, therapist: Caller) -> None:
    """Both have the plan, for both know of it."""
    practising(therapist, "partner_b")
    ehr = clinic.integration(scopes={"system/*.rs"})
    (task,) = found(ehr, "Task")
    plan = done(ehr.get("/fhir/" + task["basedOn"][0]["reference"]), 200)
    assert plan["subject"] == task["for"] == task["owner"]
    (other,) = [one for one in found(ehr, "CarePlan") if one["id"] != plan["id"]]
    assert "activity" not in other
    assert found(ehr, f"Task?based-on={plan['id']}") == [task]
    assert found(ehr, f"Task?based-on=CarePlan/{other['id']}") == []


def test_what_is_referred_to_is_there_and_of_the_same_partner(clinic: Clinic, therapist: Caller) -> None:
    """Over couples at different points of their work."""
    courses = [running(therapist, str(number)) for number in range(2)]
    for number, course in enumerate(courses):
        for _ in range(number + 1):
            done(course.assign())
            signed(therapist, course.pair.path)
    done(courses[1].move("completions"), 200)
    ehr = clinic.integration(scopes={"system/*.rs"})
    all_of = {f"{one['resourceType']}/{one['id']}": one for type_ in TYPES for one in found(ehr, f"{type_}?_count=100")}
    patients = {one["id"] for one in found(ehr, "Patient")}
    followed = 0
    for one in all_of.values():
        own = whose(one)
        assert own.removeprefix("Patient/") in patients
        for leads in re.findall(r'"reference": "([A-Za-z]+/[0-9a-f]{32})"', json.dumps(one)):
            type_ = leads.partition("/")[0]
            if type_ in TYPES:
                assert whose(all_of[leads]) == own
                followed += 1
            elif type_ in resources():
                assert (leads == own) if type_ == "Patient" else ehr.get(f"/fhir/{leads}").status_code == 200
    assert followed == 2 * (2 + 3 + 3 + 3)  # goals of plans, their tasks, those back to plans, hours of notes
    assert {json.dumps(found(ehr, f"{type_}?patient={one}")) for type_ in TYPES for one in patients} != {"[]"}
