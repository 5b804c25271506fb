"""Work that nobody asks for and that falls due: for every clinic by turns, by whichever process comes first."""

import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from queue import SimpleQueue
from typing import Any, Final, Protocol
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import Clock
from app.core.crypto import KeyCache
from app.core.database import Base, Database, IdentifiedRow, Reach, RecordSession, lock_key
from app.core.ids import encode
from app.core.logs import log
from app.core.settings import Settings

LOOK_EVERY: Final = 5.0  # seconds between two looks at what is due; a chore is as late as this, at most
TOGETHER: Final = timedelta(seconds=1)


class Holds(Protocol):
    """What a running service holds, as far as a chore needs it."""

    settings: Settings
    database: Database
    cache: KeyCache
    clock: Clock
    wanted: "Wanted"


@dataclass(frozen=True)
class Chore:
    """Something to do in each clinic every so often.

    `run` opens its own short transactions. It may be cut off anywhere, may come late, and two processes may run it at once
    when one run takes longer than `every`: it does what it finds to be due, and doing it again changes nothing.
    """

    name: str
    every: timedelta
    run: Callable[[Any, UUID], None]


Wanted = SimpleQueue[tuple[Chore, UUID] | None]
"""Chores of clinics that somebody waits for; None ends the one who does them."""


class ChoreRun(IdentifiedRow, Base):
    """When a chore was last begun in the clinic, by whichever process."""

    __tablename__ = "chore_run"
    __table_args__ = (UniqueConstraint("clinic_id", "name"),)

    name: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[datetime]


class Round:
    """One process's walks through all clinics; it remembers when it need not look again, the record remembers what was done."""

    def __init__(self, runtime: Holds, chores: Iterable[Chore]) -> None:
        self._runtime = runtime
        self._chores = tuple(chores)
        self._next: dict[tuple[UUID, str], datetime] = {}

    def walk(self, stopped: threading.Event | None = None) -> int:
        """Runs what is due, one after the other; a chore that fails is logged and tried again in its time.

        Returns how many failed. Once it is stopped it begins nothing more.
        """
        failed = 0
        for clinic_id in self._runtime.database.clinic_ids():
            for chore in self._chores:
                if stopped is not None and stopped.is_set():
                    return failed
                if self._is_due(clinic_id, chore):
                    failed += not attempt(self._runtime, clinic_id, chore)
        return failed

    def _is_due(self, clinic_id: UUID, chore: Chore) -> bool:
        now = self._runtime.clock()
        wait = self._next.get((clinic_id, chore.name), now) - now
        if timedelta(0) < wait <= chore.every:  # a clock that was set back does not stop the work
            return False
        try:
            begun_at, mine = claim(self._runtime, clinic_id, chore, now)
        except Exception as error:  # noqa: BLE001 - one clinic's trouble is not the others'
            _report(chore, clinic_id, error)
            return False
        self._next[clinic_id, chore.name] = begun_at + chore.every
        return mine


def claim(runtime: Holds, clinic_id: UUID, chore: Chore, now: datetime) -> tuple[datetime, bool]:
    """When the chore was last begun, and whether that was just now and here: of several processes one gets True."""
    with runtime.database.transaction(Reach(clinic_id), durable=False) as session:
        if not lock_key(session, _lock(clinic_id, chore)):
            return now, False
        last = session.scalars(select(ChoreRun).where(ChoreRun.name == chore.name)).one_or_none()
        if last is None:
            session.add(ChoreRun(clinic_id=clinic_id, name=chore.name, begun_at=now))
        elif abs(now - last.begun_at) < chore.every - TOGETHER:  # begun a moment after this process looked at its clock
            return last.begun_at, False
        else:
            last.begun_at = now
    return now, True


def attempt(runtime: Holds, clinic_id: UUID, chore: Chore) -> bool:
    """Whether the chore came to its end."""
    try:
        chore.run(runtime, clinic_id)
    except Exception as error:  # noqa: BLE001 - one clinic's or one chore's trouble is not the others'
        _report(chore, clinic_id, error)
        return False
    return True


def work_until(stopped: threading.Event, runtime: Holds, chores: Iterable[Chore], look_every: float = LOOK_EVERY) -> None:
    """Walks until it is told to stop; a database that is away is waited for."""
    walks = Round(runtime, chores)
    while not stopped.is_set():
        try:
            walks.walk(stopped)
        except Exception as error:  # noqa: BLE001 - the next walk tries again
            log.error("chores_interrupted", error=type(error).__name__)
        stopped.wait(look_every)


def want_now(session: RecordSession, chore: Chore) -> None:
    """Has a chore done as soon as this transaction is committed, where this process serves; else in its time, as ever."""
    wanted: Wanted | None = session.info.get("wanted")
    if wanted is not None:
        clinic_id = session.reach.clinic_id
        session.info.setdefault("after_commit", []).append(lambda: wanted.put((chore, clinic_id)))


def work_when_wanted(runtime: Holds) -> None:
    """Does what somebody waits for, one after the other; what ends before it is done is done in the chore's time."""
    while (asked := runtime.wanted.get()) is not None:
        chore, clinic_id = asked
        attempt(runtime, clinic_id, chore)


def while_serving(runtime: Holds, chores: Iterable[Chore]) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """The life of a server process: its chores are done in one thread beside the requests, until it shuts down.

    What somebody waits for has a thread of its own, so that a long one keeps nothing else from being done in its time.
    """

    @asynccontextmanager
    async def life(_app: Any) -> AsyncIterator[None]:
        stopped = threading.Event()
        threads = (
            threading.Thread(target=work_until, args=(stopped, runtime, tuple(chores)), name="chores", daemon=True),
            threading.Thread(target=work_when_wanted, args=(runtime,), name="wanted", daemon=True),
        )
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopped.set()
            runtime.wanted.put(None)
            for thread in threads:
                await run_sync(thread.join, 5.0)

    return life


def _lock(clinic_id: UUID, chore: Chore) -> int:
    return int.from_bytes(sha256(b"chore" + clinic_id.bytes + chore.name.encode()).digest()[:7], "big")


def _report(chore: Chore, clinic_id: UUID, error: Exception) -> None:
    log.error("chore_failed", operation=chore.name, clinic=encode("cln", clinic_id), error=type(error).__name__)
