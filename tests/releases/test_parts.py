"""A new table or column is in a copy, or left out for a reason; and whatever is of a couple goes with its erasure."""

import pytest
from sqlalchemy import inspect, text

from app.core.database import AppendOnlyRow, Base
from app.releases.deletion import KEPT, tables_of_couples
from app.releases.left_out import LEFT_OUT
from app.releases.parts import MECHANICS, PARTS, Part
from tests.conftest import Clinic

SHOWN = {part.model.__tablename__ for part in PARTS}
OF_COUPLES = {table.name: table for table in Base.metadata.sorted_tables if "couple_id" in table.c}
APPEND_ONLY = {str(one.local_table) for one in Base.registry.mappers if issubclass(one.class_, AppendOnlyRow)}


def test_every_table_of_a_couple_is_in_a_copy_or_left_out_for_a_reason() -> None:
    assert {name for name in OF_COUPLES if name not in SHOWN} == set(LEFT_OUT)
    assert not SHOWN & set(LEFT_OUT)
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.title)
def test_every_column_of_a_table_in_a_copy_was_decided_on(part: Part) -> None:
    columns = set(part.model.__mapper__.column_attrs.keys()) - MECHANICS
    assert columns == {*part.shows, *part.hides} - MECHANICS
    assert not set(part.shows) & set(part.hides)


def test_every_table_of_a_couple_is_deleted_but_the_trail_and_the_proof() -> None:
    deleted = {str(inspect(model).local_table) for model in tables_of_couples()}
    assert set(OF_COUPLES) - deleted == KEPT & set(OF_COUPLES)
    referring = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if key.referred_table.name in deleted - {"couple"} or key.referred_table.name == "couple"
    }
    assert referring <= deleted, "these would hold on to rows that are to go"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_append_only_table_of_a_couple_lets_an_erasure_delete(clinic: Clinic) -> None:
    """Where this fails, the step that makes the table calls `let_erasures_delete_from`."""
    query = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_delete'"
    with clinic.app.state.runtime.database.engine.connect() as connection:
        triggers = {row.tbl_name: row.sql for row in connection.execute(text(query))}
    assert set(triggers) == APPEND_ONLY
    assert {name for name, sql in triggers.items() if "FROM erasure" in sql} == APPEND_ONLY & {
        str(inspect(model).local_table) for model in tables_of_couples()
    }
