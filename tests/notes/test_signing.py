"""Signatures and addenda: what was signed stays."""

from typing import Any

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic, Wristwatch
from tests.notes.records import new_note, notes_of, open_couple, path_of, sign_note, write_note


def test_a_signed_note_cannot_be_edited_nor_signed_again(therapist: Caller) -> None:
    note = sign_note(therapist, write_note(therapist, open_couple(therapist)))
    assert (note["status"], note["signature"]["signed_by"]) == ("locked", therapist.holder_id)
    changed = therapist.patch(path_of(note), json={"consent_checked": True}, headers={"If-Match": '"2"'})
    again = therapist.post(f"{path_of(note)}/signatures", json={"version": 2})
    for refused in (changed, again):
        assert (refused.status_code, refused.json()["code"]) == (409, "note_signed")
    assert therapist.get(path_of(note)).json() == note


def test_a_signature_is_under_the_version_that_was_read(therapist: Caller) -> None:
    note = write_note(therapist, open_couple(therapist))
    therapist.patch(path_of(note), json={"safety_checked": True}, headers={"If-Match": '"1"'})
    refused = therapist.post(f"{path_of(note)}/signatures", json={"version": 1})
    assert (refused.status_code, refused.json()["code"]) == (412, "version_stale")
    assert therapist.get(path_of(note)).json()["status"] == "draft"


INCOMPLETE: dict[str, dict[str, Any]] = {
    "/ended_at": {"ended_at": None},
    "/started_at": {"started_at": None},
    "/attendance/partner_b": {"attendance": {"partner_a": "present"}},
    "/sections": {"sections": {"data": "  "}},
}


@pytest.mark.parametrize("place", INCOMPLETE)
def test_an_incomplete_draft_is_kept_and_cannot_be_signed(therapist: Caller, place: str) -> None:
    note = write_note(therapist, open_couple(therapist), **INCOMPLETE[place])
    refused = therapist.post(f"{path_of(note)}/signatures", json={"version": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "note_incomplete")
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [place]


def test_an_addendum_is_added_by_whoever_is_on_the_care_team_and_the_note_stays(clinic: Clinic, therapist: Caller) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    note = sign_note(therapist, write_note(therapist, couple))
    for caller, text in ((therapist, "First."), (colleague, "Second.")):
        added = caller.post(f"{path_of(note)}/addenda", json={"reason": "correction", "text": text})
        assert added.status_code == 200, added.text
    read = therapist.get(path_of(note)).json()
    assert [(one["text"], one["author_id"]) for one in read["addenda"]] == [
        ("First.", therapist.holder_id),
        ("Second.", colleague.holder_id),
    ]
    assert {**read, "addenda": [], "version": 2} == note
    assert therapist.get(notes_of(couple)).json()["items"] == [read]


def test_an_addendum_gives_the_note_another_etag(therapist: Caller) -> None:
    note = sign_note(therapist, write_note(therapist, open_couple(therapist)))
    etag = therapist.get(path_of(note)).headers["ETag"]
    assert therapist.get(path_of(note), headers={"If-None-Match": etag}).status_code == 304
    therapist.post(f"{path_of(note)}/addenda", json={"reason": "correction", "text": "Added."})
    assert therapist.get(path_of(note), headers={"If-None-Match": etag}).status_code == 200


def test_a_draft_takes_no_addendum(therapist: Caller) -> None:
    note = write_note(therapist, open_couple(therapist))
    refused = therapist.post(f"{path_of(note)}/addenda", json={"reason": "correction", "text": "Added."})
    assert (refused.status_code, refused.json()["code"]) == (409, "note_not_signed")


def test_a_supervisor_reads_signed_notes_and_writes_none(clinic: Clinic, therapist: Caller) -> None:
    couple, supervisor = open_couple(therapist), clinic.member("sue", Role.SUPERVISOR)
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": supervisor.holder_id})
    note = sign_note(therapist, write_note(therapist, couple))
    assert supervisor.get(path_of(note)).json() == note
    assert supervisor.post(notes_of(couple), json=new_note()).status_code == 403
    assert supervisor.post(f"{path_of(note)}/addenda", json={"reason": "correction", "text": "No."}).status_code == 403


def test_a_late_signature_makes_a_late_entry(therapist: Caller, clock: Wristwatch) -> None:
    note = write_note(therapist, open_couple(therapist))
    clock.turn(days=2)
    assert (note["late_entry"], sign_note(therapist, note)["late_entry"]) == (False, True)
