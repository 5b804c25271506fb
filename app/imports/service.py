"""Brings files into a clinic: read and sorted first, then couple by couple through the same use cases as the API."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from app.access.permissions import Permission
from app.access.work import Asked, Runtime, Work
from app.core.ids import encode, new_id
from app.imports.administrations import bring_administrations
from app.imports.couples import Arrival, arrive, put_away
from app.imports.episodes import bring_episodes
from app.imports.locating import RefusedError
from app.imports.progress import Progress, fingerprint, resumed
from app.imports.reading import FileBrokenError, Source, check_manifest, find_sources, read
from app.imports.report import Report, Weight
from app.imports.spool import Bundle, Spool
from app.ledger.service import Aim

NEEDED: Final = (Permission.COUPLES_READ, Permission.COUPLES_WRITE, Permission.ADMINISTRATIONS_WRITE)
BATCH_ROWS: Final = 2_000  # our proposal: a second's work at most, for which an embedded record lets nobody else write


class MembersKeyError(ValueError):
    """A member's key, where software's is asked for."""

    def __init__(self) -> None:
        super().__init__(
            "give the key of an integration: what comes in stands in the trail as software's, not as anybody's own work"
        )


@dataclass(frozen=True)
class Order:
    """What is to come in: in whose name, who gets a seat on every new couple, and whether it is only tried."""

    key: str
    paths: Sequence[Path]
    manifest: Mapping[str, Mapping[str, Any]]
    care_team: Sequence[UUID] = ()
    tries: bool = False
    resumes: bool = False
    batch_rows: int = BATCH_ROWS


class _TriedError(Exception):
    """Takes back what was only tried."""


def bring_in(runtime: Runtime, order: Order, report: Report, state: Path, tell: Callable[[Progress, int], None]) -> Progress:
    """Brings everything in, or nothing if a file cannot be read or a row is not one of its table.

    A couple comes in whole or not at all; `report` says which did not and why. `tell` hears of every batch that is done.
    Raises ValueError where there is nothing to bring in, and what the door and the seats of the care team refuse with.
    """
    with _in_the_clinic(runtime, order.key) as work:  # before anything is read: who may not, is told so at once
        clinic_id = work.actor.clinic_id
    with closing(Spool()) as spool:
        sources = take(spool, order, report)
        progress = Progress(fingerprint(sources, clinic_id, order.care_team))
        if report.refuses:
            return progress
        if order.resumes:
            progress = resumed(state, progress.of)
        if not order.tries:
            progress.save(state)  # if it cannot be kept, that is told before anything comes in
        couples = spool.couples()
        for batch in _batches(spool.bundles(progress.last), order.batch_rows):
            _bring_batch(runtime, order, batch, report, progress)
            report.flush()
            if not order.tries:
                progress.save(state)
            tell(progress, couples)
    if not order.tries:
        state.unlink(missing_ok=True)
    return progress


def take(spool: Spool, order: Order, report: Report) -> list[Source]:
    """Reads every file to its end and keeps its rows; whatever is wrong stands in the report."""
    sources = find_sources(order.paths, report.add)
    if not sources and not report.refuses:
        raise ValueError("there is no table to bring in: name a folder with an export, or files like couples.csv")
    for source in sources:
        try:
            spool.add(source, read(source, report.add), report.add)
        except FileBrokenError as error:
            report.add(error.finding)
    if order.manifest and not report.refuses:
        check_manifest(sources, order.manifest, report.add)
    return sources


def _batches(bundles: Iterable[Bundle], rows: int) -> Iterator[list[Bundle]]:
    """Couples that come in together: as many as have so many rows, and always one."""
    batch: list[Bundle] = []
    for bundle in bundles:
        if batch and sum(one.size for one in batch) + bundle.size > rows:
            yield batch
            batch = []
        batch.append(bundle)
    if batch:
        yield batch


def _bring_batch(runtime: Runtime, order: Order, batch: list[Bundle], report: Report, progress: Progress) -> None:
    """In one transaction; if one couple does not come in, each of them again in a transaction of its own."""
    try:
        arrivals = _in_one(runtime, order, batch)
    except RefusedError as error:
        if len(batch) > 1:
            for bundle in batch:
                _bring_batch(runtime, order, [bundle], report, progress)
            return
        progress.refused += 1
        for finding in error.findings:
            report.add(finding)
        arrivals = []
    rows: Counter[tuple[str, str]] = Counter()
    for arrival in arrivals:
        rows += arrival.done
        for finding in arrival.differences:
            report.add(finding)
    progress.count(len(batch), batch[-1].couple, rows)


def _in_one(runtime: Runtime, order: Order, batch: list[Bundle]) -> list[Arrival]:
    arrivals: list[Arrival] = []
    with suppress(_TriedError), _in_the_clinic(runtime, order.key) as work:
        arrivals = [arrive(work, bundle, order.care_team) for bundle in batch]
        in_care = [arrival for arrival in arrivals if arrival.in_care]
        for arrival in in_care:
            bring_episodes(work, arrival)
        bring_administrations(work, in_care)
        for arrival in arrivals:
            _tell_archived(arrival)
            put_away(work, arrival)
        if order.tries:
            raise _TriedError
    return arrivals


def _tell_archived(arrival: Arrival) -> None:
    """Nothing is added to a couple that is archived here, and that is told if there was something to add."""
    rows = arrival.bundle.of("couples")
    if not arrival.in_care and rows and rows[0].get("archived_at") is None:
        told = rows[0].told("archived_at", "archived_here", "This couple is archived here, and nothing is added to it.")
        arrival.differences.append(replace(told, weight=Weight.DIFFERS))


@contextmanager
def _in_the_clinic(runtime: Runtime, key: str) -> Iterator[Work]:
    """One transaction in the name of the integration whose key it is, as it stands now. Raises what the door refuses with."""
    asked = Asked("import_records", Permission.COUPLES_WRITE, key, encode("req", new_id()), writes=True, aim=Aim.CHANGE)
    with runtime.work(asked) as work:
        if work.actor.role is not None:
            raise MembersKeyError
        for permission in NEEDED:
            work.actor.check(permission)
        yield work
