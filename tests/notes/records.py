"""Couples and session notes, made through the API."""

from typing import Any

from tests.conftest import Caller
from tests.couples.test_couples import new_couple


def open_couple(caller: Caller, number: str = "1") -> dict[str, Any]:
    """A couple in care."""
    made = caller.post("/v1/couples", json=new_couple(number))
    assert made.status_code == 201, made.text
    couple: dict[str, Any] = made.json()
    return couple


def new_note(about: str = "couple", **more: Any) -> dict[str, Any]:
    """A note to send, complete enough to be signed."""
    who = {"couple": ("partner_a", "partner_b")}.get(about, (about,))
    return {
        "about": about,
        "held_on": "2026-11-20",
        "started_at": "2026-11-20T17:00:00Z",
        "ended_at": "2026-11-20T17:50:00Z",
        "format": "dap",
        "sections": {"data": "They kept to the rules.", "assessment": "Less pressure.", "plan": "Same stage."},
        "attendance": dict.fromkeys(who, "present"),
        "minutes_by_topic": {"sexual_concern": 30, "homework": 20},
        **more,
    }


def notes_of(couple: dict[str, Any]) -> str:
    """Where a couple's notes are."""
    return f"/v1/couples/{couple['id']}/notes"


def write_note(caller: Caller, couple: dict[str, Any], about: str = "couple", **more: Any) -> dict[str, Any]:
    """A draft."""
    made = caller.post(notes_of(couple), json=new_note(about, **more))
    assert made.status_code == 201, made.text
    note: dict[str, Any] = made.json()
    return note


def sign_note(caller: Caller, note: dict[str, Any]) -> dict[str, Any]:
    """The same note, signed."""
    signed = caller.post(f"{path_of(note)}/signatures", json={"version": note["version"]})
    assert signed.status_code == 200, signed.text
    told: dict[str, Any] = signed.json()
    return told


def path_of(note: dict[str, Any]) -> str:
    """Where a note is."""
    return f"/v1/couples/{note['couple_id']}/notes/{note['id']}"


def retract_note(caller: Caller, note: dict[str, Any], reason: str = "Of another couple.") -> dict[str, Any]:
    """The same note, marked as entered in error."""
    marked = caller.post(f"{path_of(note)}/retractions", json={"reason": reason})
    assert marked.status_code == 200, marked.text
    told: dict[str, Any] = marked.json()
    return told
