"""Outside the care team a caseload tells nothing of what is hidden: not by what stands in it, nor when, nor at what cost."""

import os

import pytest
from sqlalchemy import select

from app.caseload.following import keep_figures
from app.caseload.models import CoupleStanding
from app.core.database import Base, Compartment, Reach
from app.core.ids import decode
from tests.outcomes.acts import KINDS, hand_out_links
from tests.outcomes.statements import statements
from tests.outcomes.test_non_interference import LATER, InterferenceError
from tests.outcomes.test_which_partner import acted, same
from tests.outcomes.worlds import World, moment

BEFORE, JUST_SHOWN = moment(minutes=20), moment(hours=13, minutes=30)  # a pause is hidden for twelve hours there
# The gate tries what differs most; the others when more is asked for (CONTRIBUTING.md).
HIDDEN = ("withdraws", "is forced", *(("is flagged", "stops by link") if os.environ.get("REKINDLE_PAIRS") else ()))
PATHS = ("/v1/caseload?include=total", "/v1/caseload?plan_status=active", "/v1/caseload?rule=safety_signal_open")


def looked(world: World, at: object) -> list[str]:
    """What clinic software gets, and the statements it took."""
    found = []
    for path in PATHS:
        with statements(world.runtime) as sent:
            found.append(world.masked(world.call(at, "GET", path, caller=world.ehr)))  # type: ignore[arg-type]  # a moment
        found += sent
    return found


def kept(world: World) -> list[str]:
    """What the chore does in the record, its own time and again."""
    world.clock.moment = LATER
    keep_figures(world.runtime, world.clinic.id)
    return []


def told(world: World, kind: str, who: str | None) -> tuple[list[str], list[str]]:
    """A story in which it was this partner, or nobody: what is seen while it is hidden, and once it shows."""
    world.begin()
    for which in "ab":
        hand_out_links(world, which)
    looked(world, BEFORE)
    dict(acted(world, KINDS[kind], who))
    hidden = looked(world, LATER)
    kept(world)
    hidden += looked(world, LATER)
    return hidden, looked(world, JUST_SHOWN)


@pytest.mark.parametrize("kind", HIDDEN)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_software_sees_the_same_whether_or_not_something_hidden_happened_until_it_shows(
    worlds: tuple[World, World], kind: str
) -> None:
    (hidden, shown), (calm, still) = told(worlds[0], kind, "b"), told(worlds[1], kind, None)
    same(hidden, calm)
    with pytest.raises(InterferenceError, match='"status":"paused"'):
        same(shown, still)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_software_cannot_tell_from_a_caseload_which_of_the_two_it_was(worlds: tuple[World, World]) -> None:
    one, other = (told(world, "withdraws", who) for world, who in zip(worlds, "ab", strict=True))
    same(one[0], other[0])
    same(one[1], other[1])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_care_team_is_told_at_once_what_software_is_not(worlds: tuple[World, World]) -> None:
    world = worlds[0]
    world.begin()
    dict(acted(world, KINDS["is forced"], "b"))
    item = world.call(LATER, "GET", "/v1/caseload").json()["items"][0]
    assert (item["rule"], item["plan"]["status"]) == ("safety_signal_open", "paused")
    item = world.call(LATER, "GET", "/v1/caseload", caller=world.ehr).json()["items"][0]
    assert (item["rule"], item["plan"]["status"]) == ("deteriorated_twice", "active")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_kept_side_by_side_is_read_by_nobody_who_reaches_one_side(worlds: tuple[World, World]) -> None:
    world = worlds[0]
    world.begin()
    kept(world)
    of_couple = select(CoupleStanding).where(CoupleStanding.couple_id == decode("cpl", world.ids["couple"]))
    a, b = Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B
    seen = {
        frozenset(Compartment): [True],
        frozenset(Compartment) - {Compartment.SAFETY}: [False],
        frozenset({a, b}): [False],
        frozenset({a, Compartment.CONJOINT}): [],
        frozenset({b, Compartment.SAFETY}): [],
        frozenset(): [],
    }
    for compartments, rows in seen.items():
        with world.runtime.database.transaction(Reach(world.clinic.id, compartments)) as session:
            assert [row.of_safety for row in session.scalars(of_couple)] == rows
            assert len(session.connection().execute(select(Base.metadata.tables["couple_standing"])).all()) == 2
