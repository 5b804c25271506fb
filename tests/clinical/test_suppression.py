"""Nothing about fewer couples than the minimum follows from what is shown; the attackers here know nothing of graphs."""

from collections.abc import Iterable, Mapping
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from app.clinical.suppression import Cell, Shown, large_enough, lightest_cut, may_be_shown

MINIMUM = 10
Table = dict[Cell, int]
Matrix = NDArray[np.float64]


def tables(rows: int = 3, columns: int = 3, most: int = 16) -> st.SearchStrategy[Table]:
    codes = [(f"c{row}", f"p{column}") for row in range(rows) for column in range(columns)]
    return st.fixed_dictionaries({code: st.just(0) | st.integers(2, most) for code in codes})


def sums_of(couples: Table, shown: Shown) -> tuple[list[Cell], Matrix]:
    """The cells with couples, and one line a shown figure: 1 where it counts the cell."""
    cells = [cell for cell, n in couples.items() if n]
    lines = [[1.0] * len(cells)] * shown.total
    lines += [[float(cell[0] == row) for cell in cells] for row in shown.rows]
    lines += [[float(cell[1] == column) for cell in cells] for column in shown.columns]
    lines += [[float(cell == one) for cell in cells] for one in shown.cells]
    return cells, np.array(lines, dtype=float).reshape(len(lines), len(cells))


def subsets(n: int) -> Iterable[tuple[int, ...]]:
    return chain.from_iterable(combinations(range(n), size) for size in range(1, n + 1))


def fewest_told(couples: Table, shown: Shown) -> int | None:
    """Trying every set of cells: the fewest couples outside of which some combination of the figures vanishes."""
    cells, lines = sums_of(couples, shown)
    if not lines.size:
        return None
    full = np.linalg.matrix_rank(lines)
    told = []
    for chosen in subsets(len(cells)):
        outside = np.delete(lines, chosen, axis=1)
        if (np.linalg.matrix_rank(outside) if outside.size else 0) < full:
            told.append(sum(couples[cells[place]] for place in chosen))
    return min(told)


def pinned(couples: Table, hits: Mapping[Cell, int], shown: Shown) -> list[int]:
    """The sets of cells under the minimum whose hits can have one value only, by two linear programs: how many couples each."""
    cells, lines = sums_of(couples, shown)
    if not lines.size:
        return []
    known = lines @ np.array([hits[cell] for cell in cells])
    bounds = [(0, couples[cell]) for cell in cells]
    found = []
    for chosen in subsets(len(cells)):
        of = sum(couples[cells[place]] for place in chosen)
        if of < MINIMUM:
            aim = np.isin(np.arange(len(cells)), chosen).astype(float)
            least, most = (linprog(sign * aim, A_eq=lines, b_eq=known, bounds=bounds) for sign in (1, -1))
            assert least.success
            assert most.success
            if abs(float(aim @ least.x - aim @ most.x)) < 1e-6:
                found.append(of)
    return found


@hypothesis_settings(max_examples=60)
@given(tables(2, 3), st.data())
def test_the_lightest_cut_is_the_fewest_couples_that_any_combination_is_about(couples: Table, data: st.DataObject) -> None:
    possible = large_enough(couples, 1)
    drawn = Shown(
        total=data.draw(st.booleans()),
        rows=frozenset(data.draw(st.sets(st.sampled_from(sorted(possible.rows))))) if possible.rows else frozenset(),
        columns=frozenset(data.draw(st.sets(st.sampled_from(sorted(possible.columns))))) if possible.rows else frozenset(),
        cells=frozenset(),
    )
    if any(couples.values()):
        cut = lightest_cut(couples, drawn)
        assert cut == fewest_told(couples, drawn)


@hypothesis_settings(max_examples=40)
@given(tables())
def test_nothing_about_fewer_couples_can_be_combined_from_what_is_shown(couples: Table) -> None:
    shown = may_be_shown(couples, MINIMUM)
    told = fewest_told(couples, shown) if any(couples.values()) else None
    assert told is None or told >= MINIMUM


@hypothesis_settings(max_examples=12)
@given(tables(2, 3), st.data())
def test_two_linear_programs_pin_no_figure_of_fewer_couples(couples: Table, data: st.DataObject) -> None:
    hits = {cell: data.draw(st.integers(1, n - 1)) for cell, n in couples.items() if n}
    assert pinned(couples, hits, may_be_shown(couples, MINIMUM)) == []


def test_the_same_attackers_succeed_where_only_small_figures_are_withheld() -> None:
    couples = {("a", "p"): 12, ("b", "p"): 4, ("b", "q"): 2, ("c", "q"): 15}
    hits = {("a", "p"): 5, ("b", "p"): 3, ("b", "q"): 1, ("c", "q"): 6}
    naive = large_enough(couples, MINIMUM)
    assert fewest_told(couples, naive) == 2
    assert set(pinned(couples, hits, naive)) == {2, 4, 6}
    assert pinned(couples, hits, may_be_shown(couples, MINIMUM)) == []


@pytest.mark.parametrize(
    ("couples", "shown"),
    [
        ({("a", "p"): 9}, "nothing"),
        ({("a", "p"): 10}, "all a p a/p"),
        ({("a", "p"): 15, ("b", "p"): 5}, "a a/p"),  # all less a would be b, and so would p
        ({("a", "p"): 40, ("b", "p"): 30, ("c", "p"): 5}, "a b a/p b/p"),
        ({("a", "p"): 40, ("b", "p"): 5, ("c", "p"): 6}, "all a p a/p"),  # the two small ones hide each other
        ({("a", "p"): 12, ("a", "q"): 1}, "all a"),  # p less a would be one couple
        ({("a", "p"): 6, ("a", "q"): 6, ("b", "p"): 6, ("b", "q"): 6}, "all a b p q"),  # no combination leaves fewer than 12
        (
            {("a", "p"): 20, ("a", "q"): 20, ("b", "p"): 20, ("b", "q"): 3},
            "all a b p q",
        ),  # less any cell would be the one of three
    ],
)
def test_what_is_shown_of_a_small_table(couples: Table, shown: str) -> None:
    found = may_be_shown(couples, MINIMUM)
    told = ["all"] * found.total + sorted(found.rows) + sorted(found.columns) + sorted("/".join(cell) for cell in found.cells)
    assert (" ".join(told) or "nothing") == shown
