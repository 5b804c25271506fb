"""A server killed under load has lost nothing it acknowledged, and stored nothing twice."""

import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple
from tests.served import Served

KILLS = 5
CLIENTS = 4


class Sender(threading.Thread):
    """Creates couples one after the other, each until it is acknowledged, with a key that makes the retry safe."""

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
        body = new_couple(name, external_id=name)
        while not self.over.is_set():
            try:
                answer = self.client.post("/v1/couples", json=body, headers=headers)
            except httpx.TransportError:
                self.retries += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 201:
                self.acknowledged.append(answer.json()["external_id"])
                return
            if answer.status_code not in {409, 503}:
                self.unexpected.append(answer.status_code)
            time.sleep(0.05)


def couples_of(therapist: Caller) -> Counter[str]:
    """How often each couple is in the record."""
    return Counter(couple["external_id"] for couple in therapist.every("/v1/couples?limit=200"))


@pytest.fixture
def clock() -> Wristwatch:
    """The served process looks at the real clock, so keys are issued by it."""
    return RealWatch()


class RealWatch(Wristwatch):
    """The time it really is."""

    def __call__(self) -> Any:
        """Now."""
        from app.core.clock import now  # noqa: PLC0415 - beside its one use

        return now()


@pytest.mark.timeout(300)
def test_what_was_acknowledged_before_a_kill_is_there_after_it_exactly_once(
    clinic: Clinic, therapist: Caller, tmp_path: Path
) -> None:
    chance, over = random.Random(11), threading.Event()  # noqa: S311 - when the plug is pulled is no secret
    with Served(clinic.settings, tmp_path / "server.log") as served:
        senders = [Sender(served.address, therapist.key, f"s{number}", over) for number in range(CLIENTS)]
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            time.sleep(0.4 + chance.random() * 0.6)
            served.kill()
            served.start()
        time.sleep(0.3)
        over.set()
        for sender in senders:
            sender.join(15)
    acknowledged = [name for sender in senders for name in sender.acknowledged]
    stored = couples_of(therapist)
    assert [sender.unexpected for sender in senders] == [[]] * CLIENTS
    assert [name for name in acknowledged if stored[name] != 1] == []
    assert max(stored.values()) == 1
    assert len(stored) - len(acknowledged) <= CLIENTS  # at most what was under way when it was over
    assert sum(sender.retries for sender in senders) >= KILLS  # the control: the kills were felt
    assert len(acknowledged) > 10 * CLIENTS
