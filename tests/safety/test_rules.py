"""The gate and the clearance as pure rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from app.clinical.protocols import PROTOCOLS
from app.safety.rules import (
    CLEARANCE_LASTS,
    ClearanceAsked,
    ClearanceIncompleteError,
    ClearanceStanding,
    Condition,
    ConsentScopeError,
    PartnerStanding,
    PlanCannotGoOnNowError,
    Standing,
    check_clearance,
    check_consent_scope,
    check_open,
    explained,
    unmet_conditions,
)

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
READY = PartnerStanding(screened=True, consented=True)
CLEARED = ClearanceStanding("cleared", NOW - timedelta(weeks=1), NOW + timedelta(weeks=11))
OPEN = Standing(READY, READY, CLEARED)
TODAY = date(2026, 11, 22)
ASKED = ClearanceAsked("cleared", TODAY, TODAY, (), has_reason=False)


def test_with_everything_met_the_gate_is_open() -> None:
    assert unmet_conditions(OPEN, NOW) == ()


@pytest.mark.parametrize(
    ("standing", "condition"),
    [
        (replace(OPEN, a=replace(READY, screened=False)), Condition.SCREEN_MISSING_A),
        (replace(OPEN, b=replace(READY, screened=False)), Condition.SCREEN_MISSING_B),
        (replace(OPEN, a=replace(READY, consented=False)), Condition.CONSENT_MISSING_A),
        (replace(OPEN, b=replace(READY, consented=False)), Condition.CONSENT_MISSING_B),
        (replace(OPEN, clearance=None), Condition.CLEARANCE_MISSING),
        (replace(OPEN, clearance=replace(CLEARED, decision="blocked")), Condition.CLEARANCE_BLOCKED),
        (replace(OPEN, clearance=replace(CLEARED, expires_at=NOW)), Condition.CLEARANCE_EXPIRED),
        (replace(OPEN, alarmed_at=CLEARED.decided_at), Condition.CLEARANCE_OVERTAKEN),
        (replace(OPEN, signal_open=True), Condition.SIGNAL_OPEN),
    ],
)
def test_each_condition_closes_the_gate_by_itself(standing: Standing, condition: Condition) -> None:
    assert unmet_conditions(standing, NOW) == (condition,)


def test_an_alarm_before_the_clearance_was_weighed_in_it() -> None:
    assert unmet_conditions(replace(OPEN, alarmed_at=CLEARED.decided_at - timedelta(seconds=1)), NOW) == ()


def test_nothing_recorded_is_never_enough() -> None:
    for screens, consents in product((True, False), repeat=2):
        partner = PartnerStanding(screens, consents)
        assert Condition.CLEARANCE_MISSING in unmet_conditions(Standing(partner, partner), NOW)
    assert len(unmet_conditions(Standing(PartnerStanding(), PartnerStanding()), NOW)) == 5


def test_conditions_are_named_only_to_those_who_may_know() -> None:
    for may_know, told in ((True, ["consent_missing_b"]), (False, [])):
        with pytest.raises(PlanCannotGoOnNowError) as refused:
            check_open(explained([Condition.CONSENT_MISSING_B]), may_know=may_know)
        assert [fault.code for fault in refused.value.faults] == told


@pytest.mark.parametrize(
    ("asked", "needs_review", "pointers"),
    [
        (ASKED, False, []),
        (replace(ASKED, interviewed_b_on=None), False, ["/interviewed_b_on"]),
        (replace(ASKED, interviewed_a_on=TODAY + timedelta(days=1)), False, ["/interviewed_a_on"]),
        (replace(ASKED, interviewed_a_on=TODAY - CLEARANCE_LASTS - timedelta(days=1)), False, ["/interviewed_a_on"]),
        (replace(ASKED, blockers=("untreated_infection",)), False, ["/blockers"]),
        (replace(ASKED, blockers=("moonlight",), decision="blocked", has_reason=True), False, ["/blockers/0"]),
        (replace(ASKED, decision="blocked"), False, ["/blockers", "/reason"]),
        (ASKED, True, ["/reason"]),
        (replace(ASKED, has_reason=True), True, []),
    ],
)
def test_a_clearance_rests_on_what_it_says(asked: ClearanceAsked, needs_review: bool, pointers: list[str]) -> None:
    found: list[str] = []
    try:
        check_clearance(asked, TODAY, screen_needs_review=needs_review)
    except ClearanceIncompleteError as error:
        found = [fault.pointer for fault in error.faults]
    assert found == pointers


@pytest.mark.parametrize(
    ("kind", "protocol", "stage", "named"),
    [
        ("homework_stage", None, 1, False),
        ("homework_stage", "sensate_focus", None, True),
        ("homework_stage", "sensate_focus", 6, True),
        ("therapy", None, 1, False),
        ("data_sharing", "sensate_focus", None, True),
    ],
)
def test_a_consent_names_what_it_is_to(kind: str, protocol: str | None, stage: int | None, named: bool) -> None:
    with pytest.raises(ConsentScopeError):
        check_consent_scope(kind, PROTOCOLS.get(protocol or ""), stage, named=named)
