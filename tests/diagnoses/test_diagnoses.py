"""Diagnoses over HTTP: of one person, checked against the catalogue, and gone on with."""

from typing import Any

import pytest

from tests.conftest import Clinic, Wristwatch
from tests.diagnoses.records import codes_of, diagnose, path_of, problem, read, status
from tests.raw_files import bytes_of
from tests.safety.records import Pair, done, new_pair


def test_a_diagnosis_is_recorded_and_read_back_as_given(pair: Pair) -> None:
    given: dict[str, Any] = {
        "concern": "female_orgasmic",
        "status": "confirmed",
        "specifiers": {"onset": "acquired", "context": "situational", "severity": "moderate"},
        "contributing_factors": ["relationship", "lack_of_knowledge"],
        "onset_on": "2025-06-01",
        "recorded_on": "2026-11-20",
        "note": "Since the move.",
    }
    made = done(diagnose(pair, "a", "F52.31", **given))
    assert {name: made[name] for name in given} == given
    assert (made["in_catalogue"], made["care_team_only"], made["conflicts"]) == (True, False, [])
    assert made["suggested_icd11"] == [{"code": "HA02.03", "status": "recalled_medium"}]
    assert read(pair, "a", made) == made


def test_a_diagnosis_says_no_more_than_is_known(pair: Pair) -> None:
    made = done(diagnose(pair, "b", "N52.8", concern="erectile"))
    assert made["specifiers"] == {"onset": None, "context": None, "severity": None}
    assert (made["status"], made["recorded_on"], made["in_catalogue"]) == ("provisional", "2026-11-22", False)
    assert (made["suggested_icd11"], made["note"]) == ([], None)


@pytest.mark.parametrize(
    ("system", "code"), [("dsm5tr", "F52.22"), ("icd11", "HA01.03"), ("snomed", "60103007"), ("icd10cm", "F33.1")]
)
def test_every_coding_system_takes_its_codes(pair: Pair, system: str, code: str) -> None:
    assert done(diagnose(pair, "a", code, system=system))["system"] == system


@pytest.mark.parametrize(
    ("system", "code", "refused"),
    [
        ("icd10cm", "F52", "code_not_billable"),
        ("dsm5tr", "N94.1", "code_not_billable"),
        ("icd10cm", "HA00", "code_malformed"),
        ("icd10cm", "F52.7", "code_unknown"),
        ("dsm5tr", "F52.5", "code_not_in_dsm5tr"),
        ("icd11", "F52.0", "code_malformed"),
        ("snomed", "60103008", "code_malformed"),
    ],
)
def test_a_code_that_cannot_be_is_refused_by_the_rule_it_breaks(pair: Pair, system: str, code: str, refused: str) -> None:
    answer = diagnose(pair, "a", code, system=system)
    name = "code_not_billable" if refused == "code_not_billable" else "diagnosis_code_invalid"
    assert problem(answer) == (422, name, [refused])
    assert answer.json()["errors"][0]["pointer"] == "/code"
    assert codes_of(pair, "a") == []


def test_a_category_is_refused_with_the_billable_codes_below_it(pair: Pair) -> None:
    told = diagnose(pair, "a", "F52.2").json()["errors"][0]["detail"]
    assert told.endswith("F52.21, F52.22.")


def test_a_diagnosis_is_filed_under_a_concern_its_code_belongs_to(pair: Pair) -> None:
    wrong = diagnose(pair, "a", "F52.4", concern="erectile")
    assert problem(wrong) == (422, "diagnosis_code_invalid", ["code_of_another_concern"])
    assert problem(diagnose(pair, "a", "F52.4", concern="moonlight")) == (422, "concern_unknown", ["concern_unknown"])


@pytest.mark.parametrize(
    ("days", "code", "pointer"),
    [
        ({"recorded_on": "2026-11-23"}, "day_in_future", "/recorded_on"),
        ({"onset_on": "2026-11-21", "recorded_on": "2026-11-20"}, "days_out_of_order", "/onset_on"),
        ({"onset_on": "2026-11-23"}, "days_out_of_order", "/onset_on"),
    ],
)
def test_the_days_of_a_diagnosis_follow_each_other(pair: Pair, days: dict[str, Any], code: str, pointer: str) -> None:
    answer = diagnose(pair, "a", "F52.4", **days)
    assert problem(answer) == (422, code, [code])
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_the_same_diagnosis_is_active_once_and_may_return(pair: Pair) -> None:
    first = done(diagnose(pair, "a", "F52.4"))
    assert problem(diagnose(pair, "a", "F52.4"))[:2] == (409, "diagnosis_already_recorded")
    done(diagnose(pair, "b", "F52.4"))
    done(diagnose(pair, "a", "F52.4", system="dsm5tr"))
    done(status(pair, "a", first, "resolved"), 200)
    done(diagnose(pair, "a", "F52.4"))
    assert problem(status(pair, "a", first, "confirmed"))[:2] == (409, "diagnosis_already_recorded")


def test_a_diagnosis_goes_on_and_every_status_is_kept_with_its_day(pair: Pair, clock: Wristwatch) -> None:
    made = done(diagnose(pair, "a", "F52.4"))
    clock.turn(days=3)
    done(status(pair, "a", made, "confirmed", changed_on="2026-11-24"), 200)
    done(status(pair, "a", made, "resolved"), 200)
    again = done(status(pair, "a", made, "provisional"), 200)
    told = [(step["status"], step["changed_on"]) for step in again["history"]]
    days = [("provisional", "2026-11-22"), ("confirmed", "2026-11-24"), ("resolved", "2026-11-25")]
    assert told == [*days, ("provisional", "2026-11-25")]
    assert read(pair, "a", made) == again


def test_an_impossible_status_is_refused_with_what_is_possible(pair: Pair) -> None:
    made = done(diagnose(pair, "a", "F52.4", status="confirmed"))
    answer = status(pair, "a", made, "provisional")
    assert problem(answer)[:2] == (409, "diagnosis_status_unreachable")
    assert answer.json()["detail"] == "A diagnosis that is confirmed can become: refuted, resolved."
    for day, code in (("2026-11-21", "days_out_of_order"), ("2026-11-23", "day_in_future")):
        assert problem(status(pair, "a", made, "resolved", changed_on=day))[1] == code


def test_what_is_said_of_a_diagnosis_is_changed_and_its_code_is_not(pair: Pair) -> None:
    made = done(diagnose(pair, "a", "F52.31", note="First.", onset_on="2020-01-01"))
    body = {"note": None, "specifiers": {"severity": "mild"}, "concern": "orgasm_gap", "onset_on": None}
    path = path_of(pair, "a", made)
    changed = done(pair.therapist.patch(path, json=body, headers={"If-Match": '"1"'}), 200)
    assert (changed["note"], changed["concern"], changed["onset_on"]) == (None, "orgasm_gap", None)
    assert changed["specifiers"]["severity"] == "mild"
    assert read(pair, "a", made) == changed
    assert pair.therapist.patch(path, json={"note": "x"}, headers={"If-Match": '"1"'}).status_code == 412
    for wrong in ({"code": "F52.4"}, {"concern": "erectile"}, {"onset_on": "2026-11-23"}, {"specifiers": {"onset": "late"}}):
        assert pair.therapist.patch(path, json=wrong, headers={"If-Match": '"2"'}).status_code == 422, wrong
    assert read(pair, "a", made) == changed


def test_pages_hold_one_partners_diagnoses_and_can_leave_out_inactive_ones(pair: Pair) -> None:
    codes = ["F52.0", "F52.21", "F52.31", "F52.4", "F33.1"]
    made = [done(diagnose(pair, "a", code)) for code in codes]
    done(status(pair, "a", made[1], "refuted"), 200)
    assert codes_of(pair, "a") == codes
    assert codes_of(pair, "a", query="&active=true") == [codes[0], *codes[2:]]
    assert codes_of(pair, "a", query="&active=false") == [codes[1]]
    assert codes_of(pair, "b") == []


def test_a_diagnosis_is_found_under_its_person_alone(pair: Pair, clinic: Clinic) -> None:
    made = done(diagnose(pair, "a", "F52.4"))
    own = path_of(pair, "a", made)
    for path in (path_of(pair, "b", made), own.replace(pair.path, new_pair(pair.therapist, "2").path)):
        assert pair.therapist.get(path).status_code == 404
        assert pair.therapist.post(path + "/status-changes", json={"status": "refuted"}).status_code == 404
        assert pair.therapist.patch(path, json={}, headers={"If-Match": '"1"'}).status_code == 404
    assert clinic.member("stranger").get(own).status_code == 404


def test_an_integration_needs_a_scope_of_its_own_for_diagnoses(pair: Pair, clinic: Clinic) -> None:
    made = done(diagnose(pair, "a", "F52.4"))
    narrow = clinic.integration("narrow", {"couples:read", "couples:write"})
    reader = clinic.integration("reader", {"diagnoses:read"})
    assert narrow.get(path_of(pair, "a", made)).status_code == 403
    assert diagnose(pair, "a", "F52.21", reader).status_code == 403
    assert read(pair, "a", made, reader) == read(pair, "a", made)
    for path in (pair.path, pair.path + "/episodes", pair.partner("a")):
        assert "F52.4" not in narrow.get(path).text


def test_an_archived_couples_diagnoses_are_read_and_not_changed(pair: Pair) -> None:
    made = done(diagnose(pair, "a", "F52.4"))
    assert pair.therapist.delete(pair.path, headers={"If-Match": '"1"'}).status_code == 204
    assert read(pair, "a", made)["code"] == "F52.4"
    assert problem(diagnose(pair, "a", "F52.21"))[:2] == (409, "couple_archived")
    assert problem(status(pair, "a", made, "resolved"))[:2] == (409, "couple_archived")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_notes_reasons_and_words_are_sealed_and_codes_are_not(pair: Pair, clinic: Clinic) -> None:
    done(diagnose(pair, "a", "Z63.0", note="zaunkoenig"))
    done(diagnose(pair, "a", "Z70.3", exclusion_override={"reason": "A zaunkoenig."}))
    body = {"concern_id": pair.concern_id, "words": "Two zaunkoenig."}
    done(pair.therapist.post(pair.partner("a") + "/framings", json=body))
    assert clinic.settings.sqlite_file is not None
    stored = bytes_of(clinic.settings.sqlite_file.parent.glob("record.db*"))
    assert b"Z63.0" in stored
    assert b"zaunkoenig" not in stored
