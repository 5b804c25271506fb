"""The finished walks of the documentation are run as they are printed."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from app.clinical.change import change
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.protocol import Protocol, by_version
from app.clinical.protocol_checks import check_protocol
from app.clinical.protocol_document import read_protocol
from app.clinical.scoring import score
from app.registry import collect, collect_earlier

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = DOCS / "how-to"


def defined_in(page: str, tmp_path: Path) -> dict[str, Any]:
    """What the page's first Python block defines."""
    written = tmp_path / "walk.py"
    written.write_text(blocks(page)[0])
    return run_path(str(written))


def blocks(page: str) -> list[str]:
    """The page's Python blocks."""
    return re.findall(r"```python\n(.*?)```", (HOW_TO / page).read_text(), re.DOTALL)


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Makes a catalogue of one file, as the walk leaves it, and gives its name."""

    def make(name: str, *more: str) -> str:
        package = tmp_path / name
        package.mkdir()
        (package / "__init__.py").touch()
        text = "\n".join(("from dataclasses import replace", *blocks("add-a-protocol.md"), *more))
        (package / "hands_and_feet.py").write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        return name

    return make


def test_the_measure_of_the_walk_scores_its_own_examples(tmp_path: Path) -> None:
    measure = defined_in("add-a-measure.md", tmp_path)["MEASURE"]
    assert isinstance(measure, Measure)
    assert measure.code not in MEASURES
    for example in measure.examples:
        sheet = score(measure, example.answers, example.reasons)
        assert dict(sheet.scales) == example.scales
        assert sheet.meanings == example.meanings


def test_the_measure_of_the_walk_classes_change_by_its_own_norms(tmp_path: Path) -> None:
    measure = defined_in("add-a-measure.md", tmp_path)["MEASURE"]
    found = change(measure, "total", 4, 9)
    assert found.change_class == "improved"
    assert found.threshold_points == pytest.approx(4.1, abs=0.05)


def test_the_protocol_of_the_walk_is_sound(tmp_path: Path) -> None:
    protocol = defined_in("add-a-protocol.md", tmp_path)["PROTOCOL"]
    assert isinstance(protocol, Protocol)
    assert check_protocol(protocol) == ()


def test_the_next_version_of_the_walk_is_found_beside_the_one_that_plans_follow(catalogue: Callable[..., str]) -> None:
    package = catalogue("walked")
    newest = collect(package, "PROTOCOL", Protocol)
    versions = by_version((*collect_earlier(package, "EARLIER", newest), *newest.values()))
    assert list(versions) == [("hands_and_feet", "1"), ("hands_and_feet", "2")]
    needed = [next(one.value for one in told.thresholds if one.name == "occasions_needed") for told in versions.values()]
    assert needed == [3, 4]
    assert [check_protocol(told) for told in versions.values()] == [(), ()]
    assert newest["hands_and_feet"].version == "2"


def test_the_same_version_twice_or_another_protocol_among_the_earlier_is_refused(catalogue: Callable[..., str]) -> None:
    twice = catalogue("walked_twice", "EARLIER = (*EARLIER, PROTOCOL)")
    newest = collect(twice, "PROTOCOL", Protocol)
    with pytest.raises(ValueError, match="has version 2 twice"):
        by_version((*collect_earlier(twice, "EARLIER", newest), *newest.values()))
    other = catalogue("walked_off", 'EARLIER = (replace(PROTOCOL, code="feet"),)')
    with pytest.raises(TypeError):
        collect_earlier(other, "EARLIER", collect(other, "PROTOCOL", Protocol))


def test_the_document_of_the_walk_is_a_sound_protocol() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", (HOW_TO / "add-a-protocol.md").read_text(), re.DOTALL)
    assert read_protocol(json.loads(block)).code == "reading_aloud"


def test_the_therapists_table_names_every_measure() -> None:
    told = (DOCS / "clinical" / "measures.md").read_text(encoding="utf-8")
    table = "\n".join(line.split("|")[1] for line in told.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", table)) == set(MEASURES)
