"""Which of two couples of one colour is looked at first: how far, together, they are past what raised their flags."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from app.clinical.on_track import Flag, Seen
from app.clinical.on_track_rules import OnTrackRules
from app.clinical.reliable_index import TWO_SIDED_95
from app.clinical.source import Source
from app.clinical.track import Track

SOURCE: Final = Source("Our own order: each flag counts as many times as its line was passed", "proposal")
SIGNAL: Final = 100.0  # an unanswered safety signal comes before any fall of a score

Weigh = Callable[[Flag, Seen, OnTrackRules], float]


def fallen(track: Track) -> float:
    """How many times the smallest reliable change the last score lies below the first; 0 where that cannot be said."""
    last = track.change
    if last is None or last.change_class == "not_classifiable" or not last.gained or not last.threshold_points:
        return 0.0
    return max(0.0, -last.gained / last.threshold_points)


def _fall(flag: Flag, seen: Seen, _rules: OnTrackRules) -> float:
    """Of the series that the flag tells of, by the scores that it names."""
    return max((fallen(track) for track in seen.tracks if _ends(track) == dict(flag.numbers)), default=0.0)


def _ends(track: Track) -> dict[str, float | None]:
    ends = {"intake": track.intake, "latest": track.latest}
    return {name: None if look is None else look.value for name, look in ends.items()}


def _lost(flag: Flag, seen: Seen, _rules: OnTrackRules) -> float:
    return 1.0 if seen.lost is None else flag.numbers["visits"] / seen.lost.rules.visits


def _stall(flag: Flag, _seen: Seen, rules: OnTrackRules) -> float:
    if "visits" in flag.numbers:
        return flag.numbers["visits"] / rules.by_visit
    return flag.numbers["stages_behind"] / flag.numbers["stages"] / rules.by_plan_share


WEIGHED_BY: Final[Mapping[str, Weigh]] = MappingProxyType(
    {
        "safety_signal_open": lambda flag, _seen, _rules: SIGNAL * flag.numbers["open"],
        "deteriorated_twice": _fall,
        "slipping": _fall,
        "rabbit_hole": _lost,
        "no_reliable_improvement": _stall,
        "tasks_missed": lambda flag, _seen, rules: flag.numbers["in_a_row"] / rules.missed_in_a_row,
        "partners_diverge": lambda flag, _seen, _rules: abs(flag.numbers["z"]) / TWO_SIDED_95,
    }
)


def weight(seen: Seen, raised: Sequence[Flag], given: Flag, rules: OnTrackRules, last_score_on: date | None) -> float:
    """What a couple is put in order by within the colour that `given` gave: the smaller, the sooner it is looked at.

    Red and amber: minus the sum over the flags of that colour, each weighed by how far its line is passed, 1 where nothing
    tells. White and green: by the day of the last score, longest ago first, and none at all before that.
    """
    if given.colour in {"red", "amber"}:
        of_colour = [flag for flag in raised if flag.colour == given.colour]
        return -sum(WEIGHED_BY[flag.code](flag, seen, rules) if flag.code in WEIGHED_BY else 1.0 for flag in of_colour)
    return 0.0 if last_score_on is None else float(last_score_on.toordinal())
