"""The states of a plan as a table, and what each change is called."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.errors import ConflictError


class Status(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    OFFERED = "offered"
    ACTIVE = "active"
    HELD = "held"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"


class Move(StrEnum):
    """What can be done to a plan."""

    OFFER = "offer"
    ACTIVATE = "activate"
    HOLD = "hold"
    PAUSE = "pause"
    RESUME = "resume"
    SET_STAGE = "set_stage"
    COMPLETE = "complete"
    STOP = "stop"


# A held plan waits by agreement; a paused one waits for the therapist, and what paused it may have to be settled first.
TRANSITIONS: Final[Mapping[Status, Mapping[Move, Status]]] = MappingProxyType(
    {
        Status.DRAFT: {Move.OFFER: Status.OFFERED, Move.STOP: Status.STOPPED},
        Status.OFFERED: {Move.ACTIVATE: Status.ACTIVE, Move.STOP: Status.STOPPED},
        Status.ACTIVE: {
            Move.HOLD: Status.HELD,
            Move.PAUSE: Status.PAUSED,
            Move.SET_STAGE: Status.ACTIVE,
            Move.COMPLETE: Status.COMPLETED,
            Move.STOP: Status.STOPPED,
        },
        Status.HELD: {
            Move.RESUME: Status.ACTIVE,
            Move.PAUSE: Status.PAUSED,
            Move.COMPLETE: Status.COMPLETED,
            Move.STOP: Status.STOPPED,
        },
        Status.PAUSED: {Move.RESUME: Status.ACTIVE, Move.STOP: Status.STOPPED},
        Status.COMPLETED: {},
        Status.STOPPED: {},
    }
)
OPENED: Final = "opened"
# The words of a change to everyone; the safety track keeps the true reason of a pause beside them.
REASONS: Final[Mapping[Move, str]] = MappingProxyType(
    {
        Move.OFFER: "offered",
        Move.ACTIVATE: "activated",
        Move.HOLD: "held_by_therapist",
        Move.PAUSE: "paused_by_therapist",
        Move.RESUME: "resumed",
        Move.SET_STAGE: "stage_set_by_therapist",
        Move.COMPLETE: "completed",
        Move.STOP: "stopped_by_therapist",
    }
)
ENDS: Final[Mapping[Move, Status]] = MappingProxyType({Move.COMPLETE: Status.COMPLETED, Move.STOP: Status.STOPPED})
STARTS_RUNNING: Final = frozenset({Move.ACTIVATE, Move.RESUME, Move.SET_STAGE})
NOUNS: Final[Mapping[Move, str]] = MappingProxyType(
    {
        Move.OFFER: "offers",
        Move.ACTIVATE: "activations",
        Move.HOLD: "holds",
        Move.PAUSE: "pauses",
        Move.RESUME: "resumptions",
        Move.SET_STAGE: "advancements",
        Move.COMPLETE: "completions",
        Move.STOP: "stops",
    }
)


class MoveImpossibleError(ConflictError):
    """The plan's state does not allow this."""

    code = "plan_move_impossible"
    detail = "The plan is not in a state that allows this."


def is_possible(status: Status, move: Move) -> bool:
    """Whether the table allows it."""
    return move in TRANSITIONS[status]


def after(status: Status, move: Move) -> Status:
    """The state a change leads to. Raises MoveImpossibleError, which says what is possible."""
    if not is_possible(status, move):
        raise MoveImpossibleError(impossible(status))
    return TRANSITIONS[status][move]


def impossible(status: Status) -> str:
    """The sentence that says what is possible."""
    possible = ", ".join(NOUNS[move] for move in TRANSITIONS[status])
    return f"The plan is {status}. " + (f"From here these are possible: {possible}." if possible else "Nothing follows this.")
