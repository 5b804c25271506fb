"""An analysis is done once, by one process, or by another if that one was cut off; nothing of a panel is kept after it."""

import asyncio
import threading
import time
from typing import Any

import pytest
from anyio.to_thread import run_sync
from sqlalchemy import select

from app.core.chores import while_serving
from app.direction import job
from app.direction.models import DirectionAnalysis
from tests.conftest import Caller, Clinic
from tests.direction.records import ANALYSES, Json, ask, panel


def row_of(clinic: Clinic) -> DirectionAnalysis:
    """The only analysis there is."""
    with clinic.at_desk() as (session, _vault):
        found: DirectionAnalysis = session.scalars(select(DirectionAnalysis)).one()
        return found


def begin(clinic: Clinic) -> job.Begun:
    """A process that takes the analysis up."""
    begun = job._begin(clinic.app.state.runtime, clinic.id)  # noqa: SLF001 - to be cut off right after it
    assert begun is not None
    return begun


def test_what_a_killed_process_left_is_taken_up_by_another(clinic: Clinic, therapist: Caller) -> None:
    path = therapist.post(ANALYSES, json={"panel": panel(3, 3), "models": ["ri_clpm"]}).headers["Location"]
    begin(clinic)
    assert therapist.get(path).json()["status"] == "running"
    job.analyse_waiting(clinic.app.state.runtime, clinic.id)
    assert therapist.get(path).json()["status"] == "running"  # the first may still be at it
    clinic.clock.turn(seconds=job.LEASE.total_seconds() + 1)
    job.analyse_waiting(clinic.app.state.runtime, clinic.id)
    assert therapist.get(path).json()["status"] == "done"


def test_one_that_takes_long_is_left_to_who_works_on_it(
    clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = therapist.post(ANALYSES, json={"panel": panel(3, 3), "models": ["ri_clpm"]}).headers["Location"]
    runtime = clinic.app.state.runtime
    leased = row_of(clinic).leased_until

    def long(*given: Any) -> job.Found:
        nonlocal leased
        clinic.clock.turn(seconds=job.LEASE.total_seconds() - 10)
        until = time.monotonic() + 20
        before = row_of(clinic).leased_until
        while (leased := row_of(clinic).leased_until) == before and time.monotonic() < until:
            time.sleep(0.01)
        clinic.clock.turn(seconds=job.LEASE.total_seconds() - 10)
        assert job._begin(runtime, clinic.id) is None  # noqa: SLF001 - what another process would do now
        return answered(*given)

    answered = job._answered  # noqa: SLF001 - made longer
    monkeypatch.setattr(job, "RENEW_EVERY", 0.01)
    monkeypatch.setattr(job, "_answered", long)
    job.analyse_waiting(runtime, clinic.id)
    assert therapist.get(path).json()["status"] == "done"
    assert leased is not None


def test_one_that_comes_back_late_changes_nothing(clinic: Clinic, therapist: Caller) -> None:
    path = therapist.post(ANALYSES, json={"panel": panel(3, 3), "models": ["ri_clpm"]}).headers["Location"]
    late = begin(clinic)
    clinic.clock.turn(seconds=job.LEASE.total_seconds() + 1)
    job.analyse_waiting(clinic.app.state.runtime, clinic.id)
    before = therapist.get(path).json()
    job._finish(clinic.app.state.runtime, clinic.id, late, job.Found({}, ("late",)))  # noqa: SLF001 - what the late one would do
    assert therapist.get(path).json() == before


def test_what_is_cut_off_again_and_again_fails_and_says_so(clinic: Clinic, therapist: Caller) -> None:
    path = therapist.post(ANALYSES, json={"panel": panel(3, 3)}).headers["Location"]
    for _ in range(job.MOST_ATTEMPTS):
        begin(clinic)
        clinic.clock.turn(seconds=job.LEASE.total_seconds() + 1)
    job.analyse_waiting(clinic.app.state.runtime, clinic.id)
    found = therapist.get(path).json()
    assert (found["status"], found["results"], row_of(clinic).panel) == ("failed", {}, None)
    assert found["notes"][0].startswith("The analysis was begun several times")


def test_of_many_at_once_each_is_done_by_one(clinic: Clinic, therapist: Caller) -> None:
    for _ in range(6):
        assert therapist.post(ANALYSES, json={"panel": panel(3, 3), "models": ["ri_clpm"]}).status_code == 202
    runtime = clinic.app.state.runtime
    threads = [threading.Thread(target=job.analyse_waiting, args=(runtime, clinic.id)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with clinic.at_desk() as (session, _vault):
        assert [(row.status, row.attempt) for row in session.scalars(select(DirectionAnalysis))] == [("done", 1)] * 6


def test_a_panel_waits_sealed_without_the_names_of_its_units_and_is_dropped_when_done(
    clinic: Clinic, therapist: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = panel(3, 3)
    sent["rows"] = [["zaunkoenig" + row[0], *row[1:]] for row in sent["rows"]]
    made = therapist.post(ANALYSES, json={"panel": sent, "models": ["ri_clpm"]})
    row = row_of(clinic)
    assert row.panel is not None
    with clinic.at_desk() as (_session, vault):
        opened = vault.open(row, "panel", row.panel)
    assert {one[0] for one in opened["rows"]} == {0, 1, 2}
    assert b"zaunkoenig" not in row.panel
    job.analyse_waiting(clinic.app.state.runtime, clinic.id)
    assert row_of(clinic).panel is None
    assert "zaunkoenig" not in therapist.get(made.headers["Location"]).text + "".join(capsys.readouterr())


def test_one_that_is_deleted_while_it_runs_leaves_nothing(clinic: Clinic, therapist: Caller) -> None:
    path = therapist.post(ANALYSES, json={"panel": panel(3, 3)}).headers["Location"]
    begun = begin(clinic)
    assert therapist.delete(path).status_code == 204
    job._finish(clinic.app.state.runtime, clinic.id, begun, job.Found({}, ("late",)))  # noqa: SLF001 - as the process would
    assert therapist.get(ANALYSES).json()["items"] == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_model_that_cannot_deal_with_the_data_fails_the_analysis_alone(
    clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: Any) -> Json:
        raise ZeroDivisionError("what Alex said")

    with monkeypatch.context() as patched:
        patched.setattr(job, "_fits", fail)
        found = ask(clinic, therapist, panel=panel(3, 3))
    assert (found["status"], found["results"]) == ("failed", {})
    assert "Alex" not in str(found)
    assert ask(clinic, therapist, panel=panel(3, 3))["status"] == "done"


def test_where_it_is_served_it_is_done_at_once_and_waits_for_no_chore(clinic: Clinic, therapist: Caller) -> None:
    asked = {"panel": panel(120, 5), "models": ["ri_clpm"], "equal_lags": True}

    def ask_and_look() -> Json:
        path = therapist.post(ANALYSES, json=asked).headers["Location"]
        until = time.monotonic() + 30
        while (found := therapist.get(path).json())["status"] in {"queued", "running"} and time.monotonic() < until:
            time.sleep(0.02)
        return dict(found)

    async def served() -> Json:
        async with while_serving(clinic.app.state.runtime, [])(clinic.app):
            return await run_sync(ask_and_look)

    found = asyncio.run(served())
    assert (found["status"], found["results"]["ri_clpm"]["direction"]) == ("done", "x_leads")
    assert "wanted" not in {thread.name for thread in threading.enumerate()}
