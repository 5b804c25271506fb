"""What a session note may say, and what it lacks for a signature; pure decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.errors import ConflictError, Fault, InvalidError


class About(StrEnum):
    """Whom an hour was held with and its note is about."""

    COUPLE = "couple"
    PARTNER_A = "partner_a"
    PARTNER_B = "partner_b"


FORMATS: Final[dict[str, tuple[str, ...]]] = {  # the sections of each format, facts on note formats
    "soap": ("subjective", "objective", "assessment", "plan"),
    "dap": ("data", "assessment", "plan"),
    "birp": ("behaviour", "intervention", "response", "plan"),
    "girp": ("goals", "intervention", "response", "plan"),
    "pie": ("problem", "intervention", "evaluation"),
    "free": ("text",),
}
ABSENT: Final = "absent"
LONGEST_VISIT: Final = timedelta(hours=8)
LATE_AFTER: Final = timedelta(hours=72)  # the usual rule of clinics is to sign within 24-72 hours
NEXT_DAY: Final = timedelta(days=1)  # the therapist's calendar and the couple's may be a day apart


class NoteContradictsError(InvalidError):
    """Two things the note says cannot both be true."""

    code = "note_contradicts_itself"
    detail = "What this note says does not fit together; `errors` say where."


class NoteIncompleteError(ConflictError):
    """The draft lacks what a signed note must say."""

    code = "note_incomplete"
    detail = "A signed note says who attended, when it began and ended, and holds text. Complete the draft first."


class NoteNamesUnknownError(InvalidError):
    """A note names rows that are not this couple's, or that a note of its kind may not name."""

    code = "note_names_unknown"
    detail = "The note names what is not there, or what a note of this kind may not name; `errors` say where."


@dataclass(frozen=True)
class Hour:
    """What a note says about the hour, apart from who wrote it and how it was signed."""

    about: About
    held_on: date
    started_at: datetime | None
    ended_at: datetime | None
    format: str
    sections: Mapping[str, str]
    attendance: Mapping[str, str]
    minutes_by_topic: Mapping[str, int]
    times_by_attendee: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)

    @property
    def length(self) -> timedelta | None:
        """From start to end; None while either is open."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at

    @property
    def expected(self) -> tuple[str, ...]:
        """Whose attendance the note has to tell."""
        return ("partner_a", "partner_b") if self.about is About.COUPLE else (str(self.about),)


def check_consistent(hour: Hour) -> None:
    """Raises NoteContradictsError with every fault; what is still missing is no fault of a draft."""
    faults = (*_faults_of_sections(hour), *_faults_of_times(hour), *_faults_of_attendance(hour), *_faults_of_minutes(hour))
    faults += tuple(_faults_of_attended_times(hour))
    if faults:
        raise NoteContradictsError(faults=faults)


def _faults_of_sections(hour: Hour) -> list[Fault]:
    sentence = f"A note of this format has the sections {', '.join(FORMATS[hour.format])}."
    return [
        Fault(f"/sections/{name}", "section_of_another_format", sentence)
        for name in hour.sections
        if name not in FORMATS[hour.format]
    ]


def _faults_of_times(hour: Hour) -> list[Fault]:
    faults = []
    for name, moment in (("started_at", hour.started_at), ("ended_at", hour.ended_at)):
        if moment is not None and abs(moment.date() - hour.held_on) > NEXT_DAY:
            faults.append(Fault(f"/{name}", "not_on_that_day", "This is not on the day the note says."))
    length = hour.length
    if length is not None and not timedelta(0) < length <= LONGEST_VISIT:
        faults.append(Fault("/ended_at", "ends_before_it_starts", "An hour ends after it starts, within eight hours."))
    return faults


def _faults_of_attendance(hour: Hour) -> list[Fault]:
    return [
        Fault(f"/attendance/{name}", "not_in_this_hour", "A note about one partner tells of that partner's attendance alone.")
        for name in hour.attendance
        if name not in hour.expected
    ]


def _faults_of_attended_times(hour: Hour) -> list[Fault]:
    faults = []
    for name, times in hour.times_by_attendee.items():
        place = f"/times_by_attendee/{name}"
        came, left = times.get("started_at"), times.get("ended_at")
        if name not in hour.expected:
            faults.append(Fault(place, "not_in_this_hour", "A note about one partner tells of that partner's times alone."))
        elif hour.attendance.get(name) == ABSENT:
            faults.append(Fault(place, "was_absent", "Who was absent has no times."))
        elif came is not None and left is not None and came >= left:
            faults.append(Fault(f"{place}/ended_at", "ends_before_it_starts", "Whoever attended left after they came."))
        faults += [
            Fault(f"{place}/{edge}", "outside_the_hour", "Nobody attended before the hour began or after it ended.")
            for edge, moment in times.items()
            if (hour.started_at and moment < hour.started_at) or (hour.ended_at and moment > hour.ended_at)
        ]
    return faults


def _faults_of_minutes(hour: Hour) -> list[Fault]:
    length = hour.length or LONGEST_VISIT
    if timedelta(minutes=sum(hour.minutes_by_topic.values())) <= length:
        return []
    return [Fault("/minutes_by_topic", "more_than_the_hour", "The topics took longer than the hour lasted.")]


def check_complete(hour: Hour) -> None:
    """Raises NoteIncompleteError with what is missing for a signature."""
    missing = [f"/{name}" for name in ("started_at", "ended_at") if getattr(hour, name) is None]
    missing += [f"/attendance/{name}" for name in hour.expected if name not in hour.attendance]
    if not any(text.strip() for text in hour.sections.values()):
        missing.append("/sections")
    if missing:
        raise NoteIncompleteError(faults=tuple(Fault(place, "required", "A signed note says this.") for place in missing))


def is_late(held_on: date, ended_at: datetime | None, entered_at: datetime, time_zone: str) -> bool:
    """Whether an entry came more than 72 hours after the hour, or after its day when its end is not known."""
    end_of_day = datetime.combine(held_on, time.max, ZoneInfo(time_zone))
    return entered_at - (ended_at or end_of_day) > LATE_AFTER


def merged(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """JSON Merge Patch (RFC 7396) of an object: what is null goes, what is absent stays, objects are merged in turn."""
    after = dict(before)
    for name, value in sent.items():
        if isinstance(value, Mapping):
            inner = before.get(name)
            after[name] = merged(inner if isinstance(inner, Mapping) else {}, value)
        else:
            after[name] = value
    return {name: value for name, value in after.items() if value is not None}
