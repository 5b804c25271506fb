"""Each answer of each administration, by the number of its item; what an item says is in no export."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.clinical.answers import REASONS
from app.clinical.measures import MEASURES
from app.core.crypto import Owner
from app.exports.columns import Column, Missing, Type
from app.exports.keys import ADMINISTRATION_ID, COUPLE_ID, MEASURE, PARTNER_ID
from app.exports.pages import ROWS
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.measures.entries import opened_content
from app.measures.models import Administration
from app.measures.scoring import Content

WHY: Final = (*(Missing(reason) for reason in REASONS), Missing.UNKNOWN)
COLUMNS: Final = (
    COUPLE_ID,
    PARTNER_ID,
    ADMINISTRATION_ID,
    MEASURE,
    Column("item", Type.INTEGER, "Number of the item in its measure.", minimum=1),
    Column(
        "answer",
        Type.NUMBER,
        "The answer as it was given, reversed items as well; `unknown` where one that may stay empty did, and nobody said why.",
        WHY,
    ),
    Column(
        "reason",
        Type.CODE,
        "The reason that stands beside an answer: `no_activity` beside the answer by which some forms say so.",
        (Missing.NOT_APPLICABLE,),
        categories=REASONS,
    ),
)


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    work = reading.work
    for page in reading.couples():
        may_leave = reading.may_leave(TABLE.kind, Administration.couple_id, Administration.compartment, page)
        scored_here = select(Administration).where(may_leave, Administration.scored_elsewhere.is_(False))
        query = scored_here.order_by(Administration.couple_id, Administration.id)
        for rows in work.session.scalars(query, execution_options={"yield_per": ROWS}).partitions():
            work.vault.load_keys({(Owner.PARTNER, row.partner_id) for row in rows})
            yield [told for row in rows for told in _rows(row, opened_content(work.vault.open(row, "answers", row.answers)))]


def _rows(row: Administration, given: Content) -> Iterator[Row]:
    asked = {item.number for item in MEASURES[row.measure_code].items} if row.measure_code in MEASURES else set()
    for number in sorted(asked | set(given.answers) | set(given.reasons)):
        answer, reason = given.answers.get(number), given.reasons.get(number)
        told = Missing(reason) if reason else Missing.UNKNOWN
        beside = Missing.NOT_APPLICABLE if answer is None or reason is None else reason
        yield (
            row.couple_id,
            row.partner_id,
            row.id,
            row.measure_code,
            number,
            told if answer is None else answer,
            beside,
        )


TABLE: Final = Table(
    name="items",
    title="Answers to items",
    description=(
        "One row an item of an administration that was scored here, also of one that was superseded: `administrations` says by "
        "what. Scores computed elsewhere came without answers. Wordings belong to their holders, and are in no export."
    ),
    permission=Permission.ADMINISTRATIONS_READ,
    kind="measures",
    columns=COLUMNS,
    key=("administration_id", "item"),
    read=_read,
)
