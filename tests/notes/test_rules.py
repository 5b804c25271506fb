"""The rules of session notes, without a database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.clinical.topics import TOPICS
from app.errors import ConflictError
from app.notes.rules import (
    FORMATS,
    About,
    Hour,
    NoteContradictsError,
    NoteIncompleteError,
    check_complete,
    check_consistent,
    is_late,
    merged,
)
from app.notes.schemas import FormatName, MinutesByTopic, NoteContent, Sections, StatusName, TopicName
from app.notes.states import (
    AUTHORS_ALONE,
    NO_VISIT,
    REFUSALS,
    TRANSITIONS,
    NoteStatus,
    Step,
    check_can_be_added_to,
    check_draft,
    check_step,
    status_at,
)

START = datetime(2026, 11, 20, 17, tzinfo=UTC)
HOUR = Hour(
    about=About.COUPLE,
    held_on=date(2026, 11, 20),
    started_at=START,
    ended_at=START + timedelta(minutes=50),
    format="free",
    sections={"text": "A calm hour."},
    attendance={"partner_a": "present", "partner_b": "absent"},
    minutes_by_topic={"sexual_concern": 50},
)


def test_the_wire_offers_every_section_topic_format_and_status_of_the_rules_and_no_other() -> None:
    assert set(Sections.model_fields) == {name for sections in FORMATS.values() for name in sections}
    assert tuple(MinutesByTopic.model_fields) == tuple(TOPICS)
    assert set(TypeAdapter(FormatName).json_schema()["enum"]) == set(FORMATS)
    assert set(TypeAdapter(StatusName).json_schema()["enum"]) == set(NoteStatus) == set(TRANSITIONS)
    assert set(TypeAdapter(TopicName).json_schema()["enum"]) == set(TOPICS)
    assert "about" not in NoteContent.model_fields


def test_no_step_leads_back_from_a_signature_and_a_retraction_ends_every_note_that_was_signed() -> None:
    signed = set(NoteStatus) - AUTHORS_ALONE
    for status in signed:
        assert set(TRANSITIONS[status].values()) <= signed
        is_end = status is NoteStatus.ENTERED_IN_ERROR
        assert TRANSITIONS[status].get(Step.RETRACT) == (None if is_end else NoteStatus.ENTERED_IN_ERROR)


@given(st.sampled_from(list(NoteStatus)), st.sampled_from(list(Step)))
def test_a_step_the_table_does_not_know_is_refused_by_where_the_note_stands(status: NoteStatus, step: Step) -> None:
    if step in TRANSITIONS[status]:
        assert check_step(status, step) == TRANSITIONS[status][step]
    else:
        with pytest.raises(REFUSALS[status]):
            check_step(status, step)


@given(st.sampled_from(list(NoteStatus)))
def test_what_may_be_changed_what_may_be_added_to_and_what_counts_never_overlap(status: NoteStatus) -> None:
    assert _allows(check_draft, status) == (status is NoteStatus.DRAFT)
    assert _allows(check_can_be_added_to, status) == (status not in NO_VISIT)


def _allows(check: Callable[[NoteStatus], None], status: NoteStatus) -> bool:
    try:
        check(status)
    except ConflictError:
        return False
    return True


@given(st.sampled_from(list(NoteStatus)), st.none() | st.integers(-5, 5))
def test_only_time_locks_and_only_what_was_signed(status: NoteStatus, seconds: int | None) -> None:
    locks_at = None if seconds is None else START + timedelta(seconds=seconds)
    locked = locks_at is not None and locks_at <= START and status in {NoteStatus.SIGNED, NoteStatus.CO_SIGNED}
    assert status_at(status, locks_at, START) == (NoteStatus.LOCKED if locked else status)


def test_times_of_an_attendee_lie_within_the_hour_and_belong_to_who_attended() -> None:
    end = START + timedelta(minutes=50)
    inside = {"partner_a": {"started_at": START + timedelta(minutes=10), "ended_at": end}}
    check_consistent(replace(HOUR, times_by_attendee=inside))
    for wrong in (
        {"partner_b": {"started_at": START}},  # was absent
        {"partner_a": {"started_at": START - timedelta(minutes=1)}},
        {"partner_a": {"ended_at": end + timedelta(minutes=1)}},
        {"partner_a": {"started_at": end, "ended_at": START}},
    ):
        with pytest.raises(NoteContradictsError):
            check_consistent(replace(HOUR, times_by_attendee=wrong))
    alone = replace(HOUR, about=About.PARTNER_A, attendance={"partner_a": "present"})
    with pytest.raises(NoteContradictsError):
        check_consistent(replace(alone, times_by_attendee={"partner_b": {"started_at": START}}))


@given(st.dictionaries(st.sampled_from(tuple(TOPICS)), st.integers(0, 480)), st.integers(1, 480))
def test_topics_never_take_longer_than_the_hour(minutes: dict[str, int], length: int) -> None:
    hour = replace(HOUR, minutes_by_topic=minutes, ended_at=START + timedelta(minutes=length))
    if sum(minutes.values()) > length:
        with pytest.raises(NoteContradictsError):
            check_consistent(hour)
    else:
        check_consistent(hour)


@given(st.sampled_from(sorted(FORMATS)), st.sets(st.sampled_from(sorted({n for s in FORMATS.values() for n in s}))))
def test_a_section_belongs_to_its_format(form: str, sections: set[str]) -> None:
    hour = replace(HOUR, format=form, sections=dict.fromkeys(sections, "x"))
    if sections <= set(FORMATS[form]):
        check_consistent(hour)
    else:
        with pytest.raises(NoteContradictsError) as refused:
            check_consistent(hour)
        assert {fault.pointer for fault in refused.value.faults} == {f"/sections/{n}" for n in sections - set(FORMATS[form])}


def test_an_hour_lasts_no_longer_than_eight_hours() -> None:
    check_consistent(replace(HOUR, ended_at=START + timedelta(hours=8)))
    for ended_at in (START, START + timedelta(hours=8, minutes=1)):
        with pytest.raises(NoteContradictsError):
            check_consistent(replace(HOUR, ended_at=ended_at, minutes_by_topic={}))


def test_a_note_about_one_partner_is_complete_with_that_partners_attendance() -> None:
    check_complete(replace(HOUR, about=About.PARTNER_A, attendance={"partner_a": "present"}))
    with pytest.raises(NoteIncompleteError):
        check_complete(replace(HOUR, about=About.PARTNER_B, attendance={"partner_a": "present"}))


def test_late_is_more_than_seventy_two_hours_after_the_end() -> None:
    ended = START + timedelta(minutes=50)
    assert not is_late(HOUR.held_on, ended, ended + timedelta(hours=72), "UTC")
    assert is_late(HOUR.held_on, ended, ended + timedelta(hours=72, seconds=1), "UTC")


def test_without_an_end_the_hour_ends_with_its_day_where_the_couple_lives() -> None:
    entered = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert is_late(HOUR.held_on, None, entered, "Asia/Tokyo")
    assert not is_late(HOUR.held_on, None, entered, "America/Los_Angeles")


@given(st.dictionaries(st.text(), st.none() | st.integers()), st.dictionaries(st.text(), st.none() | st.integers()))
def test_a_merge_keeps_what_is_absent_and_drops_what_is_null(before: dict[str, int], sent: dict[str, int | None]) -> None:
    after = merged(before, sent)
    assert merged({"in": before}, {"in": sent}) == {"in": after}
    for name in {*before, *sent}:
        assert after.get(name) == (sent[name] if name in sent else before[name])
    assert None not in after.values()
