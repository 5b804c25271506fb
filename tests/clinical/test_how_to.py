"""The finished walks of the documentation are run as they are printed."""

import json
import re
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from app.clinical.change import change
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.protocol import Protocol
from app.clinical.protocol_checks import check_protocol
from app.clinical.protocol_document import read_protocol
from app.clinical.scoring import score

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = DOCS / "how-to"


def defined_in(page: str, tmp_path: Path) -> dict[str, Any]:
    """What the page's Python block defines."""
    (block,) = re.findall(r"```python\n(.*?)```", (HOW_TO / page).read_text(), re.DOTALL)
    written = tmp_path / "walk.py"
    written.write_text(block)
    return run_path(str(written))


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


def test_the_document_of_the_walk_is_a_sound_protocol() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", (HOW_TO / "add-a-protocol.md").read_text(), re.DOTALL)
    assert read_protocol(json.loads(block)).code == "reading_aloud"


def test_the_therapists_table_names_every_measure() -> None:
    told = (DOCS / "clinical" / "measures.md").read_text(encoding="utf-8")
    table = "\n".join(line.split("|")[1] for line in told.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", table)) == set(MEASURES)
