"""Requests by people who may not see, each beside the same request for something that does not exist."""

import asyncio
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from app.access.permissions import Role
from app.core.database import Base, TenantRow
from app.core.ids import ALPHABET, LENGTH, decode, encode
from tests.client import LOOP
from tests.conftest import Caller, Clinic
from tests.contract.callers import keeps_couples
from tests.contract.calls import Call, call
from tests.contract.test_openapi import BY_KEY
from tests.couples.test_couples import new_couple

OF_THE_REQUEST: Final = {b"x-request-id", b"date"}
Ids = Mapping[str, str]


@dataclass(frozen=True)
class Sent:
    """One request, as bytes."""

    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def scope(self) -> dict[str, Any]:
        """The request as ASGI tells it."""
        path, _, query = self.path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": query.encode(),
            "headers": list(self.headers),
            "client": ("testclient", 50_000),
            "server": ("testserver", 80),
            "state": {},
        }


Answer = tuple[int, tuple[tuple[bytes, bytes], ...], bytes]


async def answered(app: Any, sent: Sent) -> Answer:
    """Every byte of the answer but the ids of the request itself."""
    status, headers, parts = 0, [], []
    waiting: list[bytes] = [sent.body]

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()  # a client that hears everything out
        return {"type": "http.request", "body": waiting.pop(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message["headers"])
        else:
            parts.append(message.get("body", b""))

    await app(sent.scope, receive, send)
    own = next((value for name, value in headers if name.lower() == b"x-request-id"), b"\0")
    kept = tuple((name, value) for name, value in headers if name.lower() not in OF_THE_REQUEST)
    return status, kept, b"".join(parts).replace(own, b"")


@dataclass(frozen=True)
class Prober:
    """Somebody who may not see the record, with a couple of their own where their role can have one."""

    who: str
    caller: Caller
    own: Ids = field(default_factory=dict)
    same_clinic: bool = True
    role: Role | None = None

    @property
    def kind(self) -> str:
        """What they are, whatever became of the seat they had."""
        return self.who.partition(" ")[0] if self.same_clinic else self.who

    @classmethod
    def with_a_couple(cls, who: str, caller: Caller, number: str, *, same_clinic: bool = True) -> "Prober":
        """A therapist with another couple."""
        couple = caller.post("/v1/couples", json=new_couple(number)).json()
        own = {"couple_id": couple["id"], "partner_id": couple["partners"][0]["id"]}
        return cls(who, caller, own, same_clinic)


@dataclass(frozen=True)
class Target:
    """The ids of a record, by the names of path parameters and by their prefix; `rows` are all ids of each kind."""

    ids: Ids
    rows: Mapping[str, list[str]]

    @classmethod
    def of(cls, clinic: Clinic, ids: Ids) -> "Target":
        """Every id of every table whose kind some path or body names."""
        kinds = {value[:3] for value in ids.values() if value[3:4] == "_"}
        known = {decode(value[:3], value): value[:3] for value in ids.values() if value[3:4] == "_" and value[:3] in kinds}
        rows: dict[str, list[str]] = {}
        with clinic.at_desk() as (session, _vault):
            for mapper in Base.registry.mappers:
                if not issubclass(mapper.class_, TenantRow) or "id" not in mapper.columns:
                    continue
                table = mapper.local_table
                found = set(session.connection().execute(select(table.c.id).where(table.c.clinic_id == clinic.id)).scalars())
                for prefix in {prefix for value, prefix in known.items() if value in found}:
                    rows[prefix] = sorted(encode(prefix, value) for value in found)
        return cls(ids, rows)


def absent(prefix: str, chance: random.Random) -> str:
    """An id of this kind that nothing has."""
    return f"{prefix}_7" + "".join(chance.choice(ALPHABET) for _ in range(LENGTH - 1))


@dataclass(frozen=True)
class Probe:
    """A request for what the prober may not see, its twin for what is not there, and what they have in common."""

    prober: Prober
    operation: str
    pattern: str
    sent: Sent
    twin: Sent

    @property
    def key(self) -> tuple[str, str, str]:
        """Requests with the same key have twins that are answered alike: same kind of caller, same operation, same own ids."""
        return self.prober.kind, self.operation, self.pattern


def probes(target: Target, probers: list[Prober], names: list[str], chance: random.Random) -> Iterator[Probe]:
    """Drawn without end: who asks, for what, and which of the ids they name are their own."""
    named = {name: _named(name, target.ids) for name in names}
    while True:
        prober, name = chance.choice(probers), chance.choice(names)
        if prober.same_clinic and keeps_couples(prober.role, BY_KEY[name][2]["x-permission"]):
            continue
        own = {one for one in named[name] if one in prober.own and chance.random() < 0.4}
        if own == set(named[name]):
            own = set()
        there, missing = dict(target.ids), dict(target.ids)
        for prefix, ids in target.rows.items():
            there[prefix], missing[prefix] = chance.choice(ids), absent(prefix, chance)
        for one in named[name]:
            prefix = target.ids[one][:3]
            if one in own:
                there[one] = missing[one] = prober.own[one]
            elif prefix in target.rows:
                there[one], missing[one] = chance.choice(target.rows[prefix]), absent(prefix, chance)
        yield Probe(prober, name, ",".join(sorted(own)), _sent(prober, name, there), _sent(prober, name, missing))


def _named(name: str, ids: Ids) -> list[str]:
    """The path parameters of an operation that are ids of the record."""
    parameters = BY_KEY[name][2].get("parameters", [])
    return [one["name"] for one in parameters if one["in"] == "path" and ids.get(one["name"], "")[3:4] == "_"]


def _sent(prober: Prober, name: str, ids: Ids) -> Sent:
    return request(prober.caller, call(name, dict(ids)))


def request(caller: Caller, one: Call) -> Sent:
    """A call by somebody, as bytes."""
    body = b"" if one.json is None else json.dumps(one.json).encode()
    headers = {"Authorization": f"Bearer {caller.key}", **one.headers}
    if body:
        headers["Content-Type"] = "application/json"
    raw = tuple((key.lower().encode(), value.encode()) for key, value in headers.items())
    return Sent(one.method.upper(), one.path, raw, body)


@dataclass
class Found:
    """What came of many probes."""

    sent: int = 0
    answers: dict[int, int] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)


def probe(app: Any, drawn: Iterator[Probe], number: int) -> Found:
    """Sends so many probes and compares each answer, byte by byte, with that of its twin."""

    async def all_of_them() -> Found:
        found, twins = Found(), {}
        for _ in range(number):
            one = next(drawn)
            if one.key not in twins:
                twins[one.key] = await answered(app, one.twin)
            answer = await answered(app, one.sent)
            found.sent += 1
            found.answers[answer[0]] = found.answers.get(answer[0], 0) + 1
            if answer != twins[one.key]:
                found.leaks.append(f"{one.prober.who}: {one.operation} ({one.pattern}) {answer[0]}, not {twins[one.key][0]}")
        return found

    found: Found = LOOP.run(all_of_them())
    return found
