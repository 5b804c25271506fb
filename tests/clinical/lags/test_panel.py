from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.lags.panel import COLUMNS, MOST_FAULTS, Panel, Row, read_panel
from app.errors import InvalidError

WITH_PARTNER = [*COLUMNS, "partner"]
CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)


def faults(columns: list[str], rows: list[list[object]]) -> dict[str, str]:
    with pytest.raises(InvalidError) as caught:
        read_panel(columns, rows)
    return {fault.pointer: fault.code for fault in caught.value.faults}


def test_columns_come_in_any_order_and_a_missing_value_is_missing() -> None:
    panel = read_panel(["y", "unit", "partner", "x", "occasion"], [[2, "u", "a", 1.5, 3], [None, "u", "b", 4, 3.0]])
    assert panel.rows[0] == Row("u", 3, 1.5, 2.0, "a")
    assert isnan(panel.rows[1].y)
    assert panel.with_partners


@pytest.mark.parametrize(
    ("columns", "pointer", "code"),
    [
        (["unit", "occasion", "x"], "/panel/columns", "missing_column"),
        ([*COLUMNS, "z"], "/panel/columns/4", "unknown_column"),
        ([*COLUMNS, "x"], "/panel/columns/4", "duplicate_column"),
    ],
)
def test_wrong_columns_are_named(columns: list[str], pointer: str, code: str) -> None:
    assert faults(columns, [])[pointer] == code


@pytest.mark.parametrize(
    ("row", "pointer", "code"),
    [
        ([None, 1, 1, 1, "a"], "/panel/rows/0/0", "not_a_unit"),
        (["  ", 1, 1, 1, "a"], "/panel/rows/0/0", "not_a_unit"),
        ([True, 1, 1, 1, "a"], "/panel/rows/0/0", "not_a_unit"),
        (["u", 1.5, 1, 1, "a"], "/panel/rows/0/1", "not_an_occasion"),
        (["u", nan, 1, 1, "a"], "/panel/rows/0/1", "not_an_occasion"),
        (["u", "1", 1, 1, "a"], "/panel/rows/0/1", "not_an_occasion"),
        (["u", 1, "1", 1, "a"], "/panel/rows/0/2", "not_a_number"),
        (["u", 1, 1, inf, "a"], "/panel/rows/0/3", "not_a_number"),
        (["u", 1, 1, 1e13, "a"], "/panel/rows/0/3", "not_a_number"),
        (["u", 1, 1, 1, "c"], "/panel/rows/0/4", "not_a_partner"),
        (["u", 1, 1, 1, ["a"]], "/panel/rows/0/4", "not_a_partner"),
        (["u", 1, 1, 1], "/panel/rows/0", "wrong_shape"),
    ],
)
def test_a_wrong_cell_is_named_by_its_place(row: list[object], pointer: str, code: str) -> None:
    assert faults(WITH_PARTNER, [row]) == {pointer: code}


def test_a_person_has_one_row_at_an_occasion() -> None:
    rows: list[list[object]] = [["u", 1, 1, 1, "a"], ["u", 1, 1, 1, "b"], ["u", 1, 2, 2, "a"]]
    assert faults(WITH_PARTNER, rows) == {"/panel/rows/2": "duplicate_occasion"}


def test_a_panel_has_so_many_rows_and_faults_at_most() -> None:
    with pytest.raises(InvalidError, match="invalid") as caught:
        read_panel(COLUMNS, [["u", 1, 1, 1]] * 3, most_rows=2)
    assert caught.value.faults[0].code == "too_many_rows"
    assert len(faults(list(COLUMNS), [[None, None, "", ""]] * 1000)) == MOST_FAULTS


@given(st.lists(st.lists(CELLS, max_size=6), max_size=6))
def test_whatever_is_sent_is_read_or_refused_without_an_echo(rows: list[list[object]]) -> None:
    try:
        read = len(read_panel(WITH_PARTNER, rows, at="/sent").rows)
        said = set()
    except InvalidError as refused:
        read = len(rows)
        said = {fault.detail for fault in refused.faults}
    assert read == len(rows)
    assert said <= known_sentences()


def known_sentences() -> set[str]:
    wrong: list[list[object]] = [[None, None, "", "", ""], [], ["u", 1, 1, 1, "a"], ["u", 1, 1, 1, "a"]]
    with pytest.raises(InvalidError) as caught:
        read_panel(WITH_PARTNER, wrong)
    return {fault.detail for fault in caught.value.faults}


def test_a_lag_is_one_occasion_and_no_gap_is_bridged() -> None:
    times = [1, 2, 4, 5, 7]
    panel = Panel(tuple(Row("u", time, float(time), nan if time == 5 else 1.0) for time in times))
    assert [(before.occasion, now.occasion) for before, now in panel.steps()] == [(1, 2)]


def test_one_partner_of_each_couple_makes_a_panel_of_persons() -> None:
    panel = Panel((Row(1, 1, 1.0, 2.0, "a"), Row(1, 1, 3.0, 4.0, "b"), Row(2, 1, 5.0, 6.0, "b")))
    assert panel.of_partner("b").rows == (Row(1, 1, 3.0, 4.0), Row(2, 1, 5.0, 6.0))
