"""Draws answers that a measure accepts."""

from dataclasses import dataclass

from hypothesis import strategies as st

from app.clinical.measure import Item, Measure
from app.clinical.measures import MEASURES
from tests.clinical.toys import TOYS

# A measure scored elsewhere has no items to answer.
ANY_MEASURE = st.sampled_from([*(one for one in MEASURES.values() if not one.scored_elsewhere_only), *TOYS])
MISSING = ("skipped", "declined", "not_asked")


@dataclass(frozen=True)
class Given:
    """What one partner sent."""

    answers: dict[int, float | None]
    reasons: dict[int, str]


def answer(item: Item) -> st.SearchStrategy[float]:
    steps = round((item.high - item.low) / item.step)
    if item.step == 1:
        return st.integers(int(item.low), int(item.high))
    return st.integers(0, steps).map(lambda step: round(item.low + step * item.step, 6))


def complete(measure: Measure) -> st.SearchStrategy[dict[int, float | None]]:
    return st.fixed_dictionaries({item.number: answer(item) for item in measure.items})


@st.composite
def given_answers(draw: st.DrawFn, measure: Measure) -> Given:
    """Complete or incomplete answers, with reasons."""
    answers = draw(complete(measure))
    empty = draw(st.sets(st.sampled_from([item.number for item in measure.items]), max_size=draw(st.integers(0, 4))))
    reasons = {number: draw(st.sampled_from((*MISSING, "no_activity"))) for number in sorted(empty)}
    return Given(answers | dict.fromkeys(empty), reasons)
