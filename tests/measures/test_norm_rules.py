"""Norms that cannot be true of a scale are refused, each fault where it stands."""

from dataclasses import replace
from typing import Any

import pytest

from app.clinical.measures import MEASURES
from app.clinical.norms import NormSet, Reliability
from app.clinical.source import Source
from app.measures.norm_rules import check_new, too_few

CITED = Source("Doe & Roe 2024", "as_given")
GOOD = NormSet(
    "x", "total", "couples", 6.4, Reliability("total", "test_retest", 0.82, CITED), CITED, n=131,
    clinical_mean=19.2, functional_mean=28.9, functional_sd=5.1,
)  # fmt: skip


def faults(measure: str = "gmsex", reliability: float = 0.82, **changed: Any) -> list[tuple[str, str]]:
    """Where norms are wrong, and how."""
    stable = replace(GOOD.reliability, value=reliability)
    found = check_new(MEASURES[measure], replace(GOOD, reliability=stable, **changed))
    return [(fault.pointer, fault.code) for fault in found]


def test_norms_that_fit_have_no_fault() -> None:
    assert faults() == []
    assert faults(functional_mean=None, functional_sd=None, post_sd=6.0, post_reliability=0.9) == []
    assert faults("phq9", clinical_mean=14.0, functional_mean=4.0) == []


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"scale": "desire"}, [("/scale", "unknown_scale")]),
        ({"sd": 0.0}, [("/sd", "not_positive")]),
        ({"sd": 15.1}, [("/sd", "out_of_range")]),
        ({"reliability": 1.0}, [("/reliability/value", "out_of_range")]),
        ({"clinical_mean": 4.9}, [("/clinical_mean", "out_of_range")]),
        ({"functional_mean": 35.1}, [("/functional_mean", "out_of_range")]),
        ({"clinical_mean": 30.0}, [("/functional_mean", "groups_reversed")]),
        ({"functional_sd": -1.0}, [("/functional_sd", "not_positive")]),
        ({"functional_sd": None}, [("/functional_sd", "required")]),
        ({"functional_mean": None}, [("/functional_mean", "required")]),
        ({"post_sd": 6.0}, [("/post_reliability", "required")]),
        ({"post_reliability": 0.9}, [("/post_sd", "required")]),
        ({"post_sd": 99.0, "post_reliability": 1.0}, [("/post_sd", "out_of_range"), ("/post_reliability", "out_of_range")]),
    ],
)
def test_a_fault_stands_where_the_number_does(changed: dict[str, Any], wrong: list[tuple[str, str]]) -> None:
    assert faults(**changed) == wrong


def test_half_of_the_people_at_either_end_is_as_far_apart_as_a_group_can_be() -> None:
    assert faults(sd=15.05, n=131) == []  # 15 * sqrt(131 / 130)
    assert faults(sd=15.05, n=1000) == [("/sd", "out_of_range")]
    assert faults(sd=21.2, n=2) == []


def test_the_groups_of_a_distress_scale_stand_the_other_way_round() -> None:
    assert faults("phq9", clinical_mean=4.0, functional_mean=14.0) == [("/functional_mean", "groups_reversed")]


def test_the_refusal_says_how_many_it_takes() -> None:
    assert too_few(100).sentence == "Norms of this clinic's own take at least 100 baselines, in whole tens."
