"""Which red flags and preconditions keep a protocol from running, over every protocol and any course of findings."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.gates import PRECONDITIONS, RED_FLAGS
from app.clinical.protocol import Protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import UNIVERSAL_BLOCKERS
from app.safety.flag_rules import ExpiryInvalidError, Finding, check_expiry, flag_faults, latest, precondition_faults

TODAY = date(2026, 11, 22)
A, B = UUID(int=1), UUID(int=2)
DAYS = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))
ABOUT = st.sampled_from([A, B, None])
NEEDING = st.sampled_from([protocol for protocol in PROTOCOLS.values() if protocol.preconditions])
ANY = st.sampled_from(list(PROTOCOLS.values()))
CODES = st.sets(st.sampled_from(sorted(RED_FLAGS)))
UNIVERSAL = {blocker.code for blocker in UNIVERSAL_BLOCKERS}
# When it holds until, and whether it does today; the day of expiry still counts.
EXPIRIES = [(None, True), (TODAY, True), (TODAY + timedelta(days=1), True), (TODAY - timedelta(days=1), False)]


def findings() -> st.SearchStrategy[list[Finding]]:
    """Records as clinicians may make them, oldest first."""
    expiry = st.none() | DAYS
    met = st.builds(Finding, st.sampled_from(sorted(PRECONDITIONS)), ABOUT, st.just(value=True), expiry)
    not_met = st.builds(Finding, st.sampled_from(sorted(PRECONDITIONS)), ABOUT, st.just(value=False), st.none())
    return st.lists(met | not_met, max_size=12)


def missing(protocol: Protocol, found: Sequence[Finding], practising: UUID | None = None, today: date = TODAY) -> set[str]:
    """Codes of the preconditions that a protocol still waits for."""
    faults = list(precondition_faults(protocol, found, practising, today))
    assert {fault.code for fault in faults} <= {"precondition_missing"}
    named = {one.code for one in protocol.preconditions if any(f"`{one.code}`" in fault.detail for fault in faults)}
    assert len(named) == len(faults)
    return named


# Alone, together, touching: what more forbids each.
HOW = {
    (False, False): {"under_age"},
    (False, True): {"under_age", "coercion_or_violence", "unwilling_partner", "legal_restriction"},
    (True, True): UNIVERSAL,
}


@given(protocol=ANY, opened=CODES, how=st.sampled_from(list(HOW)))
def test_exactly_the_open_flags_that_forbid_an_exercise_are_told_each_once(
    protocol: Protocol, opened: set[str], how: tuple[bool, bool]
) -> None:
    touch, together = how
    expected = opened & ({flag.code for flag in protocol.contraindications} | HOW[how])
    faults = list(flag_faults(protocol, [*opened, *opened], shared_touch=touch, together=together))
    assert [fault.code for fault in faults] == ["red_flag_open"] * len(expected)
    assert all(f"`{code}`" in fault.detail for code, fault in zip(sorted(expected), faults, strict=True))


@given(protocol=ANY, opened=CODES, more=CODES)
def test_another_flag_never_opens_a_gate(protocol: Protocol, opened: set[str], more: set[str]) -> None:
    for touch, together in HOW:
        before = set(flag_faults(protocol, opened, shared_touch=touch, together=together))
        assert before <= set(flag_faults(protocol, opened | more, shared_touch=touch, together=together))


@given(protocol=ANY, opened=CODES)
def test_what_forbids_an_exercise_alone_forbids_it_together(protocol: Protocol, opened: set[str]) -> None:
    alone, together, touching = (set(flag_faults(protocol, opened, shared_touch=one, together=two)) for one, two in HOW)
    assert alone <= together <= touching


@pytest.mark.parametrize("code", PROTOCOLS)
def test_a_flag_of_no_protocol_and_of_no_blocker_forbids_nothing(code: str) -> None:
    assert list(flag_faults(PROTOCOLS[code], ["no_such_flag"], shared_touch=True, together=True)) == []


@given(records=findings())
def test_the_last_record_about_the_same_counts_and_every_other_is_forgotten(records: list[Finding]) -> None:
    found = latest(records)
    assert {(one.code, one.about) for one in found} == {(one.code, one.about) for one in records}
    assert len(found) == len({(one.code, one.about) for one in found})
    for one in found:
        assert one is [record for record in records if (record.code, record.about) == (one.code, one.about)][-1]


@given(protocol=NEEDING, practising=ABOUT)
def test_silence_meets_nothing(protocol: Protocol, practising: UUID | None) -> None:
    assert missing(protocol, [], practising) == {one.code for one in protocol.preconditions}


@pytest.mark.parametrize(("expires_on", "holds"), EXPIRIES)
@given(protocol=NEEDING)
def test_what_is_met_holds_through_its_last_day(protocol: Protocol, expires_on: date | None, holds: bool) -> None:
    found = [Finding(one.code, None, met=True, expires_on=expires_on) for one in protocol.preconditions]
    assert (missing(protocol, found) == set()) == holds


@given(protocol=NEEDING, about=ABOUT, practising=ABOUT)
def test_it_has_to_be_met_of_the_couple_or_of_the_one_who_practises(
    protocol: Protocol, about: UUID | None, practising: UUID | None
) -> None:
    found = [Finding(one.code, about, met=True, expires_on=None) for one in protocol.preconditions]
    assert (missing(protocol, found, practising) == set()) == (about is None or about == practising)


@given(protocol=NEEDING)
def test_where_nobody_practises_apart_it_may_be_met_of_each(protocol: Protocol) -> None:
    found = [Finding(one.code, about, met=True, expires_on=None) for one in protocol.preconditions for about in (A, B)]
    assert missing(protocol, found) == set()


@given(protocol=NEEDING, records=findings(), about=ABOUT, practising=ABOUT)
def test_what_is_not_met_closes_the_gate_whatever_else_is_and_whomever_it_is_about(
    protocol: Protocol, records: list[Finding], about: UUID | None, practising: UUID | None
) -> None:
    denied = Finding(protocol.preconditions[0].code, about, met=False, expires_on=None)
    assert denied.code in missing(protocol, latest([*records, denied]), practising)


@given(protocol=NEEDING, records=findings(), practising=ABOUT, days=st.integers(0, 400))
def test_time_alone_meets_nothing(protocol: Protocol, records: list[Finding], practising: UUID | None, days: int) -> None:
    found = latest(records)
    later = missing(protocol, found, practising, TODAY + timedelta(days=days))
    assert missing(protocol, found, practising) <= later


@given(protocol=NEEDING, records=findings(), practising=ABOUT)
def test_met_anew_of_everyone_opens_the_gate(protocol: Protocol, records: list[Finding], practising: UUID | None) -> None:
    anew = [Finding(one.code, about, met=True, expires_on=None) for one in protocol.preconditions for about in (A, B, None)]
    assert missing(protocol, latest([*records, *anew]), practising) == set()


@given(records=findings(), practising=ABOUT)
def test_a_protocol_without_preconditions_waits_for_none(records: list[Finding], practising: UUID | None) -> None:
    for protocol in PROTOCOLS.values():
        if not protocol.preconditions:
            assert list(precondition_faults(protocol, records, practising, TODAY)) == []


@given(found_on=DAYS, expires_on=st.none() | DAYS, met=st.booleans())
def test_only_what_is_met_may_run_out_and_not_before_it_was_found(
    found_on: date, expires_on: date | None, *, met: bool
) -> None:
    if expires_on is None or (met and found_on <= expires_on):
        check_expiry(found_on, expires_on, met=met)
        return
    with pytest.raises(ExpiryInvalidError) as refused:
        check_expiry(found_on, expires_on, met=met)
    assert [fault.pointer for fault in refused.value.faults] == ["/expires_on"]
