"""Every event gets one place in the tree, in the order of commits, whatever is written meanwhile and whoever seals."""

import threading
import time
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.core.ids import decode
from app.ledger import sealing
from app.ledger.alarms import raise_alarm
from app.ledger.checkpoints import read_statement
from app.ledger.merkle import consistency, inclusion, is_consistent, is_included
from app.ledger.models import Alarm, AlarmAcknowledgement, Checkpoint, LedgerEvent, LedgerLeaf
from app.ledger.sealing import proven
from tests.conftest import Caller, Clinic
from tests.core.renewing import renew
from tests.ledger.records import EVENTS, forging, leaves, live, newest, sealed, verified
from tests.ledger.test_ledger import EACH, WRITERS, write


def test_an_untouched_ledger_verifies_with_every_checkpoint_and_one_kept_elsewhere(clinic: Clinic, therapist: Caller) -> None:
    assert verified(clinic).finding is None
    kept = []
    for number in range(3):
        live(therapist, number)
        assert sealed(clinic) > 0
        kept.append(newest(clinic))
    live(therapist, 9)
    found = verified(clinic, *kept)
    assert found.finding is None
    assert (found.size, found.checkpoints, found.erased) == (len(leaves(clinic)), 3, 0)
    assert found.unsealed > 0


def test_sealing_again_adds_nothing(clinic: Clinic, therapist: Caller) -> None:
    live(therapist, 1)
    assert sealed(clinic) > 0
    before = newest(clinic)
    assert sealed(clinic) == 0
    assert newest(clinic) == before


def test_four_writers_and_two_sealers_miss_nothing_and_double_nothing(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 7)
    over = threading.Event()

    def writer(number: int) -> None:
        for turn in range(EACH):
            write(clinic, f"{number}-{turn}", 0.001 * (turn % 3))

    def sealer() -> None:
        while not over.is_set():
            sealed(clinic)
            time.sleep(0.002)

    writers = [threading.Thread(target=writer, args=(number,)) for number in range(WRITERS)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for one in (*writers, *sealers):
        one.start()
    for one in writers:
        one.join()
    over.set()
    for one in sealers:
        one.join()
    sealed(clinic)
    placed = leaves(clinic)
    with forging(clinic) as forger:
        assert placed == forger.order()
    assert len(placed) == len(set(placed)) == 2 * WRITERS * EACH + 1
    with clinic.at_desk() as (session, _vault):
        numbers = session.scalars(select(LedgerLeaf.number).order_by(LedgerLeaf.number)).all()
    assert list(numbers) == list(range(len(placed)))
    assert verified(clinic, page=50).finding is None


def test_proofs_out_of_kept_rows_show_every_event_and_every_growth(clinic: Clinic, therapist: Caller) -> None:
    for number in range(3):
        live(therapist, number)
        sealed(clinic)
    root = verified(clinic).root
    with clinic.at_desk() as (session, _vault):
        rows = session.scalars(select(LedgerLeaf).order_by(LedgerLeaf.number)).all()
        statements = [read_statement(note) for note in session.scalars(select(Checkpoint.note))]
        size = len(rows)
        for row in rows:
            proof = proven(session, lambda subtree, number=row.number: inclusion(number, size, subtree))  # type: ignore[misc]  # bound now
            assert is_included(row.leaf, row.number, size, proof, root)
        for said in statements:
            proof = proven(session, lambda subtree, before=said.size: consistency(before, size, subtree))  # type: ignore[misc]  # bound now
            assert is_consistent(said.size, size, proof, said.root, root)


def raised_and_acknowledged(clinic: Clinic, member: Caller) -> None:
    with clinic.at_desk() as (session, vault):
        raise_alarm(session, "something", couple_id=None, member_id=None)
        alarm = session.scalars(select(Alarm)).one()
        seen = AlarmAcknowledgement(clinic_id=clinic.id, alarm_id=alarm.id, member_id=decode("mem", member.holder_id))
        seen.acknowledged_at, seen.note = clinic.clock(), vault.seal(seen, "note", "Looked at.")
        session.add(seen)


@pytest.mark.parametrize("table", ["ledger_event", "ledger_leaf", "checkpoint", "alarm", "alarm_acknowledgement"])
@pytest.mark.parametrize("change", ["UPDATE {} SET clinic_id = clinic_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_service_adds_to_the_trail_and_changes_nothing_of_it(
    clinic: Clinic, therapist: Caller, table: str, change: str
) -> None:
    live(therapist, 1)
    sealed(clinic)
    raised_and_acknowledged(clinic, therapist)
    if clinic.settings.sqlite_file is not None and change.startswith("TRUNCATE"):
        return  # SQLite has no such statement
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"), clinic.at_desk() as (session, _vault):
        session.connection().execute(text(change.format(table)))


def test_an_erased_couples_events_tell_nothing_to_a_guess_and_the_tree_still_verifies(
    clinic: Clinic, therapist: Caller
) -> None:
    erased, kept = (decode("cpl", live(therapist, number)) for number in range(2))
    sealed(clinic)
    outside = newest(clinic)
    with clinic.at_desk() as (session, _vault):
        events = session.execute(select(func.count()).where(LedgerEvent.couple_id == erased)).scalar_one()
    with forging(clinic) as forger:
        forger.destroy_key(erased)
        emptied = {
            "operation": "-",
            "subject": "-",
            "purpose": None,
            "partner_id": None,
            "compartment": None,
            "subject_id": None,
        }
        forger.do(EVENTS.update().where(LedgerEvent.couple_id == erased).values(**emptied))
        found = forger.verify(outside)
        assert (found.finding, found.erased) == (None, events)
        told: Any = EVENTS.update().where(LedgerEvent.couple_id == kept).values(**emptied)  # the control
        forger.do(told)
        assert forger.verify(outside).finding is not None


def test_renewed_keys_leave_every_commitment_as_it_is(clinic: Clinic, therapist: Caller) -> None:
    live(therapist, 1)
    sealed(clinic)
    kept = newest(clinic)
    renew(clinic.settings, clinic.id, drop_old=True)
    live(therapist, 2)
    sealed(clinic)
    found = verified(clinic, kept)
    assert (found.finding, found.erased) == (None, 0)
