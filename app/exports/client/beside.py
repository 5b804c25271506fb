"""An export made beside the record, with no server: by the same engine, into the same folder, told of in the ledger.

A run that was cut off goes on where it was: tables that are whole are kept, and the rest is read as of the same moment. That
takes the same record: if anything in it has changed since, it begins anew, because two halves of two moments would not agree.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from app.access.actor import Actor
from app.access.permissions import GRANTABLE
from app.access.work import Runtime, Work
from app.changes.tokens import StartAnewError
from app.core.commit_order import last_in_commit_order, place_in_commit_order, rows_in_commit_order, rows_not_settled
from app.core.database import Reach
from app.core.health import VERSION
from app.core.ids import encode, new_id
from app.core.migrate import HEAD
from app.core.paging import CursorInvalidError
from app.errors import RekindleError
from app.exports.asking import known_tables
from app.exports.choosing import check_formats, check_tables
from app.exports.client.ends import PartialError, RefusedError, SchemaChangedError
from app.exports.client.files import File
from app.exports.client.folder import Folder, Journal
from app.exports.client.shape import start_anew
from app.exports.client.telling import Telling
from app.exports.engine import Part, write_tables
from app.exports.extras import check_installed
from app.exports.format import Format
from app.exports.formats import formats
from app.exports.making import Making, Order, make
from app.exports.sinks import Directory
from app.exports.table import Table
from app.exports.tables import tables
from app.exports.tombstones import tombstones
from app.ledger.models import LedgerEvent
from app.ledger.service import Occasion, begin, log_reads

OPERATION: Final = "export"
CHANGES: Final = frozenset({"create", "update", "delete"})
EVENTS_AT_ONCE: Final = 1_000
COLUMNS: Final = (LedgerEvent.id, LedgerEvent.kind)


@dataclass(frozen=True)
class Record:
    """The record of one clinic, as whoever runs its machine exports it: what a machine account could read, and no more."""

    runtime: Runtime
    clinic_id: UUID

    @property
    def name(self) -> str:
        """Where the export comes from."""
        return f"the record of {encode('cln', self.clinic_id)}"

    def make(self, journal: Journal, folder: Folder, telling: Telling) -> Journal:
        """Writes every file of the export. Raises PartialError, RefusedError, SchemaChangedError."""
        with _refusals_told(journal, folder):
            order = self._order(journal)
            made = self._made(order, journal, folder, telling)
            if made is None:
                telling.note("The record has changed since. A new export begins.")
                anew = folder.begin(replace(journal, kept={}, files=(), is_done=False))
                made = self._made(order, anew, folder, telling)
        if made is None:
            raise PartialError("The record cannot be told to stand still. Repeat the command.")
        return made

    @property
    def _operator(self) -> Actor:
        return Actor(self.clinic_id, self.clinic_id, self.clinic_id, None, GRANTABLE)

    def _order(self, journal: Journal) -> Order:
        asked = journal.asked
        if asked.destination != "own":
            raise RefusedError(
                "What leaves the clinic is kept in the name of whoever asks: ask a running service, with --url and a key."
            )
        chosen = check_formats(asked.formats, formats())
        for code in chosen:
            check_installed(formats()[code])
        names = check_tables(asked.tables, known_tables(), self._operator.permissions)
        return Order(names, chosen, journal.since, asked.destination)

    def _made(self, order: Order, journal: Journal, folder: Folder, telling: Telling) -> Journal | None:
        """The export; None if what was begun cannot be gone on with."""
        now = datetime.fromisoformat(journal.kept["now"]) if journal.kept else self.runtime.clock()
        with make(_at(self.runtime, now), self._operator, order, Directory(folder.incoming), self._tell_of_reads) as making:
            work = making.reading.work
            if not journal.kept:
                mark = last_in_commit_order(work.session, LedgerEvent)
                kept = {"now": now.isoformat(), "mark": str(mark), "made_by": self._maker(), "parts": [], "whole": []}
                journal = folder.write(replace(journal, kept=kept))
            elif journal.kept["made_by"] != self._maker() or _has_changed(work, UUID(journal.kept["mark"])):
                return None
            journal, epoch = _written(making, journal, folder, telling), making.epoch
            files = tuple(File(**told) for told in making.finish().files)
        if self._epoch() != epoch:
            return None  # somebody was erased since it was read
        for file in files:
            if file.table is None:
                telling.part(file)
        return folder.write(replace(journal, files=files))

    def _epoch(self) -> int:
        """How often keys of the clinic have changed by now; an erasure destroys some."""
        with self.runtime.database.transaction(Reach(self.clinic_id)) as session:
            return int(session.info["key_epoch"])

    def _maker(self) -> str:
        """What files follow from beside the record and the moment: this version and its settings."""
        return sha256(f"{VERSION} {HEAD} {self.runtime.settings.model_dump_json()}".encode()).hexdigest()

    def _tell_of_reads(self, couple_ids: list[UUID]) -> None:
        """One event a couple, committed before anything of it is on the disk."""
        with self.runtime.database.transaction(Reach(self.clinic_id)) as session:
            begin(session, Occasion("operator", None, None, OPERATION, encode("req", new_id()), self.runtime.clock()))
            log_reads(session, OPERATION, couple_ids)


def _at(runtime: Runtime, now: datetime) -> Runtime:
    """The same, at a moment that stands still."""
    still = copy(runtime)
    still.clock = lambda: now
    return still


def _written(making: Making, journal: Journal, folder: Folder, telling: Telling) -> Journal:
    """Every table in every format, but for what is whole already; each that becomes whole is kept in the journal."""
    wanted = [*(tables()[name] for name in making.order.tables), tombstones(making.reasons)]
    pairs = [(table, formats()[code]) for table in wanted for code in making.order.formats]
    for done, (table, form) in enumerate(pairs):
        telling.step("Written", done, len(pairs))
        parts = _whole(journal, folder, table, form)
        if parts is None:
            parts = list(_parts(making, table, form))
            kept = journal.kept | {
                "whole": [*journal.kept["whole"], [table.name, form.code]],
                "parts": [*_others(journal, table, form), *(asdict(part) for part in parts)],
            }
            journal = folder.write(replace(journal, kept=kept))
        for part in parts:
            telling.part(_file(part))
        making.written.extend(parts)
    telling.step("Written", len(pairs), len(pairs))
    return journal


def _parts(making: Making, table: Table, form: Format) -> Iterator[Part]:
    rows = making.reading.work.settings.export_part_rows
    return write_tables(making.reading, [table], [form], making.sink, rows)


def _whole(journal: Journal, folder: Folder, table: Table, form: Format) -> Sequence[Part] | None:
    """The parts of a table that was written whole before, if they still are."""
    if [table.name, form.code] not in journal.kept["whole"]:
        return None
    parts = [Part(**told) for told in journal.kept["parts"] if (told["table"], told["format"]) == (table.name, form.code)]
    return parts if all(folder.find(journal, _file(part)) for part in parts) else None


def _others(journal: Journal, table: Table, form: Format) -> list[dict[str, object]]:
    return [told for told in journal.kept["parts"] if (told["table"], told["format"]) != (table.name, form.code)]


def _file(part: Part) -> File:
    return File(part.name, part.bytes, part.sha256, part.rows, part.table)


def _has_changed(work: Work, mark: UUID) -> bool:
    """Whether anything was stored since an event; reads and refusals change nothing, but a sign-in does."""
    at = place_in_commit_order(work.session, LedgerEvent, mark)
    if at is None or any(kind in CHANGES for _id, kind in rows_not_settled(work.session, LedgerEvent, COLUMNS, EVENTS_AT_ONCE)):
        return True
    while rows := rows_in_commit_order(work.session, LedgerEvent, COLUMNS, at, EVENTS_AT_ONCE):
        if any(kind in CHANGES for _position, _id, kind in rows):
            return True
        at = rows[-1][0], rows[-1][1]
    return False


@contextmanager
def _refusals_told(journal: Journal, folder: Folder) -> Iterator[None]:
    """Turns what the service would answer with a problem into its sentence and exit code."""
    try:
        yield
    except (CursorInvalidError, StartAnewError) as error:
        raise SchemaChangedError(f"{error.sentence} {start_anew(folder, journal)}") from None
    except RekindleError as error:
        raise RefusedError("\n- ".join([error.sentence, *(fault.detail for fault in error.faults)])) from None
    except DBAPIError as error:
        raise PartialError(f"The record cannot be read now ({type(error.orig).__name__}). Repeat with --resume.") from None
