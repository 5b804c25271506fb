"""Diagnoses of one person as Conditions, by code, status and day."""

from app.diagnoses.rules import ACTIVE, NEXT
from tests.conftest import Clinic
from tests.diagnoses.records import diagnose, status
from tests.fhir.reading import found, one, patient_of, software
from tests.safety.records import Pair, done

ICD10CM, ICD11 = "http://hl7.org/fhir/sid/icd-10-cm", "http://id.who.int/icd/release/11/mms"
SNOMED = "http://snomed.info/sct"


def test_a_diagnosis_is_a_condition_of_one_person_and_never_brings_its_note(clinic: Clinic, pair: Pair) -> None:
    made = diagnose(
        pair,
        "a",
        "F52.31",
        concern="female_orgasmic",
        status="confirmed",
        specifiers={"severity": "moderate"},
        onset_on="2025-06-01",
        recorded_on="2026-11-20",
        note="Since the move.",
    )
    assert made.status_code == 201
    ehr = software(clinic)
    a, b = patient_of(ehr, "A-1"), patient_of(ehr, "B-1")
    condition = one(ehr, f"Condition?patient={a}&category=problem-list-item")
    assert condition["subject"] == {"reference": a}
    assert condition["code"]["coding"] == [{"system": ICD10CM, "code": "F52.31"}]
    assert (condition["onsetDateTime"], condition["recordedDate"]) == ("2025-06-01", "2026-11-20")
    assert condition["severity"]["text"] == "Moderate"
    assert {label["code"] for label in condition["meta"]["security"]} == {"R", "SEX"}
    assert done(ehr.get("/fhir/" + condition["recorder"]["reference"]), 200)["name"] == [{"text": "thea"}]
    assert "move" not in str(condition)
    assert found(ehr, f"Condition?patient={b}") == []
    assert found(ehr, f"Condition?patient={a}&category=encounter-diagnosis") == []


CODED = [
    ("icd10cm", "F52.31", ICD10CM),
    ("dsm5tr", "F52.21", ICD10CM),
    ("icd11", "HA02.0", ICD11),
    ("snomed", "60103007", SNOMED),
]


def test_a_code_stands_in_the_system_it_is_of(clinic: Clinic, pair: Pair) -> None:
    for system, code, _url in CODED:
        done(diagnose(pair, "b", code, system=system))
    ehr = software(clinic)
    for _system, code, url in CODED:
        condition = one(ehr, f"Condition?code={url}|{code}")
        assert condition["code"]["coding"] == [{"system": url, "code": code}]
        assert one(ehr, f"Condition?code={code}") == condition
        assert len(found(ehr, f"Condition?code={url}|")) == [other for *_, other in CODED].count(url)
        for nothing in (f"http://example.org|{code}", f"|{code}", f"{url}|F52.32"):
            assert found(ehr, f"Condition?code={nothing}") == []


EVERY_WAY = [(first, *rest) for first in NEXT for rest in ((), *((to,) for to in NEXT[first]))]


def test_its_statuses_say_whether_it_is_there_and_how_sure_that_is_whatever_became_of_it(clinic: Clinic, pair: Pair) -> None:
    """Every first status and every way on; a resolved one keeps how sure it was, and has a day since when it is over."""
    codes = iter(f"Z71.{number}" for number in range(10, 10 + len(EVERY_WAY)))
    expected = {}
    for first, *rest in EVERY_WAY:
        code = next(codes)
        made = done(diagnose(pair, "a", code, status=first, recorded_on="2026-11-20"))
        for to in rest:
            done(status(pair, "a", made, to, changed_on="2026-11-21"), 200)
        last, before = (*rest, first)[0], first if rest else "confirmed"
        clinical = "active" if last in ACTIVE else {"refuted": "inactive", "resolved": "resolved"}[last]
        sure = (before if before in ACTIVE else "confirmed") if last == "resolved" else last
        expected[code] = (clinical, sure, None if last != "resolved" else "2026-11-21" if rest else "2026-11-20")
    ehr = software(clinic)
    told = {
        condition["code"]["coding"][0]["code"]: (
            condition["clinicalStatus"]["coding"][0]["code"],
            condition["verificationStatus"]["coding"][0]["code"],
            condition.get("abatementDateTime"),
        )
        for condition in found(ehr, "Condition")
    }
    assert told == expected
    for clinical in ("active", "inactive", "resolved"):
        searched = {condition["code"]["coding"][0]["code"] for condition in found(ehr, f"Condition?clinical-status={clinical}")}
        assert searched == {code for code, said in expected.items() if said[0] == clinical}


def test_another_status_is_another_version_and_later(clinic: Clinic, pair: Pair) -> None:
    made = done(diagnose(pair, "a", "F52.31"))
    ehr = software(clinic)
    before = one(ehr, "Condition")
    clinic.clock.turn(hours=1)
    done(status(pair, "a", made, "confirmed"), 200)
    after = one(ehr, f"Condition?_lastUpdated=gt{before['meta']['lastUpdated']}")
    assert after["id"] == before["id"]
    assert after["meta"]["versionId"] != before["meta"]["versionId"]
    assert ehr.get(f"/fhir/Condition/{after['id']}/_history/{before['meta']['versionId']}").status_code == 404


def test_days_are_searched_by_and_a_condition_without_an_onset_is_found_by_none(clinic: Clinic, pair: Pair) -> None:
    done(diagnose(pair, "a", "F52.31", onset_on="2025-06-01", recorded_on="2026-11-20"))
    done(diagnose(pair, "b", "F52.21", recorded_on="2026-11-21"))
    ehr = software(clinic)
    counts = {
        "onset-date=2025": 1,
        "onset-date=ne2024": 1,
        "onset-date=lt2025-06-01": 0,
        "recorded-date=ge2026-11-20": 2,
        "recorded-date=gt2026-11-20": 1,
        "recorded-date=2026-11-20,2026-11-21": 2,
    }
    assert {search: len(found(ehr, f"Condition?{search}")) for search in counts} == counts


def test_what_only_the_care_team_knows_is_in_no_condition_and_no_count(clinic: Clinic, pair: Pair) -> None:
    """Kept from software by who wrote it, or because its code tells of violence."""
    done(diagnose(pair, "a", "F52.31", care_team_only=True))
    done(diagnose(pair, "a", "Z69.11"))
    ehr = software(clinic)
    assert done(ehr.get("/fhir/Condition"), 200)["total"] == 0
    assert done(ehr.get("/fhir/Condition?code=Z69.11&_summary=count"), 200)["total"] == 0


def test_a_scope_of_one_category_reads_that_category_alone(clinic: Clinic, pair: Pair) -> None:
    done(diagnose(pair, "a", "F52.31"))
    category = "http://terminology.hl7.org/CodeSystem/condition-category|"
    for code, count in (("problem-list-item", 1), ("encounter-diagnosis", 0)):
        assert len(found(software(clinic, f"system/Condition.rs?category={category}{code}"), "Condition")) == count
