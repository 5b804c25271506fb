"""Makes the demo's record, serves it on this machine only, and says where everything is."""

import asyncio
import logging
import shlex
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx
import typer
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from app.access import service as access
from app.access.models import Member
from app.access.permissions import Role
from app.core.clock import now
from app.core.crypto import Vault, open_keys
from app.core.database import Database, Reach
from app.core.ids import encode, new_id
from app.core.kms import LocalKeyFile
from app.core.logs import set_up_logs
from app.core.migrate import migrate
from app.core.settings import Settings
from app.demo.fhir_client import FhirClient, fhir_client, told_of
from app.demo.seed import WEEKS, Seeder, TurnedClock
from app.demo.tour import Tour, told
from app.ledger.service import Occasion, begin
from app.main import create_app

LOGIN: Final = "demo-therapist"
PATIENCE_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Making:
    """What a record is made of: over how many weeks, by whom, and how long that takes."""

    what: str
    takes: str
    weeks: int
    fill: Callable[[FastAPI, str, TurnedClock, datetime], int]


@dataclass(frozen=True)
class Demo:
    """A record on disk, a therapist's key to it, and software that reads it over FHIR."""

    settings: Settings
    folder: Path
    key: str
    fhir: FhirClient


def prepare(folder: Path, making: Making) -> Demo:
    """The record, made and filled on the first run, taken as it is on later ones; a fresh key each time."""
    settings = Settings(
        environment="demo",
        database_url=f"sqlite:///{folder / 'record' / 'rekindle.db'}",
        key_file=folder / "keys" / "rekindle.key",
    )
    filled = folder / "filled"
    if not filled.exists():
        shutil.rmtree(folder, ignore_errors=True)
        typer.echo(f"Making a record with {making.what} in {folder}; once, about {making.takes}.")
        LocalKeyFile.create(settings.key_file)
        migrate(settings)
        count = _fill(settings, making)
        filled.write_text(f"{count}\n", encoding="ascii")
    else:
        migrate(settings)
    clinic_id = _only_clinic(settings)
    return Demo(settings, folder, _key(settings, clinic_id), _fhir_client(settings, clinic_id, folder))


def _only_clinic(settings: Settings) -> UUID:
    database = Database(settings)
    found = access.the_only_clinic(database)
    database.close()
    if found is None:
        raise RuntimeError("the demo's record holds no clinic; remove its folder and start again")
    return found


def _key(settings: Settings, clinic_id: UUID) -> str:
    database = Database(settings)
    with database.transaction(Reach(clinic_id)) as session:
        begin(session, _operator("issue_key"))
        therapist = session.scalars(select(Member).where(Member.login == LOGIN)).one()
        key = access.issue_key(session, therapist, "demo", now())
    database.close()
    return key


def _fhir_client(settings: Settings, clinic_id: UUID, folder: Path) -> FhirClient:
    database = Database(settings)
    with database.transaction(Reach(clinic_id)) as session:
        begin(session, _operator("add_integration"))
        found = fhir_client(session, folder, now())
    database.close()
    return found


def _operator(operation: str) -> Occasion:
    return Occasion("operator", None, None, operation, encode("req", new_id()), now())


def _fill(settings: Settings, making: Making) -> int:
    clinic_id = found_clinic(settings)
    start = now() - timedelta(weeks=making.weeks)
    clock = TurnedClock(start)
    app = create_app(settings, clock)
    count = making.fill(app, _key(settings, clinic_id), clock, start)
    app.state.runtime.close()
    return count


def found_clinic(settings: Settings) -> UUID:
    """A clinic with one therapist, in an empty record."""
    database, clinic_id = Database(settings), access.new_clinic_id()
    keys = open_keys(settings)
    with database.transaction(Reach(clinic_id)) as session:
        begin(session, _operator("create_clinic"))
        access.create_clinic(session, Vault(session, keys), "Synthetic clinic", now())
        access.add_member(session, LOGIN, Role.THERAPIST, "IT", now())
    database.close()
    keys.close()
    return clinic_id


def _tell_stories(app: FastAPI, key: str, clock: TurnedClock, start: datetime) -> int:
    async def seed() -> int:
        headers = {"Authorization": f"Bearer {key}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://demo", headers=headers, timeout=60) as client:
            return await Seeder(client, clock, start).fill()

    return asyncio.run(seed())


STORIES: Final = Making("a synthetic clinic", "half a minute", WEEKS, _tell_stories)


@contextmanager
def served(settings: Settings, port: int) -> Iterator[str]:
    """Serves on loopback while the block runs; gives the base address. A taken port gives way to a free one."""
    listening = _listening(port)
    address, chosen = listening.getsockname()
    at = settings.model_copy(update={"port": chosen})  # what it says of itself, in FHIR and to clients, is where it listens
    config = uvicorn.Config(create_app(at), access_log=False, log_config=None, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.02)
    yield f"http://{address}:{chosen}"
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)


def _listening(port: int) -> socket.socket:
    """A socket at the port of this machine, or at a free one."""
    for one in (port, 0):
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", one))
        except OSError:
            found.close()
        else:
            return found
    raise RuntimeError("no port is free")


def desk_of(demo: Demo) -> str:
    """What a shell has to be told so that every command works on the demo's record."""
    settings = demo.settings
    told = {
        "ENVIRONMENT": settings.environment,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "KEY_FILE": settings.key_file,
    }
    return "export " + " ".join(f"REKINDLE_{name}={shlex.quote(str(value))}" for name, value in told.items())


def announce(demo: Demo, base: str) -> None:
    """Everything a newcomer needs, ending in READY."""
    headers = f'-H "Authorization: Bearer {demo.key}"'
    answers = '{"answers": {"1": 4, "2": 5, "3": 3, "4": 4, "5": 6}}'
    with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {demo.key}"}, timeout=60) as client:
        couple = client.get("/v1/couples", params={"external_id": "recovering-together"}).json()["items"][0]
    typer.echo(
        f"""
API documentation  {base}/docs   (works offline; press Authorize and paste the key)
Key                {demo.key}
                   of a therapist of the synthetic clinic; it lives 90 days

Try:
curl -s {headers} {base}/v1/couples
curl -s {headers} {base}/v1/couples/{couple["id"]}/outcomes
curl -s {headers} -H "Content-Type: application/json" -d '{answers}' {base}/v1/scoring/gmsex

{told_of(demo.fhir, base)}
Desk               {desk_of(demo)}
                   then `rekindle integration add`, `rekindle export` and the others work on this record
Data               {demo.folder / "record" / "rekindle.db"}, keys in {demo.folder / "keys"}; nothing leaves this machine
Stop               Ctrl-C. Start again: the record is kept. Start afresh: remove {demo.folder}

READY {base}"""
    )


def run(folder: Path, port: int, *, once: bool) -> None:
    """Prepares, serves, and either walks the story once or stays until it is stopped."""
    set_up_logs(level=logging.WARNING)
    demo = prepare(folder.resolve(), STORIES)
    with served(demo.settings, port) as base:
        if once:
            with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {demo.key}"}, timeout=60) as client:
                outcomes = Tour(client, typer.echo).walk()
            typer.echo("")
            for line in told(outcomes):
                typer.echo(line)
            return
        announce(demo, base)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("Stopped.")
