"""Which flags a couple's course raises, and the one colour they come to; a prompt to look, never a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from app.clinical.domains import domain_of
from app.clinical.measure import Measure
from app.clinical.on_track_rules import PROPOSED, OnTrackRules
from app.clinical.rabbit_hole import Lost
from app.clinical.track import Look, Track

Colour = Literal["red", "amber", "white", "green"]
URGENCY: Final[tuple[Colour, ...]] = ("red", "amber", "white", "green")
LEFT_OUT: Final = frozenset({"not_done", "declined"})


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
class Planned:
    """A homework plan that was begun and not stopped: how many of its stages are behind the couple."""

    behind: int
    stages: int

    @property
    def share(self) -> float:
        """How much of the plan is behind them. A plan knows its stages and not how many visits it will take."""
        return self.behind / self.stages


@dataclass(frozen=True)
class Seen:
    """Everything flags are raised from; `primary` are the measures that the catalogue names for the primary concern.

    `lost` is the rabbit hole that the couple's hours are in, if they are.
    """

    tracks: tuple[Track, ...] = ()
    homework: tuple[Homework, ...] = ()
    diverging: tuple[Apart, ...] = ()
    plans: tuple[Planned, ...] = ()
    visits: int = 0
    open_signals: int = 0
    primary: tuple[str, ...] = ()
    lost: Lost | None = None

    @property
    def primary_tracks(self) -> tuple[Track, ...]:
        """What white is judged by: the primary measures that have a published line."""
        return tuple(track for track in self.tracks if track.line and track.measure.code in self.primary)

    @property
    def line_is_of_the_concern(self) -> bool:
        """Whether any of those is sexual: a good mood or a good relationship says nothing of the sexual concern."""
        return any(domain_of(track.measure, track.scale) == "sexual" for track in self.primary_tracks)


@dataclass(frozen=True)
class Flag:
    """Why to look, in a sentence, with the numbers behind it; `code` names the rule that fired.

    `partner`, `measure` and `scale` say whose and which, where it is about one of them.
    """

    code: str
    colour: Colour
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    partner: str | None = None
    measure: str | None = None
    scale: str | None = None


CALM: Final = Flag("nothing_raised", "green", "Nothing asks for a closer look.")
CALM_BUT_UNJUDGED: Final = Flag(
    "nothing_raised_unjudged", "green", "Nothing asks for a closer look, and no change can be judged yet."
)


def flags(seen: Seen, rules: OnTrackRules = PROPOSED) -> tuple[Flag, ...]:
    """All flags, most urgent first; of one colour, what says more of what to do comes first."""
    raised = (
        *_signals(seen),
        *_worse(seen, rules),
        *_lost(seen),
        *_stalls(seen, rules),
        *_missed(seen, rules),
        *_apart(seen),
        *_well(seen, rules),
    )
    return tuple(sorted(raised, key=lambda flag: URGENCY.index(flag.colour)))


def on_track(raised: Sequence[Flag], *, is_judged: bool = True) -> Flag:
    """The flag that gives the couple its colour; calm is not said to be more than it is."""
    calm = CALM if is_judged else CALM_BUT_UNJUDGED
    return min(raised, key=lambda flag: URGENCY.index(flag.colour), default=calm)


def _scale_name(measure: Measure, scale: str) -> str:
    return measure.name if scale == "total" else f"{measure.name}, {scale}"


def _name(track: Track) -> str:
    return f"Partner {track.partner.upper()}: {_scale_name(track.measure, track.scale)}"


def _signals(seen: Seen) -> list[Flag]:
    if not seen.open_signals:
        return []
    sentence = "An answer asks for your attention in private; see the safety signals before the next conjoint hour."
    return [Flag("safety_signal_open", "red", sentence, {"open": seen.open_signals})]


def _worse(seen: Seen, rules: OnTrackRules) -> list[Flag]:
    raised = []
    for track in seen.tracks:
        worse, looks = track.worse_lately(rules)
        if track.deteriorates(rules):
            sentence = f"{_name(track)} was reliably worse than at intake on the last {rules.in_a_row} occasions."
            raised.append(_of(track, Flag("deteriorated_twice", "red", sentence, _numbers(track))))
        elif worse >= rules.slips:
            by = "a standard error" if rules.sems_worse == 1 else f"{rules.sems_worse:g} standard errors"
            sentence = f"{_name(track)} was worse than at intake by {by} or more on {worse} of the last {looks} occasions."
            numbers = _numbers(track) | {"worse": worse, "looks": looks}
            raised.append(_of(track, Flag("slipping", "amber", sentence, numbers)))
    return raised


def _of(track: Track, flag: Flag) -> Flag:
    return replace(flag, partner=track.partner, measure=track.measure.code, scale=track.scale)


def _numbers(track: Track) -> dict[str, float]:
    found: dict[str, Look | None] = {"intake": track.intake, "latest": track.latest}
    return {name: look.value for name, look in found.items() if look is not None and look.value is not None}


def _stalls(seen: Seen, rules: OnTrackRules) -> list[Flag]:
    classifiable = [track for track in seen.tracks if track.is_classifiable]
    when = _far_enough(seen, rules)
    if when is None or not classifiable or any(track.has_improved for track in classifiable):
        return []
    told, numbers = when
    sentence = f"{told} no measure that can be judged has reliably improved for either partner."
    return [Flag("no_reliable_improvement", "amber", sentence, numbers)]


def _far_enough(seen: Seen, rules: OnTrackRules) -> tuple[str, dict[str, float]] | None:
    """When improvement may be expected: by a visit, or by a share of a plan, whichever comes first."""
    if seen.visits >= rules.by_visit:
        return f"After {seen.visits} visits", {"visits": seen.visits}
    furthest = max(seen.plans, key=lambda plan: plan.share, default=None)
    if furthest is None or furthest.share < rules.by_plan_share:
        return None
    told = f"With {furthest.behind} of {furthest.stages} stages of a plan behind them"
    return told, {"stages_behind": furthest.behind, "stages": furthest.stages}


def _lost(seen: Seen) -> list[Flag]:
    found = seen.lost
    return [] if found is None else [Flag("rabbit_hole", "amber", found.sentence, found.numbers)]


def _missed(seen: Seen, rules: OnTrackRules) -> list[Flag]:
    raised = []
    for homework in seen.homework:
        missed = 0
        for done in reversed(homework.done):
            if done not in LEFT_OUT:
                break
            missed += 1
        if missed >= rules.missed_in_a_row:
            sentence = f"Partner {homework.partner.upper()} did not do the last {missed} tasks: ask what gets in the way."
            raised.append(Flag("tasks_missed", "amber", sentence, {"in_a_row": missed}, homework.partner))
    return raised


def _apart(seen: Seen) -> list[Flag]:
    return [
        Flag(
            "partners_diverge",
            "amber",
            f"The partners' changes on {_scale_name(apart.measure, apart.scale)} differ by more than measurement error.",
            {"z": apart.z},
            measure=apart.measure.code,
            scale=apart.scale,
        )
        for apart in seen.diverging
    ]


def _well(seen: Seen, rules: OnTrackRules) -> list[Flag]:
    if not seen.line_is_of_the_concern or not all(track.stays_functional(rules) for track in seen.primary_tracks):
        return []
    where = f"on the functional side of its published line on the last {rules.in_a_row} occasions."
    sentence = f"Every primary measure that has a line was {where}"
    return [Flag("functional_twice", "white", sentence, {"series": len(seen.primary_tracks)})]
