"""All that A, and everybody acting for A, can ask for, and whether the answers are what they were."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import ndiff

from tests.views.record import HAVE_VIEWS, READS, Record, paths
from tests.views.stage import Ask, Query, Told

VIEWERS = ("therapist", "ehr", "supervisor")
PAGES = 4


class InterferenceError(AssertionError):
    """Two worlds answered differently."""


# What the clinic keeps of itself and of who did what, for its own eyes: nobody asks it in a partner's name. A caseload shows
# both partners side by side; what it tells a machine is compared in tests/outcomes/test_what_a_caseload_tells.py.
OF_THE_CLINIC = (
    *("audit:read", "breach_scope:read", "break_glass:read", "break_glass:open", "erasures:read", "credentials:read"),
    *("caseload:read", "changes:read", "clinic_outcomes:read", "direction_analyses:read", "exports:read", "webhooks:read"),
)
FOR_PARTNERS = [name for name, (_method, _path, told) in READS.items() if told["x-permission"] not in OF_THE_CLINIC]


def compare(ask: Ask, one: Told, other: Told) -> None:
    """Raises InterferenceError when two answers, or what they cost, differ in anything."""
    if one != other:
        raise InterferenceError("\n".join(["", f"{ask.method} {ask.path}", *_apart(one, other)]))


def _apart(one: Told, other: Told) -> Iterator[str]:
    """What of two answers differs."""
    for name in ("status", "headers", "body"):
        if getattr(one, name) != getattr(other, name):
            yield f"{name}: {getattr(one, name)!r}\n{name}: {getattr(other, name)!r}"
    yield from (line for line in ndiff(one.statements, other.statements) if line[0] in "+-")


def looked_for_a(record: Record, viewers: tuple[str, ...] = VIEWERS) -> Iterator[tuple[str, Ask]]:
    """Every read there is, by its operation, with every id there is: in A's view where there is one, and by A's links."""
    for name in FOR_PARTNERS:
        for path in paths(record, name):
            if path.startswith("/p/"):
                yield name, Ask("GET", path)
                continue
            seen = f"{path}{'&' if '?' in path else '?'}as=partner_a" if name in HAVE_VIEWS else path
            yield from ((name, Ask("GET", seen, record.keys[viewer])) for viewer in viewers)


def looked_by_therapist_for_a(record: Record) -> Iterator[tuple[str, Ask]]:
    """The same by the therapist alone."""
    return looked_for_a(record, VIEWERS[:1])


def looked_by_machine(record: Record) -> Iterator[tuple[str, Ask]]:
    """Every read there is, as clinic software asks for it: both partners' own, and nothing of safety."""
    for name in FOR_PARTNERS:
        for path in paths(record, name):
            if not path.startswith("/p/"):
                yield name, Ask("GET", path, record.keys["ehr"])


@dataclass
class Place:
    """One address, all the ways it was asked for, and the queries that the answers came from."""

    operation: str
    path: str
    ways: list[Ask]
    queries: frozenset[int] = frozenset()


class Look:
    """What one world answers to everything at one moment: kept, to be compared with what another answers.

    An answer depends on the request, the moment, and on what the database brings. So what it brings is compared first, row by
    row, for every query that was sent for it. Where all of it is the same, so is the answer; where anything differs, the
    request is sent again and its answer compared to the last byte. Some that could not differ are sent again all the same.
    """

    def __init__(
        self,
        record: Record,
        at: datetime,
        looked: Callable[[Record], Iterable[tuple[str, Ask]]],
        *,
        in_all_ways: bool = True,
        after: Callable[[Record], None] = lambda _: None,
    ) -> None:
        """What is answered after something was done on the record; all of it is undone again."""
        self.record, self.at = record, at
        with record.stage.database.undone():
            after(record)
            self._look(looked, in_all_ways=in_all_ways)
        with record.stage.database.undone():
            after(record)
            self._rows = [record.stage.rows(query) for query in self._queries]

    def _look(self, looked: Callable[[Record], Iterable[tuple[str, Ask]]], *, in_all_ways: bool) -> None:
        record, at = self.record, self.at
        self.told: dict[Ask, Told] = {}
        self.places: dict[str, Place] = {}
        asked = list(looked(record))
        record.stage.tell([ask for _, ask in asked[::3]], at)  # once for what this process keeps in memory
        for (name, ask), told in zip(asked, record.stage.tell([ask for _, ask in asked], at), strict=True):
            self._keep(name, ask, told)
            if in_all_ways and ask.key != record.keys["supervisor"]:
                self._vary(name, ask, told)
        self._queries: list[Query] = []
        self._number()

    def _keep(self, name: str, ask: Ask, told: Told) -> None:
        self.told[ask] = told
        self.places.setdefault(ask.path, Place(name, ask.path, [])).ways.append(ask)

    def _vary(self, name: str, ask: Ask, told: Told) -> None:
        """The same for who asks only for the headers, for who has it already, and page by page."""
        tag = told.header(b"etag") or b'"1"'
        varied = [Ask("HEAD", ask.path, ask.key), Ask("GET", ask.path, ask.key, headers=((b"if-none-match", tag),))]
        for way, answer in zip(varied, self.record.stage.tell(varied, self.at), strict=True):
            self._keep(name, way, answer)
        if any(one["name"] == "limit" for one in READS[name][2].get("parameters", [])):
            page = Ask("GET", f"{ask.path}{'&' if '?' in ask.path else '?'}limit=1", ask.key)
            for _ in range(PAGES):
                answer = self.record.stage.tell([page], self.at)[0]
                self.told[page] = answer
                self.places[ask.path].ways.append(page)
                link = answer.header(b"link")
                if link is None:
                    break
                page = Ask("GET", link.decode().partition(">")[0][1:], ask.key)

    def _number(self) -> None:
        numbers: dict[tuple[str, str], int] = {}
        for place in self.places.values():
            found = set()
            for ask in place.ways:
                for statement, values in self.told[ask].queries:
                    key = (statement, repr(values))
                    if key not in numbers:
                        numbers[key] = len(self._queries)
                        self._queries.append((statement, values))
                    found.add(numbers[key])
            place.queries = frozenset(found)

    def again(self, chance: random.Random, *, more: int = 4) -> int:
        """Looks again in the world as it is now; returns how many requests were sent. Raises InterferenceError."""
        rows = self.record.stage.rows
        differ = {number for number, query in enumerate(self._queries) if rows(query) != self._rows[number]}
        asked = [chance.choice(place.ways) for place in self.places.values() if place.queries & differ]
        asked += [chance.choice(place.ways) for place in chance.sample(list(self.places.values()), more)]
        for ask, told in zip(asked, self.record.stage.tell(asked, self.at), strict=True):
            compare(ask, self.told[ask], told)
        return len(asked)

    def all_again(self) -> None:
        """Looks at everything again, in every way. Raises InterferenceError."""
        for ask, told in zip(self.told, self.record.stage.tell(list(self.told), self.at), strict=True):
            compare(ask, self.told[ask], told)
