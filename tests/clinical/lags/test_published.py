"""Figures that other programs published come out of the same data."""

import pytest

from app.clinical.lags.results import Path
from app.clinical.lags.ri_clpm import ri_clpm
from tests.clinical.lags import srcd1997

# Estimates to nine decimals: OpenMx 2.9.6, "The RI-CLPM in OpenMx", J. Flournoy, 26 September 2018. Errors, standardised
# estimates and fit: lavaan 0.5-23, "A better cross-lagged panel model", J. Flournoy, 20 October 2017. Both: full information.
PUBLISHED: dict[tuple[str, str, int | None], tuple[float, float, float]] = {
    ("x", "x", 2): (0.162484732, 0.169, 0.118),
    ("x", "y", 2): (-0.057561087, 0.079, -0.089),
    ("y", "x", 2): (-0.089544921, 0.457, -0.030),
    ("y", "y", 2): (0.374146351, 0.350, 0.265),
    ("x", "x", 3): (0.352612940, 0.078, 0.374),
    ("x", "y", 3): (-0.008105237, 0.034, -0.015),
    ("y", "x", 3): (-0.274430873, 0.154, -0.137),
    ("y", "y", 3): (0.737837863, 0.073, 0.634),
}


def place(path: Path) -> tuple[str, str, int | None]:
    return path.earlier, path.later, path.wave


def test_a_published_panel_with_missing_values_gives_the_published_figures() -> None:
    result = ri_clpm(srcd1997.panel())
    assert result.usable
    assert result.n_units == 405
    assert {place(path) for path in result.paths} == set(PUBLISHED)
    for path in result.paths:
        estimate, error, standardized = PUBLISHED[place(path)]
        assert path.estimate == pytest.approx(estimate, abs=2e-5)
        assert path.se == pytest.approx(error, abs=6e-4)
        assert path.standardized == pytest.approx(standardized, abs=6e-4)
    assert result.fit is not None
    assert result.fit.chi2 == pytest.approx(3.2127, abs=5e-4)
    assert result.fit.df == 1
    assert result.fit.p == pytest.approx(0.073, abs=5e-4)
    assert result.reading is not None
    assert result.reading.code == "cannot_tell"
