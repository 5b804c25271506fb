import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.group_change import (
    FEWEST,
    Moments,
    change_index,
    difference_reliability,
    group_change,
    passage_index,
)
from tests.clinical.change_cases import FSFI_NORMS

WORKED = Moments(19.2, 23.0, FSFI_NORMS.sd, 7.20, 0.55, FSFI_NORMS.reliability.value, 0.90)


def test_the_worked_reliability_of_differences() -> None:
    assert difference_reliability(WORKED) == pytest.approx(0.758, abs=0.0005)


def test_the_worked_change_is_reliable() -> None:
    assert change_index(1, 18.4, 27.1, WORKED) == pytest.approx(2.66, abs=0.005)


def test_the_worked_passage_is_not_confident_although_the_raw_score_is_past_the_line() -> None:
    line, post = 25.485, 27.1
    assert post > line
    assert passage_index(1, post, WORKED, line) == pytest.approx(0.56, abs=0.005)


def test_fewer_than_fifty_people_are_not_judged() -> None:
    report = group_change(1, [(float(n), n + 5.0) for n in range(FEWEST - 1)], (0.88, 0.9))
    assert (report.members, report.reason) == ((), "too_few")


def test_differences_that_are_all_noise_are_not_judged() -> None:
    assert group_change(1, [(1.0, 2.0)] * FEWEST, (0.88, 0.9)).reason == "no_reliable_differences"
    jumping = [(float(n % 5), float((n * 3) % 7)) for n in range(60)]
    assert group_change(1, jumping, (0.05, 0.05)).reason == "no_reliable_differences"


PAIRS = st.lists(st.tuples(st.floats(0, 40), st.floats(0, 40)), min_size=FEWEST, max_size=FEWEST)


@given(PAIRS)
def test_a_scale_turned_round_gives_the_same_judgement(pairs: list[tuple[float, float]]) -> None:
    there = group_change(1, pairs, (0.9, 0.9), 20)
    turned = group_change(-1, [(40 - pre, 40 - post) for pre, post in pairs], (0.9, 0.9), 20)
    assert there.reason == turned.reason
    for one, other in zip(there.members, turned.members, strict=True):
        assert one.change_index == pytest.approx(other.change_index, abs=1e-6, rel=1e-6)


def test_a_group_that_improved_is_found_and_a_line_is_optional() -> None:
    pairs = [(10 + n % 7, 22 + (n * 3) % 8) for n in range(60)]
    report = group_change(1, [(float(pre), float(post)) for pre, post in pairs], (0.9, 0.9))
    assert report.reason is None
    assert {member.change for member in report.members} == {"improved"}
    assert {member.passed for member in report.members} == {None}


def test_far_past_the_line_is_passed() -> None:
    pairs = [(10.0 + n % 7, 30.0 + (n * 3) % 8) for n in range(60)]
    assert all(member.passed for member in group_change(1, pairs, (0.9, 0.9), 15).members)


@given(PAIRS)
def test_change_and_passage_count_from_one_point_sixty_five(pairs: list[tuple[float, float]]) -> None:
    for member in group_change(1, pairs, (0.9, 0.9), 20).members:
        assert (member.change == "improved") == (member.change_index >= 1.65)
        assert (member.change == "deteriorated") == (member.change_index <= -1.65)
        assert member.passage_index is not None
        assert member.passed == (member.passage_index >= 1.65)
