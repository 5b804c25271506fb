"""What a note says: who was there and when, what it names by id, its codes, and how it is found again."""

from typing import Any

import pytest

from app.core.ids import encode, new_id
from app.notes import reading
from app.notes.models import SessionNote
from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.notes.records import new_note, notes_of, open_couple, path_of, sign_note, write_note

FORMATS = {
    "soap": ("subjective", "objective", "assessment", "plan"),
    "dap": ("data", "assessment", "plan"),
    "birp": ("behaviour", "intervention", "response", "plan"),
    "girp": ("goals", "intervention", "response", "plan"),
    "pie": ("problem", "intervention", "evaluation"),
    "free": ("text",),
}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_each_format_takes_all_of_its_sections_and_is_found_by_its_name(therapist: Caller) -> None:
    couple = open_couple(therapist)
    for form, names in FORMATS.items():
        note = write_note(therapist, couple, format=form, sections=dict.fromkeys(names, "x"))
        assert note["sections"] == dict.fromkeys(names, "x")
        found = therapist.get(f"{notes_of(couple)}?format={form}").json()["items"]
        assert [one["id"] for one in found] == [note["id"]]


def test_each_attendee_has_start_and_stop_their_own_or_those_of_the_hour(therapist: Caller) -> None:
    couple = open_couple(therapist)
    own = {"partner_b": {"started_at": "2026-11-20T17:10:00Z"}}
    attendance = {"partner_a": "present", "partner_b": "late"}
    note = write_note(therapist, couple, attendance=attendance, times_by_attendee=own)
    hour = {"started_at": "2026-11-20T17:00:00.000Z", "ended_at": "2026-11-20T17:50:00.000Z"}
    assert note["times_by_attendee"] == {"partner_a": hour, "partner_b": hour | {"started_at": "2026-11-20T17:10:00.000Z"}}
    changed = {"attendance": {"partner_b": "absent"}, "times_by_attendee": {"partner_b": None}}
    told = therapist.patch(path_of(note), json=changed, headers={"If-Match": '"1"'}).json()
    assert told["times_by_attendee"] == {"partner_a": hour}
    outside = {"partner_a": {"ended_at": "2026-11-20T18:00:00Z"}}
    refused = therapist.post(notes_of(couple), json=new_note(times_by_attendee=outside))
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/times_by_attendee/partner_a/ended_at"]


def codes(therapist: Caller, couple: dict[str, Any], minutes: int, *codes: str, **more: Any) -> list[str]:
    """The hints on a note with these codes."""
    times: dict[str, Any] = {"ended_at": f"2026-11-20T17:{minutes:02}:00Z", "minutes_by_topic": {}}
    note = write_note(therapist, couple, cpt_codes=list(codes), **times, **more)
    return [hint["code"] for hint in note["hints"]]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_billing_code_that_does_not_fit_is_hinted_at_and_never_refused(therapist: Caller) -> None:
    couple = open_couple(therapist)
    assert codes(therapist, couple, 50) == []
    told = "policy_holder_is_told"
    assert codes(therapist, couple, 26, "90847") == [told]
    assert codes(therapist, couple, 25, "90847") == ["too_short", told]
    assert codes(therapist, couple, 26, "90846", about="partner_a") == ["too_short", told]
    assert codes(therapist, couple, 30, "90832", about="partner_a") == [told]
    assert codes(therapist, couple, 38, "90832", about="partner_a") == ["too_long", told]
    assert codes(therapist, couple, 50, "90834") == ["not_a_couple_code", told]
    assert codes(therapist, couple, 50, "90847", about="partner_a") == ["partner_missing", told]
    assert codes(therapist, couple, 50, "90847", "90785") == ["adds_to_another", told]
    assert codes(therapist, couple, 50, "12345") == ["code_not_known", told]
    assert therapist.post(notes_of(couple), json=new_note(cpt_codes=["9084"])).status_code == 422


def test_notes_are_found_by_author_and_topic(clinic: Clinic, therapist: Caller) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    mine = sign_note(therapist, write_note(therapist, couple, minutes_by_topic={"communication": 20, "logistics": 0}))
    theirs = sign_note(colleague, write_note(colleague, couple, minutes_by_topic={"sexual_concern": 20}))
    for query, expected in {
        f"author_id={therapist.holder_id}": [mine["id"]],
        f"author_id={colleague.holder_id}": [theirs["id"]],
        "topic=communication": [mine["id"]],
        "topic=sexual_concern": [theirs["id"]],
        "topic=logistics": [],
        "topic=sexual_concern&author_id=" + therapist.holder_id: [],
    }.items():
        assert [note["id"] for note in therapist.get(f"{notes_of(couple)}?{query}").json()["items"]] == expected, query


def test_a_note_in_a_list_is_the_note_that_is_read(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    for about in ("couple", "partner_a", "partner_b"):
        note = sign_note(therapist, write_note(therapist, couple, about, cpt_codes=["90847"]))
        therapist.post(f"{path_of(note)}/addenda", json={"reason": "correction", "text": "Added."})
    write_note(therapist, couple)
    for listed in therapist.get(notes_of(couple)).json()["items"]:
        assert listed == therapist.get(path_of(listed)).json()
    assert clinic.integration().get(notes_of(couple)).status_code == 403


def refused(world: World, about: str, **named: list[str]) -> list[str]:
    """Where a note that names these rows is refused; nothing when it is taken."""
    answer = world.therapist.post(f"{world.couple}/notes", json=new_note(about, **named))
    assert answer.status_code in {201, 422}, answer.text
    return [] if answer.status_code == 201 else [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_note_names_only_rows_of_its_couple_that_whoever_reads_it_may_know_of(world: World) -> None:
    ids, kinds = world.ids, {"adm": "administrations_reviewed", "cns": "consents_reviewed", "scr": "screens_reviewed"}
    world.clinic.clock.turn(days=4)  # by then an assignment given on a hidden pause is shown
    shared = {
        "plans_reviewed": [ids["plan_id"]],
        "assignments_reviewed": [ids["assignment_id"]],
        "assignments_given": [ids["assignment_id"]],
    }
    for about in ("couple", "partner_a", "partner_b"):
        assert refused(world, about, **shared) == []
    for kind, field in kinds.items():  # the newest of each is partner A's
        assert refused(world, "partner_a", **{field: [ids[kind]]}) == [], field
        assert refused(world, "partner_b", **{field: [ids[kind]]}) == [f"/{field}/0"], field
    assert refused(world, "couple", administrations_reviewed=[ids["adm"]]) == ["/administrations_reviewed/0"]
    assert refused(world, "couple", consents_reviewed=[ids["cns"]], screens_reviewed=[ids["scr"]]) == []
    unknown = {"plans_reviewed": [ids["plan_id"], encode("pln", new_id())]}
    assert refused(world, "couple", **unknown) == ["/plans_reviewed/1"]


def test_rows_of_another_couple_cannot_be_named(world: World) -> None:
    other = open_couple(world.therapist, "else")
    body = new_note("couple", plans_reviewed=[world.ids["plan_id"]])
    assert world.therapist.post(notes_of(other), json=body).json()["code"] == "note_names_unknown"


def test_a_partners_view_holds_no_draft_no_version_no_safety_and_nothing_of_the_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = world.ids
    checked = {"consents_reviewed": [ids["cns"]], "screens_reviewed": [ids["scr"]]}
    notes = {about: sign_note(world.therapist, write_note_in(world, about, checked)) for about in ("couple", "partner_a")}
    sign_note(world.therapist, write_note_in(world, "partner_b", {}))
    assert notes["couple"]["screens_reviewed"] == [ids["scr"]]
    seen = world.therapist.get(f"{world.couple}/notes?as=partner_a").json()["items"]
    assert [one["id"] for one in seen] == [notes[about]["id"] for about in ("couple", "partner_a")]
    for one in seen:
        assert (one["consents_reviewed"], one["screens_reviewed"]) == ([], [])
        assert world.therapist.get(f"{path_of(one)}?as=partner_a").json() == one
        assert world.therapist.get(f"{path_of(one)}/versions?as=partner_a").status_code == 404
    assert world.therapist.get(f"{path_of(notes['partner_a'])}?as=partner_b").status_code == 404
    monkeypatch.setattr(reading, "visible_to", lambda _work: SessionNote.id.is_not(None))  # the control
    assert len(world.therapist.get(f"{world.couple}/notes?as=partner_a").json()["items"]) == 3


def write_note_in(world: World, about: str, named: dict[str, list[str]]) -> dict[str, Any]:
    """A draft in a world."""
    note: dict[str, Any] = world.post(f"{world.couple}/notes", new_note(about, **named))
    return note
