"""Standing is read at every request: whatever is taken away is gone at the very next one, and nothing is never all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.access.actor import Actor
from app.access.models import Integration
from app.access.permissions import COMPARTMENTS, EVERY_INTEGRATION, GRANTABLE, Permission, Role
from app.core.database import Compartment, Reach
from app.core.ids import decode, new_id
from app.couples.models import Couple, Partner
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.openings import opened
from tests.couples.test_couples import new_couple


@dataclass
class Scene:
    """A clinic with an administrator, a therapist and their couple."""

    clinic: Clinic
    administrator: Caller
    therapist: Caller
    couple_id: str

    @property
    def couple(self) -> str:
        """The path of the couple."""
        return f"/v1/couples/{self.couple_id}"

    def seated(self, role: Role = Role.THERAPIST, **more: Any) -> tuple[Caller, str]:
        """A member with a seat, and the path of that seat for the administrator."""
        member = self.clinic.member(f"seated-{role}", role)
        seats = f"/v1/members/{member.holder_id}/seats"
        made = self.administrator.post(seats, json={"couple_id": self.couple_id, **more})
        assert made.status_code == 201, made.text
        return member, f"{seats}/{made.json()['id']}"

    def done(self, method: str, path: str, **more: Any) -> None:
        """What the administrator did, and it worked."""
        found = self.administrator.request(method, path, **more)
        assert found.status_code == 200, found.text


Change = Callable[[], None]


def seat_ended(scene: Scene) -> tuple[Caller, Change, int]:
    """A therapist's seat is ended."""
    member, seat = scene.seated()
    return member, lambda: scene.done("POST", f"{seat}/endings"), 404


def grant_revoked(scene: Scene) -> tuple[Caller, Change, int]:
    """A supervisor's grant is revoked."""
    member, seat = scene.seated(Role.SUPERVISOR)
    return member, lambda: scene.done("POST", f"{seat}/endings"), 404


def grant_over(scene: Scene) -> tuple[Caller, Change, int]:
    """A supervisor's grant runs out."""
    until = scene.clinic.clock.moment + timedelta(minutes=30)
    member, _seat = scene.seated(Role.SUPERVISOR, until=until.isoformat())
    return member, lambda: scene.clinic.clock.turn(minutes=30), 404


def emergency_over(scene: Scene) -> tuple[Caller, Change, int]:
    """What was opened in an emergency shuts."""
    member = scene.clinic.member("late")
    opened(scene.clinic, member, couple_id=scene.couple_id, minutes=15)
    return member, lambda: scene.clinic.clock.turn(minutes=15), 404


def left(scene: Scene) -> tuple[Caller, Change, int]:
    """A member leaves."""
    member, _seat = scene.seated()
    return member, lambda: scene.done("POST", f"/v1/members/{member.holder_id}/departures", json={}), 401


def signed_out_by_leaving(scene: Scene) -> tuple[Caller, Change, int]:
    """A member who signed in leaves."""
    member, _seat = scene.seated()
    caller = scene.clinic.sign_in_again(member.holder_id)
    return caller, lambda: scene.done("POST", f"/v1/members/{member.holder_id}/departures", json={}), 401


def other_role(scene: Scene) -> tuple[Caller, Change, int]:
    """A member whose couple was opened in an emergency becomes an analyst."""
    member = scene.clinic.member("turncoat")
    opened(scene.clinic, member, couple_id=scene.couple_id)
    path = f"/v1/members/{member.holder_id}"
    changed = {"json": {"role": "analyst"}, "headers": {"If-Match": '"1"'}}
    return member, lambda: scene.done("PATCH", path, **changed), 403


def scope_taken(scene: Scene) -> tuple[Caller, Change, int]:
    """An integration loses the scope."""
    software = scene.clinic.integration("narrowed")
    path = f"/v1/integrations/{software.holder_id}"
    changed = {"json": {"scopes": ["scoring"]}, "headers": {"If-Match": '"1"'}}
    return software, lambda: scene.done("PATCH", path, **changed), 403


def every_scope_taken(scene: Scene) -> tuple[Caller, Change, int]:
    """An integration loses all its scopes."""
    software = scene.clinic.integration("emptied")
    path = f"/v1/integrations/{software.holder_id}"
    changed = {"json": {"scopes": []}, "headers": {"If-Match": '"1"'}}
    return software, lambda: scene.done("PATCH", path, **changed), 403


def software_ended(scene: Scene) -> tuple[Caller, Change, int]:
    """An integration ends."""
    software = scene.clinic.integration("ended")
    return software, lambda: scene.done("POST", f"/v1/integrations/{software.holder_id}/endings"), 401


CHANGES = [
    *(seat_ended, grant_revoked, grant_over, emergency_over, left, signed_out_by_leaving),
    *(other_role, scope_taken, every_scope_taken, software_ended),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_is_taken_away_is_gone_at_the_next_request(
    clinic: Clinic, therapist: Caller, change: Callable[[Scene], tuple[Caller, Change, int]]
) -> None:
    couple_id = therapist.post("/v1/couples", json=new_couple()).json()["id"]
    scene = Scene(clinic, clinic.member("ada", Role.ADMINISTRATOR), therapist, couple_id)
    caller, happens, status = change(scene)
    assert caller.get(scene.couple).status_code == 200
    happens()
    assert caller.get(scene.couple).status_code == status
    assert therapist.get(scene.couple).status_code == 200


@given(scopes=st.frozensets(st.sampled_from(Permission)))
def test_software_may_do_what_its_scopes_say_and_with_none_only_what_all_may(scopes: frozenset[Permission]) -> None:
    software = Actor(new_id(), new_id(), new_id(), None, scopes)
    assert software.permissions - EVERY_INTEGRATION == scopes & GRANTABLE - EVERY_INTEGRATION
    assert (software.permissions == EVERY_INTEGRATION) == (not scopes & GRANTABLE - EVERY_INTEGRATION)


@settings(max_examples=20)
@given(
    junk=st.lists(
        st.sampled_from(["", "*", "all", "everything", "couples", "couples:*", "safety:read", "notes:read"]), max_size=4
    )
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_list_of_scopes_that_names_none_opens_anything(clinic: Clinic, clock: Wristwatch, junk: list[str]) -> None:
    software = clinic.integration(f"junk {clock().timestamp()}", {"couples:read"})
    assert software.get("/v1/couples").status_code == 200
    with clinic.at_desk() as (session, _vault):
        own = Integration.id == decode("int", software.holder_id)
        session.execute(update(Integration).where(own).values(scopes=junk), execution_options={"synchronize_session": False})
    assert software.get("/v1/couples").status_code == 403
    assert software.get("/v1/me").json()["permissions"] == [*EVERY_INTEGRATION]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(max_examples=40)
@given(compartments=st.frozensets(st.sampled_from(Compartment)))
def test_a_session_reads_rows_of_the_compartments_it_reaches_and_of_no_other(
    clinic: Clinic, therapist: Caller, compartments: frozenset[Compartment]
) -> None:
    if not therapist.get("/v1/couples").json()["items"]:
        therapist.post("/v1/couples", json=new_couple())
    with clinic.at_desk() as (session, _vault):
        session.info["reach"] = Reach(clinic.id, compartments)
        partners = set(session.scalars(select(Partner.compartment)))
        assert len(session.scalars(select(Couple)).all()) == 1
    assert partners == compartments & {Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B}


@pytest.mark.parametrize("role", Role)
def test_a_member_without_a_seat_sees_no_couple(clinic: Clinic, therapist: Caller, role: Role) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()["id"]
    member = clinic.member("seatless", role)
    found = member.get("/v1/couples")
    assert found.status_code == 403 or found.json()["items"] == []
    assert member.get(f"/v1/couples/{couple}").status_code in {403, 404}
    assert not COMPARTMENTS[role] or role in {Role.THERAPIST, Role.SUPERVISOR}
