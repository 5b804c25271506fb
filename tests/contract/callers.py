"""Everybody who may send a request about the couple of a record, and what the policy says of each."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import structlog

from app.access import routes
from app.access.permissions import ALLOWED, COMPARTMENTS, EVERY_INTEGRATION, GRANTABLE, MACHINE, Permission, Role
from app.core.database import Compartment, RecordSession
from tests.conftest import Caller
from tests.contract.world import World
from tests.couples.openings import opened


@dataclass(frozen=True)
class Standing:
    """Who a caller is: `role` is None for software; `sees` the couple by a seat, `opened` it in an emergency."""

    caller: Caller
    role: Role | None
    scopes: frozenset[Permission] = frozenset()
    works_here: bool = True
    sees: bool = False
    opened: bool = False

    @property
    def permissions(self) -> frozenset[Permission]:
        """What they may do."""
        return self.scopes | EVERY_INTEGRATION if self.role is None else ALLOWED[self.role]

    @property
    def compartments(self) -> frozenset[Compartment]:
        """What they may read of a couple they see."""
        return MACHINE if self.role is None else COMPARTMENTS[self.role]

    def expected(self, permission: str, *, about_the_couple: bool, writes: bool) -> int | None:
        """The status the policy answers with; None where it lets them through."""
        if not self.works_here:
            return 401
        if Permission(permission) not in self.permissions:
            return 403
        if about_the_couple and not self.sees and not keeps_couples(self.role, permission):
            if not self.opened:
                return 404
            return 403 if writes else None
        return None


def keeps_couples(role: Role | None, permission: str) -> bool:
    """Whether it is an administrator's to do for a couple they see nothing of: holds, retention and erasure of its record."""
    return role is Role.ADMINISTRATOR and permission in {"erasures:read", "erasures:write"}


def everybody(world: World) -> dict[str, Standing]:
    """One of each kind of caller there can be, as they stand when all of this has happened."""
    found = {
        "therapist": Standing(world.therapist, Role.THERAPIST, sees=True),
        "therapist without a seat": Standing(world.member(Role.THERAPIST), Role.THERAPIST),
        "supervisor without a grant": Standing(world.member(Role.SUPERVISOR), Role.SUPERVISOR),
        "administrator": Standing(world.administrator, Role.ADMINISTRATOR),
        "analyst": Standing(world.member(Role.ANALYST), Role.ANALYST),
        "integration": Standing(world.clinic.integration("all"), None, GRANTABLE, sees=True),
        "integration without scopes": Standing(world.clinic.integration("none", {"scoring"}), None, frozenset(), sees=True),
    }
    unscope(world, found["integration without scopes"].caller)
    granted, over, revoked = (world.member(Role.SUPERVISOR) for _ in range(3))
    grant(world, over, until=(world.clinic.clock.moment + timedelta(hours=1)).isoformat())
    ended, gone = world.member(Role.THERAPIST), world.member(Role.THERAPIST)
    for member, left in ((revoked, "seat"), (ended, "seat"), (gone, "clinic")):
        seat = grant(world, member)
        where = f"/v1/members/{member.holder_id}"
        path = f"{where}/seats/{seat}/endings" if left == "seat" else f"{where}/departures"
        world.post(path, {} if left == "clinic" else None, world.administrator)
    grant(world, granted)
    late = world.member(Role.THERAPIST)
    opened(world.clinic, late, couple_id=world.ids["couple_id"], minutes=15)
    world.clinic.clock.turn(hours=1, minutes=1)
    emergency = world.member(Role.THERAPIST)
    opened(world.clinic, emergency, couple_id=world.ids["couple_id"])
    return found | {
        "supervisor with a grant": Standing(granted, Role.SUPERVISOR, sees=True),
        "supervisor whose grant is over": Standing(over, Role.SUPERVISOR),
        "supervisor whose grant was revoked": Standing(revoked, Role.SUPERVISOR),
        "therapist whose seat was ended": Standing(ended, Role.THERAPIST),
        "departed therapist": Standing(gone, Role.THERAPIST, works_here=False),
        "therapist in an emergency": Standing(emergency, Role.THERAPIST, opened=True),
        "therapist whose emergency is over": Standing(late, Role.THERAPIST),
    }


def grant(world: World, member: Caller, **more: Any) -> str:
    """A seat on the couple's care team."""
    seat: str = world.post(f"{world.couple}/care-team", {"member_id": member.holder_id, **more})["id"]
    return seat


def unscope(world: World, software: Caller) -> None:
    """Takes every scope from an integration."""
    path = f"/v1/integrations/{software.holder_id}"
    assert world.administrator.patch(path, json={"scopes": []}, headers={"If-Match": '"1"'}).status_code == 200


@contextmanager
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every request finds the record as the one before found it: its transaction is undone once its answer is known.

    Thousands of them take their hop to a worker thread in place, and leave no line in the log that nobody reads.
    """

    async def in_place(work: Callable[..., Any], *given: Any, **_limits: Any) -> Any:
        return work(*given)

    undo: Callable[[RecordSession], None] = RecordSession.rollback
    with monkeypatch.context() as patched:
        patched.setattr(RecordSession, "commit", undo)
        patched.setattr(routes, "run_sync", in_place)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        yield
        structlog.reset_defaults()
