"""What the pages say of views and sharing is what the code does."""

from pathlib import Path

from app.core.database import Base, ShareableRow
from app.reference.permissions import OPENED, sharing_table

PAGE = Path(__file__).parents[2] / "docs" / "clinical" / "who-sees-what.md"


def test_the_therapists_page_has_the_table_of_what_sharing_opens() -> None:
    assert sharing_table() in PAGE.read_text(encoding="utf-8"), f"put this there:\n{sharing_table()}"


def test_every_table_that_can_be_shared_is_told_of() -> None:
    shared = {row.__tablename__ for row in ShareableRow.__subclasses__() if issubclass(row, Base)}
    assert shared == set(OPENED)
