"""Messages are what Standard Webhooks says, as its own library reads them, and attempts come when they should."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from app.webhooks.rules import LONGEST_JITTER, WAITS, headers, message, new_secret, wait_after

HOURS = 3_600


def test_every_secret_that_is_held_is_enough_to_check_a_message_and_no_other_is() -> None:
    held, other, now = [new_secret() for _ in range(3)], new_secret(), datetime.now(UTC)
    body = message("couple.changed", "cpl_1", now)
    told = dict(headers("whd_1", now, body, held))
    for secret in held:
        assert Webhook(secret).verify(body, told) == json.loads(body)
        for wrong in (body.replace(b"cpl_1", b"cpl_2"), body + b" "):
            with pytest.raises(WebhookVerificationError):
                Webhook(secret).verify(wrong, told)
        for name in ("webhook-id", "webhook-timestamp"):
            with pytest.raises(WebhookVerificationError):
                Webhook(secret).verify(body, told | {name: told[name][:-1] + ("0" if told[name][-1] != "0" else "1")})
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(body, told)


def test_a_secret_is_as_long_as_the_standard_asks_and_never_the_same_twice() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b64decode(secret.removeprefix("whsec_"))) for secret in made} == {32}


def test_a_message_says_what_changed_when_and_nothing_else() -> None:
    body = message("check_in.changed", "chk_1", datetime(2026, 11, 22, 9, 0, 1, 234_567, tzinfo=UTC))
    told = {"type": "check_in.changed", "timestamp": "2026-11-22T09:00:01.234Z", "data": {"id": "chk_1"}}
    assert json.loads(body) == told


@given(st.floats(0, 1))
def test_attempts_are_spread_over_three_days_and_never_come_early(chance: float) -> None:
    waits = [wait_after(failures, chance) for failures in range(1, 11)]
    assert waits[-1] is None
    told = [5, 300, 1_800, 2 * HOURS, 5 * HOURS, 10 * HOURS, 14 * HOURS, 20 * HOURS, 24 * HOURS]
    assert [one.total_seconds() for one in WAITS] == told
    for wait, least in zip(waits, WAITS, strict=False):
        assert wait is not None
        assert least <= wait <= least * (1 + LONGEST_JITTER) + timedelta(seconds=1)
