"""Schemathesis asks every operation what its document promises, and what it does not."""

from typing import Any, ClassVar

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from app.main import bare_app
from tests.conftest import Caller, Clinic
from tests.contract.world import World


class Stage:
    """Whatever application the running test has put on it, with the ids of examples turned into those of its record."""

    app: Any = None
    ids: ClassVar[dict[str, str]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hands the request on."""
        if "path" in scope:
            scope = {**scope, "path": "/".join(self.ids.get(part[:3], part) for part in scope["path"].split("/"))}
        await self.app(scope, receive, send)


stage = Stage()
# What a schema cannot say (a code of a vocabulary, a time zone, a cursor, a version, the state of the record) is refused with
# one of these; everything else that the document allows must be taken.
BY_RULE = [200, 201, 204, 207, 304, 400, 404, 409, 412, 422]
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": BY_RULE},
    "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 409, 412, 415, 422, 428]},
    "missing_required_header": {"expected-statuses": [401, 422, 428]},
}
CONFIG = schemathesis.Config.from_dict({"checks": CHECKS})
schema = schemathesis.openapi.from_dict(bare_app().openapi(), config=CONFIG)
schema.app = stage


@pytest.fixture
def key(clinic: Clinic, therapist: Caller) -> str:
    """A therapist's key to a record that the stage serves."""
    stage.app = clinic.app
    stage.ids = {name: value for name, value in World(clinic, therapist).ids.items() if len(name) == 3}
    return therapist.key


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_an_operation_keeps_to_its_document(case: schemathesis.Case, key: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"})
