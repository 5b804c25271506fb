import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.batch import score_batch
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.scoring import score
from app.errors import InvalidError
from tests.clinical.strategies import ANY_MEASURE, Given, given_answers
from tests.clinical.toys import ELSEWHERE

GMSEX = MEASURES["gmsex"]


def as_rows(measure: Measure, sent: list[Given]) -> tuple[np.ndarray, np.ndarray]:
    numbers = [item.number for item in measure.items]
    told = [[one.answers[number] for number in numbers] for one in sent]
    rows = np.array([[np.nan if value is None else value for value in row] for row in told], dtype=np.float64)
    idle = np.array([[one.reasons.get(number) == "no_activity" for number in numbers] for one in sent])
    return rows, idle


@given(data=st.data(), measure=ANY_MEASURE)
def test_a_batch_equals_scoring_each_alone(data: st.DataObject, measure: Measure) -> None:
    sent = data.draw(st.lists(given_answers(measure), min_size=1, max_size=6))
    rows, idle = as_rows(measure, sent)
    together = score_batch(measure, rows, idle)
    for place, one in enumerate(sent):
        alone = score(measure, one.answers, one.reasons)
        for code, value in alone.scales.items():
            found = together.scales[code][place]
            assert np.isnan(found) if value is None else found == pytest.approx(value)
        assert together.prorated[place] == alone.prorated
        assert together.inactive[place] == (alone.validity == "inactive_or_partial")
        assert together.incomplete[place] == (alone.validity == "incomplete")


def test_an_empty_batch_has_no_scores() -> None:
    assert score_batch(GMSEX, np.empty((0, 5))).scales["total"].shape == (0,)


def test_a_row_without_any_answer_has_no_score() -> None:
    scored = score_batch(GMSEX, np.full((1, 5), np.nan))
    assert np.isnan(scored.scales["total"][0])
    assert scored.incomplete[0]


def test_the_given_rows_are_left_as_they_are() -> None:
    rows = np.array([[1.0] * 19, [5.0] * 19])
    before = rows.copy()
    score_batch(MEASURES["fsfi"], rows)
    assert (rows == before).all()


@pytest.mark.parametrize("wrong", [0.0, 8.0, 4.5, np.inf, -np.inf])
def test_a_bad_cell_is_named_by_row_and_item(wrong: float) -> None:
    rows = np.full((3, 5), 4.0)
    rows[2, 1] = wrong
    with pytest.raises(InvalidError) as caught:
        score_batch(GMSEX, rows)
    assert [fault.pointer for fault in caught.value.faults] == ["/2/answers/2"]


def test_no_more_than_a_hundred_bad_cells_are_named() -> None:
    with pytest.raises(InvalidError) as caught:
        score_batch(GMSEX, np.full((1000, 5), 9.0))
    assert len(caught.value.faults) == 100


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(InvalidError) as caught:
        score_batch(GMSEX, np.full((2, 6), 4.0))
    assert [fault.code for fault in caught.value.faults] == ["wrong_shape"]


def test_scales_scored_elsewhere_stay_empty() -> None:
    assert np.isnan(score_batch(ELSEWHERE, np.empty((2, 0))).scales["t_score"]).all()


def test_a_safety_item_left_open_withholds_the_row_as_it_does_alone() -> None:
    rows = np.ones((2, 9))
    rows[0, 8] = np.nan
    rows[1, 0] = np.nan
    totals = score_batch(MEASURES["phq9"], rows).scales["total"]
    assert np.isnan(totals[0])
    assert totals[1] == 9
