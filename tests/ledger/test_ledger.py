"""Every read and change of a couple is in the ledger, in the order in which it was committed."""

import random
import threading
import time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.access.models import Member
from app.access.permissions import Role
from app.access.service import add_member
from app.core.ids import decode
from app.ledger.models import LedgerEvent
from app.ledger.service import events_in_commit_order
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple

WRITERS = 4
EACH = 25
SEXUAL = {"code": "desire_discrepancy", "bearer": "relationship"}


def trail(clinic: Clinic, couple_id: str) -> list[tuple[str, str, str]]:
    """What the ledger tells of a couple: operation, kind and subject, once each, in order."""
    with clinic.at_desk() as (session, _vault):
        rows = session.execute(
            select(LedgerEvent.operation, LedgerEvent.kind, LedgerEvent.subject)
            .where(LedgerEvent.couple_id == decode("cpl", couple_id))
            .order_by(LedgerEvent.id)
        ).all()
    return list(dict.fromkeys(tuple(row) for row in rows))


def test_every_operation_on_a_couple_leaves_its_events(clinic: Clinic, therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    path = f"/v1/couples/{couple['id']}"
    partner = f"{path}/partners/{couple['partners'][0]['id']}"
    therapist.get(path)
    therapist.get("/v1/couples")
    therapist.patch(path, json={"time_zone": "UTC"}, headers={"If-Match": '"1"'})
    therapist.get(partner)
    therapist.patch(partner, json={"name": "Sam"}, headers={"If-Match": '"1"'})
    therapist.post(f"{path}/episodes", json={"primary_concern": SEXUAL})
    therapist.get(f"{path}/episodes")
    therapist.delete(path, headers={"If-Match": '"2"'})
    therapist.post(f"{path}/restorations")
    assert trail(clinic, couple["id"]) == [
        ("open_couple", "create", "couple"),
        ("open_couple", "create", "partner"),
        ("open_couple", "create", "care_team_member"),
        ("read_couple", "read", "couple"),
        ("list_couples", "read", "couple"),
        ("change_couple", "read", "couple"),
        ("change_couple", "update", "couple"),
        ("read_partner", "read", "couple"),
        ("change_partner", "read", "couple"),
        ("change_partner", "update", "partner"),
        ("open_episode", "read", "couple"),
        ("open_episode", "create", "episode"),
        ("open_episode", "create", "concern"),
        ("list_episodes", "read", "couple"),
        ("archive_couple", "read", "couple"),
        ("archive_couple", "update", "couple"),
        ("restore_couple", "read", "couple"),
        ("restore_couple", "update", "couple"),
    ]


def test_an_event_names_who_and_which_request_and_holds_no_content(clinic: Clinic, therapist: Caller) -> None:
    made = therapist.post("/v1/couples", json=new_couple(), headers={"X-Request-ID": "trace-7"})
    with clinic.at_desk() as (session, _vault):
        told = session.scalars(select(LedgerEvent).where(LedgerEvent.operation == "open_couple")).all()
    assert {(one.actor_kind, one.actor_id, one.request_id) for one in told} == {
        ("member", decode("mem", therapist.holder_id), made.headers["X-Request-ID"])
    }
    assert [one.subject_version for one in told] == [1] * len(told)
    assert "Alex" not in " ".join(str(vars(one)) for one in told)


def test_what_is_refused_or_looked_for_in_vain_leaves_no_event_of_the_couple(clinic: Clinic, therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    before, path = trail(clinic, couple["id"]), f"/v1/couples/{couple['id']}"
    stranger = clinic.member("stranger")
    assert stranger.get(path).status_code == 404
    assert stranger.get("/v1/couples").json()["items"] == []
    assert therapist.patch(path, json={"time_zone": "nowhere"}, headers={"If-Match": '"1"'}).status_code == 422
    assert therapist.patch(path, json={"time_zone": "UTC"}, headers={"If-Match": '"9"'}).status_code == 412
    assert trail(clinic, couple["id"]) == before


def test_a_replayed_request_is_a_read_and_no_second_change(clinic: Clinic, therapist: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    couple = therapist.post("/v1/couples", json=new_couple(), headers=headers).json()
    before = events(clinic, couple["id"])
    assert therapist.post("/v1/couples", json=new_couple(), headers=headers).json() == couple
    assert events(clinic, couple["id"]) == before
    with clinic.at_desk() as (session, _vault):
        replay = session.scalars(select(LedgerEvent).where(LedgerEvent.subject == "stored_answer")).one()
    assert (replay.kind, replay.operation, replay.actor_id) == ("read", "open_couple", decode("mem", therapist.holder_id))


def events(clinic: Clinic, couple_id: str) -> int:
    """How many events a couple has."""
    with clinic.at_desk() as (session, _vault):
        return len(session.scalars(select(LedgerEvent.id).where(LedgerEvent.couple_id == decode("cpl", couple_id))).all())


@pytest.mark.parametrize("statement", ["UPDATE ledger_event SET operation = 'nothing'", "DELETE FROM ledger_event"])
def test_the_database_itself_keeps_the_ledger_from_being_changed(clinic: Clinic, therapist: Caller, statement: str) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    before = events(clinic, couple["id"])
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"), clinic.at_desk() as (session, _vault):
        session.connection().execute(text(statement))
    assert events(clinic, couple["id"]) == before > 0


class Follower:
    """Reads the ledger on from where it stopped, some events at a time."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.after: tuple[int, UUID] | None = None
        self.seen: list[tuple[Any, ...]] = []

    def follow(self) -> int:
        """How many events came since."""
        with self.clinic.at_desk() as (session, _vault):
            found = events_in_commit_order(session, self.after, 7)
        if found:
            self.after = (found[-1][0], found[-1][1])
        self.seen += found
        return len(found)


def write(clinic: Clinic, name: str, pause: float) -> None:
    """One transaction: an event at its start, and one more after a pause."""
    with clinic.at_desk() as (session, _vault):
        add_member(session, f"{name}-a", Role.THERAPIST, "P", clinic.clock())
        time.sleep(pause)
        add_member(session, f"{name}-b", Role.THERAPIST, "P", clinic.clock())


def test_a_follower_misses_nothing_and_sees_nothing_twice_while_four_write(clinic: Clinic) -> None:
    follower, chance = Follower(clinic), random.Random(3)  # noqa: S311 - pauses are no secret
    pauses = [[chance.random() * 0.02 for _ in range(EACH)] for _ in range(WRITERS)]

    def writer(number: int) -> None:
        for turn, pause in enumerate(pauses[number]):
            write(clinic, f"{number}-{turn}", pause)

    writers = [threading.Thread(target=writer, args=(number,)) for number in range(WRITERS)]
    for one in writers:
        one.start()
    while any(one.is_alive() for one in writers):
        follower.follow()
    for one in writers:
        one.join()
    while follower.follow():
        pass
    ids = [row[1] for row in follower.seen]
    with clinic.at_desk() as (session, _vault):
        assert set(ids) == set(session.scalars(select(LedgerEvent.id)))
        assert len(session.scalars(select(Member.id)).all()) == 2 * WRITERS * EACH
    assert len(ids) == len(set(ids)) == 2 * WRITERS * EACH + 1  # and the clinic itself
    assert [row[0] for row in follower.seen] == sorted(row[0] for row in follower.seen)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_what_was_begun_earlier_and_commits_later_is_waited_for(clinic: Clinic) -> None:
    follower, begun, finish = Follower(clinic), threading.Event(), threading.Event()

    def slow() -> None:
        with clinic.at_desk() as (session, _vault):
            add_member(session, "early", Role.THERAPIST, "P", clinic.clock())
            begun.set()
            finish.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    write(clinic, "late", 0)
    while follower.follow():
        pass
    with clinic.at_desk() as (session, _vault):  # the control: a reader by id alone would go on from here, past `early`
        committed = session.scalars(select(LedgerEvent.id).order_by(LedgerEvent.id)).all()
    before = len(follower.seen)
    finish.set()
    thread.join()
    while follower.follow():
        pass
    came = [row[1] for row in follower.seen[before:]]
    assert len(committed) > before
    assert len(came) == 3
    assert came[0] not in committed
    assert set(came[1:]) <= set(committed)
