"""The outcomes of the invented clinic show what was planted in it, and only that."""

from math import sqrt

from app.demo.clinic.truths import TURNED
from tests.demo.clinic.conftest import PLANTED, Told

pytestmark = PLANTED

UP_TO_NOISE = 1.96


def test_two_bad_answers_in_a_row_are_flagged_at_the_partner_who_worsens_and_nowhere_else(told: Told) -> None:
    worsening = told.with_role("worsening")
    assert worsening
    assert told.flagged("deteriorated_twice") == worsening
    for label in worsening:
        sentences = [one["sentence"] for one in told.outcomes[label]["flags"] if one["code"] == "deteriorated_twice"]
        assert len(sentences) == 1
        assert sentences[0].startswith("Partner B: Global Measure of Sexual Satisfaction")
        assert told.outcomes[label]["on_track"]["colour"] == "red"


def test_nobody_slips(told: Told) -> None:
    assert told.flagged("slipping") == set()


def test_the_partners_diverge_where_one_is_ahead_or_one_worsens(told: Told) -> None:
    assert told.flagged("partners_diverge") == told.with_role("one_ahead", "worsening")


def test_pressure_is_a_signal_at_the_couple_where_it_was_felt_and_its_plan_is_paused(told: Told) -> None:
    pressed = told.with_role("pressed")
    assert told.flagged("safety_signal_open") == pressed
    for label in pressed:
        assert [plan["status"] for plan in told.outcomes[label]["plans"]] == ["paused"]


def test_tasks_are_missed_where_they_were_left_undone(told: Told) -> None:
    assert told.flagged("tasks_missed") == told.with_role("tasks_missed")


def test_no_improvement_is_said_of_those_who_came_long_enough_and_did_not_improve(told: Told) -> None:
    expected = set()
    for pair, homework, visits in zip(told.year.pairs, told.year.homework, told.year.visits, strict=True):
        has_ended = homework is not None and homework.windows and homework.ends == "completed"
        if not pair.is_better and (has_ended or len(visits) >= 6):
            expected.add(pair.label)
    assert told.flagged("no_reliable_improvement") == expected


def test_every_partner_is_classified_as_was_planted(told: Told) -> None:
    for pair in told.year.pairs:
        for number, (slot, one) in enumerate(sorted(told.series(pair, "gmsex").items())):
            planted = "unchanged" if pair.improves_in[number] is None else "improved"
            if pair.role == "worsening" and slot == "b":
                planted = "deteriorated"
            assert one["change"]["class"] == planted, (pair, slot)


def test_relationships_recover_where_they_follow_and_mood_changes_nowhere(told: Told) -> None:
    for pair in told.year.pairs:
        for number, (slot, one) in enumerate(sorted(told.series(pair, "rdas").items())):
            if one["change"] is not None:  # there is one answer only of those who left early
                follows = pair.follows_in[number] is not None
                assert one["change"]["class"] == ("recovered" if follows else "unchanged"), (pair, slot)
        for one in told.series(pair, "phq9").values():
            assert one["change"] is None or one["change"]["class"] == "unchanged"
        for one in told.series(pair, "csi4").values():
            assert one["change"] is None or one["change"]["class"] == "not_classifiable"


def test_occasions_turn_around_at_the_planted_rate(told: Told) -> None:
    rates = [partner["turn_around"] for one in told.outcomes.values() for partner in one["partners"]]
    n = sum(rate["n"] for rate in rates if rate["better"] is not None)
    better = sum(rate["better"] for rate in rates if rate["better"] is not None)
    assert n > 300
    assert abs(better / n - TURNED) < UP_TO_NOISE * sqrt(TURNED * (1 - TURNED) / n)
    assert sum(rate["pressured_excluded"] for rate in rates) == 1
    counting = [one.counts for homework in told.year.homework if homework for both in homework.tried for one in both]
    assert sum(rate["n"] for rate in rates) == sum(counting)


def test_gaps_stay_gaps_with_their_reason(told: Told) -> None:
    planted = [one for one in told.year.asked if one.reason is not None]
    assert {one.reason for one in planted} == {"declined", "no_activity"}
    for pair in told.year.pairs:
        for measure in ("gmsex", "fsfi"):
            for number, slot in enumerate("ab"):
                those = [one for one in planted if (one.couple, one.partner, one.measure) == (pair.number, number, measure)]
                series = told.series(pair, measure).get(slot)
                shown = [] if series is None else [point["missing"] for point in series["points"] if point["missing"]]
                assert len(shown) == len(those)
