"""Two clinics for the tests of what keeps them apart."""

from collections.abc import Callable

import pytest

from tests.conftest import Clinic
from tests.core.two_clinics import Two, two_clinics


@pytest.fixture
def two(new_clinic: Callable[[], Clinic]) -> Two:
    """Two clinics with a therapist and a couple each."""
    return two_clinics(new_clinic)
