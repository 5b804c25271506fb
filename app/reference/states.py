"""The page of states: diagrams of every life in the record, drawn from the tables it obeys."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from app.homework.states import NOUNS, REASONS, TRANSITIONS, Move, Status
from app.notes import states as notes
from app.reference.api import ApiOperation
from app.reference.lives import sections
from app.reference.markdown import Page, code, codes, link, section, table
from app.reference.mermaid import diagram
from app.safety.rules import SENTENCES, Condition

PLANS: Final = "/v1/couples/{couple_id}/plans/{plan_id}/"
PLAN: Final[Mapping[Status, str]] = MappingProxyType(
    {
        Status.DRAFT: "The therapist prepares it.",
        Status.OFFERED: "The couple has been asked.",
        Status.ACTIVE: "It runs: stages are assigned, partners check in.",
        Status.HELD: "It waits, as agreed with the couple.",
        Status.PAUSED: "It waits for the therapist; what paused it may have to be settled first.",
        Status.COMPLETED: "It ended as meant.",
        Status.STOPPED: "It ended before that.",
    }
)
NOTE: Final[Mapping[notes.NoteStatus, str]] = MappingProxyType(
    {
        notes.NoteStatus.DRAFT: "Its author alone reads and changes it.",
        notes.NoteStatus.SIGNED: "The care team reads it, and it waits for a co-signature; what comes later is an addendum.",
        notes.NoteStatus.CO_SIGNED: "A supervisor on the care team has signed too.",
        notes.NoteStatus.LOCKED: "Nothing can be signed any more: at once where no co-signature is wanted, else after 30 days.",
        notes.NoteStatus.ENTERED_IN_ERROR: "Its author says why it should not be there; it stays readable, and is no visit.",
        notes.NoteStatus.DISCARDED: "A draft its author gave up. Nobody else ever sees it.",
    }
)


def page(operations: Sequence[ApiOperation]) -> Page:
    """Every life, each as a diagram and in tables."""
    return Page(
        "states.md",
        "States",
        "The lives of plans, clearances, consents, red flags, links, menus and notes, drawn from the tables the service obeys.",
        (
            section("A homework plan", *_plan(operations)),
            section("Before shared touch", *_gate()),
            *sections(),
            section("A session note", *_note()),
        ),
    )


def _plan(operations: Sequence[ApiOperation]) -> tuple[str, ...]:
    told = (
        "A pause shows to everyone but the care team after a random delay, always in the words `paused_by_therapist`; until "
        f"then they see the plan as it was. Why: {link('consent and safety', '../clinical/consent-and-safety.md')}."
    )
    arrows = [(status, to, NOUNS[move]) for status, moves in TRANSITIONS.items() for move, to in moves.items()]
    return (
        diagram(arrows, Status.DRAFT, [status for status, moves in TRANSITIONS.items() if not moves]),
        table(("state", "meaning"), ((code(status), PLAN[status]) for status in Status)),
        table(("change", "from", "to", "reason shown", "operation"), (_move(move, operations) for move in Move)),
        told,
    )


def _move(move: Move, operations: Sequence[ApiOperation]) -> tuple[str, ...]:
    steps = [(status, moves[move]) for status, moves in TRANSITIONS.items() if move in moves]
    operation = next(one for one in operations if one.path == PLANS + NOUNS[move])
    return (
        NOUNS[move],
        codes(status for status, _ in steps),
        codes(dict.fromkeys(to for _, to in steps)),
        code(REASONS[move]),
        code(operation.name),
    )


def _gate() -> tuple[str, ...]:
    told = (
        "A plan whose stage has the partners touch becomes active, or is given, only while none of these stands in the way. "
        "The care team is told each that does; everyone else reads one sentence, whatever it is. "
        "The last two close a stage without shared touch, for whoever practises it; so does an answer that paused homework and "
        "waits for review."
    )
    return told, table(("what stands in the way", "in words"), ((code(one), SENTENCES[one]) for one in Condition))


def _note() -> tuple[str, ...]:
    arrows = [(status, to, str(step)) for status, steps in notes.TRANSITIONS.items() for step, to in steps.items()]
    ends = [status for status, steps in notes.TRANSITIONS.items() if not steps]
    return (
        diagram(arrows, notes.NoteStatus.DRAFT, ends),
        table(("state", "meaning"), ((code(status), NOTE[status]) for status in notes.NoteStatus)),
    )
