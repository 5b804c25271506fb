"""Nothing that is sent comes back in a problem or a log line: a marked secret goes into every field of every operation."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from app.core.logs import set_up_logs
from tests.conftest import Caller
from tests.contract.calls import Call, call
from tests.contract.test_openapi import BY_LINK, OPERATIONS
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


def refused(one: Call, caller: Caller) -> Iterator[Any]:
    """Answers that are problems, to every marked body, path, query and header."""
    for body in marked(one.json) if one.json is not None else ():
        yield caller.request(one.method, one.path, json=body, headers=one.headers)
    for field in one.form or ():
        yield caller.request(one.method, one.path, data={**(one.form or {}), field: SECRET})
    below = one.path.partition("?")[0] + "/" + SECRET + "_"  # without the last sign it is a well-formed language tag
    yield caller.request(one.method, below, json=one.json)
    yield caller.request(one.method, one.path.partition("?")[0] + "?" + SECRET + "=" + SECRET, json=one.json)
    for header in ("If-Match", "Idempotency-Key", "Authorization", "Content-Type"):
        yield caller.request(one.method, one.path, json=one.json, headers={header: SECRET + " x"})


@contextmanager
def logs() -> Iterator[None]:
    """Logs as a served process writes them, on the standard error of the running test."""
    before = logging.getLogger().handlers[:]
    set_up_logs()
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


# PostgreSQL alone: its errors repeat values, SQLite's do not.
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_secret_sent_anywhere_stands_in_no_problem_and_no_log(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    with logs():
        for name, (_method, _path, told) in OPERATIONS.items():
            sender = world.sender(told["x-permission"])
            assert counted(call(name, world.ids), sender) >= (2 if name in BY_LINK else 3), name
    written = capfd.readouterr()
    assert SECRET not in written.err + written.out
    assert written.err.count('"event": "request"') > len(OPERATIONS)


def counted(one: Call, caller: Caller) -> int:
    """How many problems the marked requests of an operation got; none of them may repeat the secret."""
    problems = [found for found in refused(one, caller) if found.status_code >= 400]
    for found in problems:
        assert found.status_code < 500, (one.operation, found.text)
        assert SECRET not in found.text, (one.operation, found.text)
        assert not any(SECRET in value for value in found.headers.values()), one.operation
    return len(problems)
