"""What an export writes is read back as it was, whatever it is, and in bounded memory."""

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import encode
from app.core.schemas import wire_moment
from app.exports.columns import Missing
from app.exports.formats import formats
from app.exports.tables import tables
from app.imports.reading import Source, read, read_manifest
from app.imports.report import Finding
from app.imports.spool import Spool
from app.imports.values import why

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n\r"), min_size=1, max_size=40)
STARTS = st.sampled_from(["", ".", ".skipped", "'", "=", "+1", "-", "@", "'.", '"', ",", "\t", "\r\n"])
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - the zone follows


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@given(
    rows=st.lists(
        st.tuples(st.uuids(), st.builds(str.__add__, STARTS, TEXTS) | st.just(Missing.NOT_APPLICABLE), MOMENTS), max_size=5
    )
)
def test_every_text_and_moment_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, form: str, rows: list[tuple[UUID, str, datetime]]
) -> None:
    file = tmp_path_factory.mktemp("read") / f"couples.{form}"
    told = [(one, text, "UTC", moment.replace(tzinfo=UTC), Missing.NOT_APPLICABLE) for one, text, moment in rows]
    file.write_bytes(b"".join(formats()[form].write(tables()["couples"], [told])))
    found: list[Finding] = []
    source = Source(file, "couples", form, 0)
    values = [line.values for line in read(source, found.append)]
    assert (found, source.rows, source.size) == ([], len(rows), file.stat().st_size)
    for value, (one, text, _zone, moment, _archived) in zip(values, told, strict=True):
        assert value["couple_id"] == encode("cpl", one)
        assert value["created_at"] == wire_moment(moment)
        assert why(value["archived_at"]) == "not_applicable"
        assert value["external_id"] == (f".{text}" if isinstance(text, Missing) else text)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        file = tmp_path / "items.csv"
        lines = (f"C{number // 200},A{number // 5},{number % 5 + 1},4\n" for number in range(rows))
        file.write_text("couple_id,administration_id,item,answer\n" + "".join(lines))
        spool = Spool()
        tracemalloc.start()
        source = Source(file, "items", "csv", 0)
        spool.add(source, read(source, lambda _finding: None), lambda _finding: None)
        assert sum(bundle.size for bundle in spool.bundles()) == rows
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        spool.close()
        return most

    assert peak(16_000) < 2 * peak(2_000)


@pytest.mark.parametrize(
    ("manifest", "refused"),
    [('{"schema": 99, "tables": []}', "shape"), ('{"schema": 1, "destination": "deidentified"}', "nobody")],
)
def test_an_export_of_another_shape_or_without_identities_is_refused(tmp_path: Path, manifest: str, refused: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(ValueError, match=refused):
        read_manifest(tmp_path)
