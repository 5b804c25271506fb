"""FHIR over HTTP and in bulk, against the native API and against the bare floors, in one run.

python -m bench.fhir [--rows 100000] [--rounds 3] [--seconds 2]
python -m bench.fhir --database-url postgresql+psycopg://service@... --owner-database-url postgresql+psycopg://owner@...

Over HTTP eight connections ask at once, each side for a while, by turns: an Observation, fifty of a patient, and one
administration that is written. Beside them stand the native answers of the same couple, and a bare endpoint of the same server
that runs one plain SELECT of the rows in one hop and sends the very bytes that FHIR answered; for what is written there is no
bare side but the native one. The bulk export of as many Observations as there are scores is drawn from one snapshot to files
that keep nothing; its floors are `COPY ... TO STDOUT` csv (`sqlite3 -csv`) of the same rows, as `bench/export.py` has them.
Figures are requests and resources a second, medians of rounds; memory is what the process grew by at most while it exported.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any, Final
from uuid import UUID

import httpx
import structlog
from anyio.to_thread import run_sync
from fastapi import FastAPI
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.access.actor import Actor
from app.access.permissions import GRANTABLE
from app.access.smart import scopes_among
from app.clinical.measures import MEASURES
from app.core.chores import while_serving
from app.core.database import Base, Reach
from app.core.ids import decode
from app.core.settings import Settings
from app.fhir.bulk.making import make
from app.fhir.bulk.orders import Order
from app.main import create_app
from bench.export import Nowhere, floors, growth, seed, settle, took
from bench.notes import served
from bench.record import command, record, software

CONNECTIONS: Final = 8
SCORE: Final = Base.metadata.tables["score"]
SCOPES: Final = {"system/*.rs", "system/QuestionnaireResponse.cu"} | {str(scope) for scope in GRANTABLE}
PULSE: Final = "rekindle_pulse"
ANSWERS: Final = {code: {str(item.number): item.low for item in MEASURES[code].items} for code in (PULSE, "gmsex")}
NUMBERS: Final = count()


@dataclass(frozen=True)
class Side:
    """One way of having something: what it is of, whose it is, where it is asked for, and what is sent each time."""

    work: str
    name: str
    path: str
    body: Callable[[], Any] | None = None

    def ask(self, connection: HTTPConnection, key: str) -> None:
        """One request, whose answer is heard out."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        sent = None if self.body is None else json.dumps(self.body())
        connection.request("GET" if sent is None else "POST", self.path, sent, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in {200, 201}, (self.path, answer.status)


class Bare:
    """A plain SELECT in one hop, and the bytes that FHIR answered."""

    def __init__(self, app: FastAPI, clinic_id: UUID) -> None:
        self.runtime, self.clinic_id = app.state.runtime, clinic_id
        self.answers: dict[str, tuple[Any, bytes]] = {}
        app.router.routes.insert(0, Route("/bare/{name}", self._answer))

    async def _answer(self, request: Request) -> Response:
        found = await run_sync(self._run, request.path_params["name"], limiter=self.runtime.threads)
        return Response(found, media_type="application/fhir+json")

    def _run(self, name: str) -> bytes:
        statement, answer = self.answers[name]
        engine = self.runtime.database.engine
        with engine.connect().execution_options(durable=False) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL app.clinic_id = '{self.clinic_id}'")
            connection.execute(statement).all()
        return answer


def sides(client: httpx.Client, bare: Bare, clinic_id: UUID) -> Iterator[Side]:
    """Everything that is compared over HTTP, of a couple that is opened here and of which one partner answered eight pulses."""
    partners = {f"partner_{slot}": {"record_number": f"bench-{slot}"} for slot in "ab"}
    couple = client.post("/v1/couples", json=partners).raise_for_status().json()
    partner_id = couple["partners"][0]["id"]
    own = f"/v1/couples/{couple['id']}/partners/{partner_id}/administrations"
    for _ in range(8):
        client.post(own, json={"measure": PULSE, "answers": ANSWERS[PULSE]}).raise_for_status()
    patient = client.get("/fhir/Patient?identifier=bench-a").raise_for_status().json()["entry"][0]["resource"]["id"]
    search = f"/fhir/Observation?patient={patient}&category=survey&_count=50"
    found = client.get(search).raise_for_status()
    read = f"/fhir/Observation/{found.json()['entry'][0]['resource']['id']}"
    query = (
        select(SCORE)
        .where(SCORE.c.clinic_id == clinic_id, SCORE.c.partner_id == decode("prt", partner_id))
        .order_by(SCORE.c.id)
    )
    with bare.runtime.database.transaction(Reach(clinic_id)) as session:
        one = session.connection().execute(query.limit(1)).one()
    bare.answers["read"] = select(SCORE).where(SCORE.c.clinic_id == clinic_id, SCORE.c.id == one.id), client.get(read).content
    bare.answers["search"] = query.limit(50), found.content
    listed = client.get(f"{own}?limit=7").raise_for_status().json()["items"]
    yield Side("read", "FHIR", read)
    yield Side("read", "native", f"{own}/{listed[0]['id']}")
    yield Side("read", "bare", "/bare/read")
    yield Side("search", "FHIR", search)
    yield Side("search", "native", f"{own}?limit=7")
    yield Side("search", "bare", "/bare/search")
    yield from writing(client, own, patient)


def writing(client: httpx.Client, own: str, patient: str) -> Iterator[Side]:
    """An administration, as FHIR and natively."""
    client.post(own, json={"measure": "gmsex", "answers": ANSWERS["gmsex"]}).raise_for_status()
    found = client.get(f"/fhir/QuestionnaireResponse?patient={patient}&_sort=-authored&_count=1").raise_for_status().json()
    body = {name: value for name, value in found["entry"][0]["resource"].items() if name not in {"id", "meta"}}

    def written() -> Any:
        return body | {"identifier": {"system": "urn:bench", "value": str(next(NUMBERS))}}

    def natively() -> Any:
        return {"measure": "gmsex", "answers": ANSWERS["gmsex"], "external_id": f"bench-{next(NUMBERS)}"}

    yield Side("create", "FHIR", "/fhir/QuestionnaireResponse", written)
    yield Side("create", "native", own, natively)


def a_second(side: Side, url: str, key: str, seconds: float) -> float:
    """How many requests a second eight connections get answered."""
    until, done = time.perf_counter() + seconds, [0] * CONNECTIONS

    def ask(number: int) -> None:
        connection = HTTPConnection(url.removeprefix("http://"), timeout=60)
        while time.perf_counter() < until:
            side.ask(connection, key)
            done[number] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS)]
    began = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(done) / (time.perf_counter() - began)


def over_http(app: FastAPI, clinic_id: UUID, key: str, rounds: int, seconds: float) -> None:
    """Prints what each side does in a second, and the ratio to the others."""
    bare = Bare(app, clinic_id)
    with served(app) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        compared = list(sides(client, bare, clinic_id))
        rates: dict[tuple[str, str], list[float]] = {(one.work, one.name): [] for one in compared}
        for number in range(rounds + 1):
            for one in compared:
                rate = a_second(one, url, key, seconds if number else min(seconds, 0.5))
                if number:  # what comes before warms up
                    rates[one.work, one.name].append(rate)
    for (work, name), found in rates.items():
        others = ((other, median(rates[work, other])) for of, other in rates if of == work and other != name)
        ratios = ", ".join(f"{median(found) / rate:.2f} of {other}" for other, rate in others if name == "FHIR")
        print(f"  {work:8} {name:8} {median(found):8.0f} requests/s  {ratios}", flush=True)


def exported(app: FastAPI, actor: Actor) -> int:
    """Draws all Observations; how many they were."""
    order = Order(level="system", request="bench", types=("Observation",))
    with make(app.state.runtime, actor, order.keepable, Nowhere(), lambda _couples: None) as bulk:
        for _ in bulk.steps():
            pass
        return sum(int(file["rows"]) for file in bulk.files)


def in_bulk(app: FastAPI, settings: Settings, actor: Actor, rows: int, rounds: int) -> None:
    """Prints how fast resources are drawn, and the ratio to the database's own ways."""
    own = partial(exported, app, actor)
    found = own()
    print(f"  {found:,} Observations of {rows:,} scores grow the process by {growth(own):.0f} MB at most")
    measured: dict[str, Callable[[], int]] = {**dict(floors(settings, actor.clinic_id)), "FHIR bulk": own}
    times: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, work in measured.items():
            times[name].append(took(work))
    here = median(times["FHIR bulk"])
    for name, taken in times.items():
        ratio = "" if name == "FHIR bulk" else f"FHIR bulk does {median(taken) / here:.2f} of it"
        print(f"  {name:24} {median(taken):6.2f} s {rows / median(taken):12,.0f} rows/s  {ratio}", flush=True)


def run(settings: Settings, rows: int, rounds: int, seconds: float) -> None:
    """Prints the table."""
    app = create_app(settings)
    app.router.lifespan_context = while_serving(app.state.runtime, ())  # what else there is to do waits
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    clinic_id = seed(app.state.runtime, settings, rows)
    settle(settings)
    kind = "PostgreSQL" if app.state.runtime.database.is_postgresql else "SQLite"
    print(f"{kind}: {rows:,} scores, {CONNECTIONS} connections")
    client_id, key = software(app.state.runtime, clinic_id, SCOPES)
    actor = Actor(clinic_id, client_id, client_id, None, frozenset(), smart=scopes_among(SCOPES))
    in_bulk(app, settings, actor, rows, rounds)
    over_http(app, clinic_id, key, rounds, seconds)
    print(f"  load {os.getloadavg()[0]:.1f}")
    app.state.runtime.close()


def main() -> None:
    """Measures SQLite in a throwaway folder, or the PostgreSQL that was named."""
    parser = command(__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each side is asked in a round")
    given = parser.parse_args()
    with record(given) as settings:
        run(settings, given.rows, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
