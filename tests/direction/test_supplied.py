"""CSV as programs and people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.lags.panel import read_panel
from app.direction.supplied import kept, panel_of, read_csv
from app.errors import InvalidError

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b 2", 'c"3"', "d,4"]),
        st.integers(-5, 60),
        st.none() | st.floats(-99, 99, allow_nan=False).map(lambda value: round(value, 4)),
        st.none() | st.integers(0, 10),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: row[:2],
)


def quoted(cell: object) -> str:
    """A cell as RFC 4180 writes it."""
    return "" if cell is None else '"' + str(cell).replace('"', '""') + '"'


@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
def test_csv_says_what_the_rows_say(rows: list[tuple[object, ...]], end: str, mark: str) -> None:
    text = mark + end.join(["Unit, occasion ,x,y", *(",".join(map(quoted, row)) for row in rows)]) + end
    of_rows = read_panel(["unit", "occasion", "x", "y"], rows)
    assert repr(read_csv(text, 100)) == repr(of_rows)


@given(ROWS)
def test_a_panel_that_waited_is_the_same_but_for_the_names_of_its_units(rows: list[tuple[object, ...]]) -> None:
    panel = read_panel(["unit", "occasion", "x", "y"], rows)
    again = panel_of(kept(panel))
    assert [repr((row.occasion, row.x, row.y)) for row in again.rows] == [
        repr((row.occasion, row.x, row.y)) for row in panel.rows
    ]
    assert len(again.units) == len(panel.units)


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "null", "."])
def test_what_other_programs_write_for_missing_is_missing(missing: str) -> None:
    assert repr(read_csv(f"unit,occasion,x,y\n1,1,{missing},2", 10).rows[0].x) == "nan"


@pytest.mark.parametrize(
    ("text", "pointer", "code"),
    [
        ("", "/csv", "not_csv"),
        ("\n\n", "/csv", "not_csv"),
        ("unit,occasion,x\n1,1,2", "/csv", "missing_column"),
        ("unit,occasion,x,y\n1,1,2,3\n\n1,2,2", "/csv/4", "wrong_shape"),
        ("unit,occasion,x,y\n1,1,2,3\n1,2,two,3", "/csv/3/2", "not_a_number"),
        ("unit,occasion,x,y\n1,1,2,3\n1,1,2,3", "/csv/3", "duplicate_occasion"),
        ("unit,occasion,x,y\n1,1,inf,3", "/csv/2/2", "not_a_number"),
        ("unit,occasion,x,y\n1,NA,2,3", "/csv/2/1", "not_an_occasion"),
        ('unit,occasion,x,y\n"1,1,2,3', "/csv", "not_csv"),
        ("unit,occasion,x,y\n1,1,2,3\n" * 20, "/csv/3/1", "not_an_occasion"),
    ],
)
def test_what_is_wrong_is_pointed_at_by_line_and_cell(text: str, pointer: str, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_csv(text, 50)
    assert (pointer, code) in {(fault.pointer, fault.code) for fault in refused.value.faults}
    with pytest.raises(InvalidError) as refused:
        read_csv("unit,occasion,x,y\n" + "".join(f"{number},1,2,3\n" for number in range(51)), 50)
    assert refused.value.faults[0].pointer == "/csv"
