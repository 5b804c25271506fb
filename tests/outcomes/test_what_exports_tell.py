"""Tables of an export tell nothing of what is hidden, until it shows: not by what stands in them, nor by what they cost."""

import os
from typing import Any

import pytest

from tests.exports.reads import reading, rows
from tests.exports.test_tables_keep_apart import TABLES
from tests.outcomes.acts import KINDS, hand_out_links
from tests.outcomes.statements import statements
from tests.outcomes.test_non_interference import LATER
from tests.outcomes.test_which_partner import acted, same
from tests.outcomes.worlds import ID, World, moment

BEFORE, JUST_SHOWN = moment(minutes=20), moment(hours=13, minutes=30)  # a pause is hidden for twelve hours there
# The gate tries what differs most; the others when more is asked for (CONTRIBUTING.md).
HIDDEN = ("withdraws", "is forced", *(("is flagged", "stops by link") if os.environ.get("REKINDLE_PAIRS") else ()))


def told(world: World, kind: str, who: str | None) -> tuple[list[str], list[str]]:
    """A story in which it was this partner, or nobody: what tables hold while it is hidden, and once it shows."""
    world.begin()
    for which in "ab":
        hand_out_links(world, which)
    exported(world, BEFORE)
    dict(acted(world, KINDS[kind], who))
    return exported(world, LATER), exported(world, JUST_SHOWN)


def exported(world: World, at: Any) -> list[str]:
    """Every row of every table, ids by the order of their appearance, and the statements it took."""
    world.app.state.runtime, world.clock.moment = world.runtime, at
    known: dict[str, str] = {}
    with statements(world.runtime) as sent, reading(world.runtime, world.clinic.id) as found:
        lines = [f"{table.name} {row}" for table in TABLES for row in rows(found, table)]
    masked = [ID.sub(lambda one: known.setdefault(one.group(), f"<{one.group()[:3]} {len(known)}>"), line) for line in lines]
    return [*masked, *sent]


@pytest.mark.parametrize("kind", HIDDEN)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_tables_are_the_same_whether_or_not_something_hidden_happened_until_it_shows(
    worlds: tuple[World, World], kind: str
) -> None:
    (hidden, shown), (calm, still) = told(worlds[0], kind, "b"), told(worlds[1], kind, None)
    same(hidden, calm)
    assert shown != still
    assert any("'pauses': 1" in line for line in shown)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_tables_do_not_tell_which_of_the_two_it_was(worlds: tuple[World, World]) -> None:
    one, other = (told(world, "withdraws", who) for world, who in zip(worlds, "ab", strict=True))
    same(one[0], other[0])
    same(one[1], other[1])
