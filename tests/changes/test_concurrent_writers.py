"""Whoever follows the changes misses none and sees none twice, though transactions commit in another order than they began."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from time import sleep
from typing import Final
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.access.actor import Actor
from app.access.permissions import MACHINE, Permission
from app.access.work import Work
from app.changes.following import follow, settled_end
from app.core.ids import new_id
from app.couples.models import Couple
from app.ledger.service import chore_at_work
from tests.conftest import Clinic

CHANGES: Final = int(os.environ.get("REKINDLE_FEED_CHANGES", "200"))
WRITERS: Final = 8
LONGEST: Final = 0.02 if CHANGES < 1_000 else 0.002  # seconds that a writer waits between its change and its commit
pytestmark = pytest.mark.timeout(120 + CHANGES // 20)
BUSY: Final = (OperationalError, NoConnectionError)  # no turn, or no connection, in time
LOOKING: Final = frozenset({Permission.CHANGES_READ, Permission.COUPLES_READ})


@contextmanager
def work(clinic: Clinic) -> Iterator[Work]:
    """One transaction of a piece of software."""
    runtime = clinic.app.state.runtime
    with chore_at_work(runtime, clinic.id, "try_the_feed", MACHINE) as (session, vault, now):
        yield Work(session, Actor(clinic.id, new_id(), new_id(), None, LOOKING), vault, now, runtime.settings)


def write(clinic: Clinic, chance: Random, number: int, written: list[UUID]) -> None:
    """One writer: a couple a transaction, each of which lies open for a while after it has its place in the trail.

    On SQLite so many at once may wait too long for their turn, and come again, as the service's callers are told to.
    """
    left = number
    while left:
        try:
            with work(clinic) as one:
                couple = Couple(clinic_id=clinic.id, external_id=None, time_zone="UTC", created_at=one.now, archived_at=None)
                one.session.add(couple)
                one.session.flush()
                sleep(chance.random() * LONGEST)
        except BUSY:
            continue
        written.append(couple.id)
        left -= 1


def read(clinic: Clinic, after: UUID | None, chance: Random, over: threading.Event, seen: list[UUID]) -> None:
    """One reader, page by page of any length, until nobody writes and nothing is left."""
    while True:
        was_over = over.is_set()
        try:
            with work(clinic) as one:
                found = follow(one, after, chance.choice([1, 3, 17, 200]), ["couple"])
        except BUSY:
            continue
        after = found.event_id
        seen += [change.id for change in found.changes]
        if was_over and found.is_all:
            return
        sleep(chance.random() * LONGEST)


def test_readers_from_anywhere_miss_nothing_and_see_nothing_twice_while_eight_write(clinic: Clinic) -> None:
    before: list[UUID] = []
    write(clinic, Random(0), 5, before)  # noqa: S311 - the same again next time, no secret
    with work(clinic) as one:
        somewhere = settled_end(one)
    starts = {None: before, somewhere: []}
    over = threading.Event()
    written: list[UUID] = []
    seen: dict[UUID | None, list[UUID]] = {start: [] for start in starts}
    readers = [
        threading.Thread(target=read, args=(clinic, start, Random(at), over, seen[start]))  # noqa: S311 - the same
        for at, start in enumerate(starts)
    ]
    writers = [
        threading.Thread(target=write, args=(clinic, Random(at), CHANGES // WRITERS, written))  # noqa: S311 - the same
        for at in range(WRITERS)
    ]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    assert len(written) == CHANGES // WRITERS * WRITERS
    for start, earlier in starts.items():
        assert len(seen[start]) == len(set(seen[start]))
        assert set(seen[start]) == {*earlier, *written}
