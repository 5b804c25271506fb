"""What each partner said of each occasion of homework, in codes and numbers; no words, and nothing of safety."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

from app.access.permissions import Permission
from app.clinical.check_ins import Done
from app.exports.answered import KIND, answered, unanswered
from app.exports.columns import Column, Missing, Type
from app.exports.keys import ASSIGNMENT_ID, COUPLE_ID, PARTNER_ID, PLAN_ID
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.homework.answers import Answered
from app.homework.schemas import Obstacle

RATINGS: Final = {
    "mood_before": "Mood before; 5 is neutral.",
    "mood_after": "Mood after; 5 is neutral.",
    "pain": "Strongest pain.",
}
OBSTACLES: Final[tuple[str, ...]] = get_args(Obstacle)
EMPTY: Final = (Missing.SKIPPED, Missing.NOT_APPLICABLE)
COLUMNS: Final = (
    COUPLE_ID,
    PARTNER_ID,
    Column("check_in_id", Type.ID, "The check-in.", prefix="chk"),
    PLAN_ID,
    ASSIGNMENT_ID,
    Column("stage", Type.INTEGER, "Number of the stage it is about.", minimum=1),
    Column("occurred_at", Type.MOMENT, "When the occasion was."),
    Column("received_at", Type.MOMENT, "When the check-in arrived."),
    Column("late", Type.BOOLEAN, "Whether it arrived after the assignment's last day."),
    Column(
        "done",
        Type.CODE,
        "How it was done; success is keeping the rules, and `declined` is neutral.",
        categories=get_args(Done),
    ),
    *(Column(name, Type.INTEGER, told, EMPTY, minimum=0, maximum=10) for name, told in RATINGS.items()),
    *(Column(f"obstacle_{name}", Type.BOOLEAN, f"Whether `{name}` got in the way.") for name in OBSTACLES),
)


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    for page in answered(reading):
        yield [_row(one) for one in page]


def _row(one: Answered) -> Row:
    row, told = one.row, one.open
    ratings: list[Any] = [unanswered(one) if told[name] is None else told[name] for name in RATINGS]
    return (
        row.couple_id,
        row.partner_id,
        row.id,
        row.plan_id,
        row.assignment_id,
        row.stage,
        row.occurred_at,
        row.received_at,
        row.is_late,
        row.done,
        *ratings,
        *(name in told["obstacles"] for name in OBSTACLES),
    )


TABLE: Final = Table(
    name="check_ins",
    title="Check-ins",
    description=(
        "One row a partner and occasion. Willingness, pressure and what else belongs to safety is in no export, and neither "
        "are words. What the protocol logs stands in `check_in_logs`. Check-ins about an assignment stand here from when it is "
        "shown outside the care team."
    ),
    permission=Permission.HOMEWORK_READ,
    kind=KIND,
    columns=COLUMNS,
    key=("check_in_id",),
    read=_read,
)
