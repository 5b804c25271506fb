"""The rabbit-hole flag stands at the couples whose hours went past the concern, and not at those who only seem alike."""

from tests.demo.clinic.conftest import PLANTED, Told

pytestmark = PLANTED


def test_the_rabbit_hole_is_flagged_where_hours_went_past_the_concern_and_nowhere_else(told: Told) -> None:
    assert told.with_role("talking_but_better", "talking_with_a_plan", "talked_once")
    assert told.flagged("rabbit_hole") == told.with_role("rabbit_hole")
