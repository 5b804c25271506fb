"""Making what was asked for: one export after the other, each by one process, and begun anew if that one was cut off.

The files of an attempt lie in a folder of its own, under a key that is stored with the attempt: what was cut off, dropped or
overtaken by an erasure is listed by nobody, and no key to it is left.
"""

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import or_, select

from app.access.actor import Actor
from app.access.permissions import MACHINE, Permission
from app.access.work import Runtime, Work
from app.core.chores import Chore
from app.core.crypto import Vault
from app.core.database import CommitUnknownError, Reach, RecordSession
from app.core.ids import encode
from app.core.logs import log
from app.core.problems import status_of, understood
from app.disclosures.service import Recipient
from app.errors import NotAllowedError, RekindleError
from app.exports import files
from app.exports.asking import Result, asker, known_tables
from app.exports.choosing import check_tables
from app.exports.deidentified.shape import DEIDENTIFIED
from app.exports.deidentified.standing import Standing, all_agree, keep_shown, settle
from app.exports.keeping import wait_for_erasures
from app.exports.makers import Underway, maker_of
from app.exports.making import Made, Order, make
from app.exports.models import Export
from app.exports.released import disclose_all
from app.exports.rules import WAITING
from app.ledger.service import Aim, Occasion, begin, chore_at_work, log_reads, unwatched

LEASE: Final = timedelta(minutes=2)  # how long a process that says nothing is waited for
RENEW_EVERY: Final = 2.0  # seconds; it also tells how far it is, and finds out whether it was dropped
MOST_ATTEMPTS: Final = 5
PAUSE: Final = timedelta(seconds=15)  # our proposal: before the second attempt, and twice as long before each further one
OPERATION: Final = "make_export"
NO_ROOM: Final = "storage_full"
NOT_ALLOWED: Final = "not_allowed"
GAVE_UP: Final = "gave_up"


class OvertakenError(Exception):
    """The export was dropped, given to another process, or something it read has to go: nothing of this attempt stays."""


@dataclass(frozen=True)
class Begun:
    """An export that this process works on; `attempt` is what it has to show at the end."""

    row: Export
    actor: Actor
    words: dict[str, Any] | None
    key: bytes

    @property
    def recipient(self) -> Recipient | None:
        """Whom it leaves the clinic for."""
        words = self.words if self.row.question["destination"] == "recipient" else None
        return None if words is None else Recipient(words["kind"], words["name"])

    @property
    def purpose(self) -> str:
        """What it leaves the clinic for."""
        return "" if self.recipient is None or self.words is None else str(self.words["purpose"])

    @property
    def occasion(self) -> Occasion:
        """On whose behalf the record is read."""
        row, actor, maker = self.row, self.actor, maker_of(self.row)
        return Occasion(
            actor.kind,
            actor.id,
            row.credential_id,
            "ask_for_export" if maker is None else maker.operation,
            row.request_id,
            row.requested_at,
            purpose="exports:read" if maker is None else maker.purpose,
            actor_role=actor.role,
            aim=Aim.LIST,
        )


def make_waiting(runtime: Runtime, clinic_id: UUID) -> int:
    """Every export that waits in the clinic, or that whoever began it left behind; how many."""
    made = 0
    while (begun := _begin(runtime, clinic_id)) is not None:
        _attempt(runtime, begun)
        made += 1
    return made


def _attempt(runtime: Runtime, begun: Begun) -> None:
    row = begun.row
    folder = files.folder_of(runtime.settings, row.clinic_id, row.id, row.attempt)
    try:
        with _Progress(runtime, begun) as progress:
            _make(runtime, begun, files.SealedFolder(folder, begun.key), progress)
    except OvertakenError:
        files.remove(folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this export's alone
        if not isinstance(error, CommitUnknownError):  # then it may be done; what no row holds a key to is swept in its time
            files.remove(folder)
        failure = _failure(error)
        if _give_back(runtime, begun, failure):  # else it was dropped, and its folder with it
            log.error("export_failed", clinic=encode("cln", row.clinic_id), error=type(error).__name__, code=failure or "")


def _failure(error: Exception) -> str | None:
    """Why it will not go better the next time; None where it may."""
    if isinstance(error, OSError):
        return NO_ROOM if files.is_full(error) else None
    if isinstance(error, NotAllowedError):
        return NOT_ALLOWED
    found = understood(error)
    is_said = isinstance(error, RekindleError) and status_of(type(error)) < HTTPStatus.INTERNAL_SERVER_ERROR
    return found.code if is_said or found.code == NO_ROOM else None


def _begin(runtime: Runtime, clinic_id: UUID) -> Begun | None:
    """The oldest that nobody works on, from now on this process's own, under a new key."""
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, vault, now):
        is_free = or_(Export.leased_until.is_(None), Export.leased_until < now)
        query = select(Export).where(Export.status.in_(WAITING), is_free).order_by(Export.id)
        for row in session.scalars(query.with_for_update(skip_locked=True)):
            actor = _allowed(session, row)
            failure = NOT_ALLOWED if actor is None else GAVE_UP if row.attempt >= MOST_ATTEMPTS else None
            if actor is None or failure is not None:
                row.status, row.failure, row.finished_at, row.leased_until, row.key = "failed", failure, now, None, None
                continue
            key, words = files.new_key(), vault.open(row, "words", row.words)
            row.status, row.attempt, row.leased_until, row.done = "running", row.attempt + 1, now + LEASE, 0
            row.key = vault.seal(row, "key", key.hex())
            session.flush()
            session.expunge(row)
            return Begun(row, actor, words, key)
    return None


def _allowed(session: RecordSession, row: Export) -> Actor | None:
    """Whoever asked, if they may still have all of it."""
    maker = maker_of(row)
    try:
        if maker is not None:
            return maker.asker(session, row)
        actor = asker(session, row)
        actor.check(Permission.EXPORTS_WRITE)
        check_tables(row.question["tables"], known_tables(row.question["destination"]), actor.permissions)
    except NotAllowedError:
        return None
    return actor


def _make(runtime: Runtime, begun: Begun, sink: files.SealedFolder, progress: "_Progress") -> None:
    with _making(runtime, begun, sink) as making:
        epoch = making.epoch
        for done in making.steps():
            progress.step(done)
        made = making.finish()
    sink.settle()
    _finish(runtime, begun, made, epoch)
    rows = sum(one["rows"] or 0 for one in made.files)
    log.info("export_made", clinic=encode("cln", begun.row.clinic_id), rows=rows)


def _making(runtime: Runtime, begun: Begun, sink: files.SealedFolder) -> AbstractContextManager[Underway]:
    question, tell, maker = begun.row.question, partial(_tell_of_reads, runtime, begun), maker_of(begun.row)
    if maker is not None:
        return maker.make(runtime, begun.actor, begun.words or {}, sink, tell)
    order = Order(
        tuple(question["tables"]), tuple(question["formats"]), question["since"], question["destination"], begun.recipient
    )
    if order.destination == DEIDENTIFIED:
        order = replace(order, standing=_settled(runtime, begun))
    return make(runtime, begun.actor, order, sink, tell)


def _settled(runtime: Runtime, begun: Begun) -> Standing:
    """The cohort as it stands now, without whoever took it back since the export was asked for. Raises TooFewCouplesError."""
    with runtime.database.transaction(Reach(begun.row.clinic_id, MACHINE)) as session:
        now = runtime.clock()
        begin(session, replace(begun.occasion, at=now))
        return settle(Work(session, begun.actor, Vault(session, runtime.cache), now, runtime.settings), anew=False)


def _tell_of_reads(runtime: Runtime, begun: Begun, couple_ids: list[UUID]) -> None:
    """One event a couple in the name of whoever asked, committed before anything of it is written."""
    with runtime.database.transaction(Reach(begun.row.clinic_id)) as session:
        begin(session, replace(begun.occasion, at=runtime.clock()))
        log_reads(session, "export", couple_ids)


def _finish(runtime: Runtime, begun: Begun, made: Made, epoch: int) -> None:
    """Keeps what left and what came of it, unless it was dropped, or something was erased since it was read.

    What it leaves the clinic under is looked at once more, in the very transaction from which on it can be fetched.
    """
    with runtime.database.transaction(Reach(begun.row.clinic_id, frozenset())) as session:
        now = runtime.clock()
        begin(session, replace(begun.occasion, at=now))
        vault = Vault(session, runtime.cache)
        row = _still_mine(session, begun)
        if row is None:
            raise OvertakenError
        if made.counting is not None and begun.recipient is not None:
            work = Work(session, begun.actor, vault, now, runtime.settings)
            disclose_all(work, begun.recipient, begun.purpose, made.counting)
        is_overtaken = wait_for_erasures(session) != epoch
        if begun.row.question["destination"] == DEIDENTIFIED:
            work = Work(session, begun.actor, vault, now, runtime.settings)
            asked = {UUID(one): sides for one, sides in made.rests_on.items()}
            is_overtaken |= not all_agree(work, asked)
            keep_shown(work, asked)
        if is_overtaken:
            row.status, row.leased_until, row.key = "queued", None, None
        else:
            result = Result(made.files, made.token, made.left_out, made.couples, made.rests_on)
            row.status, row.result, row.done = "done", vault.seal(row, "result", result.sealable), row.total
            row.finished_at, row.leased_until = now, None
            row.expires_at = now + timedelta(hours=runtime.settings.exports_kept_hours)
    if is_overtaken:
        raise OvertakenError


def _give_back(runtime: Runtime, begun: Begun, failure: str | None) -> bool:
    """Lets it be begun anew in a while, or says that it cannot be made; whether it was still this process's to do so."""
    with chore_at_work(runtime, begun.row.clinic_id, OPERATION) as (session, _vault, now):
        row = _still_mine(session, begun)
        if row is None:
            return False
        if failure is None and row.attempt >= MOST_ATTEMPTS:
            failure = GAVE_UP
        row.key, row.failure = None, failure
        if failure is None:
            row.status, row.leased_until = "queued", now + PAUSE * 2 ** (row.attempt - 1)
        else:
            row.status, row.leased_until, row.finished_at = "failed", None, now
    return True


def _still_mine(session: RecordSession, begun: Begun) -> Export | None:
    query = select(Export).where(Export.id == begun.row.id, Export.attempt == begun.row.attempt, Export.status == "running")
    return session.scalars(query.with_for_update()).one_or_none()


class _Progress:
    """Tells how far an export is and that it is worked on, in a thread of its own; it ends with this process."""

    def __init__(self, runtime: Runtime, begun: Begun) -> None:
        self._runtime, self._begun = runtime, begun
        self._over, self._lost, self._done = threading.Event(), threading.Event(), 0
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def step(self, done: int) -> None:
        """So much is done. Raises OvertakenError once it is this process's no more."""
        self._done = done
        if self._lost.is_set():
            raise OvertakenError

    def _renew(self) -> None:
        while not self._over.wait(RENEW_EVERY):
            try:
                self._renew_once()
            except Exception as error:  # noqa: BLE001 - the next time may go well, and the end is guarded anyway
                log.error("lease_not_renewed", clinic=encode("cln", self._begun.row.clinic_id), error=type(error).__name__)

    def _renew_once(self) -> None:
        with chore_at_work(self._runtime, self._begun.row.clinic_id, OPERATION) as (session, _vault, now):
            row = _still_mine(session, self._begun)
            if row is None:
                self._lost.set()
                return
            with unwatched(session):  # how far it is is no change of the record
                row.leased_until, row.done = now + LEASE, self._done


_at_work: Final = threading.Lock()


def make_beside(runtime: Runtime, _clinic_id: UUID) -> None:
    """Begins to make what waits, in whichever clinic, in a thread of its own: a long export keeps no other chore waiting.

    One process makes one export at a time.
    """
    if _at_work.acquire(blocking=False):
        threading.Thread(target=_make_all, args=(runtime,), name="exports", daemon=True).start()


def wait_until_made() -> None:
    """Waits for the exports that this process makes, if it makes any."""
    with _at_work:
        pass


def _make_all(runtime: Runtime) -> None:
    try:
        while sum(make_waiting(runtime, clinic_id) for clinic_id in runtime.database.clinic_ids()):
            pass
    except Exception as error:  # noqa: BLE001 - it is tried again in the chore's time
        log.error("exports_interrupted", error=type(error).__name__)
    finally:
        _at_work.release()


EXPORTING: Final = Chore("make_exports", timedelta(minutes=1), make_beside)
