from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS

from app.clinical.lags import minimum
from app.clinical.lags.panel import Panel, Row
from app.clinical.lags.reading import NO_CAUSE, Names
from app.clinical.lags.regressions import regress
from app.clinical.lags.results import ModelResult, Path, Series, Who
from app.clinical.lags.steps import Steps, steps_of
from app.clinical.lags.within import within_lagged
from tests.clinical.lags import srcd1997
from tests.clinical.lags.simulated import World, lags, of_couples, of_persons

LEADING = World(own=lags(x_to_y=0.2), across=np.array([[0.0, 0.0], [0.1, 0.0]]))


def path(result: ModelResult, earlier: Series, later: Series, who: Who = "actor") -> Path:
    (found,) = (one for one in result.paths if (one.earlier, one.later, one.who) == (earlier, later, who))
    return found


def holed(panel: Panel, share: float, seed: int = 1) -> Panel:
    """Some values missing, some rows gone."""
    dice = np.random.default_rng(seed)
    kept = [row for row in panel.rows if dice.random() > share]
    return Panel(tuple(replace(row, x=nan) if dice.random() < share else row for row in kept))


def panel_ols(steps: Steps, outcome: int) -> tuple[np.ndarray, np.ndarray]:
    """The estimates and errors of an independent library: entity effects, a trend, errors clustered by couple."""
    columns = ["person", "occasion", "unit", "outcome", *(f"before{place}" for place in range(steps.before.shape[1]))]
    numbers = np.column_stack([steps.person, steps.occasion, steps.unit, steps.after[:, outcome], steps.before])
    table = pd.DataFrame(numbers, columns=columns)
    table["trend"] = table["occasion"]
    table = table.set_index(["person", "occasion"])
    model = PanelOLS(table["outcome"], table[[*columns[4:], "trend"]], entity_effects=True)
    fit = model.fit(cov_type="clustered", clusters=table[["unit"]].astype(int), debiased=True, group_debias=True)
    return fit.params.to_numpy()[:-1], fit.std_errors.to_numpy()[:-1]


@pytest.mark.parametrize("share", [0.0, 0.15])
@pytest.mark.parametrize("couples", [True, False])
def test_estimates_and_errors_are_those_of_an_independent_library(couples: bool, share: float) -> None:
    series = LEADING.series(60, 15, seed=3)
    steps = steps_of(holed(of_couples(series) if couples else of_persons(series), share))
    found = regress(steps, straight=False)
    for outcome in (0, 1):
        estimates, errors = panel_ols(steps, outcome)
        assert found.lags[outcome] == pytest.approx(estimates, abs=1e-10)
        assert found.errors[outcome] == pytest.approx(errors, rel=1e-8)


def test_known_lags_are_found_in_both_directions_and_across_partners() -> None:
    result = within_lagged(of_couples(LEADING.series(200, 20, seed=5)))
    assert (result.usable, result.n_units, result.n_persons, result.n_occasions) == (True, 200, 400, 20)
    assert result.n_pairs == 400 * 19
    assert result.missing is None
    for found, true in (
        (path(result, "x", "y"), 0.2),
        (path(result, "y", "x"), 0.0),
        (path(result, "x", "y", "partner"), 0.1),
        (path(result, "y", "x", "partner"), 0.0),
    ):
        assert found.estimate == pytest.approx(true, abs=3 * found.se + 0.01)
        assert found.se < 0.02
    assert result.reading is not None
    assert result.reading.code == "x_leads"
    assert result.reading.sentence.endswith(NO_CAUSE)


def test_the_autoregression_is_too_low_is_known_to_be_and_is_not_to_be_interpreted() -> None:
    found = path(within_lagged(of_couples(World().series(150, 14, seed=6))), "x", "x")
    assert not found.interpretable
    assert found.estimate < 0.25
    assert found.short_panel_bias is not None
    assert found.estimate - found.short_panel_bias == pytest.approx(0.3, abs=0.04)


def test_turning_the_series_turns_the_answer() -> None:
    panel = of_couples(LEADING.series(60, 14, seed=7))
    turned = Panel(tuple(replace(row, x=row.y, y=row.x) for row in panel.rows))
    one, other = within_lagged(panel), within_lagged(turned)
    assert path(one, "x", "y").estimate == pytest.approx(path(other, "y", "x").estimate)
    assert path(one, "y", "x").se == pytest.approx(path(other, "x", "y").se)
    assert one.reading is not None
    assert other.reading is not None
    assert (one.reading.code, other.reading.code) == ("x_leads", "y_leads")


def test_units_of_measurement_and_everyones_own_level_change_nothing_that_is_standardised() -> None:
    panel = of_couples(LEADING.series(60, 14, seed=8))
    moved = Panel(tuple(replace(row, x=7 * row.x + 5 * len(str(row.unit)), y=row.y / 3) for row in panel.rows))
    one, other = path(within_lagged(panel), "x", "y"), path(within_lagged(moved), "x", "y")
    assert other.standardized == pytest.approx(one.standardized)
    assert other.standardized_high == pytest.approx(one.standardized_high)
    assert other.estimate == pytest.approx(one.estimate / 21)
    assert other.p == pytest.approx(one.p)


def test_the_order_of_rows_and_the_names_of_units_do_not_matter() -> None:
    panel = of_couples(LEADING.series(60, 14, seed=9))
    shuffled = list(panel.rows)
    np.random.default_rng(1).shuffle(shuffled)
    renamed = Panel(tuple(replace(row, unit=f"couple {row.unit}", occasion=row.occasion + 100) for row in shuffled))
    one, other = path(within_lagged(panel), "x", "y"), path(within_lagged(renamed), "x", "y")
    assert (one.estimate, one.se) == pytest.approx((other.estimate, other.se))


def test_series_are_called_by_their_names() -> None:
    result = within_lagged(of_couples(LEADING.series(60, 14, seed=7)), names=Names("sexual satisfaction", "closeness"))
    assert result.reading is not None
    assert result.reading.sentence.startswith(
        "This way: sexual satisfaction first. When sexual satisfaction was above a person's own"
    )


def test_a_path_made_by_the_shortness_of_the_panel_is_doubted() -> None:
    """No effect at all; but the series persist unequally and move together."""
    world = World(own=lags(own_x=0.5, own_y=0.0), together=0.6)
    result = within_lagged(of_couples(world.series(400, 8, seed=4)))
    made = path(result, "x", "y")
    assert made.p < 0.001
    assert not made.interpretable
    assert made.short_panel_bias == pytest.approx(made.estimate, abs=3 * made.se)
    assert result.reading is not None
    assert result.reading.code == "cannot_tell"
    assert "shortness" in result.reading.sentence


def test_a_path_made_by_everyones_own_drift_is_doubted() -> None:
    result = within_lagged(of_couples(World(slope=0.15).series(150, 14, seed=2)))
    made = path(result, "x", "y")
    assert made.p < 0.01
    assert not made.interpretable
    assert result.reading is not None
    assert result.reading.code == "cannot_tell"
    assert "drift" in result.reading.sentence


def test_a_panel_that_mostly_drifts_is_refused() -> None:
    assert within_lagged(of_couples(World(slope=0.6).series(60, 14, seed=2))).code == "drifting"


@pytest.mark.parametrize("occasions", [8, 14, 60])
def test_random_walks_are_refused(occasions: int) -> None:
    world = World(own=lags(own_x=1.0, own_y=1.0))
    assert within_lagged(of_couples(world.series(120, occasions, seed=3))).code in {"drifting", "not_stationary"}


def test_people_who_repeat_one_another_are_refused() -> None:
    """Each couple twice halves no error that is there; errors clustered by couple would believe so."""
    panel = of_couples(LEADING.series(60, 14, seed=1))
    twice = Panel((*panel.rows, *(replace(row, unit=f"{row.unit} again") for row in panel.rows)))
    assert within_lagged(twice).code == "repeated_units"
    assert Panel(panel.rows).repeats() == 0


def test_series_that_never_move_or_are_one_another_are_refused() -> None:
    panel = of_couples(World().series(60, 14, seed=1))
    still = Panel(tuple(replace(row, x=float(hash(row.unit) % 7)) for row in panel.rows))
    same = Panel(tuple(replace(row, x=2 * row.y + 1) for row in panel.rows))
    assert within_lagged(still).code == "no_variance"
    assert within_lagged(same).code == "collinear"


@pytest.mark.parametrize(("couples", "occasions", "usable"), [(49, 14, False), (50, 14, True), (99, 8, False), (100, 8, True)])
def test_it_speaks_from_fifty_couples_with_fourteen_occasions_or_a_hundred_with_eight(
    couples: int, occasions: int, usable: bool
) -> None:
    result = within_lagged(of_couples(World().series(couples, occasions, seed=1)))
    assert result.usable is usable
    if not usable:
        assert result.code == "too_few_couples"
        with_14 = couples if occasions == 14 else 0
        assert result.missing == (
            "Needed: 14 occasions in a row of 50 couples, or 8 occasions in a row of 100 couples. "
            f"There are {with_14} couples with 14 or more, and {couples} couples with 8 or more."
        )
        assert not result.paths
        assert result.reading is None


def test_paths_between_partners_need_two_hundred_couples() -> None:
    few, many = (within_lagged(of_couples(World().series(couples, 14, seed=1))) for couples in (199, 200))
    assert {one.who for one in few.paths} == {"actor"}
    assert few.missing is not None
    assert "200 couples" in few.missing
    assert {one.who for one in many.paths} == {"actor", "partner"}


def test_five_waves_are_too_few_occasions_however_many_people_there_are() -> None:
    result = within_lagged(of_persons(World().series(1189, 5, seed=1)))
    assert (result.usable, result.code, result.n_units) == (False, "too_few_couples", 1189)
    assert within_lagged(srcd1997.panel()).n_units == 405


def test_a_panel_of_holes_has_no_steps() -> None:
    every_other = Panel(tuple(Row(unit, 2 * time, 1.0 * time, 2.0) for unit in range(60) for time in range(20)))
    result = within_lagged(every_other)
    assert (result.code, result.n_pairs) == ("too_few_couples", 0)
    assert within_lagged(Panel(())).code == "too_few_couples"


def test_the_minimum_counts_steps_and_never_bridges() -> None:
    assert minimum.longest([("u", "a")] * 13 + [("u", "b")] * 2 + [("v", "a")]) == {"u": 14, "v": 2}
