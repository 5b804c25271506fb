"""What was done in secret waits for the moment when it shows to everybody, so that the trail can tell of it then.

A hidden step, and an assignment given in secret, leave their events in the safety compartment, because their moment would tell.
`showing.py` tells of them once they show.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.bulk import insert_rows
from app.core.database import Compartment, RecordSession
from app.homework.models import AwaitedShowing


def await_showing(session: RecordSession, rows: Iterable[Mapping[str, Any]]) -> None:
    """Steps of plans, or assignments, that show later; `rows` are their columns."""
    insert_rows(
        session,
        AwaitedShowing,
        [
            {name: row[name] for name in ("id", "couple_id", "plan_id")}
            | {"compartment": Compartment.SAFETY, "is_assignment": "number" not in row, "shows_at": row["shown_at"]}
            for row in rows
        ],
    )
