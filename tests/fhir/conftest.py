"""A couple's whole record on a stage, and clients that read it as FHIR."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.access.smart import TYPES
from app.core import asgi
from tests.contract.conftest import kept_worlds, world
from tests.contract.world import World
from tests.fhir.walk import Nameless, Walker
from tests.views.conftest import Silent
from tests.views.record import Record, begun

__all__ = ["kept_worlds", "world"]

# Who may know couples holds both of these; `system/*.rs` holds them too.
OF_COUPLES = ("Group", "RelatedPerson")


@dataclass(frozen=True)
class Read:
    """The record, and three clients: with every type, without the two that say who is whose partner, and with one of them."""

    record: Record
    wide: Walker
    narrow: Walker
    half: Walker


@pytest.fixture
def read(world: World, app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """A couple's whole record, and who reads it as FHIR."""
    before = app.state.runtime
    keys = {
        "wide": world.clinic.integration("wide", {"system/*.rs"}).key,
        "narrow": world.clinic.integration("narrow", {f"system/{one}.rs" for one in TYPES if one not in OF_COUPLES}).key,
        "half": world.clinic.integration("half", {f"system/{one}.rs" for one in TYPES if one != "Group"}).key,
    }
    record = begun(world, before)
    record.stage.close()
    record.stage = Nameless(world.clinic.app, record.stage.runtime, record.stage.database, world.clinic.clock)
    monkeypatch.setattr(asgi, "log", Silent())
    found = Read(record, *(Walker(record, key) for key in keys.values()))
    for walker in (found.wide, found.narrow, found.half):  # each key notes its use at the moments of all looks
        for at in (record.shown, record.later):
            record.stage.tell([walker.asked("/fhir/Patient?_summary=count")[1]], at)
    yield found
    record.stage.close()
    record.stage.database.close()
    app.state.runtime = before
