"""What of each table leaves de-identified, column by column; what is not named here does not, also what is added later."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID
from app.exports.table import Table

DEIDENTIFIED: Final = "deidentified"
COUPLES: Final = "couples"
KEPT: Final[Mapping[str, str]] = {
    "administrations": "couple_id partner_id administration_id supersedes_id measure measure_version answered_at"
    " scored_elsewhere validity prorated",
    "assignments": "couple_id plan_id assignment_id stage plissit starts_on ends_on occasions",
    "changes": "couple_id partner_id slot measure scale domain direction intake latest gained index threshold_points class"
    " not_why mark cutoff_operator cutoff method basis norm_set",
    "check_in_logs": "couple_id partner_id check_in_id field kind value choice",
    "check_ins": "couple_id partner_id check_in_id plan_id assignment_id stage occurred_at late done mood_before mood_after"
    " pain obstacle_no_time obstacle_tired obstacle_no_privacy obstacle_children obstacle_work obstacle_illness"
    " obstacle_travel obstacle_conflict obstacle_low_mood obstacle_forgot obstacle_other",
    "concern_ratings": "couple_id partner_id concern_id rated_at severity distressed",
    "dyad_week": "couple_id week_number"
    + "".join(
        f" {scale}_{slot}"
        for slot in "ab"
        for scale in ("sexual_satisfaction", "relationship_satisfaction", "closeness", "desire", "stress")
    ),
    "items": "couple_id partner_id administration_id measure item answer reason",
    "outcomes": "couple_id sexual_weeks sexual_not_why sexual_both_weeks sexual_both_not_why relational_weeks"
    " relational_not_why relational_both_weeks relational_both_not_why which_first",
    "plans": "couple_id plan_id status stage opened_at",
    "scores": "couple_id partner_id administration_id score_id answered_at measure scale value reason prorated standard_error",
    "stages": "couple_id plan_id spell stage entered_at began_at left_at left_by pauses",
}
LEFT_OUT: Final[Mapping[str, str]] = {
    "concerns": "which concerns a couple has stands in `couples`, as far as it is not rare",
    "episodes": "why and after how long care ended stands in `couples`, in bands",
    "partners": "their numbers in the clinic are all it holds",
    "visits": "who knows the days of two visits would find the couple",
}
"""Tables that are not in it, and why; `couples` is another one."""
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "concern_ratings": ("partner_id", "concern_id", "rated_day"),
    "dyad_week": ("couple_id", "week_number"),
}
DAY: Final = "Counted in whole days from the day on which the couple's first care began, which is day 0."
RARE: Final = (Missing.TOO_RARE,)
BOTH_ONLY: Final = (Missing.TOO_RARE, Missing.WITHHELD_BY_CONSENT)
TRAITS: Final = (
    Column("concern", Type.CODE, "What the couple's first care began with.", BOTH_ONLY, vocabulary="concerns"),
    Column("protocol", Type.CODE, "The protocol of its first plan, or `none`.", BOTH_ONLY),
    Column("body_measures", Type.TEXT, "Measures for a certain body that each partner answered, or `none`.", RARE),
    Column("care_ended", Type.CODE, "Why care ended, whether it did, or `in_care`.", BOTH_ONLY),
    Column("care_length", Type.CODE, "How long care lasted, in bands.", BOTH_ONLY),
)
AGREED: Final = Column(
    "agreed", Type.CODE, "Whether rows are of one partner or of both.", categories=("both_partners", "one_partner")
)


@dataclass(frozen=True)
class Shape:
    """How one table leaves: its columns, and for each where it stands in the row that the record has."""

    table: Table
    columns: tuple[Column, ...]
    places: tuple[int, ...]
    dated: int | None
    """Where the day of a row stands, if rows have one."""


def shape_of(table: Table, at_hand: frozenset[str]) -> Shape:
    """A table's shape beside others that leave with it."""
    names = [column.name for column in table.columns]
    places = tuple(names.index(name) for name in KEPT[table.name].split())
    dated = next((place for place in places if table.columns[place].type in {Type.DATE, Type.MOMENT}), None)
    return Shape(table, tuple(_column(table.columns[place], at_hand) for place in places), places, dated)


def key_of(table: Table) -> tuple[str, ...]:
    """The columns that tell its rows apart once they are changed."""
    return KEYS.get(table.name, table.key)


def _column(column: Column, at_hand: frozenset[str]) -> Column:
    if column.type in {Type.DATE, Type.MOMENT}:
        name = f"{column.name.removesuffix('_on').removesuffix('_at')}_day"
        return replace(column, name=name, type=Type.INTEGER, unit="days", description=f"{column.description} {DAY}")
    if column.refers is not None and column.refers[0] not in at_hand:
        return replace(column, refers=None)
    return column


def known_tables() -> dict[str, str]:
    """The tables that can be asked for, each with the one permission that de-identified exports take."""
    return dict.fromkeys(sorted([*KEPT, COUPLES]), "deidentified:read")


def couples_columns() -> tuple[Column, ...]:
    """Those of the table that tells what an outsider may know of a couple, and the only one that does."""
    return (replace(COUPLE_ID, refers=None), AGREED, *TRAITS)
