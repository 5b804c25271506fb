"""Every on-track rule fires for what it says, and for nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.measures import MEASURES
from app.clinical.on_track import CALM, Apart, Flag, Homework, Planned, Seen, flags, on_track
from app.clinical.on_track_rules import PROPOSED, OnTrackRules
from app.clinical.track import Look, Track

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def track(*values: float | None, measure: str = "gmsex", partner: str = "a") -> Track:
    """A weekly series; None is a gap."""
    looks = tuple(
        Look(START + timedelta(weeks=week), value, None if value is not None else "skipped")
        for week, value in enumerate(values)
    )
    return Track(partner, MEASURES[measure], "total", looks)


def codes(seen: Seen, rules: OnTrackRules = PROPOSED) -> list[str]:
    """The codes of what was raised."""
    return [flag.code for flag in flags(seen, rules)]


def test_one_reliably_worse_look_is_no_alarm_and_two_in_a_row_are_red() -> None:
    assert "deteriorated_twice" not in codes(Seen((track(25, 26, 15),)))
    assert codes(Seen((track(25, 15, 14),)))[0] == "deteriorated_twice"
    assert on_track(flags(Seen((track(25, 15, 14),)))).colour == "red"


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
    assert on_track((), is_judged=False).sentence.endswith("no change can be judged yet.")
    assert on_track((), is_judged=False).code == "nothing_raised_unjudged"
    assert on_track(flags(Seen(open_signals=1)), is_judged=False).colour == "red"


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
    assert on_track(raised) == raised[0]
    assert raised[0].colour == "red"
    assert "Partner" not in raised[0].sentence


def test_nothing_raised_is_green() -> None:
    assert on_track(()) == CALM
    assert (CALM.code, CALM.colour) == ("nothing_raised", "green")


@given(st.lists(st.sampled_from(["red", "amber", "white"])))
def test_the_colour_is_the_most_urgent_raised_and_names_its_rule(colours: list[str]) -> None:
    raised = [Flag(f"rule_{colour}", colour, colour) for colour in colours]  # type: ignore[arg-type]  # drawn from the three
    found = on_track(raised)
    assert found.colour == next((colour for colour in ("red", "amber", "white") if colour in colours), "green")
    assert found.code == (f"rule_{found.colour}" if colours else "nothing_raised")


# FSDS-R: 11 or more is distress, and its change may not be classed; FSFI: 26.55 or less is at risk; GMSEX has no line.


def test_functional_twice_on_every_primary_measure_is_white_whether_or_not_anyone_recovered() -> None:
    well = track(8, 6, 5, measure="fsds_r")
    assert not well.has_improved
    (flag,) = flags(Seen((well, track(20, 20, 20)), primary=("fsds_r",)))
    assert (flag.code, flag.colour, flag.numbers) == ("functional_twice", "white", {"series": 1})
    assert flag.sentence == (
        "Every primary measure that has a line was on the functional side of its published line on the last 2 occasions."
    )


@pytest.mark.parametrize("values", [(15, 6), (15, 6, 11), (15, 11, 6), (6,), (15, None, 6)])
def test_one_look_on_the_functional_side_or_a_tie_with_the_line_is_not_white(values: tuple[float | None, ...]) -> None:
    assert "functional_twice" not in codes(Seen((track(*values, measure="fsds_r"),), primary=("fsds_r",)))


def test_the_line_is_on_the_side_the_measure_says() -> None:
    assert codes(Seen((track(25, 28, 28, measure="fsfi"),), primary=("fsfi",))) == ["functional_twice"]
    assert codes(Seen((track(28, 28, 26, measure="fsfi"),), primary=("fsfi",))) == []


def test_white_needs_both_partners_where_both_were_asked() -> None:
    a, b = track(15, 6, 5, measure="fsds_r"), track(15, 14, 5, measure="fsds_r", partner="b")
    assert codes(Seen((a, b), primary=("fsds_r",))) == []


def test_a_primary_measure_asked_without_a_score_holds_white_back() -> None:
    silent = track(None, None, measure="fsfi")
    assert codes(Seen((silent, track(5, 5, measure="fsds_r")), primary=("fsfi", "fsds_r"))) == []


def test_other_measures_do_not_hold_white_back_when_a_primary_one_has_a_line() -> None:
    tracks = (track(30, 30, 30, measure="csi16"), track(12, 4, 4, measure="fsds_r"))
    assert codes(Seen(tracks, primary=("gmsex", "fsds_r"))) == ["functional_twice"]
    assert codes(Seen(tracks, primary=("gmsex", "fsds_r", "csi16"))) == []


def test_a_good_mood_or_a_good_relationship_does_not_say_that_the_sexual_concern_has_passed() -> None:
    """A couple with little sex, never depressed and fond of each other: nothing of it says that care may end."""
    tracks = (track(60, 60, 60, measure="csi16"), track(3, 3, 3, measure="phq9"), track(20, 20, 20))
    for primary in ((), ("gmsex",), ("gmsex", "csi16"), ("csi16", "phq9")):
        assert codes(Seen(tracks, primary=primary)) == []


def test_half_of_a_plan_without_reliable_improvement_asks_as_six_visits_do() -> None:
    still = track(20, 21, 22)
    assert codes(Seen((still,), plans=(Planned(2, 6),))) == []
    (flag,) = flags(Seen((still,), plans=(Planned(0, 3), Planned(3, 6)), visits=5))
    assert flag.sentence.startswith("With 3 of 6 stages of a plan behind them no measure that can be judged")
    assert (flag.code, flag.numbers) == ("no_reliable_improvement", {"stages_behind": 3, "stages": 6})
    assert codes(Seen((track(20, 29),), plans=(Planned(6, 6),))) == []


def test_every_number_of_the_rules_can_be_set() -> None:
    worse, slipping, well = track(25, 15, 14), track(25, 22, 24, 22), track(15, 6, 5, measure="phq9")
    assert codes(Seen((worse,)), OnTrackRules(in_a_row=3)) == ["slipping"]
    assert codes(Seen((well,)), OnTrackRules(in_a_row=3)) == []
    assert codes(Seen((slipping,)), OnTrackRules(sems_worse=1.5)) == []
    assert codes(Seen((slipping,)), OnTrackRules(slips=3)) == []
    assert codes(Seen((slipping,)), OnTrackRules(look_back=2)) == []
    assert codes(Seen((track(20, 21),), visits=6), OnTrackRules(by_visit=7)) == []
    assert codes(Seen((track(20, 21),), plans=(Planned(1, 3),)), OnTrackRules(by_plan_share=0.3)) == ["no_reliable_improvement"]
    assert codes(Seen(homework=(Homework("a", ("not_done",)),)), OnTrackRules(missed_in_a_row=1)) == ["tasks_missed"]
    told = flags(Seen((track(25, 20, 20),)), OnTrackRules(sems_worse=1.5))[0].sentence
    assert "by 1.5 standard errors or more on 2 of the last 2" in told


@given(st.lists(st.integers(5, 35), min_size=2, max_size=12))
def test_a_mirrored_series_never_deteriorates_where_the_first_improves(values: list[int]) -> None:
    seen, mirrored = track(*values), track(*(2 * values[0] - value for value in values if 5 <= 2 * values[0] - value <= 35))
    if len(mirrored.looks) == len(values):
        assert not (seen.deteriorates(PROPOSED) and mirrored.deteriorates(PROPOSED))
