import re
import runpy
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access.permissions import Permission
from app.exports.columns import Column, Missing, Type
from app.exports.formats import formats
from app.exports.snippets import scores_of_both, snippets
from app.exports.table import Table
from tests.exports.described import COLUMNS, EMPTY, FULL, row, table_of, written

FORMS = [formats()[code] for code in ("csv", "jsonl", "parquet")]
NAMES = ("things", "things.jsonl", "things.parquet")
ROWS = [FULL, EMPTY, *(row(number, *FULL[1:]) for number in range(3, 8))]
WEEKS = table_of(
    [],
    (
        COLUMNS[0],
        *(Column(f"{score}_{slot}", Type.NUMBER, "A score.") for slot in "ab" for score in ("closeness", "desire")),
        Column("check_ins_a", Type.INTEGER, "A count."),
        Column("alone_a", Type.NUMBER, "A score of one."),
    ),
    name="dyad_week",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path, [table_of(ROWS), table_of([], name="nothing")], FORMS)
    return tmp_path


def values_of(column: Column) -> st.SearchStrategy[Any]:
    """Values that a column can hold, its codes among them."""
    values: dict[Type, st.SearchStrategy[Any]] = {
        Type.CODE: st.sampled_from(column.categories or ("a",)),
        Type.TEXT: st.text(st.characters(codec="utf-8", exclude_characters="\x00\r")),
        Type.INTEGER: st.integers(0, 10),
        Type.NUMBER: st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
        Type.BOOLEAN: st.booleans(),
        Type.DATE: st.dates(date(1900, 1, 1)),
        Type.MOMENT: st.integers(0, 4_000_000_000_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC)).map(whole_ms),
    }
    return values[column.type] | st.sampled_from(column.missing) if column.missing else values[column.type]


def whole_ms(moment: datetime) -> datetime:
    """Moments are written with milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


ANY = st.lists(st.tuples(*map(values_of, COLUMNS[1:])), max_size=9)


def read(folder: Path, script: str, name: str) -> Any:
    """A table as the script in the folder reads it."""
    return runpy.run_path(str(folder / script))["read"](name)


@pytest.mark.parametrize("name", NAMES)
def test_pandas_reads_types_and_codes(folder: Path, name: str) -> None:
    frame = read(folder, "read_pandas.py", name)
    assert {column: str(kind) for column, kind in frame.dtypes.items() if not column.endswith("_missing")} == {
        "couple_id": "string",
        "code": "category",
        "words": "string",
        "count": "Int64",
        "points": "Float64",
        "done": "boolean",
        "day": "datetime64[us]",
        "at": "datetime64[us, UTC]",
        "always": "Float64",
    }
    assert frame["words"].tolist()[0] == "=1+1"
    assert frame.iloc[1][[f"{column.name}_missing" for column in COLUMNS if column.missing]].tolist() == [
        *("unknown", "declined", "not_asked", "no_activity", "not_yet_due", "withheld_by_consent", "not_applicable"),
    ]
    assert frame.iloc[1][[column.name for column in COLUMNS if column.missing]].isna().all()
    assert list(frame["count_missing"].cat.categories) == ["not_asked"]


@pytest.mark.parametrize("name", NAMES)
def test_polars_reads_types_and_codes(folder: Path, name: str) -> None:
    frame = read(folder, "read_polars.py", name)
    assert {column: kind for column, kind in frame.schema.items() if not column.endswith("_missing")} == {
        "couple_id": pl.String,
        "code": pl.Enum(["a", "b"]),
        "words": pl.String,
        "count": pl.Int64,
        "points": pl.Float64,
        "done": pl.Boolean,
        "day": pl.Date,
        "at": pl.Datetime("us", "UTC"),
        "always": pl.Float64,
    }
    assert frame["words"][0] == "=1+1"
    assert frame["points_missing"].to_list()[:2] == [None, "no_activity"]
    assert frame["points"].to_list()[:2] == [1.5, None]


def test_a_table_without_rows_has_the_same_types(folder: Path) -> None:
    for script in ("read_pandas.py", "read_polars.py"):
        for name in NAMES:
            empty, full = (read(folder, script, one) for one in (name.replace("things", "nothing"), name))
            assert len(empty) == 0
            assert list(empty.dtypes) == list(full.dtypes)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY)
def test_whatever_stands_in_them_all_three_formats_are_the_same_data(tmp_path: Path, values: list[tuple[Any, ...]]) -> None:
    shutil.rmtree(tmp_path)
    rows = [row(number, *each) for number, each in enumerate(values)]
    written(tmp_path, [table_of(rows)], FORMS)
    by_polars = [read(tmp_path, "read_polars.py", name) for name in NAMES]
    by_pandas = [read(tmp_path, "read_pandas.py", name) for name in NAMES]
    for other in by_polars[1:]:
        assert by_polars[0].equals(other)
    for other in by_pandas[1:]:
        pd.testing.assert_frame_equal(by_pandas[0], other)
    assert by_polars[0].drop("couple_id").rows() == [
        tuple(cell for column, value in zip(COLUMNS[1:], each, strict=True) for cell in _beside(column, value))
        for each in values
    ]


def _beside(column: Column, value: Any) -> tuple[Any, ...]:
    if isinstance(value, Missing):
        return None, str(value)
    return (value, None) if column.missing else (value,)


def test_the_model_of_both_partners_takes_the_scores_there_are() -> None:
    assert scores_of_both(WEEKS) == ["closeness", "desire"]
    told = snippets([WEEKS])["read.R"].decode()
    assert 'dyad_model <- function(score = "closeness")' in told
    assert "$$" not in told


def test_without_weeks_there_is_no_model() -> None:
    assert "dyad_model" not in snippets([table_of([])])["read.R"].decode()


def test_scripts_list_the_tables() -> None:
    things: Table = table_of([])
    assert things.permission is Permission.COUPLES_READ
    for script in snippets([things]).values():
        assert "#   things           Things" in script.decode()


def test_r_is_parsed_by_r_where_it_is_there_and_else_has_its_brackets_and_quotes_closed(tmp_path: Path) -> None:
    """Without R this is no proof that the script runs: it finds what is unclosed, and calls of what is defined nowhere."""
    script = tmp_path / "read.R"
    script.write_bytes(snippets([WEEKS])["read.R"])
    if rscript := shutil.which("Rscript"):
        subprocess.run([rscript, "-e", f"invisible(parse({str(script)!r}))"], check=True)
    code = re.sub(r"[^()\[\]{}\"']", "", bare(script.read_text()))
    for _ in range(len(code)):
        code = re.sub(r"\(\)|\[\]|\{\}", "", code)
    assert not code


def test_r_calls_nothing_that_neither_it_nor_r_defines() -> None:
    code = bare(snippets([WEEKS])["read.R"].decode(), keep=True)
    own = set(re.findall(r"(\w+) <- function", code))
    called = set(re.findall(r"(?<![\w.$])([\w.]+(?:::[\w.]+)?)\(", code))
    base = {
        *("as.Date", "as.POSIXct", "as.character", "as.data.frame", "as.integer", "as.logical", "as.numeric", "c", "character"),
        *("data.frame", "do.call", "factor", "file", "file.path", "file.size", "for", "function", "if", "ifelse", "is.list"),
        *("is.null", "lapply", "length", "list", "merge", "NROW", "paste0", "rbind", "read.csv", "rep", "return", "setNames"),
        *("sub", "switch", "unlist", "vapply"),
    }
    packages = {"jsonlite::fromJSON", "jsonlite::stream_in", "arrow::read_parquet", "nlme::lme", "nlme::corCompSymm"}
    assert own == {"read_table", "read_cells", "typed", "dyad_model", "one"}
    assert called - own - base <= packages


def bare(script: str, *, keep: bool = False) -> str:
    """R without its comments and texts; texts become empty ones where they are kept."""
    found = re.sub(r'"(?:[^"\\]|\\.)*"|#[^\n]*', lambda text: '""' if keep and text[0][0] == '"' else "", script)
    assert '"' not in found.replace('""', "")
    return found
