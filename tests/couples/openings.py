"""Records opened in an emergency, through the service."""

from typing import Any

from app.access.actor import Actor
from app.access.permissions import Role
from app.access.work import Work
from app.core.database import Reach
from app.core.ids import decode, encode
from app.couples.break_glass import open_record
from app.couples.break_glass_schemas import BreakGlassCreate
from tests.conftest import Caller, Clinic

REASON = {"reason": "therapist_unreachable", "words": "A partner called in distress; the therapist is away."}


def opened(clinic: Clinic, caller: Caller, role: Role = Role.THERAPIST, **named: Any) -> str:
    """The id of an opening by a member who has just signed in."""
    with clinic.at_desk() as (session, vault):
        now, member_id = clinic.clock(), decode("mem", caller.holder_id)
        actor = Actor(clinic.id, member_id, member_id, role, frozenset(), proven_at=now)
        session.info["reach"] = Reach(clinic.id, actor.compartments)
        work = Work(session, actor, vault, now, clinic.app.state.runtime.settings)
        made = open_record(work, BreakGlassCreate.model_validate(REASON | named))
    return encode("bgl", made.id)
