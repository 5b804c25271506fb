"""A record on which everything that is done is undone at once, and requests that go straight to the application.

Two worlds that differ only in what one partner did in private are the same record before and after that: so the record is
told once, and each pair is what is done on it within one transaction that is rolled back.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import Connection, event

from app.access.work import Runtime
from app.core.database import Database, Reach, RecordSession
from tests.client import LOOP

# What depends on what the reader did before, or on what this process still holds in memory, and on nothing of the record.
UNCOUNTED = re.compile(
    r"UPDATE credential SET last_used_at|SELECT data_key|SAVEPOINT|RELEASE|ROLLBACK TO|BEGIN|PRAGMA|.*\brecent_reading\b",
    re.DOTALL,
)
VALUES = re.compile(r"'[^']*'")
Query = tuple[str, Any]


class Undoable(Database):
    """A database whose transactions all lie within one, which is rolled back."""

    held: Connection | None = None
    clinic_id: UUID | None = None

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Everything that happens within it never happened."""
        with self.engine.connect() as connection, connection.begin() as whole:
            self.held = connection
            if self.is_postgresql:  # for what is read past the service's own transactions
                connection.exec_driver_sql(f"SET LOCAL app.clinic_id = '{self.clinic_id}'")
            try:
                yield
            finally:
                self.held = None
                whole.rollback()

    @contextmanager
    def transaction(self, reach: Reach, *, durable: bool = True) -> Iterator[RecordSession]:
        """The same as ever where nothing is to be undone; else a part of what will be."""
        if self.held is None:
            with super().transaction(reach, durable=durable) as session:
                yield session
            return
        with RecordSession(self.held, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            session.info.update(reach=reach, durable=durable)
            session.connection()
            yield session
            session.commit()


@dataclass(frozen=True)
class Ask:
    """One request, as somebody with this key sends it; without one, as somebody who holds a link."""

    method: str
    path: str
    key: str | None = None
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True)
class Told:
    """What came back, to the last byte, and what it cost the database."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    statements: tuple[str, ...] = ()
    queries: tuple[Query, ...] = field(default=(), compare=False, repr=False)

    def header(self, name: bytes) -> bytes | None:
        """One header, if it is there."""
        return next((value for told, value in self.headers if told.lower() == name), None)


class Exchange:
    """One request as ASGI tells it."""

    def __init__(self, ask: Ask) -> None:
        path, _, query = ask.path.partition("?")
        headers = [(b"host", b"testserver"), (b"x-request-id", b"same"), *ask.headers]
        if ask.key is not None:
            headers.append((b"authorization", b"Bearer " + ask.key.encode()))
        if ask.body:
            headers.append((b"content-type", b"application/json"))
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": ask.method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": query.encode(),
            "headers": headers,
            "client": ("testclient", 50_000),
            "server": ("testserver", 80),
            "state": {},
        }
        self._body, self._sent = ask.body, False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        """The whole body at once, and then nothing: whoever asks hears everything out."""
        if self._sent:
            await asyncio.Event().wait()
        self._sent = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Any) -> None:
        """Keeps what comes back."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.parts.append(bytes(message.get("body", b"")))


class Stage:
    """An application on such a record."""

    def __init__(self, app: Any, runtime: Runtime, database: Undoable, clock: Any) -> None:
        self.app, self.runtime, self.database, self.clock = app, runtime, database, clock
        self._heard: list[str] = []
        self._queries: list[Query] = []
        event.listen(database.engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if UNCOUNTED.match(statement):
            return
        self._heard.append(f"{len(parameters)} {VALUES.sub('<value>', statement)}")
        if statement.startswith("SELECT"):
            self._queries.append((statement, parameters))

    def tell(self, asks: list[Ask], at: datetime) -> list[Told]:
        """What each request is answered at this moment, one after the other."""
        self.app.state.runtime = self.runtime
        found: list[Told] = LOOP.run(self._tell(asks, at))
        return found

    async def _tell(self, asks: list[Ask], at: datetime) -> list[Told]:
        return [await self._one(ask, at) for ask in asks]

    async def _one(self, ask: Ask, at: datetime) -> Told:
        self.clock.moment = at - timedelta(milliseconds=1)
        exchange, self._heard, self._queries = Exchange(ask), [], []
        await self.app(exchange.scope, exchange.receive, exchange.send)
        body, heard = b"".join(exchange.parts), tuple(self._heard)
        return Told(exchange.status, tuple(exchange.headers), body, heard, tuple(self._queries))

    def rows(self, query: Query) -> list[Any]:
        """What a query that some request sent brings now."""
        assert self.database.held is not None
        cursor = self.database.held.connection.cursor()
        try:
            cursor.execute(*query)
            return list(cursor.fetchall())
        finally:
            cursor.close()

    def close(self) -> None:
        """Listens no more."""
        event.remove(self.database.engine, "before_cursor_execute", self._hear)
