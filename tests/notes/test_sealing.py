"""What a note says is nowhere in clear, stays where it was put, and is what was signed."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.crypto import Owner
from app.core.database import Compartment, Reach
from app.core.ids import decode
from app.core.shredding import destroy_keys
from tests.conftest import Caller, Clinic
from tests.notes.records import notes_of, open_couple, path_of, sign_note, write_note
from tests.raw_files import bytes_of

CANARY = "kanarienvogel-7f3a"


def tamper(clinic: Clinic, statement: str, **values: Any) -> None:
    """Changes the database behind the service's back."""
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        session.connection().execute(text(statement), values)


def row_id(clinic: Clinic, wire: str, prefix: str = "nte") -> Any:
    """An id as the engine's own SQL spells it."""
    found: UUID = decode(prefix, wire)
    return found if clinic.app.state.runtime.database.is_postgresql else found.hex


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_text_of_a_note_lies_in_the_database_file(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    note = write_note(therapist, couple, sections={"data": CANARY}, format="dap")
    write_note(therapist, couple, "partner_a", sections={"data": CANARY})
    therapist.patch(path_of(note), json={"sections": {"plan": CANARY}}, headers={"If-Match": '"1"'})
    path = path_of(sign_note(therapist, note | {"version": 2}))
    body = {"reason": "correction", "text": CANARY}
    assert CANARY in therapist.post(f"{path}/addenda", json=body, headers={"Idempotency-Key": "once"}).text
    assert CANARY in therapist.get(f"{path}/versions").text
    assert therapist.post(f"{path}/retractions", json={"reason": CANARY}).status_code == 200
    file = clinic.settings.sqlite_file
    assert file is not None
    kept = bytes_of(Path(f"{file}{end}") for end in ("", "-wal"))
    assert couple["time_zone"].encode() in kept  # the control: what is not sealed is found
    assert CANARY.encode() not in kept


def test_swapped_texts_are_refused_without_a_word_of_them(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    one, other = (write_note(therapist, couple, sections={"data": f"{CANARY} {number}"}) for number in (1, 2))
    ids = {"one": row_id(clinic, one["id"]), "other": row_id(clinic, other["id"])}
    statement = "UPDATE session_note SET said = (SELECT n.said FROM session_note n WHERE n.id = :other) WHERE id = :one"
    tamper(clinic, statement, **ids)
    for answer in (therapist.get(path_of(one)), therapist.get(notes_of(couple))):
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert CANARY not in answer.text
    assert therapist.get(path_of(other)).status_code == 200


TAMPERED = {
    "the minutes": "UPDATE session_note SET minutes_by_topic = '{\"communication\": 50}'",
    "the day": "UPDATE session_note SET held_on = '2026-11-19'",
    "the signer's moment": "UPDATE session_note SET signed_at = created_at",
    "the hash itself": "UPDATE session_note SET content_hash = 'g' || substr(content_hash, 2)",
    "the hash taken away": "UPDATE session_note SET content_hash = NULL",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_signed_note_changed_behind_the_service_is_not_shown_as_signed(clinic: Clinic, therapist: Caller, what: str) -> None:
    note = sign_note(therapist, write_note(therapist, open_couple(therapist)))
    tamper(clinic, TAMPERED[what])
    assert therapist.get(path_of(note)).json()["code"] == "internal"


def test_an_individual_note_lies_in_its_partners_compartment_under_that_partners_key(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    written = {about: write_note(therapist, couple, about)["id"] for about in ("couple", "partner_a", "partner_b")}
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id, frozenset(Compartment))) as session:
        rows = session.connection().execute(text("SELECT compartment, partner_id FROM session_note ORDER BY id")).all()
    assert [row[0] for row in rows] == ["conjoint", "individual_a", "individual_b"]
    assert rows[0][1] is None
    names = [(Owner.PARTNER, row[1] if isinstance(row[1], UUID) else UUID(row[1])) for row in rows[1:]]
    kept = clinic.app.state.runtime.cache.store.read(clinic.id, names)
    assert {(key.owner, key.owner_id) for key in kept} == set(names)
    assert rows[1][1] != rows[2][1]
    assert len(set(written.values())) == 3


def test_a_destroyed_partner_key_takes_that_partners_notes_and_no_others(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    mine, ours = write_note(therapist, couple, "partner_a"), write_note(therapist, couple)
    with clinic.at_desk() as (session, vault):
        destroy_keys(session, vault, [(Owner.PARTNER, decode("prt", couple["partners"][0]["id"]))], "erasure", clinic.clock())
    assert therapist.get(path_of(mine)).json()["code"] == "internal"
    assert therapist.get(path_of(ours)).status_code == 200
