"""What one partner said about one offered session, and how often sessions were kept within the rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Done = Literal["within_rules", "not_within_rules", "partly", "not_done", "declined"]
LogValue = float | bool | str | None
Over = Literal["sessions", "offers", "answers"]

TOOK_PLACE: frozenset[Done] = frozenset({"within_rules", "not_within_rules", "partly"})


@dataclass(frozen=True)
class CheckIn:
    """One partner's answer about one session; ratings are 0-10, None where unanswered; `sequence` orders one day's."""

    occurred_on: date
    done: Done
    log: Mapping[str, LogValue] = field(default_factory=dict)
    willingness: float | None = None
    pressure: float | None = None
    mood_before: float | None = None
    mood_after: float | None = None
    pain: float | None = None
    force: bool = False
    afraid: bool = False
    sequence: int = 0

    def value(self, code: str) -> LogValue:
        """A universal rating or a field of the protocol's log; None where it was not answered."""
        match code:
            case "willingness":
                return self.willingness
            case "pressure":
                return self.pressure
            case "mood_before":
                return self.mood_before
            case "mood_after":
                return self.mood_after
            case "pain":
                return self.pain
            case _:
                return self.log.get(code)


@dataclass(frozen=True)
class Adherence:
    """Sessions within the rules out of those offered; declined ones are neutral and in neither number of the rate."""

    within_rules: int
    offered: int
    declined: int
    rate: float | None


def in_order(check_ins: Iterable[CheckIn]) -> tuple[CheckIn, ...]:
    """Oldest first, by day and then by sequence."""
    return tuple(sorted(check_ins, key=lambda check_in: (check_in.occurred_on, check_in.sequence)))


def counted(check_ins: Iterable[CheckIn], over: Over) -> tuple[CheckIn, ...]:
    """Sessions that took place, or offers that were not declined, or all answers."""
    match over:
        case "sessions":
            return tuple(check_in for check_in in check_ins if check_in.done in TOOK_PLACE)
        case "offers":
            return tuple(check_in for check_in in check_ins if check_in.done != "declined")
        case "answers":
            return tuple(check_ins)


def adherence(check_ins: Iterable[CheckIn], offered: int | None = None) -> Adherence:
    """One partner's adherence; `offered` counts unanswered offers too (the check-ins alone know only answered ones).

    For the therapist only. The rate is None when nothing but declined sessions was offered.
    """
    answers = tuple(check_ins)
    within = sum(check_in.done == "within_rules" for check_in in answers)
    declined = sum(check_in.done == "declined" for check_in in answers)
    total = max(offered or 0, len(answers))
    weighed = total - declined
    return Adherence(within, total, declined, within / weighed if weighed else None)
