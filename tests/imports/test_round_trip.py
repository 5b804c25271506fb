"""What comes out of one clinic and goes into another is the same there."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.imports.report import Weight
from tests.conftest import Clinic
from tests.imports.conftest import Import
from tests.imports.crawl import crawl, named, write

Imports = Callable[[Clinic], Import]


@pytest.mark.parametrize(("suffix", "parts"), [("csv", 1), ("jsonl", 3)])
def test_what_comes_out_of_one_clinic_and_goes_into_an_empty_one_is_the_same_there(  # noqa: PLR0917 - fixtures are arguments
    history: Clinic, empty_clinic: Callable[[], Clinic], importing: Imports, tmp_path: Path, suffix: str, parts: int
) -> None:
    before = crawl(history.integration())
    chance = random.Random(7)  # noqa: S311 - rows come in any order
    mixed = {table: chance.sample(rows, len(rows)) for table, rows in before.items()}
    files = write(tmp_path / "files", mixed, suffix, parts)
    clinic = empty_clinic()
    bring = importing(clinic)
    done = bring(files)
    assert bring.codes == []
    assert (done.couples, done.refused) == (3, 0)
    after = crawl(bring.caller)
    assert named(after) == named(before)


def test_what_came_in_is_recognised_and_nothing_of_it_comes_in_twice(
    history: Clinic, empty_clinic: Callable[[], Clinic], importing: Imports, tmp_path: Path
) -> None:
    files = write(tmp_path / "files", crawl(history.integration()))
    clinic = empty_clinic()
    bring = importing(clinic)
    first = bring(files)
    once = crawl(bring.caller)
    second = bring(files, batch_rows=1)
    assert bring.codes == []
    assert not [table for table, what in second.rows if what == "new"]
    assert crawl(bring.caller) == once
    assert {table for table, what in first.rows if what == "there"} == set()


def test_what_comes_back_into_the_clinic_it_came_out_of_changes_nothing(
    history: Clinic, importing: Imports, tmp_path: Path
) -> None:
    before = crawl(history.integration())
    bring = importing(history)
    done = bring(write(tmp_path / "files", before))
    assert bring.codes == []
    assert not [table for table, what in done.rows if what == "new"]
    assert crawl(bring.caller) == before


def test_a_dry_run_says_the_same_and_stores_nothing(
    history: Clinic, empty_clinic: Callable[[], Clinic], importing: Imports, tmp_path: Path
) -> None:
    files = write(tmp_path / "files", crawl(history.integration()))
    clinic = empty_clinic()
    bring = importing(clinic)
    tried = bring(files, tries=True)
    assert crawl(bring.caller)["couples"] == []
    assert bring.report.counts[Weight.REFUSED] == 0
    assert bring(files).rows == tried.rows
