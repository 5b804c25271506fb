import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.lags.reading import NO_CAUSE, Difference, Evidence, Names, read

SEEN = Evidence(0.2, 0.1, 0.3, seen=True)
UNSEEN = Evidence(0.05, -0.05, 0.15, seen=False)
ALIKE, UNLIKE = Difference(-0.1, 0.2), Difference(0.1, 0.2)


@pytest.mark.parametrize(
    ("forward", "back", "code", "begins"),
    [
        (SEEN, SEEN, "both_ways", "Both ways. When desire was above"),
        (SEEN, UNSEEN, "x_leads", "This way: desire first. When desire was above"),
        (UNSEEN, SEEN, "y_leads", "This way: closeness first. When closeness was above"),
        (UNSEEN, UNSEEN, "cannot_tell", "Cannot tell. Whether desire was followed by closeness cannot be told"),
    ],
)
def test_what_was_seen_decides_the_reading(forward: Evidence, back: Evidence, code: str, begins: str) -> None:
    reading = read(forward, back, ALIKE, Names("desire", "closeness"))
    assert reading.code == code
    assert reading.sentence.startswith(begins)


EVIDENCE = st.builds(Evidence, st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), seen=st.booleans(), doubt=st.none())
DIFFERENCE = st.builds(Difference, st.floats(-1, 1), st.floats(-1, 1))


@given(EVIDENCE, EVIDENCE, DIFFERENCE)
def test_every_reading_says_that_it_shows_no_cause_and_none_says_that_there_is_no_effect(
    forward: Evidence, back: Evidence, difference: Difference
) -> None:
    sentence = read(forward, back, difference, Names()).sentence
    assert sentence.endswith(NO_CAUSE)
    assert "no effect" not in sentence
    assert "not related" not in sentence


def test_directions_that_chance_alone_may_tell_apart_are_said_to_be_alike() -> None:
    assert "cannot be told apart in strength" in read(SEEN, UNSEEN, ALIKE, Names()).sentence
    assert "differ by more than chance" in read(SEEN, UNSEEN, UNLIKE, Names()).sentence
    assert UNLIKE.told_apart
    assert Difference(-0.2, -0.1).told_apart


def test_a_path_downwards_is_told_as_one() -> None:
    assert "y tended to be lower" in read(Evidence(-0.2, -0.3, -0.1, seen=True), UNSEEN, ALIKE, Names()).sentence


def test_why_a_path_is_doubted_is_said() -> None:
    doubted = Evidence(0.2, 0.1, 0.3, seen=False, doubt="which the tide may have made")
    assert "interval 0.10 to 0.30, which the tide may have made)" in read(doubted, UNSEEN, ALIKE, Names()).sentence
