"""Makes a bulk export from one snapshot: type after type, page after page, drawn as every other reader sees them.

Nothing is missed between an export and the next one with its `transactionTime` as `_since`. A change is dated by the moment its
request began and is seen once that is committed, which may be a while later. So `transactionTime` lies as long before the
snapshot as a request may take to its commit: whatever is dated before it was committed when the snapshot was taken. What is
dated after it is in both exports, if the first one saw it. The same holds for what comes to show by the passing of time alone,
as a hidden pause does: it is dated by the moment it shows at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import select

from app.access.actor import Actor
from app.access.models import Integration
from app.access.permissions import Permission
from app.access.smart import categories, narrowed_to, scopes_among
from app.access.work import Runtime, longest_request
from app.core.database import RecordSession
from app.core.settings import Settings
from app.errors import NotAllowedError
from app.exports.engine import write_file
from app.exports.makers import Maker, makes
from app.exports.making import Made, Tell
from app.exports.models import Export
from app.exports.reading import Reading, reading
from app.exports.sinks import Sink
from app.fhir.bulk.gone import Within, tombstones
from app.fhir.bulk.orders import Order, knows_couples, may_have, partners_of, read_filter
from app.fhir.bulk.rules import elements_of, read_instant
from app.fhir.bulk.walking import patients_in, walk
from app.fhir.queries import scoped
from app.fhir.resource import Asked, Drawing, Drawn, Resource
from app.fhir.resources import resources
from app.fhir.rows import instant
from app.fhir.searching import drawing_for, subset
from app.fhir.values import Span

FHIR: Final = "fhir"
DELETED: Final = "deleted"
ERRORS: Final = "errors"
WHOLE: Final = "*"
COUPLES: Final = "couples"
LINES_A_PIECE: Final = 64  # some tens of kilobytes are written at once
CLOCKS: Final = timedelta(seconds=55)  # our proposal: how far clocks of hosts may stand apart


def looks_back(settings: Settings) -> timedelta:
    """How long before its snapshot the moment lies that an export is of: as long as a change may be on its way.

    A request of which more time has passed is refused before its commit, which takes no longer than a statement.
    """
    return longest_request(settings) + timedelta(seconds=settings.statement_seconds) + CLOCKS


def asker(session: RecordSession, row: Export) -> Actor:
    """The client, as it stands now and never more than when it asked. Raises NotAllowedError."""
    query = select(Integration).where(Integration.id == row.requested_by, Integration.ended_at.is_(None))
    integration = session.scalars(query).one_or_none()
    if integration is None:
        raise NotAllowedError
    held = scopes_among(integration.scopes)
    smart = tuple(dict.fromkeys(found for one in scopes_among(row.scopes) for found in narrowed_to(one, held)))
    actor = Actor(row.clinic_id, integration.id, row.credential_id, None, frozenset(), smart=smart)
    actor.check(Permission.FHIR)
    is_covered = all(may_have(smart, type_) for type_ in row.question["tables"])
    if not is_covered or (row.question["level"] == "group" and not knows_couples(smart)):
        raise NotAllowedError
    return actor


@dataclass
class Bulk:
    """A bulk export under way."""

    reading: Reading
    drawing: Drawing
    order: Order
    within: Within
    sink: Sink
    tell: Tell
    told: set[UUID] = field(default_factory=set)
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """How often keys of the clinic had changed when the snapshot was taken; a higher number later tells of an erasure."""
        return int(self.reading.work.session.info["key_epoch"])

    def steps(self) -> Iterator[int]:
        """Writes file after file; each time how many resource types are done."""
        done = 0
        for type_ in self.order.types:
            for _ in self._write(type_, type_, self._lines(resources()[type_])):
                yield done
            done += 1
            yield done
        if self._since is not None:
            gone = (to_json(one) for one in tombstones(self.drawing, self.order, self.within, self._since))
            for _ in self._write(DELETED, DELETED, gone):
                yield done
        for _ in self._write(ERRORS, ERRORS, (to_json(_outcome(one)) for one in self.order.passed_over)):
            yield done

    def finish(self) -> Made:
        """The files, the moment they are of, and what a client's scopes have to hold to fetch them."""
        rests_on = {type_: self._held(type_) for type_ in self.order.types}
        if self.drawing.knows_couples:
            rests_on[COUPLES] = [WHOLE]
        moment = instant(self.reading.work.now - looks_back(self.reading.work.settings))
        return Made(files=self.files, token=moment, left_out=[], couples=None, rests_on=rests_on, counting=None)

    def _held(self, type_: str) -> list[str]:
        return held(self.drawing, type_)

    @property
    def _since(self) -> datetime | None:
        return None if self.order.since is None else read_instant(self.order.since)

    def _lines(self, resource: Resource) -> Iterator[bytes]:
        elements = elements_of(self.order.elements, resource.type)
        for page in walk(self.drawing, resource, self._asked(resource)):
            mine = [one for one in page if self._is_within(resource, one)]
            self._tell(mine)
            for one in mine:
                yield one.text if elements is None else to_json(subset(one.resource, elements))

    def _asked(self, resource: Resource) -> list[Asked]:
        """What is searched for, of which any one is enough; the client's scopes narrow each."""
        filters = [query for type_, query in self.order.filters if type_ == resource.type]
        found = [read_filter(self.drawing, resource, query).asked for query in filters]
        found = found or [Asked(where=scoped(self.drawing, resource))]
        since, couples = self._since, self._couples()
        span = (Span("ge", since, since),) if since is not None and self._is_dated(resource) else ()
        may_read = scoped(self.drawing, resource, "r")
        return [
            replace(one, where=[*one.where, *may_read], updated=[*one.updated, *span], couples=couples, sort=None)
            for one in found
        ]

    def _is_dated(self, resource: Resource) -> bool:
        """Whether the client is told when one changes; else it gets all, each time: which change together would tell."""
        dated = getattr(resource.source, "dated", None)
        return dated is None or bool(dated(self.drawing))

    def _couples(self) -> list[UUID] | None:
        if self.order.patients is not None:
            return sorted({couple_id for _one, couple_id in partners_of(self.drawing, self.order.patients).values()})
        return None if self.within.couple_id is None else [self.within.couple_id]

    def _is_within(self, resource: Resource, one: Drawn) -> bool:
        """Whether a resource belongs to those whom the export is of, and to nobody else; what is nobody's belongs to all."""
        if not resource.of_patients:
            return True
        asked = self.order.patients
        if self.within.couple_id not in {None, one.couple_id} or asked is None:
            return self.within.couple_id in {None, one.couple_id}
        patients = patients_in(one.resource)
        return bool(patients) and patients <= frozenset(asked)

    def _tell(self, page: list[Drawn]) -> None:
        """One event a couple, committed before anything of it is written."""
        new = {one.couple_id for one in page if one.couple_id is not None} - self.told
        if new:
            self.tell(sorted(new))
            self.told |= new

    def _write(self, kind: str, name: str, lines: Iterator[bytes]) -> Iterator[None]:
        """Writes lines in files of so many at most; without lines there is no file."""
        rows_a_part = self.reading.work.settings.export_part_rows
        for number, first in enumerate(lines, start=1):
            counting = _Counting(chain([first], islice(lines, rows_a_part - 1)))
            file_name = f"{name}-{number:04}.ndjson"
            size, sha256 = write_file(self.sink, file_name, counting)
            self.files.append({"name": file_name, "table": kind, "rows": counting.rows, "bytes": size, "sha256": sha256})
            yield


class _Counting:
    """Lines, each with its end, some together, and how many there were."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self.rows = lines, 0

    def __iter__(self) -> Iterator[bytes]:
        while some := list(islice(self._lines, LINES_A_PIECE)):
            self.rows += len(some)
            yield b"\n".join([*some, b""])


def held(drawing: Drawing, type_: str) -> list[str]:
    """Of which categories a client may read a type; the whole is a star."""
    found = categories(drawing.scopes, type_, "r")
    return [WHOLE] if found is None else sorted(found)


def _outcome(sentence: str) -> dict[str, Any]:
    issue = {"severity": "warning", "code": "not-supported", "details": {"text": sentence}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


@contextmanager
def make(runtime: Runtime, actor: Actor, words: dict[str, Any], sink: Sink, tell: Tell) -> Iterator[Bulk]:
    """A bulk export that can be written while the block lasts. Raises NotFoundError where the couple it is of is gone."""
    order = Order.kept(words)
    with reading(runtime, actor, runtime.clock()) as read:
        drawing = drawing_for(read.work)
        yield Bulk(read, drawing, order, Within.of(drawing, order), sink, tell)


MAKER: Final = makes(FHIR, Maker("fhir_export", str(Permission.FHIR), asker, make))
