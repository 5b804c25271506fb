"""Figures follow the trail: nothing is missed, nothing is lost with a process, and one couple's trouble is nobody else's."""

from typing import Any

import pytest
from sqlalchemy import delete, select, text

from app.access.actor import Actor
from app.access.permissions import CARE_TEAM, MACHINE
from app.access.work import Work
from app.caseload.following import Bounds, follow, keep_figures, lock_of, rebuild_figures
from app.caseload.models import CoupleStanding, Followed, SeriesOutcome
from app.core.database import Base, Reach
from app.core.ids import decode
from app.ledger.service import chore_at_work
from tests.caseload.test_caseload import cared_for, caseload, couple_of, ids
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import running
from tests.outcomes.records import Care
from tests.releases.records import ask_to_erase, ended, shred
from tests.safety.records import done

TABLES = (CoupleStanding, SeriesOutcome, Followed)


class KilledError(RuntimeError):
    """The process ended in the middle."""


def works(clinic: Clinic, bounds: Bounds, *, then_dies: bool = False, compartments: Any = CARE_TEAM) -> bool | None:
    """One transaction of whoever follows the trail."""
    runtime = clinic.app.state.runtime
    with chore_at_work(runtime, clinic.id, "keep_figures", compartments) as (session, vault, now):
        actor = Actor(clinic.id, clinic.id, clinic.id, None, frozenset())
        done = follow(Work(session, actor, vault, now, runtime.settings), bounds)
        if then_dies:
            raise KilledError
        return done


def rows(clinic: Clinic, model: Any) -> list[Any]:
    """All rows of a table, of both audiences."""
    table = Base.metadata.tables[model.__tablename__]
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        return list(session.connection().execute(select(table).where(table.c.clinic_id == clinic.id)))


def test_a_new_score_is_in_the_next_read_and_a_chore_finds_nothing_left(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    care = cared_for(therapist, clock, "1", 25)
    ehr = clinic.integration()
    keep_figures(clinic.app.state.runtime, clinic.id)
    for latest in (22, 12):
        care.measure("gmsex", a=[latest])
        for caller in (therapist, ehr):
            item = caseload(caller)["items"][0]
            assert item["current"]
            assert item["sparklines"][0]["points"][-1]["shown"] == latest
    reckoned = {row.id: row.reckoned_at for row in rows(clinic, CoupleStanding)}
    keep_figures(clinic.app.state.runtime, clinic.id)
    assert {row.id: row.reckoned_at for row in rows(clinic, CoupleStanding)} == reckoned


def test_records_older_than_the_figures_are_filled_in_some_at_a_time(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    cares = [cared_for(therapist, clock, str(number), 25, 26) for number in range(3)]
    keep_figures(clinic.app.state.runtime, clinic.id)
    before = [(row.couple_id, row.of_safety, row.rule) for row in rows(clinic, CoupleStanding)]
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        for model in TABLES:
            session.connection().execute(delete(Base.metadata.tables[model.__tablename__]))
    assert caseload(cares[0].therapist)["items"][0]["current"]  # a reader's own couples do not wait for it
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        session.connection().execute(delete(Base.metadata.tables["couple_standing"]))
    for filled in (1, 2, 3):
        assert works(clinic, Bounds(events=100, couples=1)) is False
        assert len(rows(clinic, CoupleStanding)) == filled
    assert works(clinic, Bounds(events=100, couples=1)) is True
    keep_figures(clinic.app.state.runtime, clinic.id)
    assert sorted((row.couple_id, row.of_safety, row.rule) for row in rows(clinic, CoupleStanding)) == sorted(before)
    assert len(rows(clinic, SeriesOutcome)) == len(cares)


def test_what_a_process_that_died_was_at_is_done_by_the_next(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    cares = [cared_for(therapist, clock, str(number), 30, 14) for number in range(3)]
    keep_figures(clinic.app.state.runtime, clinic.id)
    for care in cares:
        care.measure("gmsex", a=[13])
    few = Bounds(events=3, couples=1)
    with pytest.raises(KilledError):
        works(clinic, few, then_dies=True)
    assert works(clinic, few) is False
    with pytest.raises(KilledError):
        works(clinic, few, then_dies=True)
    while works(clinic, few) is False:
        pass
    seen = [row.rule for row in rows(clinic, CoupleStanding) if row.of_safety]
    assert seen == ["deteriorated_twice"] * 3


def test_a_couple_whose_record_cannot_be_read_says_so_and_the_others_stand(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    fine, course = cared_for(therapist, clock, "2", 25, 26), running(therapist)
    done(course.check_in(done(course.assign()), "a"))
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        session.execute(text("UPDATE check_in SET answers = :broken"), {"broken": b"\x01\x00\x01" + bytes(40)})
    broken, other = caseload(therapist)["items"]
    assert (broken["couple_id"], broken["rule"], broken["colour"]) == (
        course.pair.path.rpartition("/")[2],
        "not_reckoned",
        "amber",
    )
    assert (other["couple_id"], other["rule"]) == (couple_of(fine), "nothing_raised")


def test_with_an_erasure_go_the_figures_of_the_couple_and_with_a_partners_all_that_held_both(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    gone, left = cared_for(therapist, clock, "1", 25, 26), cared_for(therapist, clock, "2", 25, 26)
    left.measure("gmsex", b=[20, 21])
    keep_figures(clinic.app.state.runtime, clinic.id)
    left.close()
    ended(clinic, gone.pair)
    left.pair.therapist = shred(clinic, gone.pair, ask_to_erase(gone.pair))
    keep_figures(clinic.app.state.runtime, clinic.id)
    assert {row.couple_id for row in rows(clinic, CoupleStanding)} == {decode("cpl", couple_of(left))}
    erasure = ask_to_erase(left.pair, "b")
    caller = shred(clinic, left.pair, erasure)
    assert rows(clinic, CoupleStanding) == []
    item = caseload(caller, "?in_care=false")["items"][0]
    assert {line["slot"] for line in item["sparklines"]} == {"a"}
    keep_figures(clinic.app.state.runtime, clinic.id)
    assert len(rows(clinic, SeriesOutcome)) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_figures_are_reckoned_anew_on_demand_whatever_stands_there(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    for number in range(2):
        cared_for(therapist, clock, str(number), 25, 26)
    keep_figures(clinic.app.state.runtime, clinic.id)
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        session.execute(text("UPDATE couple_standing SET rule = 'old'"))
    keep_figures(clinic.app.state.runtime, clinic.id)
    assert {row.rule for row in rows(clinic, CoupleStanding)} == {"old"}
    assert rebuild_figures(clinic.app.state.runtime, clinic.id) == 2
    assert {row.rule for row in rows(clinic, CoupleStanding)} == {"nothing_raised"}


def test_figures_reckoned_by_other_rules_are_not_current_and_are_reckoned_anew(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    care = cared_for(therapist, clock, "1", 25, 25)
    care.visits(2)
    runtime = clinic.app.state.runtime
    keep_figures(runtime, clinic.id)
    before = caseload(therapist)["items"][0]
    assert before["rule"] != "no_reliable_improvement"
    runtime.settings = runtime.settings.model_copy(update={"on_track_by_visit": 2})
    try:
        works(clinic, Bounds(events=5_000, couples=0))
        stale = [row.fresh_until <= clock() for row in rows(clinic, CoupleStanding) if row.of_safety]
        keep_figures(runtime, clinic.id)
        item = caseload(therapist)["items"][0]
        assert stale == [True]
        assert item["current"]
        assert item["rule"] == "no_reliable_improvement"
        assert item["rule"] == therapist.get(f"/v1/couples/{item['couple_id']}/outcomes").json()["on_track"]["rule"]
    finally:
        runtime.settings = clinic.settings


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_while_somebody_else_is_at_it_a_reader_is_told_that_the_figures_are_older(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    care = cared_for(therapist, clock, "1", 25)
    assert caseload(therapist)["items"][0]["current"]
    care.measure("gmsex", a=[12])
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_of(clinic.id)})
        item = caseload(therapist)["items"][0]
        assert (item["current"], item["sparklines"][0]["points"][-1]["shown"]) == (False, 25)
        assert works(clinic, Bounds(events=100, couples=5)) is None
    assert caseload(therapist)["items"][0]["current"]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_committed_score_is_seen_though_an_older_transaction_still_runs(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    care = cared_for(therapist, clock, "1", 25)
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        session.execute(text("SELECT pg_current_xact_id()"))
        care.measure("gmsex", a=[12])
        item = caseload(therapist)["items"][0]
        assert (item["current"], item["sparklines"][0]["points"][-1]["shown"]) == (True, 12)
    assert ids(caseload(therapist)) == [couple_of(care)]


def test_series_say_what_a_clinic_is_counted_by(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    care: Care = cared_for(therapist, clock, "1", 15, 24, 26)
    care.measure("csi16", b=[30])
    works(clinic, Bounds(events=1_000, couples=10), compartments=MACHINE)
    gmsex, csi = sorted(rows(clinic, SeriesOutcome), key=lambda row: row.measure_code, reverse=True)
    assert (gmsex.change_class, gmsex.weeks_to_improvement, gmsex.weeks_followed) == ("improved", 1, 2)
    assert (gmsex.scores, gmsex.intake, gmsex.latest, gmsex.domain, gmsex.concern) == (
        3,
        15,
        26,
        "sexual",
        "desire_discrepancy",
    )
    assert (csi.change_class, csi.not_why, csi.compartment) == ("not_classifiable", "too_few_scores", "individual_b")
    standing = rows(clinic, CoupleStanding)[0]
    assert (standing.sexual_weeks, standing.sexual_visits, standing.relational_weeks) == (1, 0, None)
