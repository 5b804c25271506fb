"""Chores reach every clinic, each is done once when it is due, and one that fails keeps no other from being done."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from anyio.to_thread import run_sync

from app.core.chores import Chore, Round, while_serving, work_until
from app.ledger.service import chore_at_work
from tests.conftest import Clinic, Wristwatch

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.quiet
Done = list[tuple[str, UUID]]


def noting(name: str, done: Done, every: timedelta = HOUR) -> Chore:
    return Chore(name, every, lambda _runtime, clinic_id: done.append((name, clinic_id)))


@pytest.fixture
def clinics(new_clinic: Callable[[], Clinic], engine_name: str) -> list[Clinic]:
    return [new_clinic() for _ in range(2 if engine_name == "postgresql" else 1)]


def of(done: Done, clinics: list[Clinic]) -> Done:
    """What was done in the clinics of this test; the database of the tests holds others too."""
    return [one for one in done if one[1] in {clinic.id for clinic in clinics}]


def test_every_clinic_is_found_and_each_chore_is_done_once_in_its_time(clinics: list[Clinic], clock: Wristwatch) -> None:
    done: Done = []
    runtime = clinics[0].app.state.runtime
    chores = [noting("hourly", done), noting("daily", done, 24 * HOUR)]
    walks = Round(runtime, chores)
    for _ in range(2):
        assert walks.walk() == 0
        assert sorted(of(done, clinics)) == sorted((name, one.id) for name in ("hourly", "daily") for one in clinics)
    clock.turn(minutes=61)
    assert walks.walk() == 0
    again = of(done, clinics)[2 * len(clinics) :]
    assert sorted(again) == sorted(("hourly", one.id) for one in clinics)


def test_of_several_processes_one_does_it(clinics: list[Clinic], clock: Wristwatch) -> None:
    done: Done = []
    chore = noting("shared", done)
    walks = [Round(clinics[0].app.state.runtime, [chore]) for _ in range(4)]
    for hour in range(1, 4):
        threads = [threading.Thread(target=one.walk) for one in walks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in walks:
            one.walk()
        assert len(of(done, clinics)) == hour * len(clinics)
        clock.turn(hours=1, minutes=1)


def test_a_chore_that_fails_stops_no_other_and_comes_again(
    clinics: list[Clinic], clock: Wristwatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: Done = []

    def fail(_runtime: Any, _clinic_id: UUID) -> None:
        raise RuntimeError("what Alex said")

    chores = [Chore("broken", HOUR, fail), noting("whole", done)]
    walks = Round(clinics[0].app.state.runtime, chores)
    assert walks.walk() >= len(clinics)
    assert len(of(done, clinics)) == len(clinics)
    clock.turn(hours=2)
    assert walks.walk() >= len(clinics)
    assert "Alex" not in "".join(capsys.readouterr())


def test_a_clock_that_was_set_back_does_not_stop_the_work(clinics: list[Clinic], clock: Wristwatch) -> None:
    done: Done = []
    walks = Round(clinics[0].app.state.runtime, [noting("steady", done)])
    walks.walk()
    clock.turn(days=-2)
    walks.walk()
    assert len(of(done, clinics)) == 2 * len(clinics)


def test_what_a_chore_changes_stands_in_the_trail_as_the_services_own(clinic: Clinic) -> None:
    with chore_at_work(clinic.app.state.runtime, clinic.id, "tidy") as (session, _vault, _now):
        occasion = session.info["occasion"]
    assert (occasion.actor_kind, occasion.actor_id, occasion.operation) == ("service", None, "tidy")


def test_it_works_until_told_to_stop(clinic: Clinic) -> None:
    done: Done = []
    stopped = threading.Event()
    chores = [noting("brief", done, timedelta(0))]
    thread = threading.Thread(target=work_until, args=(stopped, clinic.app.state.runtime, chores, 0.01))
    thread.start()
    until = time.monotonic() + 20
    while len(of(done, [clinic])) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    stopped.set()
    thread.join(10)
    assert not thread.is_alive()
    assert len(of(done, [clinic])) >= 2


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_the_directory_tells_ids_alone_and_opens_no_clinic(clinics: list[Clinic]) -> None:
    address = clinics[0].settings.database_url.get_secret_value().replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        told = connection.execute("SELECT * FROM clinic_ids()").fetchall()
        assert {(one.id,) for one in clinics} <= set(told)
        assert connection.execute("SELECT count(*) FROM clinic").fetchall() == [(0,)]


def test_a_server_process_does_the_chores_beside_its_requests_and_ends_with_them(clinic: Clinic) -> None:
    done: Done = []
    begun = threading.Event()

    def note(_runtime: Any, clinic_id: UUID) -> None:
        done.append(("beside", clinic_id))
        if clinic_id == clinic.id:
            begun.set()

    async def served() -> None:
        async with while_serving(clinic.app.state.runtime, [Chore("beside", HOUR, note)])(clinic.app):
            await run_sync(begun.wait, 20)

    asyncio.run(served())
    assert ("beside", clinic.id) in done
    assert "chores" not in {thread.name for thread in threading.enumerate()}
