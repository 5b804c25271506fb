"""A server killed under load has lost nothing it acknowledged and stored nothing twice; two broken ones would be found out.

The gate pulls the plug five times an engine; REKINDLE_KILLS=500 does it as often as the figures ask, drawn anew every time.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.access import operations
from app.core.database import Database, RecordSession
from app.core.ids import encode, new_id
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.served import Served

MORE = int(os.environ.get("REKINDLE_KILLS", "0"))
KILLS = MORE or 5
CLIENTS = 4
LATE = 0.15
NORMS = {"measure": "gmsex", "population": "couples in care", "n": 131, "sd": 6.4}
STABLE = {"value": 0.82, "kind": "test_retest", "citation": "Doe & Roe 2024"}
pytestmark = pytest.mark.served


class Sender(threading.Thread):
    """Stores one thing after the other, each until it is acknowledged, with a key that makes the retry safe.

    What it stores has nothing that is unique in the record, so that only the key stands between a retry and a second row.
    """

    def __init__(self, address: str, key: str, name: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client = httpx.Client(base_url=address, timeout=10)
        self.key, self.sender, self.over = key, name, over
        self.acknowledged: list[str] = []
        self.retries = 0
        self.unexpected: list[int] = []

    def run(self) -> None:
        """Sends until it is told to stop."""
        number = 0
        while not self.over.is_set():
            number += 1
            self._send(f"{self.sender}-{number}")
        self.client.close()

    def _send(self, name: str) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": name}
        body = NORMS | {"citation": name, "reliability": STABLE}
        while not self.over.is_set():
            try:
                answer = self.client.post("/v1/norm-sets", json=body, headers=headers)
            except httpx.TransportError:
                self.retries += 1
                time.sleep(0.02)
                continue
            if answer.status_code == 201:
                self.acknowledged.append(answer.json()["citation"])
                return
            if answer.status_code not in {409, 503}:
                self.unexpected.append(answer.status_code)
            time.sleep(0.02)


class Aftermath:
    """What clients were told, and what is in the record once they have all gone."""

    def __init__(self, clinic: Clinic, therapist: Caller, senders: list[Sender]) -> None:
        self.told = [name for sender in senders for name in sender.acknowledged]
        self.stored = Counter(norms["citation"] for norms in therapist.every("/v1/norm-sets?limit=200"))
        self.unexpected = [code for sender in senders for code in sender.unexpected]
        self.felt = sum(sender.retries for sender in senders)
        with clinic.at_desk() as (session, _vault):
            added = LedgerEvent.operation == "add_norm_set", LedgerEvent.kind == "create"
            self.events = session.execute(select(func.count(LedgerEvent.id)).where(*added)).scalar_one()

    @property
    def lost(self) -> list[str]:
        """What was acknowledged and is not there."""
        return [name for name in self.told if not self.stored[name]]

    @property
    def twice(self) -> list[str]:
        """What is there more than once."""
        return [name for name, times in self.stored.items() if times > 1]


def killed(clinic: Clinic, therapist: Caller, log: Path, kills: int, spoilt: Callable[[], None] | None = None) -> Aftermath:
    """Sends from several clients to a served process that is killed again and again."""
    chance, over = random.Random(None if MORE else 11), threading.Event()  # noqa: S311 - when the plug is pulled is no secret
    with Served(clinic.settings, log, spoilt) as served:
        names = [f"{encode('req', new_id())}-{number}" for number in range(CLIENTS)]  # of this time alone
        senders = [Sender(served.address, therapist.key, name, over) for name in names]
        for sender in senders:
            sender.start()
        for _ in range(kills):
            time.sleep(0.1 + chance.random() * 0.4)
            served.kill()
            served.start()
        time.sleep(0.3)
        over.set()
        for sender in senders:
            sender.join(15)
    return Aftermath(clinic, therapist, senders)


@pytest.mark.timeout(120 + 30 * KILLS)
def test_what_was_acknowledged_before_a_kill_is_there_after_it_exactly_once(
    clinic: Clinic, therapist: Caller, tmp_path: Path
) -> None:
    found = killed(clinic, therapist, tmp_path / "server.log", KILLS)
    assert (found.unexpected, found.lost, found.twice) == ([], [], [])
    assert sum(found.stored.values()) - len(found.told) <= CLIENTS  # at most what was under way when it was over
    assert found.events == sum(found.stored.values())  # and the ledger knows each
    assert found.felt >= KILLS  # the kills were felt
    assert len(found.told) > 4 * KILLS
    if MORE:
        print(f"{KILLS} kills: {len(found.told)} acknowledged, {found.felt} retries, 0 lost, 0 twice")  # noqa: T201 - a long run tells


def answer_before_the_commit() -> None:
    """A service that lets the answer go and commits a moment later."""

    @contextmanager
    def hasty(self: Database, reach: Any, *, durable: bool = True) -> Any:
        session = RecordSession(self.engine, expire_on_commit=False, autoflush=True)
        session.info.update(reach=reach, durable=durable)
        session.connection(execution_options={"durable": durable})
        try:
            yield session
            session.flush()
        except BaseException:
            session.close()
            raise

        def commit() -> None:
            session.commit()
            session.close()

        threading.Timer(LATE, commit).start()

    Database.transaction = hasty  # type: ignore[method-assign]  # in a process of its own, to be seen by the test


def forget_the_key() -> None:
    """A service that takes every retry for a new request, and whose answers are slow to leave."""
    was = operations.operate

    def slow(*given: Any) -> Any:
        answer = was(*given)
        time.sleep(LATE)
        return answer

    operations._replay = lambda *_given: None  # noqa: SLF001 - the very part that a sound service has
    setattr(operations, "operate", slow)  # noqa: B010 - a name in a module, which mypy knows as a function
    from app.access import routes  # noqa: PLC0415 - where the name was imported to

    setattr(routes, "operate", slow)  # noqa: B010 - the same


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_service_that_answers_before_its_commit_would_be_found_out(clinic: Clinic, therapist: Caller, tmp_path: Path) -> None:
    assert any(killed(clinic, therapist, tmp_path / "server.log", 2, answer_before_the_commit).lost for _ in range(5))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_service_that_forgets_idempotency_keys_would_be_found_out(clinic: Clinic, therapist: Caller, tmp_path: Path) -> None:
    assert any(killed(clinic, therapist, tmp_path / "server.log", 2, forget_the_key).twice for _ in range(5))
