"""Whatever befalls sender and receiver, every change arrives in the end, under one id, and nothing arrives that did not happen.

The gate lives through two lives an engine; REKINDLE_WEBHOOK_LIVES=500 through as many, drawn anew every time.
"""

import os
import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from sqlalchemy import event

from app.core.database import RecordSession
from app.core.ids import decode
from app.core.outbound import Outbound
from app.webhooks import sending
from app.webhooks.relay import forget
from app.webhooks.telling import tell
from tests.conftest import Caller
from tests.couples.test_couples import new_couple
from tests.safety.records import done
from tests.webhooks.records import Hooks

MORE = int(os.environ.get("REKINDLE_WEBHOOK_LIVES", "0"))
STEPS = 40


class PulledPlugError(Exception):
    """The process ended just before a commit."""


class Life:
    """One endpoint, and what may befall it, step by step."""

    def __init__(self, hooks: Hooks, ehr: Caller, therapist: Caller, chance: random.Random) -> None:
        self.hooks, self.therapist, self.chance = hooks, therapist, chance
        self.endpoint = hooks.endpoint(ehr, ["couple.changed"])
        self.opened: list[str] = []
        self.befell: Counter[str] = Counter()

    def step(self) -> None:
        """Something happens."""
        act = self.chance.choice((self.open, self.open, self.tell, self.cut_off, self.send, self.send, self.leave, self.wait))
        self.befell[act.__name__] += 1
        act()

    def open(self) -> None:
        """A couple comes to the clinic."""
        number = f"{self.endpoint['id']}-{len(self.opened)}"
        self.opened.append(done(self.therapist.post("/v1/couples", json=new_couple(number)))["id"])

    def tell(self) -> None:
        """The ledger is followed."""
        self.hooks.tell()

    def cut_off(self) -> None:
        """The process that follows it ends just before it commits."""

        def pull(_session: Any) -> None:
            raise PulledPlugError

        event.listen(RecordSession, "before_commit", pull)
        try:
            with pytest.raises(PulledPlugError):
                tell(self.hooks.runtime, self.hooks.clinic.id)
        finally:
            event.remove(RecordSession, "before_commit", pull)

    def send(self) -> None:
        """What is due is sent, and the receiver may be in any state."""
        self.hooks.answers(self.chance.choice((200, 204, 400, 404, 429, 500, 503)))
        self._carry()

    def leave(self) -> None:
        """The process that sends ends in the middle: before the message left, or after it arrived."""
        parcel = sending.take(self.hooks.runtime, self.hooks.clinic.id, decode("whe", self.endpoint["id"]))
        if parcel is not None and self.chance.random() < 0.5:
            self.hooks.answers(200)
            assert sending.send(Outbound(("localhost",)), parcel).arrived

    def wait(self) -> None:
        """Time passes."""
        self.hooks.clinic.clock.turn(minutes=self.chance.choice((0.1, 1.1, 6)))
        forget(self.hooks.runtime, self.hooks.clinic.id)

    def end(self) -> None:
        """In the end the receiver is well, and there is time enough."""
        self.hooks.answers(204)
        for _ in range(4):
            self.hooks.tell()
            self.hooks.clinic.clock.turn(hours=12)
            self._carry()

    def _carry(self) -> None:
        sending.carry(self.hooks.runtime, self.hooks.clinic.id, decode("whe", self.endpoint["id"]))


@pytest.mark.parametrize("number", range(MORE or 2))
def test_every_change_arrives_in_the_end_under_one_id(hooks: Hooks, ehr: Caller, therapist: Caller, number: int) -> None:
    life = Life(hooks, ehr, therapist, random.Random(None if MORE else number))  # noqa: S311 - what befalls it is no secret
    for _ in range(STEPS):
        life.step()
    life.end()
    assert len(life.befell) >= 6
    ids = defaultdict(set)
    for arrived in hooks.arrived():
        ids[arrived.told].add(arrived.id)
    assert set(ids) == {("couple.changed", couple) for couple in life.opened}
    assert {len(one) for one in ids.values()} == {1}
    assert {(one["status"], one["outcome"]) for one in hooks.log(ehr)} == {("delivered", "arrived")}
