"""A clinic's figures over HTTP: counted rightly, honest about partners, and silent about few."""

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic, Wristwatch
from tests.outcomes.clinics import BETTER, SAME, WORSE, close, line, of_both, read, treated


def test_try(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    today = clock()
    treated(therapist, today, "desire_discrepancy", [of_both(BETTER, BETTER)] * 7 + [of_both(SAME, BETTER)] * 3 + [of_both(WORSE, SAME)] * 2)
    import json
    print(json.dumps(read(therapist), indent=1)[:9000])
    assert 0
