"""A couple in care, and two worlds: two files on SQLite, two clinics of one record on PostgreSQL, each with its own clock."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.access import service as access
from app.core.settings import Settings
from tests.conftest import Caller, Clinic, Wristwatch
from tests.databases import Databases
from tests.outcomes.records import Care, begun
from tests.outcomes.worlds import World


@pytest.fixture
def care(therapist: Caller, clock: Wristwatch) -> Care:
    """A couple in care for a difference in desire, in Berlin, since the 22nd of November."""
    return begun(therapist, clock.moment)


def _world(name: str, app: Any, databases: Databases, settings: Settings) -> World:
    # one delay for everything that is delayed by chance, so that what happens at the same moment shows at the same moment
    alike = {"pause_delay_hours": (12.0, 12.0), "menu_shown_days": (14.0, 14.0), "threads": 2, "rabbit_hole_visits": 1}
    fixed = settings.model_copy(update=alike)
    clock = Wristwatch()
    runtime = app.state.runtime = databases.runtime(fixed, clock, name)
    clinic = Clinic(app, access.new_clinic_id(), fixed, clock)
    with clinic.at_desk() as (session, vault):
        access.create_clinic(session, vault, "A clinic", clock())
    return World(name, app, runtime, clock, clinic, clinic.member("thea"), clinic.integration(), clinic.anonymous())


@pytest.fixture
def worlds(
    app: Any, databases: Databases, settings: Settings, engine_name: str, tmp_path: Path
) -> Iterator[tuple[World, World]]:
    """Two worlds alike."""
    found = settings.sqlite_file
    second = settings
    if found is not None:
        shutil.copy(found, tmp_path / "other.db")
        second = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{tmp_path / 'other.db'}")})
    assert (found is not None) == (engine_name == "sqlite")
    before = app.state.runtime
    pair = (_world("w1", app, databases, settings), _world("w2", app, databases, second))
    yield pair
    for world in pair:
        world.clinic.close()
        databases.release(world.runtime)
    app.state.runtime = before
