"""Forms: what fits a measure, what supersedes what, and when wording may be read."""

from collections.abc import Callable
from typing import Any

import pytest

from app.clinical.measures import MEASURES
from app.forms.wording import built_in
from tests.conftest import Caller, Clinic
from tests.forms.records import attest, attested, faults, form, read, shelf, stored, upload
from tests.measures.records import administer, couple

OWNED = sorted(code for code, measure in MEASURES.items() if built_in(measure) is not None)


def test_a_form_with_a_licence_is_kept_and_read_back_word_for_word(therapist: Caller) -> None:
    licence = attested(therapist)
    made = upload(therapist, instructions="Take your time.", stem="Our sexual life is")
    assert (made.status_code, made.headers["Location"]) == (201, "/v1/measures/gmsex/forms/en")
    assert (made.json()["edition"], made.json()["attestation_id"]) == (1, licence["id"])
    assert made.json()["uploaded_by_member"] == therapist.holder_id
    told = read(therapist).json()
    assert (told["title"], told["instructions"], told["stem"]) == ("A form", "Take your time.", "Our sexual life is")
    assert [(one["number"], one["text"], one["low"], one["high"]) for one in told["items"]] == [
        (number, f"Question {number}", 1, 7) for number in range(1, 6)
    ]
    assert told["items"][0]["options"][6] == {"value": 7, "text": "Answer 7"}


def test_wording_of_somebody_elses_needs_a_licence_before_it_is_kept(therapist: Caller) -> None:
    refused = upload(therapist)
    assert (refused.status_code, refused.json()["code"]) == (409, "licence_not_attested")
    assert shelf(therapist) == []


def test_a_licence_for_another_measure_or_language_or_a_later_day_lets_nothing_in(therapist: Caller) -> None:
    attested(therapist, "csi4")
    attested(therapist, languages=["de"])
    attested(therapist, granted_on="2026-11-23")
    assert upload(therapist).json()["code"] == "licence_not_attested"
    assert upload(therapist, language="DE-at").status_code == 201


def test_what_anyone_may_reproduce_needs_no_licence(therapist: Caller) -> None:
    assert upload(therapist, "phq9", language="de").status_code == 201
    assert upload(therapist, "rekindle_pulse", language="de").status_code == 201
    assert read(therapist, "phq9", "de").json()["items"][8]["options"][3] == {"value": 3, "text": "Answer 3"}


def test_without_any_form_answers_and_totals_still_come_in(therapist: Caller) -> None:
    of = couple(therapist)
    assert read(therapist).status_code == 404
    assert administer(therapist, of).status_code == 201
    body = {"measure": "gmsex", "scores_elsewhere": {"total": 22}}
    path = f"/v1/couples/{of['id']}/partners/{of['partners'][0]['id']}/administrations"
    assert therapist.post(path, json=body).status_code == 201


def refusal(caller: Caller) -> tuple[int, str, set[tuple[str, str]]]:
    answer = read(caller)
    return answer.status_code, answer.json()["code"], faults(answer)


def test_a_form_is_served_until_its_licence_ends_and_again_once_it_is_renewed(therapist: Caller, clock: Any) -> None:
    attested(therapist, expires_on="2026-11-23")
    upload(therapist)
    clock.turn(days=1, hours=14)
    assert read(therapist).status_code == 200
    clock.turn(hours=2)
    assert refusal(therapist) == (409, "form_not_licensed", {("", "expired")})
    assert "still accepted" in read(therapist).json()["detail"]
    assert (shelf(therapist)[0]["can_be_served"], shelf(therapist)[0]["not_served_because"]) == (False, "expired")
    assert administer(therapist, couple(therapist)).status_code == 201
    attested(therapist)
    assert (read(therapist).status_code, shelf(therapist)[0]["can_be_served"]) == (200, True)


def test_a_revoked_licence_takes_the_form_away_and_leaves_what_others_carry(therapist: Caller) -> None:
    first = attested(therapist)
    upload(therapist)
    second = attested(therapist)
    for licence, status in ((first, 200), (second, 409)):
        therapist.post(f"/v1/licence-attestations/{licence['id']}/revocations", json={})
        assert read(therapist).status_code == status
    assert refusal(therapist) == (409, "form_not_licensed", {("", "revoked")})


def test_a_refused_form_gives_no_word_away(therapist: Caller) -> None:
    licence = attested(therapist)
    upload(therapist, title="zq-title")
    therapist.post(f"/v1/licence-attestations/{licence['id']}/revocations", json={})
    for path in ("", "/questionnaire"):
        answer = therapist.get(f"/v1/measures/gmsex/forms/en{path}")
        assert (answer.status_code, "ETag" in answer.headers) == (409, False)
        assert "zq-title" not in answer.text
        assert "Question 1" not in answer.text


def test_a_new_upload_supersedes_the_one_before_in_its_language(therapist: Caller) -> None:
    attested(therapist)
    made = [upload(therapist, language=tag, title=tag).json()["id"] for tag in ("en-GB", "de", "EN-gb")]
    assert [(one["language"], one["edition"], one["superseded_by"]) for one in shelf(therapist)] == [
        ("en-GB", 1, made[2]),
        ("de", 1, None),
        ("en-GB", 2, None),
    ]
    assert [one["not_served_because"] for one in shelf(therapist)] == ["superseded", None, None]
    assert read(therapist, language="en-gb").json()["title"] == "EN-gb"
    assert read(therapist, language="en").status_code == 404


def test_forms_come_in_pages_with_the_one_that_comes_with_the_service_first(therapist: Caller) -> None:
    for _ in range(2):
        assert upload(therapist, "phq9", language="de").status_code == 201
    for measure in ("phq9", "rekindle_pulse"):
        path, shown = f"/v1/measures/{measure}/forms?limit=1", []
        while path:
            page = therapist.get(path)
            shown += [(one["language"], one["edition"]) for one in page.json()["items"]]
            path = page.links["next"]["url"] if "next" in page.links else ""
        assert shown == [(one["language"], one["edition"]) for one in shelf(therapist, measure)]


@pytest.mark.parametrize("code", OWNED)
def test_the_form_that_comes_with_the_service_needs_nothing(therapist: Caller, code: str) -> None:
    told = read(therapist, code).json()
    assert [one["text"] for one in told["items"]] == [item.wording for item in MEASURES[code].items]
    (entry,) = shelf(therapist, code)
    assert (entry["id"], entry["edition"], entry["language"], entry["can_be_served"]) == (None, 0, "en", True)
    assert read(therapist, code, "de").status_code == 404


def test_a_clinics_own_words_take_the_place_of_those_that_come_with_the_service(therapist: Caller) -> None:
    ours = read(therapist, "rekindle_pulse").json()
    kept = ("number", "text", "options", "low_text", "high_text")
    items = [{key: one[key] for key in kept} for one in ours["items"]]
    body = {"language": "en", "title": "Our week", "items": items}
    made = therapist.post("/v1/measures/rekindle_pulse/forms", json=body)
    assert made.status_code == 201, made.text
    assert [one["superseded_by"] for one in shelf(therapist, "rekindle_pulse")] == [made.json()["id"], None]
    assert read(therapist, "rekindle_pulse").json()["title"] == "Our week"


def test_wording_carries_an_etag_that_changes_with_any_word(therapist: Caller) -> None:
    attested(therapist)
    upload(therapist)
    first = read(therapist)
    path = "/v1/measures/gmsex/forms/en"
    assert therapist.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    upload(therapist, title="Another")
    second = therapist.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.headers["ETag"] == first.headers["ETag"]) == (200, False)
    assert not first.headers["ETag"].startswith("W/")


def test_software_uploads_and_reads_forms_with_scopes_for_it(clinic: Clinic, therapist: Caller) -> None:
    attested(therapist)
    reader, writer = clinic.integration("reader", {"forms:read"}), clinic.integration("writer", {"forms:write"})
    assert upload(reader).status_code == 403
    made = upload(writer)
    assert (made.status_code, made.json()["uploaded_by_integration"]) == (201, writer.holder_id)
    assert (read(reader).status_code, read(writer).status_code) == (200, 403)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_another_clinics_form_and_licence_do_not_exist(therapist: Caller, new_clinic: Callable[[], Clinic]) -> None:
    attested(therapist)
    upload(therapist)
    stranger = new_clinic().member("stranger")
    assert (read(stranger).status_code, shelf(stranger)) == (404, [])
    assert upload(stranger).json()["code"] == "licence_not_attested"
    attested(stranger)
    assert upload(stranger).json()["edition"] == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_wording_of_a_form_is_sealed(therapist: Caller, clinic: Clinic) -> None:
    attested(therapist)
    upload(therapist, title="zq-secret", stem="zq-secret")
    assert stored(clinic, b"gmsex")
    assert not stored(clinic, b"zq-secret")


def test_a_form_of_an_earlier_version_of_the_measure_is_no_longer_served(
    therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(therapist, "phq9", language="de")
    newer = type(MEASURES["phq9"])(**{**vars(MEASURES["phq9"]), "version": "2"})
    monkeypatch.setattr("app.forms.attestations.MEASURES", {"phq9": newer})
    refused = read(therapist, "phq9", "de")
    assert (refused.status_code, refused.json()["code"]) == (409, "form_outdated")
    assert [one["not_served_because"] for one in shelf(therapist, "phq9") if one["edition"]] == ["outdated"]
    assert upload(therapist, "phq9", language="de").json()["measure_version"] == "2"
    assert read(therapist, "phq9", "de").status_code == 200


def test_a_measure_without_items_takes_no_form(therapist: Caller) -> None:
    for measure in ("griss", "promis_sexfs_brief_v2"):
        attested(therapist, measure)
        refused = therapist.post(f"/v1/measures/{measure}/forms", json=form())
        assert (refused.status_code, refused.json()["code"]) == (409, "form_not_possible")
        assert "still accepted" in refused.json()["detail"]


def test_uploading_again_with_the_same_key_makes_one_edition(therapist: Caller) -> None:
    attested(therapist)
    for _ in range(2):
        answer = therapist.post("/v1/measures/gmsex/forms", json=form(), headers={"Idempotency-Key": "once"})
        assert answer.status_code == 201
    assert len(shelf(therapist)) == 1


def test_a_form_of_an_unknown_measure_is_not_there(therapist: Caller) -> None:
    assert attest(therapist, "nope").status_code == 404
    assert therapist.post("/v1/measures/nope/forms", json=form()).status_code == 404
    assert read(therapist, "nope").status_code == 404
    assert therapist.get("/v1/measures/nope/forms").status_code == 404
