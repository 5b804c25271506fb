"""The rules of session notes, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.notes.rules import (
    FORMATS,
    TOPICS,
    TRANSITIONS,
    About,
    Hour,
    NoteContradictsError,
    NoteIncompleteError,
    NoteStatus,
    check_complete,
    check_consistent,
    is_late,
    merged,
)
from app.notes.schemas import FormatName, MinutesByTopic, NoteContent, Sections, StatusName

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
    assert tuple(MinutesByTopic.model_fields) == TOPICS
    assert set(TypeAdapter(FormatName).json_schema()["enum"]) == set(FORMATS)
    assert set(TypeAdapter(StatusName).json_schema()["enum"]) == set(NoteStatus) == set(TRANSITIONS)
    assert "about" not in NoteContent.model_fields


def test_nothing_follows_a_signature_but_addenda() -> None:
    assert TRANSITIONS[NoteStatus.SIGNED] == frozenset()


@given(st.dictionaries(st.sampled_from(TOPICS), st.integers(0, 480)), st.integers(1, 480))
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
    for name in {*before, *sent}:
        assert after.get(name) == (sent[name] if name in sent else before[name])
    assert None not in after.values()
