"""Logs hold what is on the list and nothing that came from people."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from app.core.logs import ALLOWED, OURS, keep_allowed, log, set_up_logs
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple

MARK = "goldammer-2e9d"
NAMES = st.sampled_from([*ALLOWED, "event", "note", "path", "exception"]) | st.text(max_size=10)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.lists(st.text(), max_size=2)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, as a served process writes it."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    before = logging.getLogger().handlers[:]
    set_up_logs()
    yield written
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


@given(st.dictionaries(NAMES, VALUES))
def test_nothing_survives_but_listed_fields_of_their_type_without_sentences(event: dict[str, Any]) -> None:
    kept = keep_allowed(None, "info", dict(event))
    for key, value in kept.items():
        assert key in {*ALLOWED, *OURS, "event", "dropped_fields"}
        if key in ALLOWED:
            assert isinstance(value, ALLOWED[key])
            assert event[key] is value
            assert not isinstance(value, str) or (len(value) <= 200 and value.isascii() and " " not in value)
    assert set(kept["event"]) <= set("abcdefghijklmnopqrstuvwxyz_")
    assert kept.get("dropped_fields", 0) == len({*event, "event"} - set(kept))


def test_a_field_that_is_not_listed_is_counted_and_gone(lines: io.StringIO) -> None:
    log.info("request", status=200, note=MARK, path=f"/{MARK}", error=f"a sentence {MARK}")
    told = json.loads(lines.getvalue())
    assert (told["event"], told["status"], told["dropped_fields"]) == ("request", 200, 3)
    assert MARK not in lines.getvalue()


def test_a_sentence_as_an_event_is_not_written(lines: io.StringIO) -> None:
    log.info(f"could not read {MARK}")
    assert json.loads(lines.getvalue())["event"] == "unnamed"


@pytest.mark.parametrize("name", ["uvicorn.error", "sqlalchemy.pool", "asyncio", "anything", "uvicorn.access"])
def test_a_library_says_that_it_failed_and_not_with_which_words(lines: io.StringIO, name: str) -> None:
    try:
        int(MARK)
    except ValueError:
        logging.getLogger(name).exception("failed with %s", MARK)
    assert MARK not in lines.getvalue()
    if name != "uvicorn.access":
        told = json.loads(lines.getvalue())
        assert (told["logger"], told["error"], told["level"]) == (name, "ValueError", "error")


def test_a_whole_flow_leaves_lines_and_no_mark(clinic: Clinic, therapist: Caller, lines: io.StringIO) -> None:
    body = new_couple(MARK, external_id=MARK)
    for partner in ("partner_a", "partner_b"):
        body[partner] |= {"name": MARK, "pronouns": MARK, "contact": {"email": MARK, "telephone": MARK, "rules": MARK}}
    couple = therapist.post("/v1/couples", json=body).json()
    path = f"/v1/couples/{couple['id']}"
    odd = {"Idempotency-Key": MARK, "X-Request-ID": f"{MARK} !", "User-Agent": MARK}
    therapist.get(f"{path}/partners/{couple['partners'][0]['id']}", headers=odd)
    therapist.get(f"/v1/couples?external_id={MARK}")
    therapist.get(f"/v1/couples?{MARK}=1")
    therapist.get(f"/v1/{MARK}")
    therapist.post("/v1/couples", json=body | {MARK: MARK}, headers=odd)
    therapist.post("/v1/couples", json=body)
    therapist.patch(path, json={"time_zone": MARK}, headers={"If-Match": MARK})
    clinic.anonymous().get(path, headers={"Authorization": f"Bearer {MARK}"})
    written = lines.getvalue()
    told = [json.loads(line) for line in written.splitlines()]
    assert MARK not in written
    assert therapist.key not in written
    assert [line["status"] for line in told] == [201, 200, 200, 422, 404, 422, 409, 412, 401]
    assert all(line["request_id"] and "dropped_fields" not in line for line in told)
