"""What is told of two fits side by side, and of how many couples there are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.lags.reading import Names
from app.clinical.lags.results import ModelResult, Reading, ReadingCode
from app.direction.rules import agreement, in_whole_tens

NAMES = Names("sexual satisfaction", "closeness")


def fitted(code: ReadingCode | None) -> ModelResult:
    """A fit with this reading, or a refusal."""
    reading = None if code is None else Reading(code, "")
    return ModelResult(usable=code is not None, n_units=120, n_persons=120, n_occasions=6, n_pairs=600, reading=reading)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("x_leads", "x_leads", "Among partners A and among partners B alike sexual satisfaction came first."),
        ("y_leads", "y_leads", "Among partners A and among partners B alike closeness came first."),
        ("both_ways", "both_ways", "Among partners A and among partners B alike it went both ways."),
        ("cannot_tell", "cannot_tell", "Neither among partners A nor among partners B can be told which came first."),
        ("x_leads", "cannot_tell", "Partners A and partners B do not agree on which came first: take neither for the answer."),
        ("x_leads", None, "RI-CLPM has no answer for partners B, so it is not compared between them."),
        (None, "x_leads", "RI-CLPM has no answer for partners A, so it is not compared between them."),
        (None, None, "RI-CLPM has no answer for either partner, so it is not compared between them."),
    ],
)
def test_two_fits_agree_only_where_they_say_the_same(a: ReadingCode | None, b: ReadingCode | None, said: str) -> None:
    assert agreement(fitted(a), fitted(b), NAMES) == said


@given(st.integers(0, 10_000))
def test_a_number_of_couples_is_told_in_whole_tens_and_never_under_ten(number: int) -> None:
    told = in_whole_tens(number)
    assert int(re.sub(r"\D", "", told)) % 10 == 0
    assert told == in_whole_tens(number - number % 10)
