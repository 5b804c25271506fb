"""What is planted in the invented year is found again in it by numpy alone, and nothing else is there."""

from collections import Counter
from math import sqrt

import numpy as np
import pytest

from app.demo.clinic.courses import PRESSED
from app.demo.clinic.truths import AFTERGLOW, AFTERGLOW_HOURS, BETTER, KEPT, LEAD, ROLES, TURNED, Setting
from app.demo.clinic.weeks import MEANS_SPREAD, RELATIONAL, SEXUAL, deviations, innovations, invent_pulses
from app.demo.clinic.year import Year, invent
from tests.demo.clinic.settings import LARGE, SMALL, STILL, YEAR

GMSEX_RELIABLE, RDAS_RELIABLE, PHQ9_RELIABLE = 7.8, 11.58, 6


@pytest.fixture(scope="module")
def year() -> Year:
    """The documented year."""
    return invent(YEAR)


def lagged(answers: np.ndarray, answered: np.ndarray, cause: int, effect: int) -> tuple[float, float]:
    """The standardised within-person path from one domain to the next week of the other, and its standard error by couple."""
    seen = np.where(answered[..., np.newaxis], answers, np.nan)
    out, own, other = seen[:, :, 1:, effect], seen[:, :, :-1, effect], seen[:, :, :-1, cause]
    whole = ~np.isnan(out + own + other)
    centred = []
    for part in (out, own, other):
        kept = np.where(whole, part, np.nan)
        centred.append(np.where(whole, kept - np.nanmean(kept, axis=2, keepdims=True), 0))
    y, design = centred[0], np.stack(centred[1:], axis=-1)
    bread = np.linalg.inv(np.einsum("cpti,cptj->ij", design, design))
    slopes = bread @ np.einsum("cpti,cpt->i", design, y)
    scores = np.einsum("cpti,cpt->ci", design, y - design @ slopes)
    error = sqrt((bread @ (scores.T @ scores) @ bread)[1, 1])
    scale = sqrt(float((centred[2] ** 2).sum() / (y**2).sum()))
    return float(slopes[1]) * scale, error * scale


def test_the_same_setting_gives_the_same_year_and_another_seed_another() -> None:
    once, again, other = invent(SMALL), invent(SMALL), invent(Setting(64, 24, seed=1))
    assert (once.pairs, once.asked, once.homework, once.visits) == (again.pairs, again.asked, again.homework, again.visits)
    assert np.array_equal(once.pulses.answers, again.pulses.answers, equal_nan=True)
    assert once.asked != other.asked


def test_the_process_has_the_lead_and_unit_weeks_before_anything_is_rounded() -> None:
    weeks = deviations(LARGE, np.random.default_rng(1))
    assert weeks.std(axis=(0, 1, 3)) == pytest.approx([1, 1], abs=0.01)
    everything = np.ones((LARGE.couples, 2, LARGE.weeks), dtype=bool)
    columns = np.moveaxis(weeks, 2, -1)
    leads, _ = lagged(columns, everything, SEXUAL, RELATIONAL)
    reverse, _ = lagged(columns, everything, RELATIONAL, SEXUAL)
    assert leads == pytest.approx(LEAD, abs=0.01)
    assert reverse == pytest.approx(0, abs=0.01)


def test_rounding_to_whole_points_takes_little_of_the_lead_and_makes_no_lead_the_other_way() -> None:
    pulses = invent_pulses(LARGE, np.random.default_rng(2))
    leads, _ = lagged(pulses.answers, pulses.answered, SEXUAL, RELATIONAL)
    reverse, _ = lagged(pulses.answers, pulses.answered, RELATIONAL, SEXUAL)
    assert 0.95 * LEAD < leads <= LEAD + 0.01
    assert reverse == pytest.approx(0, abs=0.012)


@pytest.mark.parametrize("setting", [YEAR, SMALL], ids=["year", "small"])
def test_the_planted_lead_is_found_and_the_reverse_is_not(setting: Setting) -> None:
    pulses = invent(setting).pulses
    leads, error = lagged(pulses.answers, pulses.answered, SEXUAL, RELATIONAL)
    reverse, reverse_error = lagged(pulses.answers, pulses.answered, RELATIONAL, SEXUAL)
    assert leads - 1.96 * error > 0
    assert abs(leads - LEAD) < 1.96 * error + 0.01
    assert abs(reverse) < 1.96 * reverse_error


def test_without_a_lead_neither_direction_is_found() -> None:
    pulses = invent(STILL).pulses
    for cause, effect in ((SEXUAL, RELATIONAL), (RELATIONAL, SEXUAL)):
        path, error = lagged(pulses.answers, pulses.answered, cause, effect)
        assert abs(path) < 1.96 * error


def test_persons_differ_and_their_means_go_together() -> None:
    answers = invent_pulses(LARGE, np.random.default_rng(3)).answers
    means = answers[..., :2].mean(axis=2).reshape(LARGE.couples, 4)  # A's and B's, sexual and relational
    together = np.corrcoef(means.T)
    assert means.std(axis=0) == pytest.approx(MEANS_SPREAD, abs=0.12)
    assert together[0, 1] > 0.4  # own domains
    assert together[0, 2] > 0.3  # the same domain of both partners


def test_closeness_and_tolerance_are_higher_soon_after_intimacy_by_what_was_planted(year: Year) -> None:
    answers = year.pulses.answers
    hours = answers[..., 6]
    soon, later = hours <= AFTERGLOW_HOURS, hours > AFTERGLOW_HOURS
    for item in (2, 5):
        gained = answers[..., item][soon].mean() - answers[..., item][later].mean()
        assert gained == pytest.approx(AFTERGLOW, abs=0.15)
    for item in (SEXUAL, RELATIONAL, 3, 4):
        assert answers[..., item][soon].mean() - answers[..., item][later].mean() == pytest.approx(0, abs=0.15)


def test_the_hours_fit_together_from_week_to_week(year: Year) -> None:
    hours = year.pulses.answers[..., 6]
    before, after = hours[..., :-1], hours[..., 1:]
    both = ~np.isnan(before + after)
    assert np.all((after[both] <= 168) | (after[both] == before[both] + 168))
    assert np.nanmax(hours) < 8760


@pytest.mark.parametrize("setting", [YEAR, SMALL], ids=["year", "small"])
def test_the_share_of_couples_that_become_better_is_exact_in_every_concern(setting: Setting) -> None:
    found = invent(setting)
    for concern, share in BETTER.items():
        those = [pair for pair in found.pairs if pair.concern == concern]
        assert sum(pair.is_better for pair in those) == round(share * len(those)), concern
    counted = Counter(pair.role for pair in found.pairs)
    assert {role: counted[role] for role in ROLES} == {
        role: max(fewest, round(share * setting.couples)) for role, (share, fewest) in ROLES.items()
    }


@pytest.mark.parametrize("setting", [YEAR, SMALL], ids=["year", "small"])
def test_sexual_satisfaction_is_reliably_better_from_the_planted_week_and_for_nobody_else(setting: Setting) -> None:
    found = invent(setting)
    for pair in found.pairs:
        for partner, better in enumerate(pair.improves_in):
            totals = found.totals(pair, partner, "gmsex")
            gains = {week: total - totals[0] for week, total in totals.items()}
            reliable = [week for week, gained in gains.items() if gained >= GMSEX_RELIABLE]
            assert reliable == ([] if better is None else [week for week in gains if week >= better])
            assert min(reliable, default=None) == better


@pytest.mark.parametrize("setting", [YEAR, SMALL], ids=["year", "small"])
def test_one_partner_worsens_in_the_last_two_answers_where_it_is_planted_and_nobody_else_at_all(setting: Setting) -> None:
    found = invent(setting)
    for pair in found.pairs:
        for partner in (0, 1):
            for measure, reliable in (("gmsex", GMSEX_RELIABLE), ("rdas", RDAS_RELIABLE), ("phq9", PHQ9_RELIABLE)):
                totals = found.totals(pair, partner, measure)
                sign = -1 if measure == "phq9" else 1
                gains = [sign * (total - totals[0]) for _, total in sorted(totals.items())]
                worse = [gained <= -reliable for gained in gains]
                planted = (pair.role, partner, measure) == ("worsening", 1, "gmsex")
                assert sum(worse) == (2 if planted else 0)
                assert not planted or worse[-2:] == [True, True]


def test_occasions_turn_at_the_planted_rate_and_others_at_another(year: Year) -> None:
    tried = [one for homework in year.homework if homework for both in homework.tried for one in both]
    counting = [one.turned for one in tried if one.counts]
    n = len(counting)
    assert n > 1500
    assert abs(sum(counting) / n - TURNED) < 1.96 * sqrt(TURNED * (1 - TURNED) / n)
    others = [one.turned for one in tried if not one.counts and one.mood_before is not None]
    assert abs(sum(others) / len(others) - TURNED) > 0.1
    assert sum(one.pressure == PRESSED for one in tried) == 1


def test_homework_is_kept_at_the_planted_rates_but_for_the_last_occasion_which_is_done(year: Year) -> None:
    for protocol, kept in KEPT.items():
        tried = [
            one.done == "within_rules"
            for pair, homework in zip(year.pairs, year.homework, strict=True)
            if homework and pair.protocol == protocol and pair.role not in {"tasks_missed", "pressed"}
            for both in [both for window in homework.occasions for both in window][:-1]
            for one in both
        ]
        assert abs(sum(tried) / len(tried) - kept) < 1.96 * sqrt(kept * (1 - kept) / len(tried))


def test_nobody_leaves_two_tasks_undone_at_the_end_but_those_who_are_meant_to(year: Year) -> None:
    for pair, homework in zip(year.pairs, year.homework, strict=True):
        if homework is None:
            continue
        for partner in (0, 1):
            done = [both[partner].done for both in homework.tried]
            undone = [one in {"not_done", "declined"} for one in done[-2:]]
            assert (len(undone) == 2 and all(undone)) == (pair.role == "tasks_missed" and partner == 1)


def test_only_those_who_are_meant_to_spend_their_hours_talking(year: Year) -> None:
    for pair, visits in zip(year.pairs, year.visits, strict=True):
        talking = [minutes.get("communication", 0) > 25 for minutes in visits.values()]
        if pair.role in {"rabbit_hole", "talking_but_better", "talking_with_a_plan"}:
            assert not talking[0]
            assert all(talking[1:])
            assert len(talking) >= 5
        else:
            assert sum(talking) == (pair.role == "talked_once")


def test_a_clinic_too_small_for_its_shares_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        invent(Setting(couples=26, weeks=20))


def test_innovations_leave_weeks_of_one_whatever_the_lead() -> None:
    for lead in (0.0, 0.1, 0.3):
        spread_x, spread_y = innovations(lead)
        assert 0 < spread_y <= spread_x < 1
