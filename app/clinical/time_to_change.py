"""When a partner, or a couple, was first reliably better on each side of their life, and which side was first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from app.clinical.change_basis import ground
from app.clinical.domains import DOMAINS, Domain, domain_of
from app.clinical.norms import CLASSIFIABLE
from app.clinical.track import Look, Track

NotReached = Literal["not_yet", "cannot_be_judged", "too_few_scores"]
Order = Literal["sexual_first", "relational_first", "same_time", "neither_yet"]
NoOrder = Literal["cannot_be_judged", "too_few_scores", "other_side_not_asked_then"]
GRAVEST_FIRST: Final[tuple[NotReached, ...]] = ("cannot_be_judged", "too_few_scores", "not_yet")
BETTER: Final = frozenset({"improved", "recovered"})
WEEK: Final = timedelta(weeks=1)
# Both sides are often asked in one sitting, some minutes apart.
SAME_TIME: Final = timedelta(days=1)


@dataclass(frozen=True)
class First:
    """The first reliably better score on one side, or why there is none.

    `weeks` from the first score that change on this side is judged against, `visits` that had begun by then, `track` the
    series that showed it. `weeks_followed` up to the last score that was judged tells how long none was seen.
    """

    reason: NotReached | None
    since: datetime | None = None
    at: datetime | None = None
    weeks: float | None = None
    visits: int | None = None
    track: Track | None = None
    weeks_followed: float | None = None


@dataclass(frozen=True)
class Side:
    """What one side of a partner's, or of both partners', life was asked with."""

    tracks: tuple[Track, ...]

    @property
    def judged(self) -> tuple[Track, ...]:
        """Series of which some change has a class."""
        return tuple(track for track in self.tracks if track.is_classifiable)

    @property
    def asked_at(self) -> tuple[datetime, ...]:
        """When a change was judged."""
        return tuple(look.at for track in self.judged for look, is_judged in _judgements(track) if is_judged is not None)

    @property
    def reason(self) -> NotReached:
        """Why nothing improved: nothing yet, nothing that can be judged, or not two scores of what can be."""
        if self.judged:
            return "not_yet"
        scored = [track for track in self.tracks if track.intake]
        waits = any(len(track.scored) == 1 and _may_be_judged(track) for track in scored)
        return "too_few_scores" if waits or not scored else "cannot_be_judged"


def _judgements(track: Track) -> list[tuple[Look, bool | None]]:
    """Each later score, and whether it is reliably better; None where nobody can tell."""
    return [
        (look, None if found == "not_classifiable" else found in BETTER)
        for look, found in zip(track.scored[1:], track.classes, strict=True)
    ]


def _may_be_judged(track: Track) -> bool:
    status = ground(track.measure, track.scale, "jacobson_truax", None).basis.status
    return status in CLASSIFIABLE and track.measure.direction_of(track.scale) != 0


def sides_of(tracks: Sequence[Track]) -> Mapping[Domain, Side]:
    """The series by the side they measure; mood, well-being and the like are on neither."""
    return {
        domain: Side(tuple(track for track in tracks if domain_of(track.measure, track.scale) == domain)) for domain in DOMAINS
    }


def first_reliable_improvement(tracks: Sequence[Track], visits: Sequence[datetime]) -> Mapping[Domain, First]:
    """The first reliably better score on each side, by Jacobson and Truax on the measures' own norms.

    `tracks` are one partner's, or both partners' for the first of either; `visits` when conjoint hours began.
    """
    return {domain: _first(side, visits) for domain, side in sides_of(tracks).items()}


def _first(side: Side, visits: Sequence[datetime]) -> First:
    since = min((track.intake.at for track in side.judged if track.intake), default=None)
    if since is None:
        return First(side.reason)
    followed = (max(side.asked_at) - since) / WEEK
    better = [(look.at, track) for track in side.judged for look, is_better in _judgements(track) if is_better]
    if not better:
        return First(side.reason, since, weeks_followed=followed)
    at, track = min(better, key=lambda one: (one[0], one[1].measure.code, one[1].scale, one[1].partner))
    return First(None, since, at, (at - since) / WEEK, _held_by(at, visits), track, followed)


def _held_by(moment: datetime, visits: Sequence[datetime]) -> int:
    return sum(began <= moment for began in visits)


def of_both(a: First, b: First, visits: Sequence[datetime]) -> First:
    """When each of the two had been reliably better once: the later one, in weeks since the first score of either."""
    since = min((one.since for one in (a, b) if one.since is not None), default=None)
    reached = [(one.at, one.track) for one in (a, b) if one.at is not None]
    if since is None or len(reached) < 2:
        return First(next(reason for reason in GRAVEST_FIRST if reason in {a.reason, b.reason}), since)
    at, track = max(reached, key=lambda one: one[0])
    return First(None, since, at, (at - since) / WEEK, _held_by(at, visits), track)


@dataclass(frozen=True)
class WhichFirst:
    """Which side was reliably better first, as a fact of when it was seen; or why that cannot be said."""

    order: Order | None
    reason: NoOrder | None = None


def which_first(tracks: Sequence[Track], firsts: Mapping[Domain, First]) -> WhichFirst:
    """The order of the two sides, of `first_reliable_improvement` of the same series.

    A side is called first only if the other was asked about at that time or later and was not reliably better then:
    otherwise the one that is asked more often would be first for that alone. It says nothing of cause.
    """
    reasons = {first.reason for first in firsts.values()}
    if reasons - {None, "not_yet"}:
        return WhichFirst(None, "cannot_be_judged" if "cannot_be_judged" in reasons else "too_few_scores")
    reached = sorted((first.at, domain) for domain, first in firsts.items() if first.at is not None)
    if not reached:
        return WhichFirst("neither_yet")
    at, earlier = reached[0]
    later = next((when for when, _ in reached[1:]), None)
    if later is not None and later - at < SAME_TIME:
        return WhichFirst("same_time")
    asked = sides_of(tracks)["relational" if earlier == "sexual" else "sexual"].asked_at
    if not any(at - SAME_TIME < when and (later is None or when < later) for when in asked):
        return WhichFirst(None, "other_side_not_asked_then")
    return WhichFirst("sexual_first" if earlier == "sexual" else "relational_first")
