"""Drafts: written, changed and seen by their author alone."""

from typing import Any

import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.notes.records import new_note, notes_of, open_couple, path_of, sign_note, write_note


def test_a_therapist_writes_a_note_and_reads_it_back(therapist: Caller) -> None:
    couple = open_couple(therapist)
    made = therapist.post(notes_of(couple), json=new_note())
    assert made.status_code == 201, made.text
    read = therapist.get(made.headers["Location"])
    assert read.json() == made.json()
    note = read.json()
    assert (note["status"], note["author_id"], note["signature"]) == ("draft", therapist.holder_id, None)
    assert (note["length_minutes"], note["late_entry"], note["addenda"]) == (50, False, [])
    assert note["sections"]["assessment"] == "Less pressure."


def test_a_merge_patch_changes_one_section_and_takes_away_another(therapist: Caller) -> None:
    note = write_note(therapist, open_couple(therapist))
    patch = {"sections": {"plan": "Step back.", "assessment": None}, "minutes_by_topic": {"homework": None}, "started_at": None}
    changed = therapist.patch(path_of(note), json=patch, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    told = changed.json()
    assert told["sections"] == {"data": "They kept to the rules.", "plan": "Step back."}
    assert (told["minutes_by_topic"], told["started_at"], told["length_minutes"]) == ({"sexual_concern": 30}, None, None)
    assert (told["held_on"], told["version"]) == ("2026-11-20", 2)


def test_a_change_needs_the_version_that_was_read(therapist: Caller) -> None:
    note = write_note(therapist, open_couple(therapist))
    assert therapist.patch(path_of(note), json={"consent_checked": True}).json()["code"] == "if_match_required"
    assert therapist.patch(path_of(note), json={"consent_checked": True}, headers={"If-Match": '"1"'}).status_code == 200
    stale = therapist.patch(path_of(note), json={"consent_checked": False}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_stale")
    assert therapist.get(path_of(note)).json()["consent_checked"] is True


def test_a_colleague_on_the_care_team_sees_signed_notes_and_no_trace_of_drafts(clinic: Clinic, therapist: Caller) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    draft, signed = write_note(therapist, couple), sign_note(therapist, write_note(therapist, couple))
    assert [note["id"] for note in colleague.get(notes_of(couple)).json()["items"]] == [signed["id"]]
    assert colleague.get(f"{notes_of(couple)}?status=draft").json()["items"] == []
    for answer in (
        colleague.get(path_of(draft)),
        colleague.patch(path_of(draft), json={"consent_checked": True}, headers={"If-Match": '"1"'}),
        colleague.post(f"{path_of(draft)}/signatures", json={"version": 1}),
        colleague.post(f"{path_of(draft)}/addenda", json={"reason": "correction", "text": "No."}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert len(therapist.get(notes_of(couple)).json()["items"]) == 2


def test_a_note_is_nothing_to_a_stranger_an_integration_or_an_analyst(clinic: Clinic, therapist: Caller) -> None:
    note = sign_note(therapist, write_note(therapist, open_couple(therapist)))
    assert clinic.member("stranger").get(path_of(note)).status_code == 404
    assert clinic.integration().get(path_of(note)).status_code == 403
    assert clinic.anonymous().get(path_of(note)).status_code == 401


def test_a_note_of_another_couple_is_not_found_under_this_one(therapist: Caller) -> None:
    one, other = open_couple(therapist, "1"), open_couple(therapist, "2")
    note = write_note(therapist, one)
    assert therapist.get(f"{notes_of(other)}/{note['id']}").status_code == 404


def test_a_list_is_cut_into_pages_and_filtered(therapist: Caller) -> None:
    couple = open_couple(therapist)
    days = {"17": "couple", "18": "partner_a", "19": "partner_b", "20": "couple"}
    ids = [_on(therapist, couple, f"2026-11-{day}", about) for day, about in days.items()]
    first = therapist.get(f"{notes_of(couple)}?limit=3")
    assert [note["id"] for note in first.json()["items"]] == ids[:3]
    assert [note["id"] for note in therapist.get(first.links["next"]["url"]).json()["items"]] == ids[3:]
    for query, expected in {
        "held_from=2026-11-19": ids[2:],
        "held_to=2026-11-18": ids[:2],
        "about=partner_b": [ids[2]],
        "status=signed": [],
    }.items():
        assert [note["id"] for note in therapist.get(f"{notes_of(couple)}?{query}").json()["items"]] == expected, query
    moved = therapist.get(f"{notes_of(couple)}?about=couple&cursor={first.json()['next_cursor']}")
    assert moved.json()["code"] == "cursor_invalid"


def _on(therapist: Caller, couple: dict[str, Any], day: str, about: str) -> str:
    times = {"held_on": day, "started_at": f"{day}T17:00:00Z", "ended_at": f"{day}T17:50:00Z"}
    note_id: str = write_note(therapist, couple, about, **times)["id"]
    return note_id


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a section of another format": ({"sections": {"goals": "Touch."}}, "/sections/goals"),
    "an end before the start": ({"ended_at": "2026-11-20T16:00:00Z"}, "/ended_at"),
    "more minutes than the hour": ({"minutes_by_topic": {"communication": 51}}, "/minutes_by_topic"),
    "a start on another day": ({"started_at": "2026-11-14T17:00:00Z"}, "/started_at"),
    "a day that has not come": ({"held_on": "2026-12-24"}, "/held_on"),
    "the other partner in an hour with one": (
        {"about": "partner_a", "attendance": {"partner_b": "present"}},
        "/attendance/partner_b",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_note_that_contradicts_itself_is_refused_with_the_place(therapist: Caller, wrong: str) -> None:
    sent, place = WRONG[wrong]
    couple = open_couple(therapist)
    refused = therapist.post(notes_of(couple), json=new_note() | sent)
    assert refused.status_code == 422, refused.text
    assert place in [fault["pointer"] for fault in refused.json()["errors"]]
    assert therapist.get(notes_of(couple)).json()["items"] == []


def test_a_moment_that_has_not_come_is_refused(therapist: Caller) -> None:
    times = {"held_on": "2026-11-22", "started_at": "2026-11-22T20:00:00Z", "ended_at": "2026-11-22T20:50:00Z"}
    refused = therapist.post(notes_of(open_couple(therapist)), json=new_note(**times))
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/started_at"]


def test_a_moment_with_an_offset_is_answered_in_utc(therapist: Caller) -> None:
    times = {"started_at": "2026-11-20T18:00:00+01:00", "ended_at": "2026-11-20T18:50:00.000700+01:00"}
    note = write_note(therapist, open_couple(therapist), **times)
    assert (note["started_at"], note["ended_at"]) == ("2026-11-20T17:00:00.000Z", "2026-11-20T17:50:00.000Z")


def test_an_entry_after_three_days_is_late_and_says_so(therapist: Caller, clock: Wristwatch) -> None:
    couple = open_couple(therapist)
    assert write_note(therapist, couple)["late_entry"] is False
    clock.turn(days=2)
    assert write_note(therapist, couple)["late_entry"] is True


def test_an_archived_couple_gets_no_more_notes(therapist: Caller) -> None:
    couple = open_couple(therapist)
    note = write_note(therapist, couple)
    assert therapist.delete(f"/v1/couples/{couple['id']}", headers={"If-Match": '"1"'}).status_code == 204
    assert therapist.post(notes_of(couple), json=new_note()).json()["code"] == "couple_archived"
    assert therapist.get(path_of(note)).status_code == 200
