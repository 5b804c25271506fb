"""What a protocol logs of each occasion: one row a partner, occasion and field; no words, and nothing of safety."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.access.work import Work
from app.clinical.check_ins import LogValue
from app.clinical.protocol import LogField
from app.clinical.verdict import role_of
from app.exports.answered import KIND, answered, unanswered
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID, PARTNER_ID
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.homework.answers import Answered
from app.homework.models import HomeworkPlan
from app.protocols.service import pinned

KINDS: Final = ("integer", "number", "boolean", "choice")  # a text is in no export
EMPTY: Final = (Missing.SKIPPED, Missing.NOT_APPLICABLE)
COLUMNS: Final = (
    COUPLE_ID,
    PARTNER_ID,
    Column("check_in_id", Type.ID, "The check-in.", prefix="chk", refers=("check_ins", "check_in_id")),
    Column("field", Type.CODE, "What is logged, by its code in the plan's protocol."),
    Column("kind", Type.CODE, "What kind of answer it takes.", categories=KINDS),
    Column("value", Type.NUMBER, "The answer as a number: 1 is yes, 0 is no; a choice stands in the next column.", EMPTY),
    Column("choice", Type.CODE, "The choice.", EMPTY),
)


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    for page in answered(reading):
        asked = _asked(reading.work, page)
        yield [_row(one, field) for one in page for field in asked[one.row.id]]


def _asked(work: Work, page: Sequence[Answered]) -> dict[object, list[LogField]]:
    """By check-in, what the plan's version of its protocol asks this partner and what may leave, in the protocol's order."""
    query = select(
        HomeworkPlan.id, HomeworkPlan.protocol, HomeworkPlan.protocol_version, HomeworkPlan.practising_partner_id
    ).where(
        HomeworkPlan.couple_id.in_({one.row.couple_id for one in page}), HomeworkPlan.id.in_({one.row.plan_id for one in page})
    )
    plans = {plan.id: plan for plan in work.session.execute(query)}
    followed = pinned(work, {(plan.protocol, plan.protocol_version) for plan in plans.values()})
    found: dict[object, list[LogField]] = {}
    for one in page:
        plan = plans[one.row.plan_id]
        role = role_of(one.row.partner_id, plan.practising_partner_id)
        fields = followed[plan.protocol, plan.protocol_version].fields_for(role)
        found[one.row.id] = [field for field in fields if field.privacy != "safety" and field.kind in KINDS]
    return found


def _row(one: Answered, field: LogField) -> Row:
    row, told = one.row, one.log.get(field.code)
    return (row.couple_id, row.partner_id, row.id, field.code, field.kind, *_told(field, told, unanswered(one)))


def _told(field: LogField, told: LogValue, why: Missing) -> Row:
    other = Missing.NOT_APPLICABLE
    if field.kind == "choice":
        return other, why if told is None else told
    return (why, other) if told is None or isinstance(told, str) else (float(told), other)


TABLE: Final = Table(
    name="check_in_logs",
    title="What protocols log of check-ins",
    description=(
        "One row a partner, occasion and field that the plan's protocol logs of this partner, in long form because every "
        "protocol logs something else. What the protocol keeps as safety, and what is answered in words, is in no export."
    ),
    permission=Permission.HOMEWORK_READ,
    kind=KIND,
    columns=COLUMNS,
    key=("check_in_id", "field"),
    read=_read,
)
