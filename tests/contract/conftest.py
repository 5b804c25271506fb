"""A full record for every test that asks for one; on SQLite it is told once a worker and copied."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.key_names import Owner
from app.core.key_store import WrappedKey
from app.core.settings import Settings
from tests.conftest import Clinic, Wristwatch
from tests.contract.world import World


@dataclass(frozen=True)
class Kept:
    """A record as it was when its last line was written, and who may open it."""

    record: bytes
    keys: list[WrappedKey]
    clinic_id: UUID
    key: str
    holder_id: str
    moment: datetime
    ids: dict[str, str]
    partners: list[str]

    @staticmethod
    def of(world: World) -> "Kept":
        """Copies what a world holds by now, after its last connection has brought everything into its file."""
        clinic, therapist = world.clinic, world.therapist
        clinic.app.state.runtime.database.close()
        found = clinic.settings.sqlite_file
        assert found is not None
        assert not found.with_name(found.name + "-wal").exists()
        moment, ids, partners = clinic.clock.moment, dict(world.ids), list(world.partners)
        keys = clinic.app.state.runtime.cache.store.all(clinic.id)
        return Kept(found.read_bytes(), keys, clinic.id, therapist.key, therapist.holder_id, moment, ids, partners)

    def again(self, app: Any, settings: Settings, clock: Wristwatch) -> World:
        """The same record once more, in the empty file of a test."""
        assert settings.sqlite_file is not None
        settings.sqlite_file.write_bytes(self.record)
        store = app.state.runtime.cache.store  # all records of a worker share it, and a test may have destroyed keys
        held = store.all(self.clinic_id)
        store.add(self.clinic_id, [key for key in self.keys if key not in held and key.owner is not Owner.CLINIC])
        clock.moment = self.moment
        clinic = Clinic(app, self.clinic_id, settings, clock)
        return World.found(clinic, clinic.caller(self.key, self.holder_id), dict(self.ids), list(self.partners))


@pytest.fixture(scope="session")
def kept_worlds() -> dict[str, Kept]:
    """The record that tests of this worker copy, once the first of them has told it."""
    return {}


@pytest.fixture
def world(
    request: pytest.FixtureRequest, kept_worlds: dict[str, Kept], app: Any, settings: Settings, clock: Wristwatch
) -> Iterator[World]:
    """A clinic with a full record of one couple."""
    if kept_worlds and settings.sqlite_file is not None:
        world = kept_worlds["sqlite"].again(app, settings, clock)
        yield world
        world.clinic.close()
        return
    world = World(request.getfixturevalue("clinic"), request.getfixturevalue("therapist"))
    if settings.sqlite_file is not None:
        kept_worlds["sqlite"] = Kept.of(world)
    yield world
