"""The lives that are tables of events: a clearance, a consent, a red flag, a partner's link, a sheet of a menu."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.core.lives import Life
from app.homework.menu_states import SHEET, Sheet
from app.partner_pages.rules import LINK, State
from app.reference.markdown import code, section, table
from app.reference.mermaid import Arrow, diagram
from app.safety.states import CLEARANCE, CONSENT, FLAG, Cleared, Consented, Flagged
from app.sharing.rules import AGREEMENT, Agreed


@dataclass(frozen=True)
class Drawn:
    """A life with its first state, what each state means, and who may know where it stands."""

    title: str
    about: str
    life: Life[Any, Any]
    start: StrEnum
    meanings: Mapping[Any, str]

    @property
    def arrows(self) -> Iterator[Arrow]:
        """From, to, and the event."""
        return ((str(state), str(to), str(event)) for state, events in self.life.items() for event, to in events.items())


LIVES: Final = (
    Drawn(
        "A clearance",
        "The latest decision counts. For the care team alone.",
        CLEARANCE,
        Cleared.MISSING,
        {
            Cleared.MISSING: "No therapist has decided.",
            Cleared.IN_FORCE: "Shared touch may run, if the rest of the gate is open.",
            Cleared.OVERTAKEN: "Something alarming became known after it: decide anew.",
            Cleared.EXPIRED: "Its weeks are over: decide anew.",
            Cleared.BLOCKED: "A therapist forbids shared touch until they decide otherwise; homework paused with it.",
        },
    ),
    Drawn(
        "A consent",
        "Given alone, and withdrawn without a reason; another yes is another consent. For the care team alone.",
        CONSENT,
        Consented.IN_FORCE,
        {
            Consented.IN_FORCE: "This partner said yes, and has not taken it back.",
            Consented.WITHDRAWN: "This partner took it back; what rests on it paused in the same moment.",
        },
    ),
    Drawn(
        "A red flag",
        "Opening it pauses what it forbids; clearing it resumes nothing. For the care team alone.",
        FLAG,
        Flagged.OPEN,
        {Flagged.OPEN: "What it forbids cannot run.", Flagged.CLEARED: "A clinician said why it no longer holds."},
    ),
    Drawn(
        "A partner's link",
        (
            "A link opens one thing while it is open. That of a consent goes on looking open after the yes, to all but the "
            "care team; one to stop is never used up."
        ),
        LINK,
        State.OPEN,
        {
            State.OPEN: "Its partner can do what it is for.",
            State.USED: "It was answered, once.",
            State.REVOKED: "The clinic closed it for good.",
            State.EXPIRED: "Its time is over.",
        },
    ),
    Drawn(
        "An agreement on secrets",
        "In force once both have signed, until both have signed another. That one of the two has signed, the other cannot see.",
        AGREEMENT,
        Agreed.PROPOSED,
        {
            Agreed.PROPOSED: "Not both have signed these words.",
            Agreed.IN_FORCE: "Both have signed, and nothing newer.",
            Agreed.REPLACED: "Both have signed something newer.",
        },
    ),
    Drawn(
        "One partner's sheet of a menu",
        (
            "Each of the two has one. When both are `ready`, safety allows it and the last reveal is long enough ago, some of "
            "what both are open to is shown for a while. Where a sheet stands is for the care team alone, what it says "
            "for nobody."
        ),
        SHEET,
        Sheet.BLANK,
        {
            Sheet.BLANK: "Nothing is kept of this partner.",
            Sheet.ANSWERED: "Answers are kept, sealed.",
            Sheet.AGREED: "This partner agrees to the next reveal and has not answered.",
            Sheet.READY: "This partner has answered and agrees to the next reveal.",
        },
    ),
)


def sections() -> tuple[str, ...]:
    """Each life as a diagram and a table."""
    return tuple(section(one.title, *_drawn(one)) for one in LIVES)


def _drawn(one: Drawn) -> tuple[str, ...]:
    ends = [state for state, events in one.life.items() if not events]
    meanings = ((code(state), one.meanings[state]) for state in one.life)
    return one.about, diagram(one.arrows, one.start, ends), table(("state", "meaning"), meanings)
