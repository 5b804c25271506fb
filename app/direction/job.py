"""Doing what was asked for: one analysis after the other, each by one process, and again by another if that one was cut off."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from app.clinical.lags.panel import Panel
from app.clinical.lags.reading import NO_CAUSE, Names
from app.clinical.lags.results import ModelResult
from app.core.chores import Chore, Holds
from app.core.database import RecordSession
from app.core.ids import encode
from app.core.logs import log
from app.direction.models import DirectionAnalysis
from app.direction.occasions import Weeks
from app.direction.record import OWN, gather
from app.direction.rules import (
    LEFT_BEHIND,
    TOO_FEW_COUPLES,
    UNREAD,
    agreement,
    as_told,
    called,
    fewest,
    own_notes,
    too_few,
)
from app.direction.schemas import ModelRead
from app.direction.supplied import panel_of
from app.direction.telling import as_read, waiting_for_more
from app.ledger.service import chore_at_work, unwatched

LEASE: Final = timedelta(minutes=2)  # how long a process that says nothing is waited for
RENEW_EVERY: Final = 30.0  # seconds; an analysis takes a second, of a large panel full of gaps minutes
MOST_ATTEMPTS: Final = 3
OPERATION: Final = "analyse_direction"
Question = dict[str, Any]
Fit = Callable[[Panel], ModelResult]


@dataclass(frozen=True)
class Begun:
    """An analysis that this process works on; `attempt` is what it has to show at the end."""

    id: UUID
    attempt: int
    question: Question
    panel: dict[str, Any] | None


@dataclass(frozen=True)
class Found:
    """What came of it."""

    results: dict[str, ModelRead]
    notes: tuple[str, ...]

    @property
    def sealable(self) -> dict[str, Any]:
        """As JSON."""
        return {"results": {name: one.model_dump() for name, one in self.results.items()}, "notes": list(self.notes)}

    @property
    def gives_figures(self) -> bool:
        """Whether anything is told that two answers could be subtracted in: more than that couples are too few."""
        return any(one.code != TOO_FEW_COUPLES for one in self.results.values())


def analyse_waiting(runtime: Holds, clinic_id: UUID) -> None:
    """Every analysis that waits in the clinic, or that whoever began it left behind."""
    while (begun := _begin(runtime, clinic_id)) is not None:
        try:
            with _holding(runtime, clinic_id, begun):
                found = _answered(runtime, clinic_id, begun)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:  # a defect of a model; the same again next time
            log.error("analysis_failed", clinic=encode("cln", clinic_id), error=type(error).__name__)
            found = Found({}, (UNREAD,))
        _finish(runtime, clinic_id, begun, found)


ANALYSING: Final = Chore("analyse_direction", timedelta(minutes=1), analyse_waiting)


def _begin(runtime: Holds, clinic_id: UUID) -> Begun | None:
    """The oldest that nobody works on, from now on this process's own."""
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, vault, now):
        left = (DirectionAnalysis.status == "running") & (DirectionAnalysis.leased_until < now)
        query = select(DirectionAnalysis).where(or_(DirectionAnalysis.status == "queued", left)).order_by(DirectionAnalysis.id)
        for row in session.scalars(query.with_for_update(skip_locked=True)):
            if row.attempt < MOST_ATTEMPTS:
                row.status, row.attempt, row.leased_until = "running", row.attempt + 1, now + LEASE
                return Begun(row.id, row.attempt, row.question, vault.open(row, "panel", row.panel))
            row.status, row.finished_at, row.panel, row.leased_until = "failed", now, None, None
            row.result = vault.seal(row, "result", Found({}, (LEFT_BEHIND,)).sealable)
    return None


@contextmanager
def _holding(runtime: Holds, clinic_id: UUID, begun: Begun) -> Iterator[None]:
    """Renews the lease while the models work; it ends with this process."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RENEW_EVERY):
            try:
                _renew(runtime, clinic_id, begun)
            except Exception as error:  # noqa: BLE001 - the next time may go well, and the end is guarded anyway
                log.error("lease_not_renewed", clinic=encode("cln", clinic_id), error=type(error).__name__)

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(runtime: Holds, clinic_id: UUID, begun: Begun) -> None:
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, _vault, now):
        row = _still_mine(session, begun)
        if row is not None:
            with unwatched(session):  # that it is still worked on is no change of the record
                row.leased_until = now + LEASE


def _answered(runtime: Holds, clinic_id: UUID, begun: Begun) -> Found:
    question = begun.question
    if begun.panel is not None:
        panel = panel_of(begun.panel)
        return _told(question, {name: fit(of) for name, of, fit in _fits(question, panel, panel)})
    weeks = _gathered(runtime, clinic_id, begun)
    if weeks is None:
        return Found(dict.fromkeys(question["models"], waiting_for_more(runtime.settings.direction_renewed_by)), (NO_CAUSE,))
    lengths = question["weeks_per_occasion"], question["weeks_per_wave"]
    panels = weeks.occasions(lengths[0]), weeks.waves(lengths[1])
    found = {name: _over_the_clinic(name, of, fit) for name, of, fit in _fits(question, *panels)}
    return _told(question, found, own_notes(*lengths))


def _over_the_clinic(name: str, panel: Panel, fit: Fit) -> ModelResult:
    """A model's answer, of too few couples not even by the way it would refuse."""
    return too_few(name, panel) if len(panel.units) < fewest(name) else as_told(name, panel, fit(panel))


def _told(question: Question, results: dict[str, ModelResult], notes: tuple[str, ...] = ()) -> Found:
    """Each model's answer, and how to read them."""
    agree: tuple[str, ...] = ()
    if "ri_clpm_a" in results:
        agree = (agreement(results["ri_clpm_a"], results["ri_clpm_b"], _names(question)),)
    return Found({name: as_read(one) for name, one in results.items()}, (NO_CAUSE, *agree, *notes))


def _names(question: Question) -> Names:
    """What the two series are called: x and y, but of the clinic's own data as their scales are."""
    return Names(*(called(**question[series]) for series in "xy")) if "x" in question else Names()


def _gathered(runtime: Holds, clinic_id: UUID, begun: Begun) -> Weeks | None:
    """The clinic's own data; the cut is kept with them before any figure is there."""
    x, y = ((begun.question[name]["measure"], begun.question[name]["scale"]) for name in "xy")
    with chore_at_work(runtime, clinic_id, OPERATION, OWN) as (session, _vault, now):
        row = _still_mine(session, begun)
        found = gather(session, x, y, runtime.settings.direction_renewed_by, now)
        if row is not None and found.weeks is not None:
            row.cut, row.as_of, row.rows_digest = found.cut, found.as_of, found.digest
        return found.weeks


def _fits(question: Question, occasions: Panel, waves: Panel) -> Iterator[tuple[str, Panel, Fit]]:
    """The models that were asked for, each with its panel."""
    names = _names(question)
    if "within_lagged" in question["models"]:
        from app.clinical.lags.within import within_lagged  # noqa: PLC0415 - what it needs takes long to load

        yield "within_lagged", occasions, partial(within_lagged, names=names)
    if "ri_clpm" in question["models"]:
        from app.clinical.lags.ri_clpm import ri_clpm  # noqa: PLC0415 - the same

        fit = partial(ri_clpm, equal_lags=question["equal_lags"], names=names)
        if not waves.with_partners:
            yield "ri_clpm", waves, fit
            return
        # two people of one couple are not two independent units
        yield "ri_clpm_a", waves.of_partner("a"), fit
        yield "ri_clpm_b", waves.of_partner("b"), fit


def _finish(runtime: Holds, clinic_id: UUID, begun: Begun, found: Found) -> None:
    """Keeps what came of it and drops the panel, unless another process has begun it anew or it was deleted."""
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, vault, now):
        row = _still_mine(session, begun)
        if row is None:
            return
        row.status = "done" if found.results else "failed"
        row.result, row.panel = vault.seal(row, "result", found.sealable), None
        row.finished_at, row.leased_until = now, None
        if not found.gives_figures:
            row.cut = row.rows_digest = None  # nothing came out, so nothing can be subtracted


def _still_mine(session: RecordSession, begun: Begun) -> DirectionAnalysis | None:
    query = select(DirectionAnalysis).where(DirectionAnalysis.id == begun.id, DirectionAnalysis.attempt == begun.attempt)
    return session.scalars(query.with_for_update()).one_or_none()
