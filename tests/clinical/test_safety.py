from itertools import product

import pytest

from app.clinical.safety import (
    CLEARANCE_WEEKS,
    PLISSIT,
    PRESSURE_PAUSE,
    PRESSURE_REVIEW,
    UNIVERSAL_BLOCKERS,
    may_deliver,
    pressure_response,
)


@pytest.mark.parametrize(
    ("pressure", "response"),
    [(None, "none"), (0, "none"), (2, "none"), (3, "review"), (6, "review"), (7, "pause"), (10, "pause")],
)
def test_pressure_asks_for_review_and_then_pauses(pressure: float | None, response: str) -> None:
    assert pressure_response(pressure) == response


@pytest.mark.parametrize("pressure", [None, 0, 5])
def test_any_force_pauses(pressure: float | None) -> None:
    assert pressure_response(pressure, force=True) == "pause"


def test_the_limits_are_those_of_the_gate() -> None:
    assert (PRESSURE_REVIEW, PRESSURE_PAUSE, CLEARANCE_WEEKS) == (3, 7, 12)


def test_a_therapist_may_deliver_what_is_no_deeper_than_attested() -> None:
    for required, attested in product(PLISSIT, PLISSIT):
        assert may_deliver(required, attested) == (PLISSIT.index(required) <= PLISSIT.index(attested))


def test_each_blocker_has_its_own_code() -> None:
    assert len({flag.code for flag in UNIVERSAL_BLOCKERS}) == len(UNIVERSAL_BLOCKERS) == 13
