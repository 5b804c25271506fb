"""How often the band of a lag correlation holds ratings that have nothing to do with each other, and sees one that leads."""

import pytest

from app.clinical.cycle import what_followed
from app.clinical.lag_correlation import lag_correlation
from tests.clinical.weeks_drawn import chance_of, led, unrelated

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(600)]

COUPLES = 1_000


@pytest.mark.parametrize("weeks", [20, 52, 104])
@pytest.mark.parametrize(("carried", "at_least"), [(0.0, 0.92), (0.3, 0.91), (0.5, 0.9), (0.7, 0.86)])
def test_the_band_holds_what_it_should_and_less_when_moods_last(weeks: int, carried: float, at_least: float) -> None:
    """The lower figures for ratings that carry half and more of a week into the next stand in docs/clinical/cycle.md."""
    chance = chance_of(weeks)
    held = 0
    for _ in range(COUPLES):
        found = lag_correlation(unrelated(chance, weeks, carried), 4, 80)
        held += found is None or found.low <= found.rho <= found.high
    print(f"{weeks} pairs of weeks, carrying {carried}: the band holds {held / COUPLES:.3f}")  # noqa: T201 - read with -s
    assert held / COUPLES >= at_least


@pytest.mark.parametrize(("weeks", "at_least"), [(21, 0.8), (53, 0.99)])
def test_a_strong_lead_shows_in_its_direction(weeks: int, at_least: float) -> None:
    chance, seen, wrong = chance_of(weeks), 0, 0
    for _ in range(COUPLES // 4):
        found = what_followed(*led(chance, weeks))
        forth, back = found.sexual_first, found.relational_first
        assert forth is not None
        assert back is not None
        seen += forth.correlation is not None and forth.correlation.rho > forth.correlation.high
        wrong += back.correlation is not None and not back.correlation.low <= back.correlation.rho <= back.correlation.high
    tries = COUPLES // 4
    print(f"{weeks} weeks: seen in {seen / tries:.3f}, in the other direction in {wrong / tries:.3f}")  # noqa: T201 - read with -s
    assert seen / tries >= at_least
    assert wrong / tries <= 0.1
