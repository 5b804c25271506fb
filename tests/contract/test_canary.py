"""Nothing that is sent comes back in a problem or a log line: a marked secret goes into every field of every operation."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.core.logs import set_up_logs
from tests.conftest import Caller, Clinic
from tests.contract.calls import Call, call
from tests.contract.test_openapi import OPERATIONS
from tests.contract.world import World

SECRET = "zq-canary-7f3a"


def marked(value: Any) -> Iterator[Any]:
    """The body again and again, with the secret in another place each time; also as an unknown field and key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            for other in marked(inner):
                yield {**value, key: other}
            yield {**value, key: SECRET}
            yield {**value, key: {SECRET: SECRET}}
        yield {**value, SECRET: 1}
        yield {**value, "unknown": SECRET}
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            for other in marked(inner):
                yield [*value[:number], other, *value[number + 1 :]]
        yield [*value, SECRET]


@pytest.fixture
def world(clinic: Clinic, therapist: Caller) -> World:
    """A clinic with a full record of one couple."""
    return World(clinic, therapist)


def refused(one: Call, caller: Caller) -> Iterator[Any]:
    """Answers that are problems, to every marked body, path, query and header."""
    for body in marked(one.json) if one.json is not None else ():
        yield caller.request(one.method, one.path, json=body, headers=one.headers)
    yield caller.request(one.method, one.path.partition("?")[0] + "/" + SECRET, json=one.json)
    yield caller.request(one.method, one.path.partition("?")[0] + "?" + SECRET + "=" + SECRET, json=one.json)
    for header in ("If-Match", "Idempotency-Key", "Authorization", "Content-Type"):
        yield caller.request(one.method, one.path, json=one.json, headers={header: SECRET + " x"})


@pytest.fixture
def logs(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Logs as a served process writes them, for the length of a test."""
    before = logging.getLogger().handlers[:]
    set_up_logs()
    yield capfd
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


def test_a_secret_sent_anywhere_stands_in_no_problem_and_no_log(world: World, logs: pytest.CaptureFixture[str]) -> None:
    for name in OPERATIONS:
        problems = 0
        for found in refused(call(name, world.ids), world.therapist):
            if found.status_code >= 400:
                problems += 1
                assert found.status_code < 500, (name, found.text)
                assert SECRET not in found.text, (name, found.text)
                assert not any(SECRET in value for value in found.headers.values()), name
        assert problems >= 3, name
    told = logs.readouterr()
    assert SECRET not in told.err + told.out
    assert told.err.count('"event": "request"') > len(OPERATIONS)
