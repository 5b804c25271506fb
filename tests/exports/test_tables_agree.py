"""What derived tables hold is what the API answers clinic software about the same couple, whatever happened to it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.clinical.domains import DOMAINS
from app.clinical.topics import TOPICS
from app.exports.columns import Missing
from app.exports.tables import changes, check_in_logs, check_ins, dyad_week, items, outcomes, stages, visits
from tests.conftest import Caller, Clinic, Wristwatch
from tests.exports.reads import Json, reading, rows, value
from tests.outcomes.histories import ACTS, Act, History, begin
from tests.safety.records import done

# on each of the two engines; CONTRIBUTING.md tells how to try more
HISTORIES = int(os.environ.get("REKINDLE_HISTORIES", "0"))
TABLES = (changes, check_in_logs, check_ins, dyad_week, items, outcomes, stages, visits)
EVERYTHING = [Act(told, act, which) for told, act in ACTS.items() for which in "ab"]
Tables = Mapping[str, list[Json]]


def exported(history: History, clinic: Clinic) -> Tables:
    """The rows of this couple, of all tables."""
    couple_id = history.path.rpartition("/")[2]
    with reading(clinic.app.state.runtime, clinic.id) as found:
        told = {module.TABLE.name: rows(found, module.TABLE) for module in TABLES}
    return {name: [row for row in own if row["couple_id"] == couple_id] for name, own in told.items()}


def stamp(moment: datetime) -> str:
    """A moment as the API tells it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def told(row: Json, *names: str) -> tuple[Any, ...]:
    """Values of a row, None where there is a reason instead."""
    return tuple(value(row[name]) for name in names)


@dataclass(frozen=True)
class Since:
    """From which day on what was recorded belongs to the latest episode of care."""

    first: date
    zone: ZoneInfo

    def points(self, series: Json) -> list[Json]:
        """Its part of a series."""
        moments = [(datetime.fromisoformat(point["answered_at"]), point) for point in series["points"]]
        return [point for at, point in moments if at.astimezone(self.zone).date() >= self.first]


def since(history: History) -> Since:
    """By the days of the episodes: an earlier one that ended is another story."""
    zone = ZoneInfo(done(history.ehr.get(history.path), 200)["time_zone"])
    episodes = list(history.ehr.every(f"{history.path}/episodes"))
    latest = max(range(len(episodes)), key=lambda one: (episodes[one]["closed_on"] is None, episodes[one]["opened_on"], one))
    opened = episodes.pop(latest)["opened_on"]
    ended = max((one["closed_on"] for one in episodes if one["closed_on"] and one["closed_on"] <= opened), default=None)
    if ended is None:
        return Since(date.min, zone)
    return Since(min(date.fromisoformat(ended) + timedelta(days=1), date.fromisoformat(opened)), zone)


def compare_changes(own: Json, tables: Tables, care: Since) -> None:
    """Each series' change and points in this episode of care, of both partners."""
    seen = {
        (partner["partner_id"], one["measure"], one["scale"]): one
        for partner in own["partners"]
        for one in partner["series"]
        if care.points(one)
    }
    found = {(row["partner_id"], row["measure"], row["scale"]): row for row in tables["changes"]}
    assert found.keys() == seen.keys()
    for place, series in seen.items():
        row, change, points = found[place], series["change"] or {}, care.points(series)
        valid = [point for point in points if point["value"] is not None and point["missing"] is None]
        assert (row["administrations"], row["scores"]) == (len(points), len(valid))
        names = ("latest", "gained", "index", "threshold_points")
        assert told(row, *names) == tuple(change.get(name) for name in names)
        assert value(row["intake"]) == (valid[0]["value"] if valid else None)
        assert row["class"] == change.get("class", "not_classifiable")
        assert value(row["not_why"]) == (change["reason"] if change else "too_few_scores")
        assert [value(row["mark"])] == (change.get("marks") or [None])
        assert value(row["cutoff"]) == (change["cutoff"]["value"] if change.get("cutoff") else None)
        if change:
            assert (row["basis"], value(row["norm_set"])) == (change["basis"]["status"], change["basis"]["norm_set"])


def compare_outcomes(own: Json, tables: Tables) -> None:
    """The couple's row."""
    (row,) = tables["outcomes"]
    primary = [one["code"] for one in own["concerns"] if one["place"] == "primary"]
    assert (row["colour"], row["rule"]) == (own["on_track"]["colour"], own["on_track"]["rule"])
    assert (str(row["as_of"]), row["visits"]) == (own["day"], own["visits"])
    assert row["closed_on"] is not Missing.NOT_YET_DUE or [row["concern"]] == primary
    kept = {name: own["adherence"][name] for name in ("within_rules", "offered", "declined")}
    assert {name: row[name] for name in kept} == kept
    begun = [plan["protocol"] for plan in own["plans"] if plan["began_at"]]
    assert value(row["protocol"]) == next(iter(begun), None)
    assert value(row["plan_status"]) == next((plan["status"] for plan in own["plans"]), None)
    assert [row["gaps_a"], row["gaps_b"]] == [_gaps(own, slot) for slot in "ab"]
    for side in DOMAINS:
        for name, who in ((side, "either"), (f"{side}_both", "both")):
            first = own["first_improvement"][who][side]
            seen = (first["weeks"], first["visits"], first["reason"])
            assert told(row, f"{name}_weeks", f"{name}_visits", f"{name}_not_why") == seen
    assert value(row["which_first"]) == own["first_improvement"]["either"]["order"]


def _gaps(own: Json, slot: str) -> int:
    return sum(len(partner["gaps"]) for partner in own["partners"] if partner["slot"] == slot)


def compare_weeks(own: Json, tables: Tables) -> None:
    """The pulse's points, the check-ins and the visits of all weeks together."""
    weeks = tables["dyad_week"]
    assert [row["week"] for row in weeks] == [weeks[0]["week"] + timedelta(weeks=number) for number in range(len(weeks))]
    assert sum(row["visits"] for row in weeks) == len(tables["visits"])
    for partner in own["partners"]:
        slot = partner["slot"]
        kept = sum(value(row[f"within_rules_{slot}"]) or 0 for row in weeks)
        assert kept == partner["adherence"]["within_rules"]
        for one in partner["series"]:
            if one["measure"] == "rekindle_pulse" and one["scale"] in dyad_week.SCALES:
                scores = [value(row[f"{one['scale']}_{slot}"]) for row in weeks]
                assert {score for score in scores if score is not None} == {point["value"] for point in one["points"]}


def compare_homework(history: History, tables: Tables) -> None:
    """Plans step by step, check-ins one by one."""
    read = history.ehr.get
    plans = read(history.path + "/plans?limit=200").json()["items"]
    seen = [check_in for plan in plans for check_in in _check_ins(history, plan)]
    rows_by_id = {row["check_in_id"]: row for row in tables["check_ins"]}
    assert rows_by_id.keys() == {one["id"] for one in seen}
    logs = {(row["check_in_id"], row["field"]): row for row in tables["check_in_logs"]}
    for one in seen:
        row = rows_by_id[one["id"]]
        assert told(row, "partner_id", "plan_id", "assignment_id", "stage", "late", "done") == tuple(
            one[name] for name in ("partner_id", "plan_id", "assignment_id", "stage", "late", "done")
        )
        assert told(row, "mood_before", "mood_after", "pain") == (one["mood_before"], one["mood_after"], one["pain"])
        assert (stamp(row["occurred_at"]), stamp(row["received_at"])) == (one["occurred_at"], one["received_at"])
        assert [name for name in check_ins.OBSTACLES if row[f"obstacle_{name}"]] == sorted(
            one["obstacles"], key=check_ins.OBSTACLES.index
        )
        kept = {field: _logged(row) for (of, field), row in logs.items() if of == one["id"]}
        assert {field: answer for field, answer in kept.items() if answer is not None} == one["log"]
    for plan in plans:
        steps = read(f"{history.path}/plans/{plan['id']}/transitions").json()["items"]
        _compare_stages(steps, [row for row in tables["stages"] if row["plan_id"] == plan["id"]])


def _check_ins(history: History, plan: Json) -> Iterator[Json]:
    path = f"{history.path}/plans/{plan['id']}/assignments"
    for assignment in history.ehr.every(path + "?limit=200"):
        yield from history.ehr.every(f"{path}/{assignment['id']}/check-ins?limit=200")


def _logged(row: Json) -> Any:
    if row["kind"] == "choice":
        return value(row["choice"])
    number = value(row["value"])
    return bool(number) if row["kind"] == "boolean" and number is not None else number


def _compare_stages(steps: list[Json], spells: list[Json]) -> None:
    """Nothing stands in the spells that no step tells, and no step is lost."""
    ends = [stamp(row["left_at"]) for row in spells if value(row["left_at"])]
    moves = [step["shown_at"] for before, step in pairwise(steps) if before["stage"] != step["stage"]]
    over = [step["shown_at"] for step in steps if step["status"] in {"completed", "stopped"}]
    assert ends == moves + over
    assert [stamp(row["entered_at"]) for row in spells] == [steps[0]["shown_at"], *moves]
    assert sum(row["pauses"] for row in spells) == sum(step["status"] == "paused" for step in steps)
    assert (spells[-1]["status"], spells[-1]["stage"]) == (steps[-1]["status"], steps[-1]["stage"])
    began = [stamp(row["began_at"]) for row in spells if value(row["began_at"])]
    assert set(began) <= {step["shown_at"] for step in steps if step["status"] == "active"}


def compare_items(history: History, tables: Tables) -> None:
    """Every answer of every administration."""
    found: dict[str, dict[str, Json]] = {}
    for row in tables["items"]:
        found.setdefault(row["administration_id"], {})[str(row["item"])] = row
    seen = [one for which in "ab" for one in history.ehr.every(history.care.pair.partner(which) + "/administrations?limit=200")]
    assert found.keys() == {one["id"] for one in seen if not one["scored_elsewhere"]}
    for one in seen:
        own = found.get(one["id"], {})
        given = {number: answer for number, answer in one["answers"].items() if answer is not None}
        assert {number: row["answer"] for number, row in own.items() if value(row["answer"]) is not None} == given
        whys = {number: row["answer" if value(row["answer"]) is None else "reason"] for number, row in own.items()}
        silent = {Missing.UNKNOWN, Missing.NOT_APPLICABLE}
        assert {number: why for number, why in whys.items() if why not in silent} == one["reasons"]
        assert {row["partner_id"] for row in own.values()} <= {one["partner_id"]}


def compare_visits(own: Json, tables: Tables, care: Since) -> None:
    """The couple's hours together in this episode; of each partner's own clinic software is told nothing."""
    conjoint = [row for row in tables["visits"] if row["held_on"] >= care.first]
    total = own["spent"]["total"]
    assert len(conjoint) == own["visits"] == total["visits"]
    assert sum(row["minutes"] for row in conjoint) == total["minutes_held"]
    spent = {code: sum(value(row[f"minutes_{code}"]) or 0 for row in conjoint) for code in TOPICS}
    assert {code: minutes for code, minutes in spent.items() if minutes} == {
        code: minutes for code, minutes in total["minutes_by_topic"].items() if minutes
    }


def compare(history: History, clinic: Clinic) -> None:
    """All tables with all answers, at one moment."""
    at = history.clock.moment
    own = done(history.ehr.get(history.path + "/outcomes"), 200)
    history.clock.moment = at
    tables, care = exported(history, clinic), since(history)
    compare_changes(own, tables, care)
    compare_outcomes(own, tables)
    compare_weeks(own, tables)
    compare_homework(history, tables)
    compare_items(history, tables)
    compare_visits(own, tables, care)


@pytest.mark.timeout(0 if HISTORIES else 120)
def test_tables_tell_what_the_api_tells_of_any_history(therapist: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    numbers, ehr = count(), clinic.integration()

    @settings(max_examples=HISTORIES or 1, derandomize=not HISTORIES, phases=set(Phase) - {Phase.explain})
    @given(st.permutations(EVERYTHING))
    def holds(acts: list[Act]) -> None:
        history = begin(therapist, ehr, clock, str(next(numbers)))
        for first in range(0, len(acts), 6):
            history.live(acts[first : first + 6])
        compare(history, clinic)
        clock.turn(days=30)
        compare(history, clinic)

    holds()
