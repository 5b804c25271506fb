"""Rows of many couples for `bench.outcomes`, written past the service: COPY on PostgreSQL, executemany on SQLite.

Each couple has an open episode and 50 administrations, 25 a partner and a week apart. In every twentieth couple all are
weekly pulses with seven scores each, else GMSEX and CSI-16 in turn with one. Ids, days, scores and keys are as the service
makes them; answers are bytes that nobody opens, and nothing stands in the trail.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import psycopg

from app.access.permissions import CARE_TEAM, MACHINE
from app.access.work import Runtime
from app.caseload.following import keep_figures
from app.caseload.models import CoupleStanding, Followed, SeriesOutcome
from app.caseload.service import Listed
from app.clinical.measures import MEASURES
from app.core.crypto import Owner, Vault
from app.core.database import Base, Compartment
from app.core.ids import new_id
from app.core.settings import Settings
from app.ledger.service import chore_at_work

ADMINISTRATIONS: Final = 50
EVERY_TWENTIETH: Final = 20
CHUNK: Final = 1_000
PULSE: Final = "rekindle_pulse"
ASKED: Final = ("gmsex", "csi16")
CONCERNS: Final = ("desire_discrepancy", "low_sex_relationship", "initiation_refusal_pattern")
COMPARTMENTS: Final = {"a": Compartment.INDIVIDUAL_A.value, "b": Compartment.INDIVIDUAL_B.value}
CHANCE: Final = Random(20261129)  # noqa: S311 - made-up scores, not secrets
Row = dict[str, Any]
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Pair:
    """One couple that was written: its place, and its ids."""

    number: int
    id: UUID
    a: UUID
    b: UUID

    @property
    def has_pulses(self) -> bool:
        """Whether all its administrations are weekly pulses."""
        return self.number % EVERY_TWENTIETH == 0


class Writer:
    """Brings couples into the record of one clinic, however many there are already."""

    def __init__(self, runtime: Runtime, settings: Settings, clinic_id: UUID, member_id: UUID) -> None:
        self._runtime, self._settings = runtime, settings
        self._clinic_id, self._member_id = clinic_id, member_id
        self._kept: list[tuple[Row, Row, list[Row]]] = []
        self.pairs: list[Pair] = []
        self.scores = 0

    def grow_to(self, couples: int) -> None:
        """Writes the couples that are missing; all but the first thousand with figures that were reckoned of those."""
        while len(self.pairs) < couples:
            first = len(self.pairs)
            pairs = [Pair(first + place, new_id(), new_id(), new_id()) for place in range(min(CHUNK, couples - first))]
            rows = together(self._rows(pair) for pair in pairs)
            kept = self._figures(pairs) if self._kept else {}
            self._keys(pairs if not self._kept else [])
            self._write(rows)
            self._write(kept)
            self.scores += len(rows["score"])
            self.pairs += pairs
            if not self._kept:
                break  # the service reckons these first
        self._fill()

    def reckon(self) -> None:
        """Lets the service reckon the figures of those that are there, and keeps them as what later couples get."""
        keep_figures(self._runtime, self._clinic_id)
        self._kept = self._read_kept()

    def seat(self, pairs: Iterable[Pair]) -> None:
        """Puts the member on these couples' care teams."""
        own = {"member_id": self._member_id, "since": self._runtime.clock()}
        seats = [own | {"id": new_id(), "couple_id": pair.id} for pair in pairs]
        self._write({"care_team_member": seats})

    def _keys(self, pairs: Iterable[Pair]) -> None:
        with chore_at_work(self._runtime, self._clinic_id, "bench") as (_session, vault, _now):
            for pair in pairs:
                make_keys(vault, pair)

    def _rows(self, pair: Pair) -> Rows:
        """One couple with everything it told."""
        now = self._runtime.clock()
        opened = now - timedelta(weeks=26)
        episode, version = new_id(), {"version": 1}
        told = {"couple_id": pair.id, "episode_id": episode}
        conjoint = {"compartment": Compartment.CONJOINT.value}
        concern = {"code": CONCERNS[pair.number % len(CONCERNS)], "is_primary": True, "bearer": "relationship"}
        rows: Rows = {
            "couple": [{"id": pair.id, "time_zone": "UTC", "created_at": opened, **version}],
            "partner": [
                {"id": partner, "couple_id": pair.id, "slot": slot, "record_number": f"{pair.number}-{slot}", **version}
                | {"compartment": COMPARTMENTS[slot]}
                for slot, partner in (("a", pair.a), ("b", pair.b))
            ],
            "episode": [{"id": episode, "couple_id": pair.id, "opened_on": opened.date(), **version}],
            "concern": [told | concern | conjoint | version | {"id": new_id(), "contributing_factors": [], "added_at": opened}],
            "administration": [],
            "score": [],
        }
        for slot, partner in (("a", pair.a), ("b", pair.b)):
            gain = CHANCE.choice((-0.02, 0.0, 0.005, 0.02))
            for week in range(ADMINISTRATIONS // 2):
                code = PULSE if pair.has_pulses else ASKED[week % len(ASKED)]
                at = now - timedelta(weeks=ADMINISTRATIONS // 2 - week, minutes=CHANCE.randrange(2_000))
                own = {"couple_id": pair.id, "partner_id": partner, "compartment": COMPARTMENTS[slot], "measure_code": code}
                given = self._administration(own | {"episode_id": episode}, at)
                rows["administration"].append(given)
                rows["score"] += scores(own | {"administration_id": given["id"], "answered_at": at}, 0.45 + gain * week)
        return rows

    def _administration(self, own: Row, at: datetime) -> Row:
        return own | {
            "id": new_id(),
            "measure_version": "1",
            "mode": "in_clinic",
            "language": "en",
            "answered_at": at,
            "recorded_at": at,
            "recorded_by": self._member_id,
            "recorded_by_kind": "member",
            "recall_ends_on": at.date(),
            "scored_elsewhere": False,
            "validity": "valid",
            "prorated": False,
            "scoring_version": "1",
            "answers": bytes(64),
        }

    def _read_kept(self) -> list[tuple[Row, Row, list[Row]]]:
        """What was reckoned of each couple: its row for the care team, that for everybody else, and its series."""
        standings: dict[tuple[UUID, bool], Row] = {}
        series: dict[UUID, list[Row]] = {}
        for compartments in (CARE_TEAM, MACHINE):
            with chore_at_work(self._runtime, self._clinic_id, "bench", compartments) as (session, vault, _now):
                for row in session.query(CoupleStanding).filter(CoupleStanding.of_safety == (compartments is CARE_TEAM)):
                    standings[row.couple_id, row.of_safety] = columns(row) | {"shown": vault.open(row, "shown", row.shown)}
                if compartments is CARE_TEAM:
                    for one in session.query(SeriesOutcome):
                        series.setdefault(one.couple_id, []).append(columns(one) | {"is_a": one.compartment == "individual_a"})
        return [(standings[pair.id, True], standings[pair.id, False], series[pair.id]) for pair in self.pairs]

    def _figures(self, pairs: Iterable[Pair]) -> Rows:
        """The same figures under other ids, sealed under these couples' own new keys."""
        rows: Rows = {"couple_standing": [], "series_outcome": []}
        with chore_at_work(self._runtime, self._clinic_id, "bench") as (_session, vault, _now):
            for pair in pairs:
                make_keys(vault, pair)
                *standings, series = self._kept[pair.number % len(self._kept)]
                for like in standings:
                    row = like | {"id": new_id(), "couple_id": pair.id}
                    row["shown"] = vault.seal(Listed(self._clinic_id, row["id"], pair.id), "shown", like["shown"])
                    rows["couple_standing"].append(row)
                for like in series:
                    own = {"id": new_id(), "couple_id": pair.id, "partner_id": pair.a if like["is_a"] else pair.b}
                    rows["series_outcome"].append({name: one for name, one in like.items() if name != "is_a"} | own)
        return rows

    def _fill(self) -> None:
        """Says that nobody is left to be reckoned."""
        for compartments in (CARE_TEAM, MACHINE):
            with chore_at_work(self._runtime, self._clinic_id, "bench", compartments) as (session, _vault, _now):
                session.query(Followed).update({"is_filled": True, "filled_to": self.pairs[-1].id})

    def _write(self, rows: Rows) -> None:
        found = {name: some for name, some in rows.items() if some}
        if self._settings.sqlite_file is not None:
            write_sqlite(str(self._settings.sqlite_file), self._clinic_id, found)
        else:
            write_postgresql(owner_address(self._settings), self._clinic_id, found)


def make_keys(vault: Vault, pair: Pair) -> None:
    """The data keys of a couple and its partners."""
    vault.create_key(Owner.COUPLE, pair.id)
    for partner in (pair.a, pair.b):
        vault.create_key(Owner.PARTNER, partner)


def scores(own: Row, part: float) -> Iterator[Row]:
    """One score a scale, somewhere around this part of its range."""
    for scale in MEASURES[own["measure_code"]].scales:
        high = min(scale.high, 400.0)
        value = round(scale.low + (high - scale.low) * min(1.0, max(0.0, CHANCE.gauss(part, 0.08))))
        yield own | {"id": new_id(), "scale": scale.code, "value": float(value), "prorated": False}


def columns(row: Any) -> Row:
    """The values of a row by column."""
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def together(parts: Iterable[Rows]) -> Rows:
    """All rows, table by table in the order in which they refer to each other."""
    found: Rows = {}
    for part in parts:
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
    return found


def owner_address(settings: Settings) -> str:
    """Where the owner of the tables reaches PostgreSQL, as psycopg wants it told."""
    address = settings.owner_database_url or settings.database_url
    return address.get_secret_value().replace("postgresql+psycopg://", "postgresql://", 1)


def write_postgresql(address: str, clinic_id: UUID, rows: Rows) -> None:
    """COPY, which row-level security refuses even to the owner unless it is lifted for this transaction."""
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        for name, some in rows.items():
            names = columns_of(name)
            cursor.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY".encode())
            with cursor.copy(f"COPY {name} ({', '.join(names)}) FROM STDIN".encode()) as copy:
                for row in some:
                    copy.write_row([for_postgresql(row.get(one, clinic_id if one == "clinic_id" else None)) for one in names])
            cursor.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY".encode())


def for_postgresql(value: Any) -> Any:
    """Lists are JSON here; psycopg knows the rest."""
    return json.dumps(value) if isinstance(value, list) else value


def write_sqlite(file: str, clinic_id: UUID, rows: Rows) -> None:
    """One statement a row, prepared once, in one transaction that waits for no disk."""
    connection = sqlite3.connect(file, timeout=60)
    connection.execute("PRAGMA synchronous=OFF")
    with connection:
        for name, some in rows.items():
            names = columns_of(name)
            statement = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own tables
            told = ([for_sqlite(row.get(one, clinic_id if one == "clinic_id" else None)) for one in names] for row in some)
            connection.executemany(statement, told)
    connection.close()


def for_sqlite(value: Any) -> Any:
    """A value as SQLAlchemy's types for SQLite write it."""
    written = WRITTEN.get(type(value))
    return value if written is None else written(value)


WRITTEN: Final[dict[type, Callable[[Any], Any]]] = {
    UUID: lambda value: value.hex,
    datetime: lambda value: value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
    date: lambda value: value.isoformat(),
    list: json.dumps,
    bool: int,
    Compartment: str,
}


def columns_of(name: str) -> list[str]:
    """The names of a table's columns."""
    return [column.name for column in Base.metadata.tables[name].columns]
