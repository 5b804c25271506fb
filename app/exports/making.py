"""Makes one export from one snapshot: what is read is told first, the tables come in parts, the manifest last."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from app.access.actor import Actor
from app.access.work import Runtime
from app.changes.service import Reason, couples_changed_since, token_now
from app.disclosures.service import Recipient
from app.exports.companions import companions
from app.exports.deidentified.making import Deidentified, deidentified
from app.exports.deidentified.report import report
from app.exports.deidentified.standing import Standing
from app.exports.engine import Part, write_file, write_tables
from app.exports.formats import formats
from app.exports.manifest import MANIFEST, About, manifest_of
from app.exports.reading import Reading, reading
from app.exports.released import Counting, Covered, covered, left_out, places_of
from app.exports.sinks import Sink
from app.exports.table import Table
from app.exports.tables import tables
from app.exports.tombstones import tombstones

Tell = Callable[[list[UUID]], None]
"""Is told of every couple that is about to be read."""


@dataclass(frozen=True)
class Order:
    """What an export is of, and where it goes; with `standing`, the cohort it is of, it is de-identified."""

    tables: tuple[str, ...]
    formats: tuple[str, ...]
    since: str | None
    destination: str
    recipient: Recipient | None = None
    standing: Standing | None = None


@dataclass(frozen=True)
class Made:
    """What came of it: `couples` where the asker sees not all of the clinic, `rests_on` and `counting` where it leaves it."""

    files: list[dict[str, Any]]
    token: str | None
    left_out: list[dict[str, Any]]
    couples: list[str] | None
    rests_on: dict[str, list[str]]
    counting: Counting | None


@dataclass
class Making:
    """An export under way."""

    reading: Reading
    order: Order
    sink: Sink
    couple_ids: list[UUID]
    reasons: Mapping[UUID, Reason]
    left_out: list[dict[str, Any]]
    counting: Counting | None
    leaving: Deidentified | None = None
    written: list[Part] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """How often keys of the clinic had changed when the snapshot was taken; a higher number later tells of an erasure."""
        return int(self.reading.work.session.info["key_epoch"])

    @property
    def _tables(self) -> list[Table]:
        if self.leaving is not None:
            return self.leaving.changed.tables(self.order.tables)
        return [*(tables()[name] for name in self.order.tables), tombstones(self.reasons)]

    def steps(self) -> Iterator[int]:
        """Writes part after part; each time how many tables are done, in so many formats."""
        done = 0
        for table in self._tables:
            for number, code in enumerate(self.order.formats):
                is_first = self.counting is not None and number == 0  # each format has the same rows: they are counted in one
                read = self.counting.counted(table) if self.counting and is_first and table.name in self.order.tables else table
                for part in write_tables(self.reading, [read], [formats()[code]], self.sink, self._rows_a_part):
                    self.written.append(part)
                    yield done
                done += 1
                yield done

    @property
    def _rests_on(self) -> dict[str, list[str]]:
        """By couple, the authorisations under which it leaves, or the partners who agreed."""
        if self.leaving is not None:
            return {one.hex: sorted(sides) for one, sides in self.leaving.sides.items()}
        return {} if self.counting is None else {one.hex: _hex(found) for one, found in self.counting.found.items()}

    @property
    def _rows_a_part(self) -> int:
        return self.reading.work.settings.export_part_rows

    def finish(self) -> Made:
        """Writes what describes the tables, and the manifest."""
        all_tables, work, order = self._tables, self.reading.work, self.order
        token = token_now(work) if self.leaving is None else None
        beside = companions(
            all_tables, [formats()[code] for code in order.formats], self.written, work.now, joins=order.recipient is None
        )
        if self.leaving is not None:
            beside |= report(self.leaving.changed, order.tables)
        about = About(order.destination, token, order.since, self.left_out, beside)
        found = [_told(part.name, part.bytes, part.sha256, part.table, part.rows) for part in self.written]
        for name, content in {**beside, MANIFEST: manifest_of(self.reading, all_tables, self.written, about)}.items():
            found.append(_told(name, *write_file(self.sink, name, [content])))
        sees_all = work.actor.role is None
        counting = self.counting
        return Made(
            files=found,
            token=token,
            left_out=self.left_out,
            couples=None if sees_all else [couple_id.hex for couple_id in self.couple_ids],
            rests_on=self._rests_on,
            counting=counting,
        )


@contextmanager
def make(runtime: Runtime, actor: Actor, order: Order, sink: Sink, tell: Tell) -> Iterator[Making]:
    """An export that can be written while the block lasts.

    Raises CursorInvalidError, StartAnewError, TooFewCouplesError, and what telling raises; until then nothing is written.
    """
    with reading(runtime, actor, runtime.clock()) as everything:
        read = everything
        reasons: Mapping[UUID, Reason] = {}
        found: dict[UUID, Covered] = {}
        kinds = {tables()[name].kind for name in order.tables}
        told: list[dict[str, Any]] = []
        leaving = None
        if order.standing is not None:
            leaving = deidentified(read, order.standing)
            read, told = leaving.reading, leaving.left_out
        if order.since is not None:
            reasons = couples_changed_since(read.work, order.since)
            read = replace(read, since=frozenset(reasons))
        if order.recipient is not None:
            everyone = [couple_id for page in read.couples() for couple_id in page]
            found = covered(read.work, order.recipient, everyone, kinds)
            places = places_of(found)
            told = left_out(len(everyone), kinds, places)
            read = replace(read, since=frozenset(found), released=places)
        couple_ids = [couple_id for page in read.couples() for couple_id in page]
        tell(couple_ids)
        counting = None if order.recipient is None else Counting.of(read, found)
        yield Making(read, order, sink, couple_ids, reasons, told, counting, leaving)


def _told(name: str, size: int, sha256: str, table: str | None = None, rows: int | None = None) -> dict[str, Any]:
    return {"name": name, "table": table, "rows": rows, "bytes": size, "sha256": sha256}


def _hex(one: Covered) -> list[str]:
    return [authorisation_id.hex for authorisation_id in one.authorisations]
