"""A stop: what must halt homework at once, told to whoever listens, within the transaction it happens in.

Homework stands above safety, so safety cannot call it: it offers this list of listeners instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.access.work import Work

StopReason = Literal[
    "consent_withdrawn",
    "pressure",
    "force",
    "fear",
    "self_harm",
    "screen_needs_review",
    "clearance_blocked",
    "clearance_expired",
    "red_flag_opened",
    "precondition_not_met",
]


@dataclass(frozen=True)
class Stop:
    """What happened, and through whom; `protocol` limits it to plans of one protocol, None means every shared touch.

    `about` is the code of the red flag or of the precondition, which concerns only the protocols that name it; `at` is when
    it happened, where that is not now.
    """

    couple_id: UUID
    partner_id: UUID | None
    reason: StopReason
    protocol: str | None = None
    about: str | None = None
    at: datetime | None = None


Listener = Callable[[Work, Stop], None]
_listeners: list[Listener] = []


def on_stop(listener: Listener) -> Listener:
    """Registers a listener; what it does commits, or fails, with the stop itself."""
    _listeners.append(listener)
    return listener


def announce(work: Work, stop: Stop) -> None:
    """Tells every listener."""
    for listener in _listeners:
        listener(work, stop)
