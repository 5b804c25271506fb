"""Whoever is no longer who they were is turned away at the very next request."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.access import service as access
from app.access.models import CareTeamMember, Credential, Integration, Member
from app.access.permissions import (
    ALLOWED,
    DIRECTION,
    FIGURES,
    GRANTABLE,
    KEEPING,
    KEYRING,
    LICENCES,
    METHODS,
    NORMS,
    OVERSIGHT,
    OWN,
    PEOPLE,
    REVIEW,
    WEBHOOKS,
    Permission,
    Role,
)
from app.core.ids import decode
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple


def test_a_revoked_key_is_refused_at_the_next_request(clinic: Clinic, therapist: Caller) -> None:
    assert therapist.get("/v1/me").status_code == 200
    with clinic.at_desk() as (session, _vault):
        session.execute(update(Credential).values(revoked_at=clinic.clock()))
    refused = therapist.get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("holder", [Member, Integration])
def test_who_has_left_is_refused_at_the_next_request(clinic: Clinic, holder: type[Member | Integration]) -> None:
    caller = clinic.member("leaver") if holder is Member else clinic.integration()
    assert caller.get("/v1/couples").status_code == 200
    with clinic.at_desk() as (session, _vault):
        session.execute(update(holder).values(ended_at=clinic.clock()))
    assert caller.get("/v1/couples").status_code == 401


def test_a_key_ends_after_ninety_days_whatever_was_asked_for(clinic: Clinic, clock: Wristwatch) -> None:
    caller = clinic.member("long")
    with clinic.at_desk() as (session, _vault):
        member = session.scalars(select(Member).where(Member.login == "long")).one()
        access.issue_key(session, member, "demo", clock(), timedelta(days=9_999))
    clock.turn(days=89)
    assert caller.get("/v1/me").status_code == 200
    clock.turn(days=2)
    assert caller.get("/v1/me").status_code == 401
    with clinic.at_desk() as (session, _vault):
        lives = [credential.expires_at - credential.created_at for credential in session.scalars(select(Credential))]
    assert max(lives) <= timedelta(days=90)


def test_every_way_not_to_be_known_gets_the_same_answer(clinic: Clinic, therapist: Caller) -> None:
    key = therapist.key
    ways = ["", key, f"Basic {key}", "Bearer", "Bearer ", f"Bearer {key[:-1]}", f"Bearer {key}x", "Bearer rk_demo_1_2_3"]
    told = set()
    for way in ways:
        refused = clinic.anonymous().get("/v1/me", headers={"Authorization": way})
        document = refused.json()
        told.add((refused.status_code, document["code"], document["detail"], refused.headers["WWW-Authenticate"]))
    assert len(told) == 1
    assert therapist.get("/v1/me").status_code == 200


def test_a_key_with_a_scope_taken_away_loses_it_at_once(clinic: Clinic) -> None:
    caller = clinic.integration(scopes={"couples:read", "couples:write"})
    assert caller.post("/v1/couples", json=new_couple()).status_code == 201
    with clinic.at_desk() as (session, _vault):
        session.execute(update(Integration).values(scopes=["couples:read"]))
    assert caller.post("/v1/couples", json=new_couple("2")).status_code == 403
    assert caller.get("/v1/couples").status_code == 200


def test_an_empty_or_unknown_scope_is_nothing_and_never_all(clinic: Clinic) -> None:
    caller = clinic.integration(scopes={"couples:read"})
    for scopes in ([], ["everything"], ["notes:read", "safety:read"]):
        with clinic.at_desk() as (session, _vault):
            session.execute(update(Integration).values(scopes=scopes))
        assert caller.get("/v1/couples").status_code == 403, scopes


def test_a_grant_that_has_ended_hides_the_couple_again(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    couple, supervisor = therapist.post("/v1/couples", json=new_couple()).json(), clinic.member("sue", Role.SUPERVISOR)
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": supervisor.holder_id})
    assert supervisor.get(f"/v1/couples/{couple['id']}").status_code == 200
    with clinic.at_desk() as (session, _vault):
        seat = CareTeamMember.member_id == decode("mem", supervisor.holder_id)
        session.execute(update(CareTeamMember).where(seat).values(until=clock()))
    assert supervisor.get(f"/v1/couples/{couple['id']}").status_code == 404
    assert supervisor.get("/v1/couples").json()["items"] == []


def test_no_machine_holds_safety_or_notes_and_no_desk_role_holds_clinical_content() -> None:
    closed = {Permission.SAFETY_READ, Permission.SAFETY_WRITE, Permission.NOTES_READ, Permission.NOTES_WRITE}
    assert not GRANTABLE & closed
    office = NORMS | METHODS | LICENCES  # norms, methods and contracts, and nobody's answers
    assert (
        ALLOWED[Role.ADMINISTRATOR]
        == {Permission.CATALOGUE_READ} | office | OWN | OVERSIGHT | PEOPLE | WEBHOOKS | REVIEW | KEYRING | KEEPING
    )
    assert not ALLOWED[Role.ANALYST] & {permission for permission in Permission if permission.endswith((":read", ":write"))} - {
        Permission.CATALOGUE_READ,
        Permission.LOCAL_NORMS_READ,
        Permission.EXPORTS_READ,  # of tables that take permissions of their own, of which there is none here
        Permission.EXPORTS_WRITE,
        Permission.DEIDENTIFIED_READ,  # rows in which no couple stands alone
        *FIGURES,
        *DIRECTION,
    }
    assert set(ALLOWED) == set(Role)
