"""States as tables: a thing stands where what happened to it led."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.lives import after

LIFE = {"open": {"use": "used", "run_out": "expired"}, "used": {}, "expired": {"revoke": "revoked"}, "revoked": {}}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("happened", "stands"),
    [
        ([], "open"),
        ([(None, "use")], "open"),
        ([(LATER, "run_out"), (NOON, "use")], "used"),
        ([(LATER, "use"), (NOON, "run_out")], "expired"),
        ([(NOON, "revoke"), (NOON, "run_out")], "expired"),
        ([(NOON, "run_out"), (NOON, "revoke")], "revoked"),
    ],
)
def test_what_happened_leads_on_in_its_order_and_where_there_is_an_arrow(
    happened: list[tuple[datetime | None, str]], stands: str
) -> None:
    assert after(LIFE, "open", happened) == stands
