"""Every way of changing a note behind the service is found and named, by the audit and by whoever reads the note."""

from typing import Any

import pytest
from sqlalchemy import text

from app.access.permissions import Role
from app.core.crypto import Owner
from app.core.ids import decode
from app.core.shredding import destroy_keys
from app.core.signing import Purpose, create_signing_key
from app.notes.audit import NotesVerified, verify_signed_notes
from tests.conftest import Caller, Clinic
from tests.notes.records import open_couple, path_of, retract_note, sign_note, write_note
from tests.notes.test_sealing import row_id


def verified(clinic: Clinic) -> NotesVerified:
    """What the audit finds."""
    with clinic.at_desk() as (session, vault):
        return verify_signed_notes(session, vault)


@pytest.fixture
def notes(clinic: Clinic, therapist: Caller) -> list[dict[str, Any]]:
    """A co-signed note with two addenda and two versions, a retracted one about a partner, and a draft."""
    couple, supervisor = open_couple(therapist), clinic.member("sue", Role.SUPERVISOR)
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": supervisor.holder_id})
    draft = write_note(therapist, couple)
    patched = therapist.patch(path_of(draft), json={"consent_checked": True}, headers={"If-Match": '"1"'}).json()
    signed = sign_note(therapist, patched)
    assert supervisor.post(f"{path_of(signed)}/co-signatures", json={"version": signed["version"]}).status_code == 200
    for number in (1, 2):
        body = {"reason": "correction", "text": f"Added {number}."}
        assert therapist.post(f"{path_of(signed)}/addenda", json=body).status_code == 200
    retracted = retract_note(therapist, sign_note(therapist, write_note(therapist, couple, "partner_a")))
    return [signed, retracted, write_note(therapist, couple)]


def test_an_untouched_record_is_whole_also_under_a_new_key(clinic: Clinic, notes: list[dict[str, Any]]) -> None:
    expected = NotesVerified(notes=len(notes), versions=4, addenda=3)
    assert verified(clinic) == expected
    with clinic.at_desk() as (session, vault):
        create_signing_key(session, vault, Purpose.NOTE, clinic.clock())
    assert verified(clinic) == expected


TAMPERED = {
    "minutes": "UPDATE session_note SET minutes_by_topic = '{\"communication\": 50}' WHERE id = :one",
    "format": "UPDATE session_note SET format = 'soap' WHERE id = :one",
    "start": "UPDATE session_note SET started_at = created_at WHERE id = :one",
    "author": "UPDATE session_note SET author_id = co_signed_by WHERE id = :one",
    "not late": "UPDATE session_note SET late_entry = NOT late_entry WHERE id = :one",
    "credentials": "UPDATE session_note SET signed_as = 'MD' WHERE id = :one",
    "lock": "UPDATE session_note SET locks_at = created_at WHERE id = :one",
    "supervised": "UPDATE session_note SET co_signature_wanted = NOT co_signature_wanted WHERE id = :one",
    "hash": "UPDATE session_note SET content_hash = 'g' || substr(content_hash, 2) WHERE id = :one",
    "signature": "UPDATE session_note SET signature = co_signature WHERE id = :one",
    "co-signature taken away": "UPDATE session_note SET co_signed_by = NULL, co_signature = NULL WHERE id = :one",
    "co-signer": "UPDATE session_note SET co_signed_by = author_id WHERE id = :one",
    "text of another": "UPDATE session_note SET said = (SELECT s.said FROM session_note s WHERE s.id = :two) WHERE id = :one",
    "retraction taken back": "UPDATE session_note SET status = 'signed' WHERE id = :two",
    "retraction made up": "UPDATE session_note SET status = 'entered_in_error' WHERE id = :one",
    "count of addenda": "UPDATE session_note SET addenda = addenda - 1 WHERE id = :one",
    "count of versions": "UPDATE session_note SET drafts = drafts - 1 WHERE id = :one",
    "back to a draft": "UPDATE session_note SET status = 'signed', previous_hash = NULL WHERE id = :one",
}


def altered_by(clinic: Clinic, *statements: str, **values: Any) -> list[str]:
    """What the audit names after these statements, which are undone again."""
    with clinic.at_desk() as (session, vault):
        tried = session.begin_nested()
        for statement in statements:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            session.connection().execute(text(statement), used)
        found = verify_signed_notes(session, vault).altered
        tried.rollback()
        return found


def test_a_note_changed_behind_the_service_is_named_whatever_was_changed(clinic: Clinic, notes: list[dict[str, Any]]) -> None:
    ids = {"one": row_id(clinic, notes[0]["id"]), "two": row_id(clinic, notes[1]["id"])}
    for what, statement in TAMPERED.items():
        touched = notes[1 if statement.endswith(":two") else 0]
        assert altered_by(clinic, statement, **ids) == [touched["id"]], what
    untouched = "UPDATE session_note SET version = version + 1 WHERE id = :one"  # the control: no part of what was signed
    assert altered_by(clinic, untouched, **ids) == []


BELOW = {
    "a version's text": ("note_version", "UPDATE note_version SET said = zeroblob(60) WHERE note_id = :note AND number = 1"),
    "a version's safety": ("note_version", "UPDATE note_version SET screens_reviewed = '[\"x\"]' WHERE note_id = :note"),
    "the first version gone": ("note_version", "DELETE FROM note_version WHERE note_id = :note AND number = 1"),
    "the last version gone": ("note_version", "DELETE FROM note_version WHERE note_id = :note AND number = 2"),
    "an addendum's moment": ("addendum", "UPDATE addendum SET written_at = '2026-01-01' WHERE note_id = :note AND number = 1"),
    "an addendum's reason": ("addendum", "UPDATE addendum SET reason = 'clarification' WHERE note_id = :note AND number = 2"),
    "the first addendum gone": ("addendum", "DELETE FROM addendum WHERE note_id = :note AND number = 1"),
    "the last addendum gone": ("addendum", "DELETE FROM addendum WHERE note_id = :note AND number = 2"),
}


# On PostgreSQL the service's role may not do any of this; the owner of a SQLite file may.
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_belongs_to_a_note_cannot_be_changed_or_removed_unseen(clinic: Clinic, notes: list[dict[str, Any]]) -> None:
    for what, (table, statement) in BELOW.items():
        unguarded = [f"DROP TRIGGER {table}_no_{verb}" for verb in ("update", "delete")]
        altered = altered_by(clinic, *unguarded, statement, note=row_id(clinic, notes[0]["id"]))
        assert len(altered) == 1, what
        assert altered[0][:3] in {"nte", "ver", "add"}, what


def test_a_destroyed_key_leaves_signatures_that_hold_and_a_note_that_is_counted(
    clinic: Clinic, therapist: Caller, notes: list[dict[str, Any]]
) -> None:
    couple = therapist.get(f"/v1/couples/{notes[0]['couple_id']}").json()
    names = [(Owner.PARTNER, decode("prt", partner["id"])) for partner in couple["partners"]]
    with clinic.at_desk() as (session, vault):
        destroy_keys(session, vault, names, "erasure", clinic.clock())
    assert verified(clinic) == NotesVerified(notes=3, versions=4, addenda=3, unreadable=1)
    one = row_id(clinic, notes[1]["id"])
    assert altered_by(clinic, TAMPERED["hash"], one=one) == [notes[1]["id"]]
