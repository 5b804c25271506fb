"""10,000 administrations through the batch endpoint over HTTP, against a bare insert of the same rows in the same run.

python -m bench.administrations [--rounds 3]
python -m bench.administrations --database-url postgresql+psycopg://service@... --owner-database-url postgresql+psycopg://owner@...
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import Engine, create_engine, event, insert, select
from sqlalchemy.engine import Connection

from app.core.ids import decode, encode, new_id
from app.measures.models import Administration
from bench.record import command

BATCHES, SIZE, COUPLES, ITEMS = 20, 500, 50, 16
_TABLES = [Administration.metadata.tables[name] for name in ("administration", "score")]
CHANCE = Random(20261122)  # noqa: S311 - made-up answers, not secrets


def app(*arguments: str, env: dict[str, str]) -> str:
    """What a command of the service prints."""
    done = subprocess.run([sys.executable, "-m", "app", *arguments], env=env, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    return done.stdout


@contextmanager
def served(env: dict[str, str]) -> Iterator[tuple[str, int]]:
    """The service on a free port of the loopback address: its URL and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - our own command
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                httpx.get(f"{url}/livez").raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.05)
        try:
            yield url, server.pid
        finally:
            server.terminate()


def peak_megabytes(process: int) -> float:
    """The most memory a process has held so far."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def couples(client: httpx.Client) -> list[dict[str, Any]]:
    """Couples to answer."""
    made = []
    for _ in range(COUPLES):
        partners = {f"partner_{slot}": {"record_number": uuid4().hex} for slot in "ab"}
        made.append(client.post("/v1/couples", json=partners).raise_for_status().json())
    return made


def bodies(known: list[dict[str, Any]]) -> list[bytes]:
    """Batches as they go over the wire, made before the clock runs."""
    return [
        json.dumps({"items": [item(known[number % COUPLES], number) for number in range(SIZE)]}).encode()
        for _ in range(BATCHES)
    ]


def item(couple: dict[str, Any], number: int) -> dict[str, Any]:
    """One CSI-16 administration."""
    return {
        "couple_id": couple["id"],
        "partner_id": couple["partners"][number // COUPLES % 2]["id"],
        "measure": "csi16",
        "answers": {str(place): CHANCE.randint(0, 5) for place in range(1, ITEMS + 1)},
        "answered_at": f"2026-0{CHANCE.randint(1, 9)}-{CHANCE.randint(1, 28):02}T10:00:00Z",
        "external_id": uuid4().hex,
    }


def over_http(client: httpx.Client, sent: list[bytes]) -> float:
    """Seconds for all batches."""
    began = time.perf_counter()
    for body in sent:
        client.post("/v1/administrations/batch", content=body).raise_for_status()
    return time.perf_counter() - began


def enter(connection: Connection, clinic_id: UUID) -> None:
    """Names the clinic to row-level security, where there is any."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL app.clinic_id = '{clinic_id}'")


def prebuilt(engine: Engine, clinic_id: UUID) -> list[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """The rows of the last round with other ids, in batches of administrations with their scores."""
    with engine.begin() as connection:
        enter(connection, clinic_id)
        newest = select(_TABLES[0]).order_by(_TABLES[0].c.id.desc()).limit(BATCHES * SIZE)
        rows = [dict(row) for row in connection.execute(newest).mappings()]
        ids = {row["id"]: new_id() for row in rows}
        scores = [dict(row) for row in connection.execute(select(_TABLES[1])).mappings() if row["administration_id"] in ids]
    for row in rows:
        row.update(id=ids[row["id"]], external_id=uuid4().hex)
    for score in scores:
        score.update(id=new_id(), administration_id=ids[score["administration_id"]])
    by_id = {score["administration_id"]: score for score in scores}
    parts = [rows[first : first + SIZE] for first in range(0, len(rows), SIZE)]
    return [(part, [by_id[row["id"]] for row in part]) for part in parts]


def bare(engine: Engine, clinic_id: UUID) -> float:
    """Seconds to insert the same rows with nothing around them, a transaction a batch."""
    parts = prebuilt(engine, clinic_id)
    began = time.perf_counter()
    for rows, scores in parts:
        with engine.begin() as connection:
            enter(connection, clinic_id)
            connection.execute(insert(_TABLES[0]), rows)
            connection.execute(insert(_TABLES[1]), scores)
    return time.perf_counter() - began


def measure(env: dict[str, str], rounds: int) -> None:
    """Prints a line a round, and the median ratio."""
    app("migrate", env=env)
    clinic_id = decode("cln", app("clinic", "create", "Bench", env=env).split()[-1])
    scopes = [part for scope in ("couples:write", "administrations:write") for part in ("--scope", scope)]
    named = [] if env["REKINDLE_DATABASE_URL"].startswith("sqlite") else ["--clinic", encode("cln", clinic_id)]
    key = app("integration", "add", "bench", *scopes, *named, env=env).split()[-1]
    engine = create_engine(env["REKINDLE_DATABASE_URL"])
    if engine.dialect.name == "sqlite":
        prepare_sqlite(engine)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    ratios = []
    with served(env) as (url, process), httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        known = couples(client)
        for number in range(rounds):
            http = over_http(client, bodies(known))
            plain = bare(engine, clinic_id)
            ratios.append(http / plain)
            rate, bare_rate = BATCHES * SIZE / http, BATCHES * SIZE / plain
            print(f"round {number + 1}: HTTP {rate:,.0f}/s, bare insert {bare_rate:,.0f}/s, ratio {http / plain:.2f}")
        print(f"{engine.dialect.name}: median ratio {median(ratios):.2f}, peak memory {peak_megabytes(process):.0f} MB")
    engine.dispose()


def prepare_sqlite(engine: Engine) -> None:
    """The pragmas the service runs with, so that both sides wait for the same disk."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _entry: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")


def main() -> None:
    """Measures SQLite in a throwaway folder, or the PostgreSQL that was named."""
    parser = command(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = given.database_url or f"sqlite:///{folder}/record/bench.db"
        env = {**os.environ, "REKINDLE_DATABASE_URL": address, "REKINDLE_KEY_FILE": f"{folder}/keys/bench.key"}
        env |= {"REKINDLE_DATABASE_WITHOUT_TLS": "true"}
        if given.owner_database_url:
            env["REKINDLE_OWNER_DATABASE_URL"] = given.owner_database_url
        measure(env, given.rounds)


if __name__ == "__main__":
    main()
