"""Every scale says which side of the couple's life it measures, if any."""

import pytest

from app.clinical.domains import DOMAINS, domain_of
from app.clinical.measures import MEASURES

ALL = [(measure, scale.code) for measure in MEASURES.values() for scale in measure.scales]


@pytest.mark.parametrize(
    ("measure", "scale", "domain"),
    [
        ("gmsex", "total", "sexual"),
        ("fsds_r", "total", "sexual"),
        ("csi16", "total", "relational"),
        ("rdas", "cohesion", "relational"),
        ("mmq", "marital", "relational"),
        ("mmq", "sexual", "sexual"),
        ("mmq", "general_life", None),
        ("griss", "non_communication", "sexual"),
        ("rekindle_pulse", "sexual_satisfaction", "sexual"),
        ("rekindle_pulse", "closeness", "relational"),
        ("rekindle_pulse", "stress", None),
        ("rekindle_pulse", "irritability_tolerance", None),
        ("rekindle_pulse", "hours_since_satisfying_intimacy", None),
        ("phq9", "total", None),
        ("srs", "total", None),
        ("gmsex", "no_such_scale", None),
    ],
)
def test_a_scale_belongs_to_the_side_it_asks_about(measure: str, scale: str, domain: str | None) -> None:
    assert domain_of(MEASURES[measure], scale) == domain


def test_what_asks_about_a_sexual_construct_alone_is_sexual_and_a_safety_screen_is_on_neither_side() -> None:
    for measure, scale in ALL:
        if measure.kind == "safety_screen":
            assert domain_of(measure, scale) is None, measure.code
        elif measure.kind == "outcome" and all("sexual" in construct for construct in measure.constructs):
            assert domain_of(measure, scale) == "sexual", measure.code


def test_both_sides_can_be_measured_and_so_can_what_is_on_neither() -> None:
    assert {domain_of(measure, scale) for measure, scale in ALL} == {*DOMAINS, None}
