"""The life of a session note: what can happen to it, by whom it can be read meanwhile, and what is refused when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.errors import ConflictError, NotAllowedError


class NoteStatus(StrEnum):
    """Where a note stands; what was signed is never removed, and `entered_in_error` is a mark on what stays readable."""

    DRAFT = "draft"
    SIGNED = "signed"
    CO_SIGNED = "co_signed"
    LOCKED = "locked"
    ENTERED_IN_ERROR = "entered_in_error"
    DISCARDED = "discarded"


class Step(StrEnum):
    """What can happen to a note; `lock` is the passing of time, and nobody's doing."""

    SIGN = "sign"
    CO_SIGN = "co_sign"
    LOCK = "lock"
    RETRACT = "retract"
    DISCARD = "discard"


TRANSITIONS: Final[Mapping[NoteStatus, Mapping[Step, NoteStatus]]] = {
    NoteStatus.DRAFT: {Step.SIGN: NoteStatus.SIGNED, Step.DISCARD: NoteStatus.DISCARDED},
    NoteStatus.SIGNED: {
        Step.CO_SIGN: NoteStatus.CO_SIGNED,
        Step.LOCK: NoteStatus.LOCKED,
        Step.RETRACT: NoteStatus.ENTERED_IN_ERROR,
    },
    NoteStatus.CO_SIGNED: {Step.LOCK: NoteStatus.LOCKED, Step.RETRACT: NoteStatus.ENTERED_IN_ERROR},
    NoteStatus.LOCKED: {Step.RETRACT: NoteStatus.ENTERED_IN_ERROR},
    NoteStatus.ENTERED_IN_ERROR: {},
    NoteStatus.DISCARDED: {},
}
AUTHORS_ALONE: Final = frozenset({NoteStatus.DRAFT, NoteStatus.DISCARDED})
NO_VISIT: Final = AUTHORS_ALONE | {NoteStatus.ENTERED_IN_ERROR}  # what outcomes never count
CO_SIGNED_WITHIN: Final = timedelta(days=30)  # our proposal: a month of supervision meetings


class NoteSignedError(ConflictError):
    """The note is signed."""

    code = "note_signed"
    detail = "This note is signed and stays as it is. Write an addendum."


class NoteNotSignedError(ConflictError):
    """The note is still a draft."""

    code = "note_not_signed"
    detail = "This note is a draft: change or discard it instead."


class NoteDiscardedError(ConflictError):
    """The draft was discarded."""

    code = "note_discarded"
    detail = "This draft was discarded. Write another one."


class NoteEnteredInErrorError(ConflictError):
    """The note was marked as entered in error."""

    code = "note_entered_in_error"
    detail = "This note is marked as entered in error and takes nothing more. Write another one."


class NoteLockedError(ConflictError):
    """The time for a co-signature is over, or none was wanted."""

    code = "note_locked"
    detail = "This note is locked: no co-signature is wanted, or the time for it is over. What is added now is an addendum."


class NoteCoSignedError(ConflictError):
    """A supervisor has co-signed already."""

    code = "note_co_signed"
    detail = "This note is co-signed already."


class NotTheSupervisorError(NotAllowedError):
    """Whoever asks to co-sign is no supervisor of this author's work."""

    code = "not_the_supervisor"
    detail = "A supervisor on the couple's care team co-signs, and nobody their own note."


class NotTheAuthorError(NotAllowedError):
    """Only who wrote a note may say that it was entered in error."""

    code = "not_the_author"
    detail = "Only the author of a note can mark it as entered in error. Others write an addendum."


REFUSALS: Final[Mapping[NoteStatus, type[ConflictError]]] = {
    NoteStatus.DRAFT: NoteNotSignedError,
    NoteStatus.SIGNED: NoteSignedError,
    NoteStatus.CO_SIGNED: NoteCoSignedError,
    NoteStatus.LOCKED: NoteLockedError,
    NoteStatus.ENTERED_IN_ERROR: NoteEnteredInErrorError,
    NoteStatus.DISCARDED: NoteDiscardedError,
}


def status_at(stored: NoteStatus, locks_at: datetime | None, now: datetime) -> NoteStatus:
    """Where a note stands by now: time alone locks it."""
    is_due = locks_at is not None and locks_at <= now
    return TRANSITIONS[stored].get(Step.LOCK, stored) if is_due else stored


def check_step(status: NoteStatus, step: Step) -> NoteStatus:
    """Where this step leads. Raises the error of REFUSALS that says where the note stands instead."""
    following = TRANSITIONS[status].get(step)
    if following is None:
        raise REFUSALS[status]
    return following


def check_draft(status: NoteStatus) -> None:
    """Raises NoteDiscardedError, or NoteSignedError for whatever comes after a signature: only a draft is changed."""
    if status is NoteStatus.DISCARDED:
        raise NoteDiscardedError
    if status is not NoteStatus.DRAFT:
        raise NoteSignedError


def check_can_be_added_to(status: NoteStatus) -> None:
    """Raises NoteNotSignedError for a draft, which is changed instead, NoteEnteredInErrorError, NoteDiscardedError."""
    if status in NO_VISIT:
        raise REFUSALS[status]
