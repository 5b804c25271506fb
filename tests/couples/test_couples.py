"""Couples and partners over HTTP."""

from typing import Any

from app.access.permissions import Role
from tests.conftest import Caller, Clinic


def new_couple(number: str = "1", **more: Any) -> dict[str, Any]:
    """A couple to send."""
    return {
        "time_zone": "Europe/Berlin",
        "partner_a": {"record_number": f"A-{number}", "name": "Alex", "pronouns": "they/them"},
        "partner_b": {"record_number": f"B-{number}", "name": "Robin"},
        **more,
    }


def test_a_therapist_opens_a_couple_and_reads_it_back(therapist: Caller) -> None:
    made = therapist.post("/v1/couples", json=new_couple())
    assert made.status_code == 201, made.text
    read = therapist.get(made.headers["Location"])
    assert read.status_code == 200
    assert read.json() == made.json()
    assert [partner["slot"] for partner in read.json()["partners"]] == ["a", "b"]


def test_a_partners_name_and_contact_are_read_back_as_given(therapist: Caller) -> None:
    contact = {"email": "a@example.org", "telephone": None, "rules": "Weekdays only."}
    body = new_couple()
    body["partner_a"]["contact"] = contact
    couple = therapist.post("/v1/couples", json=body).json()
    partner = therapist.get(f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}").json()
    assert (partner["name"], partner["pronouns"], partner["contact"]) == ("Alex", "they/them", contact)


def test_a_merge_patch_changes_what_was_sent_and_clears_what_is_null(therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    path = f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}"
    changed = therapist.patch(path, json={"pronouns": None}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["pronouns"], changed.json()["version"]) == ("Alex", None, 2)
    assert changed.headers["ETag"] == '"2"'


def test_a_change_without_if_match_and_a_stale_one_are_refused(therapist: Caller) -> None:
    path = "/v1/couples/" + therapist.post("/v1/couples", json=new_couple()).json()["id"]
    assert therapist.patch(path, json={"time_zone": "UTC"}).json()["code"] == "if_match_required"
    assert therapist.patch(path, json={"time_zone": "UTC"}, headers={"If-Match": '"1"'}).status_code == 200
    stale = therapist.patch(path, json={"time_zone": "Asia/Tokyo"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_stale")
    assert therapist.get(path).json()["time_zone"] == "UTC"


def test_a_record_number_is_taken_once_in_a_clinic(therapist: Caller) -> None:
    assert therapist.post("/v1/couples", json=new_couple("1", external_id="x")).status_code == 201
    for body in (new_couple("1"), new_couple("2", external_id="x")):
        refused = therapist.post("/v1/couples", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "external_id_taken")


def test_an_archived_couple_is_out_of_the_list_and_comes_back_when_restored(therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    path = f"/v1/couples/{couple['id']}"
    assert therapist.delete(path, headers={"If-Match": '"1"'}).status_code == 204
    assert therapist.get("/v1/couples").json()["items"] == []
    assert [item["id"] for item in therapist.get("/v1/couples?archived=true").json()["items"]] == [couple["id"]]
    refused = therapist.patch(path, json={"time_zone": "UTC"}, headers={"If-Match": '"2"'})
    assert refused.json()["code"] == "couple_archived"
    assert therapist.post(f"{path}/restorations").json()["archived_at"] is None
    assert len(therapist.get("/v1/couples").json()["items"]) == 1


def test_pages_hold_every_couple_once_and_end(therapist: Caller) -> None:
    made = [therapist.post("/v1/couples", json=new_couple(str(number))).json()["id"] for number in range(7)]
    assert [couple["id"] for couple in therapist.every("/v1/couples?limit=3")] == made


def test_a_cursor_of_another_query_is_refused(therapist: Caller) -> None:
    for number in range(3):
        therapist.post("/v1/couples", json=new_couple(str(number)))
    cursor = therapist.get("/v1/couples?limit=1").json()["next_cursor"]
    for query in (f"archived=true&cursor={cursor}", f"cursor={cursor.swapcase()}", "cursor=x", f"cursor={cursor}="):
        refused = therapist.get(f"/v1/couples?{query}")
        assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid"), query


def test_another_therapists_couple_does_not_exist_until_they_join_the_care_team(clinic: Clinic, therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    other = clinic.member("other")
    absent = other.get("/v1/couples/" + couple["id"][:-1] + ("0" if couple["id"][-1] != "0" else "1"))
    hidden = other.get(f"/v1/couples/{couple['id']}")
    assert hidden.status_code == 404
    assert {**hidden.json(), "request_id": "", "instance": ""} == {**absent.json(), "request_id": "", "instance": ""}
    joined = therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": other.holder_id})
    assert joined.status_code == 201
    assert other.get(f"/v1/couples/{couple['id']}").status_code == 200


def test_an_unchanged_couple_is_not_sent_again(therapist: Caller) -> None:
    path = "/v1/couples/" + therapist.post("/v1/couples", json=new_couple()).json()["id"]
    etag = therapist.get(path).headers["ETag"]
    assert therapist.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_only_therapists_and_supervisors_of_the_clinic_join_a_care_team(clinic: Clinic, therapist: Caller) -> None:
    analyst = clinic.member("ana", Role.ANALYST)
    for stranger in (analyst.holder_id, "mem_00000000000000000000000000"):
        refused = therapist.post("/v1/couples", json=new_couple(care_team=[stranger]))
        assert (refused.status_code, refused.json()["code"]) == (422, "member_unknown")
    assert therapist.get("/v1/couples").json()["items"] == []
