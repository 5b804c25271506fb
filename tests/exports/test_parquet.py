import io
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from app.exports.columns import Column, Missing, Type
from app.exports.descriptor import schema_of
from app.exports.extras import ExtraMissingError
from app.exports.formats import formats
from app.exports.formats.parquet import ROWS_A_GROUP
from app.exports.table import Row, Table
from tests.exports.described import COLUMNS, EMPTY, FULL, row, table_of

PARQUET = formats()["parquet"]


def written(table: Table, pages: Sequence[Sequence[Row]]) -> bytes:
    return b"".join(PARQUET.write(table, pages))


def test_every_type_and_every_missing_code_is_read_back_by_two_libraries() -> None:
    file = written(table_of([FULL, EMPTY]), [[FULL], [EMPTY]])
    expected = {
        "couple_id": ["cpl_00000000000000000000000001", "cpl_00000000000000000000000002"],
        "code": ["a", None],
        "code_missing": [None, "unknown"],
        "words": ["=1+1", None],
        "words_missing": [None, "declined"],
        "count": [3, None],
        "count_missing": [None, "not_asked"],
        "points": [1.5, None],
        "points_missing": [None, "no_activity"],
        "done": [True, None],
        "done_missing": [None, "not_yet_due"],
        "day": [date(2026, 3, 1), None],
        "day_missing": [None, "withheld_by_consent"],
        "at": [datetime(2026, 3, 1, 8, 0, 0, 120_000, tzinfo=UTC), None],
        "at_missing": [None, "not_applicable"],
        "always": [0.1, -3.0],
    }
    assert parquet.read_table(io.BytesIO(file)).to_pydict() == expected
    assert pl.read_parquet(io.BytesIO(file)).to_dict(as_series=False) == expected


def test_columns_have_their_types_and_say_what_they_mean() -> None:
    schema = parquet.read_schema(io.BytesIO(written(table_of([FULL]), [[FULL]])))
    types = {
        *(("couple_id", pa.string()), ("count", pa.int64()), ("points", pa.float64()), ("done", pa.bool_())),
        *(("day", pa.date32()), ("at", pa.timestamp("us", tz="UTC")), ("code_missing", pa.string())),
    }
    assert types <= {(field.name, field.type) for field in schema}
    assert {field.name for field in schema if not field.nullable} == {"couple_id", "always"}
    assert {column.name: column.description for column in COLUMNS}.items() <= {
        field.name: field.metadata[b"description"].decode() for field in schema
    }.items()
    assert pl.read_parquet_metadata(io.BytesIO(written(table_of([FULL]), [[FULL]])))["description"] == "One row a thing."
    assert [field["name"] for field in schema_of(table_of([]), spelled_out=False)["fields"]] == schema.names


@settings(max_examples=20)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([Missing.UNKNOWN, Missing.SKIPPED])))
def test_whatever_the_pages_the_rows_are_the_same_and_so_are_the_bytes(values: list[Any]) -> None:
    columns = (COLUMNS[0], Column("points", Type.NUMBER, "Points.", (Missing.UNKNOWN, Missing.SKIPPED)))
    table = table_of(rows := [row(number, value) for number, value in enumerate(values)], columns)
    whole, by_one = written(table, [rows]), written(table, [[one] for one in rows])
    assert whole == written(table, [rows])
    read = parquet.read_table(io.BytesIO(whole))
    assert read.equals(parquet.read_table(io.BytesIO(by_one)))
    assert read["points"].to_pylist() == [None if isinstance(value, Missing) else value for value in values]
    assert read["points_missing"].to_pylist() == [str(value) if isinstance(value, Missing) else None for value in values]


def test_rows_leave_in_groups_before_all_of_them_have_come() -> None:
    columns, page = COLUMNS[:1], [row(number) for number in range(5_000)]
    taken = 0

    def pages() -> Any:
        nonlocal taken
        for _ in range(3 * ROWS_A_GROUP // len(page)):
            taken += len(page)
            yield page

    pieces = PARQUET.write(table_of([], columns), pages())
    first = next(pieces)
    assert taken == ROWS_A_GROUP
    assert parquet.ParquetFile(io.BytesIO(first + b"".join(pieces))).num_row_groups == 3


def test_a_table_without_rows_has_its_columns() -> None:
    assert parquet.read_table(io.BytesIO(written(table_of([]), []))).num_rows == 0


def test_a_missing_value_where_none_may_be_is_no_blank_but_an_error() -> None:
    with pytest.raises(ValueError, match=r"things\.always"):
        written(table_of([]), [[(*FULL[:-1], Missing.UNKNOWN)]])


def test_without_the_library_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExtraMissingError) as refused:
        written(table_of([]), [])
    assert refused.value.sentence.endswith("pip install 'rekindle[parquet]'")


def test_the_service_starts_without_loading_it() -> None:
    told = "import sys, app.main; from app.exports.formats import formats; formats(); print('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "False\n"
