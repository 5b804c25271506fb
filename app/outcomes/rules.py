"""How a series is read against its intake, and which flags that raises; every threshold here is our proposal (facts §1.8.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from types import MappingProxyType
from typing import Final, Literal

from app.clinical.change import Approach, Change, change, two_in_a_row
from app.clinical.measure import Measure
from app.clinical.reliable_index import TWO_SIDED_95
from app.clinical.score_errors import ScoreErrors

Colour = Literal["red", "amber", "white", "green"]
BY_VISIT: Final = 6
MISSED_IN_A_ROW: Final = 2
LOOK_BACK: Final = 3
CONFIRMED_BY: Final = 2
URGENCY: Final[tuple[Colour, ...]] = ("red", "amber", "white", "green")
CALM: Final = "Nothing asks for a closer look."
CALM_BUT_UNJUDGED: Final = "Nothing asks for a closer look, and no change can be judged yet."


@dataclass(frozen=True)
class Look:
    """One score of a series; `reason` says why there is none, `error` is the standard error it came with."""

    at: datetime
    value: float | None
    reason: str | None = None
    error: float | None = None


@dataclass(frozen=True)
class Track:
    """One partner's series on one scale, read against its intake."""

    partner: str
    measure: Measure
    scale: str
    looks: tuple[Look, ...]

    @property
    def scored(self) -> tuple[Look, ...]:
        """Looks that have a score."""
        return tuple(look for look in self.looks if look.value is not None)

    @property
    def intake(self) -> Look | None:
        """The first score."""
        return self.scored[0] if self.scored else None

    @property
    def latest(self) -> Look | None:
        """The last score."""
        return self.scored[-1] if self.scored else None

    def changes(self) -> tuple[Change, ...]:
        """Every later score against intake."""
        if self.intake is None:
            return ()
        return tuple(self._since(self.intake, look) for look in self.scored[1:])

    def _since(self, intake: Look, look: Look) -> Change:
        errors = ScoreErrors(intake.error, look.error)
        return change(self.measure, self.scale, intake.value, look.value, Approach(errors=errors))

    @property
    def deteriorates(self) -> bool:
        """Reliably worse than intake twice in a row: one look alone gives too many false alarms."""
        return two_in_a_row([found.change_class for found in self.changes()])

    @property
    def worse_lately(self) -> tuple[int, int]:
        """On how many of the last three looks after intake it was worse by a standard error of measurement, and of how many."""
        lately = self.changes()[-LOOK_BACK:]
        return sum(_is_worse(one) for one in lately), len(lately)

    @property
    def slips(self) -> bool:
        """Worse than intake by a standard error of measurement on two of the last three looks."""
        return self.worse_lately[0] >= CONFIRMED_BY

    @property
    def has_improved(self) -> bool:
        """Whether any look was reliably better than intake."""
        return any(one.change_class in {"improved", "recovered"} for one in self.changes())

    @property
    def is_classifiable(self) -> bool:
        """Whether change on this scale may be classified at all."""
        return any(one.change_class != "not_classifiable" for one in self.changes())

    @property
    def stays_well(self) -> bool:
        """Recovered at the last two looks."""
        return two_in_a_row([found.change_class for found in self.changes()], "recovered")


def _is_worse(found: Change) -> bool:
    """By one SEM or more: a threshold is 1.96 * sqrt(2) SEM, the published ones are taken for the same."""
    if found.change_class == "not_classifiable" or found.gained is None or found.threshold_points is None:
        return False
    return found.gained <= -found.threshold_points / (TWO_SIDED_95 * sqrt(2))


@dataclass(frozen=True)
class Homework:
    """What a partner's last homework answers were, oldest first."""

    partner: str
    done: tuple[str, ...]


@dataclass(frozen=True)
class Apart:
    """A scale on which the partners' changes differ by more than error; `z` is positive when A gained more."""

    measure: Measure
    scale: str
    z: float


@dataclass(frozen=True)
class Seen:
    """Everything flags are raised from."""

    tracks: tuple[Track, ...] = ()
    homework: tuple[Homework, ...] = ()
    diverging: tuple[Apart, ...] = ()
    visits: int = 0
    open_signals: int = 0


@dataclass(frozen=True)
class Flag:
    """Why to look, in a sentence, with the numbers behind it."""

    code: str
    colour: Colour
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


def flags(seen: Seen) -> tuple[Flag, ...]:
    """All flags, most urgent first; a flag is a prompt to look, never a verdict."""
    raised = (*_signals(seen), *_worse(seen), *_stalls(seen), *_missed(seen), *_apart(seen), *_well(seen))
    return tuple(sorted(raised, key=lambda flag: URGENCY.index(flag.colour)))


def colour_of(raised: Sequence[Flag], *, is_judged: bool = True) -> tuple[Colour, str]:
    """The couple's on-track colour and the sentence that gave it; calm is not said to be more than it is."""
    most_urgent = min(raised, key=lambda flag: URGENCY.index(flag.colour), default=None)
    if most_urgent is None:
        return "green", CALM if is_judged else CALM_BUT_UNJUDGED
    return most_urgent.colour, most_urgent.sentence


def _scale_name(measure: Measure, scale: str) -> str:
    return measure.name if scale == "total" else f"{measure.name}, {scale}"


def _name(track: Track) -> str:
    return f"Partner {track.partner.upper()}: {_scale_name(track.measure, track.scale)}"


def _signals(seen: Seen) -> list[Flag]:
    if not seen.open_signals:
        return []
    sentence = "An answer asks for your attention in private; see the safety signals before the next conjoint hour."
    return [Flag("safety_signal_open", "red", sentence, {"open": seen.open_signals})]


def _worse(seen: Seen) -> list[Flag]:
    raised = []
    for track in seen.tracks:
        if track.deteriorates:
            sentence = f"{_name(track)} was reliably worse than at intake on the last two occasions."
            raised.append(Flag("deteriorated_twice", "red", sentence, _numbers(track)))
        elif track.slips:
            worse, looks = track.worse_lately
            sentence = (
                f"{_name(track)} was worse than at intake by a standard error or more on {worse} of the last {looks} occasions."
            )
            raised.append(Flag("slipping", "amber", sentence, _numbers(track)))
    return raised


def _numbers(track: Track) -> dict[str, float]:
    found = {"intake": track.intake, "latest": track.latest}
    return {name: look.value for name, look in found.items() if look is not None and look.value is not None}


def _stalls(seen: Seen) -> list[Flag]:
    classifiable = [track for track in seen.tracks if track.is_classifiable]
    if seen.visits < BY_VISIT or not classifiable or any(track.has_improved for track in classifiable):
        return []
    sentence = f"After {seen.visits} visits no measure that can be judged has reliably improved for either partner."
    return [Flag("no_reliable_improvement", "amber", sentence, {"visits": seen.visits})]


def _missed(seen: Seen) -> list[Flag]:
    raised = []
    for homework in seen.homework:
        missed = 0
        for done in reversed(homework.done):
            if done not in {"not_done", "declined"}:
                break
            missed += 1
        if missed >= MISSED_IN_A_ROW:
            sentence = f"Partner {homework.partner.upper()} did not do the last {missed} tasks: ask what gets in the way."
            raised.append(Flag("tasks_missed", "amber", sentence, {"in_a_row": missed}))
    return raised


def _apart(seen: Seen) -> list[Flag]:
    return [
        Flag(
            "partners_diverge",
            "amber",
            f"The partners' changes on {_scale_name(apart.measure, apart.scale)} differ by more than measurement error.",
            {"z": apart.z},
        )
        for apart in seen.diverging
    ]


def _well(seen: Seen) -> list[Flag]:
    changed = [track for track in seen.tracks if track.is_classifiable]
    if not changed or not all(track.stays_well for track in changed):
        return []
    return [Flag("recovered_twice", "white", "Every classified measure was recovered on the last two occasions.")]
