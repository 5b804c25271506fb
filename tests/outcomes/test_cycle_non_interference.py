"""What one partner keeps to themselves, a hidden pause before all, changes no byte of the cycle that others are answered."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest

from app.access.views import SEEN_BY
from app.core.database import Compartment
from app.homework import tracks
from tests.outcomes.pulses import UP_AND_DOWN, answers
from tests.outcomes.statements import statements
from tests.outcomes.test_non_interference import (
    LATER,
    NOTHING,
    SHOWN,
    Act,
    Differences,
    InterferenceError,
    block,
    pause,
    rate,
    same,
    suspect,
    withdraw,
)
from tests.outcomes.worlds import World, moment, stamp

WEEKS = 22


def pulse(ratings: Sequence[int]) -> Act:
    def do(world: World, _: int) -> object:
        return tell(world, "b", ratings)

    return Act("has other weeks", do)


def tell(world: World, which: str, ratings: Sequence[int]) -> object:
    """One partner's pulses up to now, a week apart."""
    person = {"couple_id": world.ids["couple"], "partner_id": world.ids[which], "measure": "rekindle_pulse"}
    items = [
        person
        | {"answers": answers(sexual_satisfaction=rating, relationship_satisfaction=(rating * 3) % 7, hours=rating * 9)}
        | {"answered_at": stamp(moment(weeks=-ago, minutes=-1))}
        for ago, rating in enumerate(reversed(ratings))
    ]
    return world.post(moment(minutes=9), "/v1/administrations/batch", {"items": items})


def begun(worlds: tuple[World, World]) -> None:
    """Both worlds with weeks of both partners, enough to be drawn and correlated."""
    for world in worlds:
        world.begin()
        for which in "ab":
            tell(world, which, UP_AND_DOWN[:WEEKS])


def asked(world: World, at: datetime, *queries: str) -> Iterator[str]:
    """The cycle as clinic software, and the therapist in A's view, are answered, with what it cost."""
    for query in queries:
        for caller in (world.ehr, world.therapist) if query else (world.ehr,):
            with statements(world.runtime) as sent:
                answer = world.call(at, "GET", f"{world.couple}/outcomes/cycle{query}", caller=caller)
            assert answer.status_code == 200
            yield "\n".join([world.masked(answer), *sent])


SECRETS = {
    "withdraws": Differences(NOTHING.answers, [withdraw()]),
    "is forced": Differences(NOTHING.answers | {"felt_forced": True}),
    "is not safe": Differences(NOTHING.answers, [block()]),
    "tells of violence": Differences(NOTHING.answers, [suspect()]),
}


# PostgreSQL with one of them: the rows are read by the same statements.
@pytest.mark.parametrize(
    ("engine_name", "secret"), [("postgresql", "withdraws"), *(("sqlite", told) for told in SECRETS)], indirect=["engine_name"]
)
def test_a_hidden_pause_and_what_led_to_it_change_nothing_for_a_machine_nor_in_either_view(
    worlds: tuple[World, World], secret: str
) -> None:
    begun(worlds)
    for world, told in zip(worlds, (SECRETS[secret], NOTHING), strict=True):
        told.keep_secrets(world)
    first, second = (list(asked(world, LATER, "", "?as=partner_a", "?as=partner_b")) for world in worlds)
    same(first, second)
    assert '"withheld":null' in first[0]
    assert '"rho"' in first[0]
    for world in worlds:
        pause(world)
    first, second = (list(asked(world, SHOWN, "", "?as=partner_a", "?as=partner_b")) for world in worlds)
    same(first, second)
    assert '"withheld":"paused","partners":[]' in first[0]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_bs_own_weeks_and_ratings_change_nothing_in_as_view(worlds: tuple[World, World]) -> None:
    begun(worlds)
    for act in (pulse([9] * 5), rate(9, distressed=True), pulse(UP_AND_DOWN[30:52])):
        act.do(worlds[0], 1)
        same(*(list(asked(world, LATER, "?as=partner_a")) for world in worlds))
    with pytest.raises(InterferenceError):
        same(*(list(asked(world, LATER, "")) for world in worlds))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_pause_that_withheld_the_cycle_before_it_was_shown_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks, "pause_shows_at", lambda now, *_: now)
    begun(worlds)
    withdraw().do(worlds[0], 0)
    with pytest.raises(InterferenceError, match='"withheld":"paused"'):
        same(*(list(asked(world, LATER, "")) for world in worlds))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_view_that_let_bs_weeks_through_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SEEN_BY, "partner_a", SEEN_BY["partner_a"] | {Compartment.INDIVIDUAL_B})
    begun(worlds)
    pulse([9] * 5).do(worlds[0], 0)
    with pytest.raises(InterferenceError, match='"view":"partner_a"'):
        same(*(list(asked(world, LATER, "?as=partner_a")) for world in worlds))
