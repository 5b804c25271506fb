"""Rows that know when they last changed."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column


class DatedRow:
    """A row whose `changed_at` comes with each event that the ledger has of it; null where nothing changed since it is kept."""

    changed_at: Mapped[datetime | None] = mapped_column(default=None, sort_order=10)
