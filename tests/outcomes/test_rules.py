"""Flags are raised for what they say, and for nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.measures import MEASURES
from app.outcomes.rules import Apart, Flag, Homework, Look, Seen, Track, colour_of, flags

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def track(*values: float | None, measure: str = "gmsex", partner: str = "a") -> Track:
    """A weekly series; None is a gap."""
    looks = tuple(
        Look(START + timedelta(weeks=week), value, None if value is not None else "skipped")
        for week, value in enumerate(values)
    )
    return Track(partner, MEASURES[measure], "total", looks)


def codes(seen: Seen) -> list[str]:
    """The codes of what was raised."""
    return [flag.code for flag in flags(seen)]


def test_one_reliably_worse_look_is_no_alarm_and_two_in_a_row_are_red() -> None:
    assert "deteriorated_twice" not in codes(Seen((track(25, 26, 15),)))
    assert codes(Seen((track(25, 15, 14),)))[0] == "deteriorated_twice"
    assert colour_of(flags(Seen((track(25, 15, 14),))))[0] == "red"


def test_a_gap_is_no_look() -> None:
    assert "deteriorated_twice" in codes(Seen((track(25, 15, None, 14),)))


def test_worse_by_a_standard_error_twice_of_three_is_slipping() -> None:
    # GMSEX: SD 7.03, r .84, so one standard error of measurement is 2.81 points
    assert codes(Seen((track(25, 22, 24, 22),))) == ["slipping"]
    assert codes(Seen((track(25, 23, 24, 23),))) == []


def test_the_sentence_of_slipping_counts_what_was_seen() -> None:
    sentences = [flag.sentence for flag in flags(Seen((track(25, 22, 22, 22),)))]
    assert sentences[0].endswith("by a standard error or more on 3 of the last 3 occasions.")


def test_a_published_threshold_gives_the_standard_error_it_implies() -> None:
    # PHQ-9: 6 points are 1.96 * sqrt(2) standard errors, so one of them is 2.16 points
    assert codes(Seen((track(10, 12, 12, measure="phq9"),))) == []
    assert codes(Seen((track(10, 13, 13, measure="phq9"),))) == ["slipping"]


def test_the_most_urgent_comes_first_whoever_it_is_about() -> None:
    seen = Seen((track(25, 22, 22), track(25, 15, 14, partner="b")), homework=(Homework("a", ("not_done",) * 2),))
    assert [flag.colour for flag in flags(seen)] == ["red", "amber", "amber"]


def test_partners_apart_are_told_with_the_scale_and_how_far() -> None:
    raised = flags(Seen(diverging=(Apart(MEASURES["gmsex"], "total", 2.4), Apart(MEASURES["phq9"], "mood", -2.0))))
    assert [flag.numbers for flag in raised] == [{"z": 2.4}, {"z": -2.0}]
    assert "Questionnaire (PHQ-9), mood differ by" in raised[1].sentence


def test_calm_that_nobody_judged_is_not_called_calm() -> None:
    assert colour_of((), is_judged=False)[1].endswith("no change can be judged yet.")
    assert colour_of(flags(Seen(open_signals=1)), is_judged=False)[0] == "red"


def test_six_visits_without_reliable_improvement_ask_for_a_look_and_an_improvement_answers_it() -> None:
    assert "no_reliable_improvement" in codes(Seen((track(20, 21, 22),), visits=6))
    assert "no_reliable_improvement" not in codes(Seen((track(20, 21, 22),), visits=5))
    assert "no_reliable_improvement" not in codes(Seen((track(20, 29, 29),), visits=9))


def test_a_measure_that_may_not_be_classified_raises_nothing() -> None:
    assert codes(Seen((track(60, 20, 20, 20, measure="csi16"),), visits=12)) == []


@pytest.mark.parametrize(("done", "raised"), [(("not_done",), False), (("declined", "not_done"), True)])
def test_two_tasks_left_out_in_a_row_ask_what_gets_in_the_way(done: tuple[str, ...], raised: bool) -> None:
    assert ("tasks_missed" in codes(Seen(homework=(Homework("b", ("within_rules", *done)),)))) is raised


def test_an_open_signal_is_red_and_says_nothing_of_whose_it_is() -> None:
    raised = flags(Seen(open_signals=1))
    assert colour_of(raised)[0] == "red"
    assert "Partner" not in raised[0].sentence


def test_nothing_raised_is_green() -> None:
    assert colour_of(())[0] == "green"


@given(st.lists(st.sampled_from(["red", "amber", "white"])))
def test_the_colour_is_the_most_urgent_raised(colours: list[str]) -> None:
    raised = [Flag("x", colour, colour) for colour in colours]  # type: ignore[arg-type]  # drawn from the three
    found, sentence = colour_of(raised)
    assert found == next((colour for colour in ("red", "amber", "white") if colour in colours), "green")
    assert sentence == (found if colours else "Nothing asks for a closer look.")


@given(st.lists(st.integers(5, 35), min_size=2, max_size=12))
def test_a_mirrored_series_never_deteriorates_where_the_first_improves(values: list[int]) -> None:
    seen, mirrored = track(*values), track(*(2 * values[0] - value for value in values if 5 <= 2 * values[0] - value <= 35))
    if len(mirrored.looks) == len(values):
        assert not (seen.deteriorates and mirrored.deteriorates)
