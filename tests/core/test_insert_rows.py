"""Many rows at once arrive as they were given, whatever they hold, and in their own clinic."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.access.models import Credential, Integration
from app.core.bulk import MANY_ROWS, insert_rows
from app.core.ids import decode, new_id
from app.core.signing import Purpose, SigningKey
from tests.conftest import Clinic

TEXTS = ("plain", 'quoted "and" {braced, listed}', "NULL", "back\\slash", "it's", "Zoë ☃", "")
WHEN = datetime(2026, 11, 22, 9, 0, 0, 123_000, UTC)


def integrations(many: int) -> list[dict[str, Any]]:
    """Rows that hold lists."""
    return [
        {
            "id": new_id(),
            "name": f"{number} {TEXTS[number % len(TEXTS)]}",
            "scopes": [TEXTS[number % len(TEXTS)], "couples:read"] if number % 2 else [],
            "created_at": WHEN,
            "ended_at": None if number % 3 else WHEN,
        }
        for number in range(many)
    ]


def keys(many: int) -> list[dict[str, Any]]:
    """Rows with bytes and ids."""
    held = [bytes([number % 256]) * number for number in range(many)]
    blank = {"purpose": Purpose.NOTE, "private": None, "created_at": WHEN, "retired_at": WHEN}
    return [{"id": new_id(), "public": one, **blank} for one in held]


def credentials(many: int) -> list[dict[str, Any]]:
    """Rows with a column in which nothing stands."""
    moments = {"created_at": WHEN, "expires_at": WHEN, "last_used_at": None, "revoked_at": None}
    texts = [TEXTS[number % len(TEXTS)] for number in range(many)]
    return [{"id": new_id(), "secret_hash": text, "integration_id": None, **moments} for text in texts]


@pytest.mark.parametrize("many", [1, len(TEXTS), MANY_ROWS + 1])
@pytest.mark.parametrize(("table", "make"), [(Integration, integrations), (SigningKey, keys), (Credential, credentials)])
def test_rows_are_read_back_as_they_were_inserted(
    clinic: Clinic, table: type[Any], make: Callable[[int], Any], many: int
) -> None:
    rows = make(many)
    if table is Credential:
        holder = decode("mem", clinic.member("thea").holder_id)
        rows = [{**row, "member_id": holder} for row in rows]
    with clinic.at_desk() as (session, _vault):
        insert_rows(session, table, rows)
    with clinic.at_desk() as (session, _vault):
        ids = [row["id"] for row in rows]
        stored = session.scalars(select(table).where(table.id.in_(ids)).order_by(table.id)).all()
        told = [{name: getattr(row, name) for name in rows[0]} for row in stored]
    assert told == rows
    assert {row.clinic_id for row in stored} == {clinic.id}


def test_no_rows_are_no_statement(clinic: Clinic) -> None:
    with clinic.at_desk() as (session, _vault):
        insert_rows(session, Integration, [])
        assert session.scalars(select(Integration)).all() == []
