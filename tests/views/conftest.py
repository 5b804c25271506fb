"""The record of these tests, told once a test and undone after each pair."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.core import asgi
from tests.contract.conftest import kept_worlds, world
from tests.contract.world import World
from tests.views.record import Record, begun

__all__ = ["kept_worlds", "world"]


class Silent:
    """Writes no line: thousands of requests are asked here."""

    def info(self, *_event: object, **_told: object) -> None:
        """Nothing."""


@pytest.fixture
def record(world: World, app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Record]:
    """A couple's whole record on a stage."""
    before = app.state.runtime
    found = begun(world, before)
    monkeypatch.setattr(asgi, "log", Silent())
    yield found
    found.stage.close()
    found.stage.database.close()
    app.state.runtime = before
