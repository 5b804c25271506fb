"""A full record of one couple, as clinic software finds it."""

import pytest

from tests.conftest import Caller, Clinic
from tests.contract.world import World


@pytest.fixture
def world(clinic: Clinic, therapist: Caller) -> World:
    """A clinic with a full record of one couple."""
    return World(clinic, therapist)
