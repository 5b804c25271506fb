"""What derived tables keep apart: one partner's answers from the other's columns, what was not released from what was."""

import os
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.core.database import Compartment
from app.core.ids import decode
from app.exports.columns import Missing
from app.exports.format import Format
from app.exports.formats import formats
from app.exports.pages import PLACES
from app.exports.tables import changes, check_in_logs, check_ins, dyad_week, items, outcomes, stages, tables, visits
from tests.conftest import Caller, Clinic, Wristwatch
from tests.exports.reads import Json, reading, rows
from tests.exports.snapshots import written
from tests.notes.records import new_note
from tests.outcomes.histories import History, begin, check_in, measure, pulse, rate, visit
from tests.outcomes.statements import statements
from tests.safety.records import done

HISTORIES = int(os.environ.get("REKINDLE_HISTORIES", "0"))
TABLES = tuple(module.TABLE for module in (changes, check_in_logs, check_ins, dyad_week, items, outcomes, stages, visits))
OWN = tuple(table for table in TABLES if any(column.name == "partner_id" for column in table.columns))


def alone(which: str) -> Callable[[History, str], Any]:
    """An hour held with one partner."""

    def do(history: History, _which: str) -> None:
        note = done(history.post(history.path + "/notes", new_note(f"partner_{which}")))
        done(history.post(f"{history.path}/notes/{note['id']}/signatures", {"version": note["version"]}), 200)

    return do


def of_a(history: History, clinic: Clinic) -> list[list[Json]]:
    """All that tables hold of A, and of the two together: A's own rows, A's columns of the weeks, the hours."""
    couple_id, a = history.path.rpartition("/")[2], history.care.person("a")["partner_id"]
    with reading(clinic.app.state.runtime, clinic.id) as found:
        own = [[row for row in rows(found, table) if row["partner_id"] == a] for table in OWN]
        weeks = [row for row in rows(found, dyad_week.TABLE) if row["couple_id"] == couple_id]
        hours = [row for row in rows(found, visits.TABLE) if row["couple_id"] == couple_id]
    mine = [{name: told for name, told in row.items() if name.endswith("_a") or name == "week"} for row in weeks]
    return [*own, mine, hours]


OF_B: dict[str, Callable[[History, str], Any]] = {
    "scores": measure("gmsex", 30),
    "scores otherwise": measure("csi16", 20),
    "answers the pulse": pulse,
    "checks in": check_in(),
    "declines": check_in(done="declined", log={}),
    "weighs it": rate(2),
    "is seen alone": alone("b"),
}


@pytest.mark.timeout(0 if HISTORIES else 120)
def test_nothing_that_b_says_or_is_seen_for_changes_anything_of_a(therapist: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    numbers, ehr = count(), clinic.integration()

    @settings(max_examples=HISTORIES or 3, derandomize=not HISTORIES, phases=set(Phase) - {Phase.explain})
    @given(st.lists(st.sampled_from(sorted(OF_B)), min_size=4, max_size=8), st.integers(0, 20))
    def holds(told: list[str], days: int) -> None:
        history = begin(therapist, ehr, clock, str(next(numbers)))
        for act in (measure("gmsex", 10), pulse, check_in(), alone("a")):
            act(history, "a")
        clock.turn(days=days)
        pulse(history, "a")
        before, at = of_a(history, clinic), clock.moment
        for name in told:
            clock.moment = at
            OF_B[name](history, "b")
        clock.moment = at
        after = of_a(history, clinic)
        assert all(before[:-1])
        assert after == before

    holds()


def test_what_is_not_released_is_left_out_and_a_row_of_both_needs_all_of_both(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    history = lived(therapist, clinic, clock, "1")
    couple_id = decode("cpl", history.path.rpartition("/")[2])
    a_only = {kind: {str(Compartment.INDIVIDUAL_A): {couple_id}} for kind in ("measures", "homework", "session_notes")}
    slots = {history.care.person(which)["partner_id"]: which for which in "ab"}
    with reading(clinic.app.state.runtime, clinic.id, a_only) as found:
        told = {table.name: rows(found, table) for table in TABLES}
    assert all({slots[row["partner_id"]] for row in told[table.name]} == {"a"} for table in OWN)
    assert (told["dyad_week"], told["outcomes"], told["stages"], told["visits"]) == ([], [], [], [])


def test_columns_of_a_kind_that_was_not_released_say_so_in_a_row_that_was(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    history = lived(therapist, clinic, clock, "1")
    couple_id = decode("cpl", history.path.rpartition("/")[2])
    with reading(clinic.app.state.runtime, clinic.id, {"measures": {str(place): {couple_id} for place in PLACES}}) as found:
        (row,) = rows(found, outcomes.TABLE)
        weeks = rows(found, dyad_week.TABLE)
    withheld = {name for name, told in row.items() if told is Missing.WITHHELD_BY_CONSENT}
    assert withheld >= {"opened_on", "concern", "protocol", "plan_status", "offered", "visits", "colour", "rule"}
    assert not withheld & {"couple_id", "as_of", "sexual_weeks", "sexual_not_why", "gaps_a"}
    kept = {name: {week[name] for week in weeks} for name in ("check_ins_a", "within_rules_b", "visits", "visit_minutes")}
    assert all(told == {Missing.WITHHELD_BY_CONSENT} for told in kept.values())
    assert any(week["closeness_a"] == 5 for week in weeks)


def test_as_many_statements_read_many_couples_as_one(therapist: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    runtime = clinic.app.state.runtime
    taken = []
    for number in ("1", "2"):
        lived(therapist, clinic, clock, number)
        with reading(runtime, clinic.id) as found, statements(runtime) as sent:
            assert all(rows(found, table) for table in TABLES)
        taken.append(len(sent))
    assert taken[0] == taken[1]


@pytest.mark.parametrize("form", [one for one in formats().values() if one.needs is None], ids=lambda one: one.code)
def test_the_same_snapshot_gives_the_same_bytes_in_every_format(
    therapist: Caller, clinic: Clinic, clock: Wristwatch, form: Format
) -> None:
    lived(therapist, clinic, clock, "1")
    with reading(clinic.app.state.runtime, clinic.id) as found:
        once = {name: written(found, table, form) for name, table in tables().items()}
        assert {name: written(found, table, form) for name, table in tables().items()} == once
    header = form.code == "csv"
    assert all(once[table.name].count("\n") > header for table in TABLES)


def lived(therapist: Caller, clinic: Clinic, clock: Wristwatch, number: str) -> History:
    """A couple of whom every table has a row, each partner's own too."""
    history = begin(therapist, clinic.integration(f"ehr-{number}"), clock, number)
    for which in "ab":
        for act in (measure("gmsex", 10), pulse, check_in(), alone(which)):
            act(history, which)
    visit(history, "a")
    return history
