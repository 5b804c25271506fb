"""A million scores exported from one snapshot, against what the database's own tool does with the same rows in the same run.

python -m bench.export [--rows 1000000] [--rounds 3]
python -m bench.export --database-url postgresql+psycopg://service@... --owner-database-url postgresql+psycopg://owner@...

Floors: `COPY (SELECT ...) TO STDOUT (FORMAT csv)` of the same columns of the same rows, once as they lie and once in the order
of the export; on SQLite `sqlite3 -csv` of the same. Ours is the engine with everything a part takes (ids spelled, missing
codes, cutting, SHA-256) but the disk; and the whole of it over HTTP: asked for, made as a job, looked for until it is done,
and fetched. Interleaved, medians; memory is what the process, which is the server as well, grew by at most while it exported.
"""

import logging
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import UUID

import httpx
import psycopg
import structlog
from sqlalchemy import create_engine, text

from app.access import service as access
from app.access.actor import Actor
from app.access.permissions import GRANTABLE
from app.access.work import Runtime
from app.core.chores import while_serving
from app.core.clock import now
from app.core.crypto import Vault
from app.core.database import Reach
from app.core.ids import encode, new_id
from app.core.settings import Settings
from app.exports.engine import write_tables
from app.exports.formats import formats
from app.exports.reading import reading
from app.exports.tables import tables
from app.ledger.service import Occasion, begin
from app.main import create_app
from bench.notes import served
from bench.outcome_rows import COMPARTMENTS, PULSE, Row, Rows, owner_address, scores, write_postgresql, write_sqlite
from bench.record import command, record, software

A_COUPLE: Final = 20  # administrations of the weekly pulse, seven scores each
COUPLES_AT_ONCE: Final = 250
ROWS_A_PART: Final = 250_000
COLUMNS: Final = (
    "id, couple_id, partner_id, administration_id, answered_at, measure_code, scale, value, reason, prorated, standard_error"
)
ORDER: Final = "couple_id, partner_id, measure_code, scale, answered_at, id"


class Nowhere:
    """A sink that keeps nothing, and the file in it."""

    def open(self, _name: str) -> "Nowhere":
        """Begins a file."""
        return self

    def write(self, _piece: bytes) -> None:
        """Takes the next bytes."""

    def finish(self) -> None:
        """Nothing is left to be done."""

    def abort(self) -> None:
        """Nothing is left."""


def seed(runtime: Runtime, settings: Settings, rows: int) -> UUID:
    """A clinic with so many scores, written past the service as `bench/outcome_rows.py` does."""
    clinic_id = access.new_clinic_id()
    with runtime.database.transaction(Reach(clinic_id)) as session:
        begin(session, Occasion("operator", None, None, "bench", encode("req", new_id()), now()))
        access.create_clinic(session, Vault(session, runtime.cache), "Bench", now())
    written = 0
    while written < rows:
        some: Rows = {"couple": [], "partner": [], "administration": [], "score": []}
        for _ in range(COUPLES_AT_ONCE):
            for name, found in couple(clinic_id).items():
                some[name] += found
        some["score"] = some["score"][: rows - written]
        written += len(some["score"])
        if settings.sqlite_file is not None:
            write_sqlite(str(settings.sqlite_file), clinic_id, some)
        else:
            write_postgresql(owner_address(settings), clinic_id, some)
    return clinic_id


def couple(member_id: UUID) -> Rows:
    """One couple with its pulses."""
    couple_id, at = new_id(), now() - timedelta(weeks=A_COUPLE)
    rows: Rows = {
        "couple": [{"id": couple_id, "time_zone": "UTC", "created_at": at, "version": 1}],
        "partner": [],
        "administration": [],
        "score": [],
    }
    for slot in ("a", "b"):
        own: Row = {"couple_id": couple_id, "partner_id": new_id(), "compartment": COMPARTMENTS[slot], "measure_code": PULSE}
        numbered = {"id": own["partner_id"], "slot": slot, "record_number": str(own["partner_id"]), "version": 1}
        rows["partner"].append({"couple_id": couple_id, "compartment": COMPARTMENTS[slot]} | numbered)
        for week in range(A_COUPLE // 2):
            given = administration(own, at + timedelta(weeks=week), member_id)
            rows["administration"].append(given)
            told = {"administration_id": given["id"], "answered_at": given["answered_at"]}
            rows["score"] += scores(own | told, 0.45 + 0.02 * week)
    return rows


def administration(own: Row, at: Any, member_id: UUID) -> Row:
    """One pulse that a partner answered."""
    place = {"id": new_id(), "measure_version": "1", "mode": "self", "language": "en", "answered_at": at, "recorded_at": at}
    by = {"recorded_by": member_id, "recorded_by_kind": "member", "recall_ends_on": at.date(), "scored_elsewhere": False}
    return own | place | by | {"validity": "valid", "prorated": False, "scoring_version": "1", "answers": bytes(64)}


def ours(runtime: Runtime, clinic_id: UUID, form: str) -> tuple[int, int]:
    """Exports the scores; how many rows and bytes they were."""
    nobody = UUID(int=0)
    actor = Actor(clinic_id, nobody, nobody, None, frozenset(GRANTABLE))
    with reading(runtime, actor, now()) as found:
        parts = list(write_tables(found, [tables()["scores"]], [formats()[form]], Nowhere(), ROWS_A_PART))
    return sum(part.rows for part in parts), sum(part.bytes for part in parts)


def fetched(client: httpx.Client, form: str) -> int:
    """Asks for the scores as files over HTTP, waits for them and fetches them; how many bytes they were."""
    told = client.post("/v1/exports", json={"formats": [form], "tables": ["scores"]}).raise_for_status().json()
    here = f"/v1/exports/{told['id']}"
    while told["status"] in {"queued", "running"}:
        time.sleep(0.05)
        told = client.get(here).raise_for_status().json()
    size = 0
    for file in told["files"]:
        with client.stream("GET", f"{here}/files/{file['name']}") as sent:
            size += sum(len(piece) for piece in sent.raise_for_status().iter_raw())
    client.delete(here).raise_for_status()
    return size


def copied(settings: Settings, clinic_id: UUID, order: str) -> int:
    """The bytes that COPY sends, through the same driver and role."""
    address = settings.database_url.get_secret_value().replace("postgresql+psycopg://", "postgresql://", 1)
    query = f"COPY (SELECT {COLUMNS} FROM score WHERE clinic_id = '{clinic_id}'{order}) TO STDOUT (FORMAT csv)"  # noqa: S608 - our own words
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.clinic_id = '{clinic_id}'".encode())
        with cursor.copy(query.encode()) as sent:
            return sum(len(piece) for piece in sent)


def dumped(file: str, clinic_id: UUID, order: str) -> int:
    """The bytes that SQLite's own shell writes, read from its pipe."""
    query = f"SELECT {COLUMNS} FROM score WHERE clinic_id = '{clinic_id.hex}'{order}"  # noqa: S608 - our own words
    command = ["sqlite3", "-readonly", "-csv", file, query]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:  # noqa: S603 - the shell of SQLite and our own words
        assert running.stdout is not None
        pipe = running.stdout
        return sum(len(piece) for piece in iter(lambda: pipe.read(65_536), b""))


def floors(settings: Settings, clinic_id: UUID) -> Iterator[tuple[str, Callable[[], int]]]:
    """The database's own ways of writing the same rows."""
    for name, order in (("as it lies", ""), ("in order", f" ORDER BY {ORDER}")):
        if settings.sqlite_file is None:
            yield f"COPY csv {name}", partial(copied, settings, clinic_id, order)
        else:
            yield f"sqlite3 -csv {name}", partial(dumped, str(settings.sqlite_file), clinic_id, order)


def growth(work: Callable[[], Any]) -> float:
    """By how many megabytes this process grew at most while it worked (Linux tells, elsewhere it stays 0)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        work()
        return 0.0
    before = resident("VmRSS")
    work()
    return (resident("VmHWM") - before) / 1024


def resident(name: str) -> int:
    """A line of this process's own account of its memory, in kilobytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def took(work: Callable[[], Any]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run(settings: Settings, rows: int, rounds: int) -> None:
    """Prints the table."""
    app = create_app(settings)
    runtime = app.state.runtime
    app.router.lifespan_context = while_serving(runtime, ())  # what else there is to do waits
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    began = time.perf_counter()
    clinic_id = seed(runtime, settings, rows)
    settle(settings)
    _id, key = software(runtime, clinic_id, {str(scope) for scope in GRANTABLE})
    kind = "PostgreSQL" if runtime.database.is_postgresql else "SQLite"
    print(f"{kind}: {rows:,} scores, written in {time.perf_counter() - began:.0f} s")
    bare = dict(floors(settings, clinic_id))
    with served(app) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        own: dict[str, Callable[[], Any]] = {}
        for form in ("csv", "jsonl"):
            assert ours(runtime, clinic_id, form)[0] == rows
            own |= {form: partial(ours, runtime, clinic_id, form), f"{form} over HTTP": partial(fetched, client, form)}
        for name, work in own.items():
            print(f"  {name} grows the process by {growth(work):.0f} MB at most")
        times: dict[str, list[float]] = {name: [] for name in (*bare, *own)}
        for _ in range(rounds):
            for name, measured in (bare | own).items():
                times[name].append(took(measured))
    for name, found in times.items():
        here = median(found)
        ratios = ", ".join(f"{median(times[floor]) / here:.2f} of {floor}" for floor in bare if name in own)
        print(f"  {name:24} {here:6.2f} s {rows / here:12,.0f} rows/s  {ratios}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory of all {peak:.0f} MB, load {os.getloadavg()[0]:.1f}")
    runtime.close()


def settle(settings: Settings) -> None:
    """What a record that has grown over years has behind it: statistics, and which rows everybody sees."""
    owner = create_engine((settings.owner_database_url or settings.database_url).get_secret_value())
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if settings.sqlite_file else "VACUUM ANALYZE"))
    owner.dispose()


def main() -> None:
    """Measures SQLite in a throwaway folder, or the PostgreSQL that was named."""
    parser = command(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with record(given) as settings:
        run(settings, given.rows, given.rounds)


if __name__ == "__main__":
    main()
