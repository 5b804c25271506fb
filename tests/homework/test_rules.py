"""Targets, delays, windows and what counts as offered, as pure rules."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.concerns import CONCERNS, Domain
from app.clinical.protocols import PROTOCOLS
from app.errors import Fault
from app.homework.rules import (
    CompetenceNotAttestedError,
    MustStartFromSexualConcernError,
    Offer,
    OverrideNeedsReasonError,
    ProtocolDoesNotFitError,
    WindowInvalidError,
    check_competence,
    check_override,
    check_target,
    check_window,
    next_stage,
    occasions_offered,
    pause_shows_at,
    pressure_response,
)
from app.protocols.rules import without_strangers

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FOCUS = PROTOCOLS["sensate_focus"]
WEEK = Offer(TODAY - timedelta(days=10), TODAY - timedelta(days=4), 3, 1)


@pytest.mark.parametrize("slug", sorted(CONCERNS))
def test_a_plan_aims_at_a_sexual_concern_its_protocol_is_meant_for(slug: str) -> None:
    if CONCERNS[slug].domain is not Domain.SEXUAL:
        with pytest.raises(MustStartFromSexualConcernError) as refused:
            check_target(slug, FOCUS)
        assert all(start in refused.value.faults[0].detail for start in CONCERNS[slug].starts_at)
    elif slug not in FOCUS.targets:
        with pytest.raises(ProtocolDoesNotFitError):
            check_target(slug, FOCUS)
    else:
        check_target(slug, FOCUS)


@pytest.mark.parametrize(("stage", "attested", "may"), [(1, "LI", False), (1, "SS", True), (2, "SS", False), (2, "IT", True)])
def test_a_stage_asks_for_its_depth_of_training(stage: int, attested: str, may: bool) -> None:
    if may:
        check_competence(FOCUS, stage, attested)
    else:
        with pytest.raises(CompetenceNotAttestedError):
            check_competence(FOCUS, stage, attested)


def test_nobody_attested_may_deliver_nothing() -> None:
    with pytest.raises(CompetenceNotAttestedError):
        check_competence(FOCUS, 1, None)


@given(st.integers(), st.floats(0, 100), st.floats(0, 100))
def test_a_pause_shows_within_the_hours_that_were_set(seed: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    shown = pause_shows_at(NOW, (low, high), Random(seed)) - NOW  # noqa: S311 - a seeded one, to repeat a failure
    assert timedelta(hours=low) - timedelta(milliseconds=1) <= shown <= timedelta(hours=high) + timedelta(milliseconds=1)


def test_the_delay_of_a_pause_is_spread_evenly() -> None:
    random = Random(7)  # noqa: S311 - a seeded one, to repeat a failure
    hours = [(pause_shows_at(NOW, (12, 60), random) - NOW).total_seconds() / 3600 for _ in range(2000)]
    quarters = [sum(low <= hour < low + 12 for hour in hours) for low in (12, 24, 36, 48)]
    assert all(400 < quarter < 600 for quarter in quarters)


@pytest.mark.parametrize(("ends_after", "fits"), [(-1, False), (0, True), (92, True), (93, False)])
def test_a_window_ends_when_it_starts_or_later(ends_after: int, fits: bool) -> None:
    if fits:
        check_window(TODAY, TODAY + timedelta(days=ends_after))
    else:
        with pytest.raises(WindowInvalidError):
            check_window(TODAY, TODAY + timedelta(days=ends_after))


@pytest.mark.parametrize(
    ("pressure", "response"), [(0, "none"), (2, "none"), (3, "review"), (6, "review"), (7, "pause"), (10, "pause")]
)
def test_pressure_calls_for_review_and_then_for_a_pause(pressure: int, response: str) -> None:
    assert pressure_response(pressure, {"pressure_review": 3, "pressure_pause": 7}) == response


def test_a_plan_may_be_stricter_about_pressure() -> None:
    assert pressure_response(5, {"pressure_review": 1, "pressure_pause": 5}) == "pause"


@pytest.mark.parametrize(
    ("stage", "decision", "following"),
    [(1, "advance", 2), (5, "advance", None), (1, "step_back", 1), (3, "step_back", 2), (3, "hold", 3)],
)
def test_a_decision_leads_to_a_stage_or_to_the_end(stage: int, decision: str, following: int | None) -> None:
    assert next_stage(FOCUS, stage, decision) == following


def test_only_a_departure_from_the_verdict_needs_a_reason() -> None:
    check_override("hold", "hold", None)
    check_override("hold", "advance", "They are ready.")
    with pytest.raises(OverrideNeedsReasonError):
        check_override("stop", "hold", None)


@pytest.mark.parametrize(
    ("offer", "breaks", "offered"),
    [
        (WEEK, [], 3),
        (Offer(WEEK.starts_on, WEEK.ends_on, 3, 5), [], 5),
        (Offer(WEEK.starts_on, TODAY, 3, 1), [], 1),
        (WEEK, [WEEK.starts_on + timedelta(days=2)], 1),
        (WEEK, [WEEK.ends_on + timedelta(days=1)], 3),
    ],
)
def test_an_open_or_interrupted_window_offered_what_was_answered(offer: Offer, breaks: list[date], offered: int) -> None:
    assert occasions_offered([offer], breaks, TODAY) == offered


def test_names_that_came_from_outside_are_never_repeated() -> None:
    faults = without_strangers([Fault("/log/secret", "unknown_field", ""), Fault("/log/pain", "out_of_range", "")])
    assert [fault.pointer for fault in faults] == ["/log/*", "/log/pain"]
