"""The wire shapes of psychotherapy notes: words, and no field for anything else."""

from pydantic import Field

from app.core.ids import CoupleId, MemberId, PsychotherapyGrantId, PsychotherapyNoteId
from app.core.schemas import Moment, Schema, Versioned, Words

THOUGHT = "I notice that I side with whoever speaks less. Something of my own, to take to supervision."


class PsychotherapyNoteCreate(Schema):
    """A new note of your own."""

    text: Words = Field(
        description="Your own thoughts; scores, diagnoses, times, homework and ids are refused.", examples=[THOUGHT]
    )


class PsychotherapyNoteChange(Schema):
    """JSON Merge Patch of your own note."""

    text: Words = Field(default="", description="Your own thoughts, as they are now.", examples=[THOUGHT])


class PsychotherapyNoteWritten(Versioned):
    """That a note was written; its words are not repeated, so that no copy for retries holds them."""

    id: PsychotherapyNoteId
    couple_id: CoupleId
    written_at: Moment = Field(description="When it was last written.")


class PsychotherapyNoteRead(PsychotherapyNoteWritten):
    """A note, to its author or to a supervisor whom the author lets read."""

    author_id: MemberId
    text: str = Field(description="The author's own thoughts.", examples=[THOUGHT])


class PsychotherapyGrantCreate(Schema):
    """Whom you let read your private notes on this couple, and until when."""

    member_id: MemberId
    expires_at: Moment = Field(
        description="When it ends by itself, at most 90 days from now.", examples=["2026-12-20T17:00:00.000Z"]
    )


class PsychotherapyGrantRead(Schema):
    """Who may read your private notes on this couple."""

    id: PsychotherapyGrantId
    member_id: MemberId
    granted_at: Moment = Field(description="When you granted it.")
    expires_at: Moment = Field(description="When it ends by itself.")
    revoked_at: Moment | None = Field(description="When you took it back.", examples=[None])
