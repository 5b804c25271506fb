"""Outcomes of a past day are those that were read on it, in every view, on both engines."""

import os
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import Caller, Clinic, Wristwatch
from tests.outcomes.histories import ACTS, LAST_MOMENT, Act, History, begin
from tests.outcomes.records import Care, answers_of, practising, series
from tests.safety.records import done

# on each of the two engines; CONTRIBUTING.md tells how to try more
HISTORIES = int(os.environ.get("REKINDLE_HISTORIES", "0"))
A_DAY = 6
EVERYTHING = [Act(told, act, which) for told, act in ACTS.items() for which in "ab"]


def lived(history: History, acts: list[Act]) -> None:
    """Lives this, a few things a day, and compares what is told of each day afterwards with what was seen on it."""
    for first in range(0, len(acts), A_DAY):
        history.live(acts[first : first + A_DAY])
    assert history.refused < len(acts) * 2 / 3, history.refused
    history.clock.moment = LAST_MOMENT + timedelta(days=history.days + 40, hours=3)
    for on in sorted({on for on, _, _ in history.seen}):
        for who, view, found in history.looks(f"&as_of={on}"):
            assert found == history.seen[on, who, view], (on, who, view)


@pytest.mark.timeout(0 if HISTORIES else 120)
def test_looking_back_at_a_day_tells_what_was_read_on_it(therapist: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    numbers, ehr = count(), clinic.integration()

    @settings(max_examples=HISTORIES or 1, derandomize=not HISTORIES, phases=set(Phase) - {Phase.explain})
    @given(st.permutations(EVERYTHING))
    def holds(acts: list[Act]) -> None:
        lived(begin(therapist, ehr, clock, str(next(numbers))), acts)

    holds()


def test_a_day_ends_where_the_couple_lives_and_the_answer_names_both(care: Care, clock: Wristwatch) -> None:
    path = care.pair.partner("a") + "/administrations"
    for at, total in (("2026-11-20T22:59:59Z", 20), ("2026-11-20T23:00:00Z", 30)):
        done(care.therapist.post(path, json={"measure": "gmsex", "answers": answers_of("gmsex", total), "answered_at": at}))
    then = care.read(more="as_of=2026-11-20")
    assert [point["value"] for point in series(then, "a", "gmsex")["points"]] == [20]
    assert (then["day"], then["as_of"]) == ("2026-11-20", "2026-11-20T22:59:59.999Z")
    now = care.read()
    assert (now["day"], now["as_of"][:16]) == ("2026-11-22", clock.moment.strftime("%Y-%m-%dT%H:%M"))
    assert now | {"as_of": None} == care.read(more="as_of=2026-11-22") | {"as_of": None}


def test_a_day_that_has_not_come_is_refused_at_its_parameter(care: Care) -> None:
    answer = care.therapist.get(f"{care.pair.path}/outcomes?as_of=2026-11-23")
    assert (answer.status_code, answer.json()["code"]) == (422, "day_in_future")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/query/as_of", "day_in_future")]
    for wrong in ("2026-11-31", "today", "1795651200", ""):
        assert care.therapist.get(f"{care.pair.path}/outcomes?as_of={wrong}").status_code == 422


def test_before_anything_happened_the_answer_is_empty_and_whole(care: Care) -> None:
    care.measure("gmsex", a=[20], b=[20])
    found = care.read(more="as_of=1990-01-01")
    assert set(found) == set(care.read())
    assert [partner["series"] for partner in found["partners"]] == [[], []]
    assert (found["visits"], found["concerns"], found["plans"], found["flags"]) == (0, [], [], [])
    assert (found["on_track"]["colour"], found["on_track"]["rule"]) == ("green", "nothing_raised_unjudged")


def test_what_was_entered_late_and_what_was_corrected_count_as_if_they_had_been_known(care: Care) -> None:
    path = care.pair.partner("a") + "/administrations"
    at = {"measure": "gmsex", "answered_at": "2026-11-10T12:00:00Z"}
    first = done(care.therapist.post(path, json=at | {"answers": answers_of("gmsex", 12)}))
    done(care.therapist.post(path, json=at | {"answers": answers_of("gmsex", 21), "supersedes": first["id"]}))
    found = series(care.read(more="as_of=2026-11-10"), "a", "gmsex")
    assert [point["value"] for point in found["points"]] == [21]


def test_a_pause_that_was_hidden_on_a_day_stays_hidden_when_the_day_is_looked_back_at(
    therapist: Caller, clock: Wristwatch, app: Any
) -> None:
    runtime = app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"pause_delay_hours": (48.0, 48.0)})
    care, course, _given = practising(therapist, clock.moment)
    course.pair.withdraw("b", course.consents["b"])

    def status(view: str, day: str) -> str:
        return str(care.read(view, more=f"as_of={day}")["plans"][0]["status"])

    clock.turn(days=5)
    for day, shown in (("2026-11-22", "active"), ("2026-11-23", "active"), ("2026-11-24", "paused")):
        assert (status("therapist", day), status("partner_a", day), status("partner_b", day)) == ("paused", shown, shown)


def test_what_is_shared_no_more_is_not_shown_of_any_day(care: Care) -> None:
    care.measure("gmsex", b=[20, 24])
    for level, shown in (("summary", ["a", "b"]), ("none", ["a"])):
        body = {"kind": "scores", "level": level, "told": "in_person"}
        done(care.therapist.post(care.pair.partner("b") + "/sharing-choices", json=body))
        found = care.read("partner_a", more="as_of=2026-11-20")
        assert [partner["slot"] for partner in found["partners"]] == shown


def test_a_task_counts_from_when_it_was_given_whatever_days_it_was_given_for(therapist: Caller, clock: Wristwatch) -> None:
    care, course, _given = practising(therapist, clock.moment)
    clock.turn(days=5)
    done(course.assign(starts_on="2026-11-22", ends_on="2026-11-23", occasions=2))
    offered = {day: care.read(more=f"as_of={day}")["adherence"]["offered"] for day in ("2026-11-26", "2026-11-27")}
    assert offered == {"2026-11-26": 0, "2026-11-27": 4}
