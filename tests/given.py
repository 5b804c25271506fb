"""What tests of many slices begin with."""

import pytest

from tests.conftest import Caller, Clinic
from tests.safety.records import Pair, new_pair


@pytest.fixture
def pair(therapist: Caller) -> Pair:
    """A couple with an open episode, and the therapist who sees it."""
    return new_pair(therapist)


@pytest.fixture
def ehr(clinic: Clinic) -> Caller:
    """Clinic software that may do all that a machine account may."""
    return clinic.integration()
