"""What an incremental export has to read again, and what it has to forget."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.access.actor import Actor
from app.access.permissions import MACHINE, Permission, Role
from app.access.work import Work
from app.changes.service import Reason, couples_changed_since, token_now
from app.changes.tokens import StartAnewError
from app.core.ids import decode, new_id
from app.core.paging import CursorInvalidError
from app.ledger.service import chore_at_work
from tests.conftest import Caller, Clinic
from tests.notes.records import sign_note, write_note
from tests.releases.records import ask_to_erase, couple_id, ended, shred
from tests.safety.records import Pair, done, new_pair

ALL = frozenset({Permission.COUPLES_READ, Permission.HOMEWORK_READ, Permission.ADMINISTRATIONS_READ, Permission.OUTCOMES_READ})


@contextmanager
def as_actor(clinic: Clinic, scopes: frozenset[Permission] = ALL, member: Caller | None = None) -> Iterator[Work]:
    """What an export is made with: whoever asked for it, reading as a machine does."""
    runtime = clinic.app.state.runtime
    with chore_at_work(runtime, clinic.id, "export", MACHINE) as (session, vault, now):
        who = new_id() if member is None else decode("mem", member.holder_id)
        actor = Actor(clinic.id, who, new_id(), None if member is None else Role.THERAPIST, scopes)
        yield Work(session, actor, vault, now, runtime.settings)


def uuid_of(pair: Pair) -> object:
    return decode("cpl", couple_id(pair))


def test_it_names_the_couples_of_which_anything_changed_that_is_exported(clinic: Clinic, therapist: Caller) -> None:
    pairs = [new_pair(therapist, str(number)) for number in range(3)]
    with as_actor(clinic) as work:
        token = token_now(work)
        assert couples_changed_since(work, token) == {}
    done(pairs[0].screen("a"))
    note = write_note(therapist, {"id": couple_id(pairs[1])})
    with as_actor(clinic) as work:
        assert couples_changed_since(work, token) == {}
    sign_note(therapist, note)
    with as_actor(clinic) as work:
        assert couples_changed_since(work, token) == {uuid_of(pairs[1]): Reason.CHANGED}


def test_it_tells_what_ended_from_what_left_the_view(clinic: Clinic, therapist: Caller) -> None:
    other = clinic.member("other")
    left, ends = new_pair(therapist, "1"), new_pair(therapist, "2")
    seat = done(therapist.post(left.path + "/care-team", json={"member_id": other.holder_id}))
    with as_actor(clinic) as work:
        token = token_now(work)
    with as_actor(clinic, member=other) as work:
        others_token = token_now(work)
    done(therapist.post(f"{left.path}/care-team/{seat['id']}/endings"), 200)
    shred(clinic, ended(clinic, ends), ask_to_erase(ends))
    with as_actor(clinic) as work:
        assert couples_changed_since(work, token) == {uuid_of(ends): Reason.ERASED}
    with as_actor(clinic, member=other) as work:
        assert couples_changed_since(work, others_token) == {uuid_of(left): Reason.OUT_OF_VIEW}


def test_a_token_of_other_scopes_or_none_at_all_is_refused(clinic: Clinic) -> None:
    with as_actor(clinic) as work:
        token = token_now(work)
        with pytest.raises(CursorInvalidError):
            couples_changed_since(work, "nonsense")
    with as_actor(clinic, ALL - {Permission.HOMEWORK_READ}) as work, pytest.raises(StartAnewError):
        couples_changed_since(work, token)
