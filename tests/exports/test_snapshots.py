"""A snapshot stands still, reads within its reach, and nothing is written through it."""

from contextlib import suppress
from itertools import count
from threading import Event, Thread
from time import sleep
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.access.permissions import MACHINE
from app.core.database import Reach
from app.core.snapshots import SnapshotIsReadOnlyError, snapshot
from app.couples.models import Couple, Partner
from app.exports.tables import tables
from app.ledger.models import LedgerEvent
from app.ledger.service import log_aggregate, log_reads
from tests.conftest import Caller, Clinic
from tests.exports.snapshots import reading
from tests.measures.records import couple


def test_what_others_write_meanwhile_is_not_seen_and_does_not_wait(clinic: Clinic, therapist: Caller) -> None:
    couple(therapist, "1")
    database = clinic.app.state.runtime.database
    with snapshot(database, Reach(clinic.id, MACHINE)) as session:
        before = session.execute(select(func.count()).select_from(Couple)).scalar_one()
        couple(therapist, "2")
        assert session.execute(select(func.count()).select_from(Couple)).scalar_one() == before == 1
    with snapshot(database, Reach(clinic.id, MACHINE)) as session:
        assert session.execute(select(func.count()).select_from(Couple)).scalar_one() == 2


def test_nothing_is_written_through_it(clinic: Clinic, therapist: Caller) -> None:
    couple(therapist, "3")
    database = clinic.app.state.runtime.database
    with snapshot(database, Reach(clinic.id, MACHINE)) as session:
        session.scalars(select(Couple)).one().time_zone = "Europe/Paris"
        with pytest.raises(SnapshotIsReadOnlyError):
            session.flush()
        session.expunge_all()
        with pytest.raises(DBAPIError):
            session.execute(text("UPDATE couple SET time_zone = 'Europe/Paris'"))
    couple(therapist, "4")  # the connection it had writes again


def test_reads_in_it_leave_no_event(clinic: Clinic, therapist: Caller) -> None:
    couple(therapist, "5")
    database = clinic.app.state.runtime.database
    with snapshot(database, Reach(clinic.id, MACHINE)) as session:
        events = session.execute(select(func.count()).select_from(LedgerEvent)).scalar_one()
        log_reads(session, "couple", session.scalars(select(Couple.id)))
        log_aggregate(session, "couple")
    with snapshot(database, Reach(clinic.id, MACHINE)) as session:
        assert session.execute(select(func.count()).select_from(LedgerEvent)).scalar_one() == events


def test_another_clinic_finds_nothing_in_it(clinic: Clinic, therapist: Caller) -> None:
    couple(therapist, "6")
    with snapshot(clinic.app.state.runtime.database, Reach(UUID(int=7), MACHINE)) as session:
        assert session.execute(select(func.count()).select_from(Couple)).scalar_one() == 0


def test_sums_that_must_agree_agree_while_others_write(clinic: Clinic, therapist: Caller) -> None:
    couple(therapist, "7")
    numbers, stop = count(8), Event()

    def write() -> None:
        while not stop.is_set():
            couple(therapist, str(next(numbers)))

    writer = Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            with snapshot(clinic.app.state.runtime.database, Reach(clinic.id, MACHINE)) as session:
                couples = session.execute(select(func.count()).select_from(Couple)).scalar_one()
                sleep(0.02)
                assert session.execute(select(func.count()).select_from(Partner)).scalar_one() == 2 * couples
                assert session.execute(select(func.count()).select_from(Couple)).scalar_one() == couples
    finally:
        stop.set()
        writer.join()
    assert next(numbers) > 10


def test_a_read_that_was_left_half_way_keeps_nobody_from_the_next(clinic: Clinic, therapist: Caller) -> None:
    couple(therapist, "1")
    left = []
    for _ in range(3):
        with suppress(ZeroDivisionError), reading(clinic) as found:
            pages = tables()["couples"].read(found)
            left.append((pages, next(pages)))
            raise ZeroDivisionError
    assert len(left) == 3
    assert len(list(therapist.every("/v1/couples"))) == 1
    couple(therapist, "2")
