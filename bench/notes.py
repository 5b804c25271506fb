"""A list of 50 session notes over HTTP, opened, access-checked and logged, against the bare query in the same server and run.

python -m bench.notes [--rounds 300]
python -m bench.notes --database-url postgresql+psycopg://service@... --owner-database-url postgresql+psycopg://owner@...

Both sides answer the same notes from the same server, over one connection, one after the other. The floor is one plain SELECT
of the same columns in clear, in one transaction and one hop, put together and dumped as JSON by the very same code. The harder
floor gets every note as one JSON text ready to send.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from anyio.to_thread import run_sync
from fastapi import FastAPI
from pydantic_core import to_json
from sqlalchemy import JSON, Column, LargeBinary, MetaData, Table, Text, create_engine, select, text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.access import service as access
from app.access.permissions import Role
from app.core.clock import now
from app.core.crypto import Vault
from app.core.database import Compartment, Reach
from app.core.ids import decode, encode, new_id
from app.core.settings import Settings
from app.ledger.service import Occasion, begin
from app.main import create_app
from app.notes.contents import wire
from app.notes.models import SessionNote
from bench.record import command, record

NOTES = 50
WORDS = "They kept to the rules and said that the week was easier than the one before. "
_SOURCE = SessionNote.__table__
BARE = Table(
    "bare_note",
    MetaData(),
    *(Column(one.name, Text() if one.name == "said" else one.type, primary_key=one.primary_key) for one in _SOURCE.columns),
    Column("consents_reviewed", JSON()),
    Column("screens_reviewed", JSON()),
    Column("ready", Text()),
)
UNREAD = {"ready", "held_on", "format", "minutes_by_topic", "previous_hash"}
COLUMNS = [one for one in BARE.columns if one.name not in UNREAD and not isinstance(one.type, LargeBinary)]
NOTE = {
    "about": "couple",
    "held_on": "2026-11-20",
    "started_at": "2026-11-20T17:00:00Z",
    "ended_at": "2026-11-20T17:50:00Z",
    "format": "soap",
    "sections": dict.fromkeys(("subjective", "objective", "assessment", "plan"), WORDS * 5),
    "attendance": {"partner_a": "present", "partner_b": "present"},
    "minutes_by_topic": {"sexual_concern": 30, "homework": 15},
}


class Floors:
    """The same notes in clear, and the two bare ways of answering them."""

    def __init__(self, app: FastAPI, clinic_id: UUID, couple_id: UUID) -> None:
        self.runtime, self.clinic_id, self.couple_id = app.state.runtime, clinic_id, couple_id
        self.engine = app.state.runtime.database.engine
        app.router.routes.insert(0, Route("/bare", self.answering(self.same_json)))
        app.router.routes.insert(0, Route("/ready", self.answering(self.ready_json)))

    def answering(self, work: Callable[[], bytes]) -> Any:
        """A bare endpoint that does its work in one hop."""

        async def endpoint(_request: Request) -> Response:
            return Response(await run_sync(work, limiter=self.runtime.threads), media_type="application/json")

        return endpoint

    def rows(self, *columns: Any) -> list[Any]:
        """The bare query, in a transaction of its own."""
        query = select(*columns).where(BARE.c.clinic_id == self.clinic_id, BARE.c.couple_id == self.couple_id)
        with self.engine.connect().execution_options(durable=False) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL app.clinic_id = '{self.clinic_id}'")
            return list(connection.execute(query.order_by(BARE.c.id).limit(NOTES + 1)).all())

    def same_json(self) -> bytes:
        """The same columns, put together by the same code."""
        at = now()
        drawn = [
            wire(row, json.loads(row.said)["said"], (row.consents_reviewed, row.screens_reviewed), [], at)
            for row in self.rows(*COLUMNS)
        ]
        return b'{"items":' + to_json(drawn) + b',"next_cursor":null}'

    def ready_json(self) -> bytes:
        """Texts that only have to be joined."""
        ready = (row.ready for row in self.rows(BARE.c.id, BARE.c.ready))
        return f'{{"items":[{",".join(ready)}],"next_cursor":null}}'.encode()

    def fill(self, owner_address: str, service_role: str, listed: list[dict[str, Any]]) -> None:
        """Copies the notes in clear into the bare table."""
        with self.runtime.database.transaction(Reach(self.clinic_id, frozenset(Compartment))) as session:
            vault = Vault(session, self.runtime.cache)
            notes = list(session.scalars(select(SessionNote).order_by(SessionNote.id)))
            rows = [{one.name: getattr(note, one.name) for one in _SOURCE.columns} for note in notes]
            for row, note, told in zip(rows, notes, listed, strict=True):
                row |= {"said": json.dumps(vault.open(note, "said", note.said)), "ready": json.dumps(told)}
                row |= {"compartment": Compartment(note.compartment).value, "consents_reviewed": [], "screens_reviewed": []}
        owner = create_engine(owner_address)
        with owner.begin() as connection:
            BARE.create(connection)
            connection.execute(text("CREATE INDEX ix_bare ON bare_note (clinic_id, couple_id, id)"))
            connection.execute(BARE.insert(), rows)
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"GRANT SELECT ON bare_note TO {service_role}"))
                connection.execute(text("ANALYZE"))
        owner.dispose()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port of the loopback address, in a thread of this process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def therapist(app: FastAPI) -> tuple[UUID, str]:
    """A clinic, and the key of its therapist."""
    clinic_id, runtime = access.new_clinic_id(), app.state.runtime
    with runtime.database.transaction(Reach(clinic_id)) as session:
        begin(session, Occasion("operator", None, None, "bench", encode("req", new_id()), now()))
        access.create_clinic(session, Vault(session, runtime.cache), "Bench", now())
        member = access.add_member(session, "bench", Role.THERAPIST, "IT", now())
        return clinic_id, access.issue_key(session, member, "demo", now())


def write(client: httpx.Client) -> str:
    """A couple with 50 signed notes, and its id."""
    partners = {f"partner_{slot}": {"record_number": slot} for slot in "ab"}
    couple = str(client.post("/v1/couples", json=partners).raise_for_status().json()["id"])
    for _ in range(NOTES):
        note = client.post(f"/v1/couples/{couple}/notes", json=NOTE).raise_for_status().json()
        client.post(f"/v1/couples/{couple}/notes/{note['id']}/signatures", json={"version": 1}).raise_for_status()
    return couple


def milliseconds(client: httpx.Client, path: str) -> float:
    """How long one answer takes."""
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - began) * 1000


def measure(settings: Settings, rounds: int) -> None:
    """Prints medians and ratios of interleaved requests."""
    app = create_app(settings)
    clinic_id, key = therapist(app)
    with served(app) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        couple = write(client)
        path = f"/v1/couples/{couple}/notes?limit={NOTES}"
        floors = Floors(app, clinic_id, decode("cpl", couple))
        listed = client.get(path).raise_for_status().json()
        owner = settings.owner_database_url or settings.database_url
        floors.fill(owner.get_secret_value(), settings.service_role, listed["items"])
        for floor in ("/bare", "/ready"):
            assert client.get(floor).json() == listed, floor
        took: dict[str, list[float]] = {path: [], "/bare": [], "/ready": []}
        for number in range(rounds + 20):
            for one, times in took.items():
                elapsed = milliseconds(client, one)
                if number >= 20:  # what comes before warms up
                    times.append(elapsed)
    app.state.runtime.database.close()
    ours, bare, ready = (median(times) for times in took.values())
    tail = sorted(took[path])[int(rounds * 0.95)]
    kind = "PostgreSQL" if app.state.runtime.database.is_postgresql else "SQLite"
    print(f"{kind}: {NOTES} notes in {ours:.2f} ms (p95 {tail:.2f}); bare query {bare:.2f} ms, ready text {ready:.2f} ms")
    for name in ("/bare", "/ready"):
        ratio = median(one / other for one, other in zip(took[path], took[name], strict=True))
        print(f"  against {name[1:]}: median ratio {ratio:.2f}")


def main() -> None:
    """Measures SQLite in a throwaway folder, or the PostgreSQL that was named."""
    parser = command(__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    given = parser.parse_args()
    with record(given) as settings:
        measure(settings, given.rounds)


if __name__ == "__main__":
    main()
