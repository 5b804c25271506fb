"""A score that counts answers of no activity stands in the record and is read against nothing, alone and in a batch."""

from datetime import UTC, datetime

import numpy as np
import pytest

from app.clinical.batch import score_batch
from app.clinical.measures import MEASURES
from app.clinical.scoring import score
from app.clinical.track import Look, Track
from app.measures.scoring import Content, interpret, score_all

IIEF = MEASURES["iief15"]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NO_ATTEMPT: dict[int, float | None] = {**dict.fromkeys(range(1, 16), 4), **dict.fromkeys(range(3, 9), 0)}


def test_a_batch_keeps_an_unread_score_with_its_reason() -> None:
    (alone,) = score_all(IIEF, [Content(NO_ATTEMPT, {})])
    sheet = score(IIEF, NO_ATTEMPT)
    assert alone.scales == sheet.scales
    assert (
        alone.withheld
        == sheet.withheld
        == {"ef": "no_activity", "intercourse_satisfaction": "no_activity", "total": "no_activity"}
    )


def test_a_stored_unread_score_is_never_interpreted() -> None:
    sheet = score(IIEF, NO_ATTEMPT)
    told = interpret(IIEF, Content(NO_ATTEMPT, {}), sheet.scales, sheet.validity)
    assert (told.meanings, told.bands, {cutoff.met for cutoff in told.cutoffs}) == ((), (), {None})


def test_a_missing_item_with_no_activity_as_its_reason_leaves_no_score() -> None:
    blank = {**NO_ATTEMPT, 3: None}
    assert score(IIEF, blank, {3: "no_activity"}).scales["ef"] is None
    row = np.array([[np.nan if blank[item.number] is None else blank[item.number] for item in IIEF.items]], dtype=np.float64)
    assert np.isnan(score_batch(IIEF, row, np.isnan(row)).scales["ef"][0])


@pytest.mark.parametrize("unread", [0, 1, 2])
def test_a_course_is_judged_by_the_scores_that_may_be_read(unread: int) -> None:
    looks = tuple(
        Look(NOON, value, "no_activity" if place == unread else None) for place, value in enumerate((12.0, 14.0, 24.0))
    )
    assert [look.value for look in Track("a", IIEF, "ef", looks).scored] == [
        value for place, value in enumerate((12.0, 14.0, 24.0)) if place != unread
    ]
