"""Two worlds, as the outcomes are compared in, and one couple with a full record."""

import pytest

from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.outcomes.conftest import worlds as worlds  # noqa: PLC0414 - pytest finds a fixture where it is named


@pytest.fixture
def world(clinic: Clinic, therapist: Caller) -> World:
    """A clinic with a full record of one couple."""
    return World(clinic, therapist)
