"""What leaves is decided table by table and column by column; nothing that names or dates anybody is among it."""

from app.exports.columns import Type
from app.exports.deidentified.shape import COUPLES, KEPT, LEFT_OUT, couples_columns, shape_of
from app.exports.deidentified.traits import NAMES
from app.exports.tables import tables

NAMING = {
    "external_id",
    "record_number",
    "time_zone",
    "language",
    "created_at",
    "archived_at",
    "as_of",
    "week",
    "concern",
    "protocol",
}


def test_of_every_table_it_is_decided_whether_it_leaves() -> None:
    assert set(tables()) == KEPT.keys() | LEFT_OUT.keys() | {COUPLES}


def test_no_column_that_leaves_holds_a_date_or_a_name_and_ids_lead_only_where_there_is_something() -> None:
    for name in KEPT:
        shape = shape_of(tables()[name], frozenset(KEPT))
        for column in shape.columns:
            assert column.type not in {Type.DATE, Type.MOMENT}
            assert column.name not in NAMING
            assert column.refers is None or column.refers[0] in KEPT


def test_what_is_known_of_a_couple_stands_in_the_table_of_couples_and_nowhere_else() -> None:
    assert [column.name for column in couples_columns()][2:] == list(NAMES)
