"""A reader that follows from the beginning has exactly the record that it may see, whatever happens meanwhile."""

import os
from random import Random
from typing import Final

import pytest

from app.changes.kinds import KINDS
from app.homework.showing import tell_what_shows
from tests.changes.record import Copy, Things, crawl, without_embedded
from tests.changes.story import Story
from tests.conftest import Caller, Clinic

STORIES: Final = int(os.environ.get("REKINDLE_FEED_STORIES", "0"))
STEPS: Final = 40 if STORIES else 6
TIMES: Final = 3 if STORIES else 2
SCOPES: Final = sorted({str(kind.permission) for kind in KINDS.values()} - {"notes:read"})
pytestmark = pytest.mark.timeout(300)
# A therapist reads the truth of a plan, which the feed, as everything outside the care team, tells once it shows.
OF_THE_CARE_TEAM: Final = frozenset({"plan", "assignment", "check_in"})


def some_scopes(chance: Random) -> set[str]:
    """What one piece of software may read: couples, so that it can be crawled, and a part of the rest."""
    return {"changes:read", "couples:read", *chance.sample(SCOPES, chance.randrange(len(SCOPES)))}


def told_of(things: Things, reader: Caller, therapist: Caller) -> Things:
    """What can be compared of a reader's record."""
    left_out = OF_THE_CARE_TEAM if reader is therapist else frozenset()
    return {key: thing for key, thing in without_embedded(things).items() if key[0] not in left_out}


@pytest.mark.parametrize("seed", range(1, STORIES + 2))
def test_it_has_at_any_time_what_a_crawl_finds(clinic: Clinic, therapist: Caller, seed: int) -> None:
    story = Story(clinic, therapist, seed)
    story.a_plan_begins()
    story.a_stage_is_assigned()
    story.a_partner_checks_in()
    copies = [Copy(clinic.integration()), Copy(therapist), Copy(clinic.integration("some", some_scopes(story.chance)))]
    for _ in range(TIMES):
        story.goes_on(STEPS)
        tell_what_shows(clinic.app.state.runtime, clinic.id)
        for copy in copies:
            copy.follow(story.chance.choice([3, 200]))
            found = crawl(copy.caller)
            assert told_of(copy.things, copy.caller, therapist) == told_of(found, copy.caller, therapist)
    kinds = {kind for copy in copies for kind, _id in copy.things}
    assert kinds >= {"couple", "partner", "episode", "concern", "plan", "assignment", "check_in", "outcomes"}
