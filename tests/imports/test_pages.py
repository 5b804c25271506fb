"""The integrators' page says what an import takes, and only that."""

import re
from pathlib import Path

from app.imports.shape import SHAPES

PAGE = Path(__file__).parents[2] / "docs" / "integrators" / "import.md"


def test_the_page_lists_every_column_and_which_of_them_are_needed() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    told = {table: set(re.findall(r"`(\w{2,})`", cells)) for table, cells in rows.items()}
    needed = {table: set(re.findall(r"\*\*`(\w+)`\*\*", cells)) for table, cells in rows.items()}
    assert told == {name: set(shape.names) for name, shape in SHAPES.items()}
    assert needed == {name: set(shape.needed) for name, shape in SHAPES.items()}
