"""The lives that are tables of events: of clearances, consents and red flags, links and menus, of what leaves and what ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.core.lives import Life
from app.disclosures.rules import AUTHORISATION, Standing
from app.homework.menu_states import SHEET, Sheet
from app.partner_pages.rules import LINK, State
from app.reference.markdown import code, section, table
from app.reference.mermaid import Arrow, diagram
from app.releases.rules import COPY, ERASURE, Copied, Erased
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
    Drawn(
        "An authorisation to release",
        (
            "Of both partners for what is theirs together, of one for what is theirs alone. Nothing leaves under one that a "
            "clinician has not seen to; whether somebody has, and through whom one ended, is for the care team alone."
        ),
        AUTHORISATION,
        Standing.INCOMPLETE,
        {
            Standing.INCOMPLETE: "Somebody who must sign has not.",
            Standing.RUNNING: "All have signed.",
            Standing.ENDED: "A partner or the clinic ended it; nothing leaves under it from that moment.",
            Standing.EXPIRED: "Its day has come.",
        },
    ),
    Drawn(
        "A partner's request for a copy",
        "Outside the care team it is `in_preparation` until it is settled, whatever it waits for.",
        COPY,
        Copied.REQUESTED,
        {
            Copied.REQUESTED: "To be answered within 30 days, once 30 more.",
            Copied.PREPARED: "The copy is put together, for a therapist to look at.",
            Copied.HANDED_OVER: "It left, and stands among the disclosures.",
            Copied.DENIED: "It is not handed over; somebody who had no part in that may take it back.",
            Copied.WITHDRAWN: "The partner no longer asks.",
        },
    ),
    Drawn(
        "An erasure",
        "A legal hold wins over everything but the end; only a retention clock that has run out makes it due.",
        ERASURE,
        Erased.REQUESTED,
        {
            Erased.REQUESTED: "Somebody asked, and nothing is decided.",
            Erased.REFUSED: "The law still asks to keep the record; until when was told.",
            Erased.RESTRICTED: "What rests on consent alone is deleted, the rest is locked and waits for its day.",
            Erased.HELD: "A legal hold stands.",
            Erased.DUE: "The time to keep it is over.",
            Erased.CONFIRMED: "The first of two steps was made.",
            Erased.SHREDDED: "Keys and rows are destroyed; a signed tombstone says so.",
            Erased.WITHDRAWN: "Nobody asks for it any longer.",
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
