"""Software with an endpoint."""

import pytest

from tests.conftest import Caller, Clinic
from tests.peer import Peer
from tests.webhooks.records import Hooks


@pytest.fixture
def hooks(clinic: Clinic, away: Peer) -> Hooks:
    """A clinic whose operator lets webhooks go to this machine."""
    return Hooks(clinic, away)


@pytest.fixture
def ehr(clinic: Clinic) -> Caller:
    """Software that reads couples, homework and answers, and has webhooks of its own."""
    scopes = {"couples:read", "homework:read", "administrations:read", "webhooks:read", "webhooks:write"}
    return clinic.integration("ehr", scopes)
