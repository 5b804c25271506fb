"""Schemathesis asks every operation what its document promises, and what it does not."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import missing_required_header, positive_data_acceptance

from app.access import service as access
from app.core.ids import new_id
from app.core.settings import Settings
from app.main import bare_app, create_app
from app.partner_pages.door import EXAMPLE
from tests.conftest import ENGINES, Clinic, Wristwatch
from tests.contract.world import World

EXAMPLES = int(os.environ.get("REKINDLE_FUZZ_EXAMPLES", "0"))
# PostgreSQL is the stricter of the two about what it is handed, so the gate asks it alone, and leaves the bounds of each field,
# one by one, to a longer run: `test_fuzzer.py` spoils twenty thousand requests in every run.
pytestmark = pytest.mark.parametrize("engine_name", ENGINES if EXAMPLES else ["postgresql"], indirect=True)


class Stage:
    """Whatever application the running test has put on it, with the ids of examples turned into those of its record."""

    def __init__(self) -> None:
        self.app: Any = None
        self.ids: dict[str, str] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hands the request on; whoever starts and ends it around each operation starts no chores."""
        if scope["type"] == "lifespan":
            while (told := (await receive())["type"]) != "lifespan.shutdown":
                await send({"type": f"{told}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        if "path" in scope:
            scope = {
                **scope,
                "path": "/".join(self._of_the_record(part) for part in scope["path"].split("/")),
            }
        await self.app(scope, receive, send)

    def _of_the_record(self, part: str) -> str:
        return self.ids["link"] if part == EXAMPLE else self.ids.get(part[:3], part) if part[3:4] == "_" else part


stage = Stage()
# What a schema cannot say (a code of a vocabulary, a time zone, a cursor, a version, the state of the record) is refused with
# one of these; everything else that the document allows must be taken.
BY_RULE = [200, 201, 202, 204, 207, 304, 400, 404, 409, 412, 422]
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": BY_RULE},
    "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 409, 412, 415, 422, 428]},
}
CONFIG = schemathesis.Config.from_dict({"checks": CHECKS})
schema = schemathesis.openapi.from_dict(bare_app().openapi(), config=CONFIG)
schema.app = stage


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, migrated_postgresql: Settings, key_file: Path
) -> dict[str, tuple[Any, World]]:
    """An application an engine with a full record, kept for all operations: whatever one of them did, the next must stand."""
    file = tmp_path_factory.mktemp("fuzz") / "record.db"
    shutil.copy(migrated_sqlite, file)
    sqlite = Settings(environment="demo", database_url=f"sqlite:///{file}", key_file=key_file, link_requests_per_minute=0)
    return {name: stand(settings) for name, settings in (("sqlite", sqlite), ("postgresql", migrated_postgresql))}


def stand(settings: Settings) -> tuple[Any, World]:
    """An application and a full record in it."""
    clock = Wristwatch()
    app = create_app(settings, clock)
    clinic = Clinic(app, access.new_clinic_id(), settings, clock)
    with clinic.at_desk() as (session, vault):
        access.create_clinic(session, vault, "A clinic", clock())
    world = World(clinic, clinic.member("thea"))
    assert world.supervisor.holder_id != world.administrator.holder_id  # who have to be there before the couple is archived
    return app, world


@pytest.fixture
def world(served: dict[str, tuple[Any, World]], engine_name: str) -> World:
    """The record that the stage serves."""
    app, world = served[engine_name]
    stage.app = app
    stage.ids = {name: value for name, value in world.ids.items() if len(name) == 3 or name == "link"}
    return world


@schema.parametrize()
@settings(
    max_examples=EXAMPLES or 5,
    phases=tuple(Phase) if EXAMPLES else (Phase.generate,),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_an_operation_keeps_to_its_document(case: Any, world: World) -> None:
    excluded = [missing_required_header]
    told = case.operation.definition.raw
    permission = told["x-permission"]
    if permission in {
        "sign_in",
        "exports:write",
    }:  # the document cannot say which password is right, nor who may have which table
        excluded.append(positive_data_acceptance)
    # The key is sent with every case, so one "without" it is an ordinary one; the walk tries every operation without a key.
    sender = world.sender(permission)
    if sender.get("/v1/me").status_code == 401:  # an operation before this one has ended their key, as it may
        sender = world.clinic.member(f"another-{new_id()}")
    if "step_up_required" in told["responses"].get("403", {}).get("x-codes", []):
        sender = world.clinic.sign_in_again(sender.holder_id)
    case.call_and_validate(headers={"Authorization": f"Bearer {sender.key}"}, excluded_checks=excluded)
