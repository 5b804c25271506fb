"""The life of a note after its draft: co-signature, lock, retraction, discarding, and every version kept."""

from typing import Any

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic, Wristwatch
from tests.notes.records import notes_of, open_couple, path_of, retract_note, sign_note, write_note


def supervise(clinic: Clinic, therapist: Caller, couple: dict[str, Any], login: str = "sue") -> Caller:
    """A supervisor on the couple's care team."""
    supervisor = clinic.member(login, Role.SUPERVISOR)
    joined = therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": supervisor.holder_id})
    assert joined.status_code in {200, 201}
    return supervisor


def co_sign(caller: Caller, note: dict[str, Any], **more: Any) -> Any:
    """Asks to co-sign a note."""
    return caller.post(f"{path_of(note)}/co-signatures", json={"version": note["version"], **more})


def test_supervised_work_waits_for_a_co_signature_and_then_for_time_to_lock(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    couple = open_couple(therapist)
    supervisor = supervise(clinic, therapist, couple)
    draft = write_note(therapist, couple)
    note = therapist.post(f"{path_of(draft)}/signatures", json={"version": 1, "credentials": "LMFT"}).json()
    assert (note["status"], note["signature"]["credentials"], note["co_signature"]["wanted"]) == ("signed", "LMFT", True)
    signed = co_sign(supervisor, note, credentials="PhD")
    assert signed.status_code == 200, signed.text
    told = signed.json()
    assert (told["status"], told["co_signature"]["signed_by"]) == ("co_signed", supervisor.holder_id)
    assert told["co_signature"]["credentials"] == "PhD"
    assert told["signature"] == note["signature"]
    assert co_sign(supervisor, told).json()["code"] == "note_co_signed"
    clock.turn(days=31)
    assert therapist.get(path_of(note)).json()["status"] == "locked"
    assert [one["status"] for one in therapist.get(f"{notes_of(couple)}?status=locked").json()["items"]] == ["locked"]
    assert therapist.get(f"{notes_of(couple)}?status=co_signed").json()["items"] == []


def test_a_note_nobody_co_signed_in_time_locks_without_and_says_so(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    couple = open_couple(therapist)
    supervisor = supervise(clinic, therapist, couple)
    note = sign_note(therapist, write_note(therapist, couple))
    assert therapist.get(f"{notes_of(couple)}?status=locked").json()["items"] == []
    clock.turn(days=31)
    assert co_sign(supervisor, note).json()["code"] == "note_locked"
    told = therapist.get(path_of(note)).json()
    assert (told["status"], told["co_signature"]["wanted"], told["co_signature"]["signed_at"]) == ("locked", True, None)


def test_only_a_supervisor_on_the_care_team_co_signs_and_only_a_signed_note_of_supervised_work(
    clinic: Clinic, therapist: Caller
) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    alone = sign_note(therapist, write_note(therapist, couple))
    assert (alone["status"], alone["co_signature"]["wanted"]) == ("locked", False)
    supervisor, stranger = supervise(clinic, therapist, couple), clinic.member("other", Role.SUPERVISOR)
    assert co_sign(supervisor, alone).json()["code"] == "note_locked"
    note = sign_note(therapist, write_note(therapist, couple))
    assert co_sign(stranger, note).status_code == 404
    assert co_sign(colleague, note).json()["code"] == co_sign(therapist, note).json()["code"] == "not_allowed"
    assert co_sign(supervisor, write_note(therapist, couple)).status_code == 404  # a draft exists for its author alone
    assert co_sign(supervisor, note | {"version": 1}).json()["code"] == "version_stale"
    assert co_sign(supervisor, note).status_code == 200


def test_a_note_entered_in_error_stays_readable_with_its_reason_and_takes_nothing_more(
    clinic: Clinic, therapist: Caller
) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    note = sign_note(therapist, write_note(therapist, couple))
    by_another = colleague.post(f"{path_of(note)}/retractions", json={"reason": "Not mine."})
    assert (by_another.status_code, by_another.json()["code"]) == (403, "not_the_author")
    marked = retract_note(therapist, note, "It belongs to another couple.")
    assert (marked["status"], marked["sections"]) == ("entered_in_error", note["sections"])
    assert [(one["reason"], one["text"]) for one in marked["addenda"]] == [
        ("entered_in_error", "It belongs to another couple.")
    ]
    assert colleague.get(path_of(note)).json() == marked
    for path, body in (("retractions", {"reason": "x"}), ("addenda", {"reason": "correction", "text": "x"})):
        assert therapist.post(f"{path_of(note)}/{path}", json=body).json()["code"] == "note_entered_in_error"


def test_a_draft_is_not_retracted_but_discarded_and_a_signed_note_never_discarded(therapist: Caller) -> None:
    couple = open_couple(therapist)
    draft, signed = write_note(therapist, couple), sign_note(therapist, write_note(therapist, couple))
    assert therapist.post(f"{path_of(draft)}/retractions", json={"reason": "x"}).json()["code"] == "note_not_signed"
    assert therapist.delete(path_of(signed), headers={"If-Match": '"2"'}).json()["code"] == "note_signed"
    assert therapist.delete(path_of(draft), headers={"If-Match": '"3"'}).json()["code"] == "version_stale"
    assert therapist.delete(path_of(draft), headers={"If-Match": '"1"'}).status_code == 204
    assert [note["id"] for note in therapist.get(notes_of(couple)).json()["items"]] == [signed["id"]]
    assert [note["id"] for note in therapist.get(f"{notes_of(couple)}?status=discarded").json()["items"]] == [draft["id"]]
    assert therapist.get(path_of(draft)).json()["status"] == "discarded"
    for refused in (
        therapist.patch(path_of(draft), json={"consent_checked": True}, headers={"If-Match": '"2"'}),
        therapist.post(f"{path_of(draft)}/signatures", json={"version": 2}),
        therapist.delete(path_of(draft), headers={"If-Match": '"2"'}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "note_discarded")


def test_a_discarded_draft_exists_for_its_author_alone(clinic: Clinic, therapist: Caller) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    draft = write_note(therapist, couple)
    therapist.delete(path_of(draft), headers={"If-Match": '"1"'})
    assert colleague.get(path_of(draft)).status_code == 404
    assert colleague.get(f"{notes_of(couple)}?status=discarded").json()["items"] == []


def test_every_version_of_a_draft_is_kept_chained_and_read_by_its_author_alone_also_after_signing(
    clinic: Clinic, therapist: Caller
) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    note = write_note(therapist, couple, sections={"data": "First."})
    for number, text in enumerate(("Second.", "Third."), start=1):
        patch = {"sections": {"data": text}}
        assert therapist.patch(path_of(note), json=patch, headers={"If-Match": f'"{number}"'}).status_code == 200
    sign_note(therapist, note | {"version": 3})
    versions = list(therapist.every(f"{path_of(note)}/versions?limit=2"))
    assert [(one["number"], one["sections"]["data"]) for one in versions] == [(1, "First."), (2, "Second."), (3, "Third.")]
    assert [one["previous_sha256"] for one in versions] == [None, *[one["content_sha256"] for one in versions[:2]]]
    assert colleague.get(path_of(note)).status_code == 200
    assert colleague.get(f"{path_of(note)}/versions").status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_late_entry_tells_both_dates(therapist: Caller, clock: Wristwatch) -> None:
    note = write_note(therapist, open_couple(therapist))
    clock.turn(days=4)
    told = sign_note(therapist, note)
    assert (told["late_entry"], told["held_on"], told["entered_at"][:10]) == (True, "2026-11-20", "2026-11-26")
    assert told["created_at"] == note["created_at"]
