"""Whether a couple's hours went past the sexual concern while it stood still and nothing was under way; a prompt to look."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from types import MappingProxyType
from typing import Final, Literal

from app.clinical.change import ChangeClass
from app.clinical.domains import domain_of
from app.clinical.source import Source
from app.clinical.topics import LEADING_PAST
from app.clinical.track import Track

Standing = Literal["reliably_better", "no_reliable_change", "reliably_worse", "cannot_be_judged"]
RUNNING: Final = "active"
# Minutes are whole and the share is a decimal: exactly the share must not become more than it by a binary fraction.
HAIR = 1e-9


RABBIT_HOLE_SOURCE: Final = Source(
    "Rule, number of visits, share and topics of this project, from a therapist's experience; nobody has tested them",
    "proposal",
)


@dataclass(frozen=True)
class RabbitHoleRules:
    """When hours in a row ask for a look: at least `visits`, each with more than `share` of its told minutes on `topics`."""

    visits: int = 4
    share: float = 0.5
    topics: tuple[str, ...] = LEADING_PAST
    source: Source = RABBIT_HOLE_SOURCE


PROPOSED: Final = RabbitHoleRules()


@dataclass(frozen=True)
class Hour:
    """A conjoint hour: its day, when it began, how many minutes its note tells of each topic, and how many it lasted."""

    on: date
    began: datetime
    minutes: Mapping[str, int]
    length: int

    @property
    def told(self) -> int:
        """Minutes of which the note says what they went to."""
        return sum(self.minutes.values())

    def leads_past(self, rules: RabbitHoleRules) -> bool:
        """Whether more than the share of the told minutes went to the rule's topics."""
        return sum(self.minutes.get(topic, 0) for topic in rules.topics) > rules.share * self.told + HAIR


@dataclass(frozen=True)
class Spent:
    """How some hours were spent, together."""

    hours: tuple[Hour, ...] = ()

    @property
    def told(self) -> tuple[Hour, ...]:
        """Those that say how they were spent; the others say nothing, for or against."""
        return tuple(hour for hour in self.hours if hour.told)

    @property
    def minutes(self) -> Mapping[str, int]:
        """Minutes by topic, of those that took any."""
        total: Counter[str] = Counter()
        for hour in self.hours:
            total.update(hour.minutes)
        return MappingProxyType({topic: minutes for topic, minutes in total.items() if minutes})

    def past(self, rules: RabbitHoleRules) -> int:
        """Minutes on the rule's topics."""
        return sum(self.minutes.get(topic, 0) for topic in rules.topics)

    def share(self, rules: RabbitHoleRules) -> float | None:
        """The share of the told minutes that went to the rule's topics; None where none were told."""
        told = sum(self.minutes.values())
        return self.past(rules) / told if told else None


def in_order(hours: Iterable[Hour], rules: RabbitHoleRules) -> tuple[Hour, ...]:
    """Oldest first, whatever order they were entered in; of two that began together, one spent otherwise comes last."""
    return tuple(sorted(hours, key=lambda hour: (hour.began, not hour.leads_past(rules))))


def latest_run(hours: Iterable[Hour], rules: RabbitHoleRules = PROPOSED) -> Spent:
    """The last hours in a row that led past the concern, oldest first.

    An hour whose note tells no minutes neither counts nor ends the row: nobody knows what it went to.
    """
    told = [hour for hour in in_order(hours, rules) if hour.told]
    row = list(takewhile(lambda hour: hour.leads_past(rules), reversed(told)))
    return Spent(tuple(reversed(row)))


def last_class(track: Track) -> ChangeClass | None:
    """The class of the last score that could be judged against intake; None where none could."""
    return next((found for found in reversed(track.classes) if found != "not_classifiable"), None)


def watched(tracks: Iterable[Track], primary: Sequence[str]) -> tuple[Track, ...]:
    """What the primary concern's change is judged by: sexual scales of the measures that the catalogue names for it.

    Where none of those can be judged, every other sexual scale that can be is asked instead; empty where none can.
    """
    judged = [track for track in tracks if domain_of(track.measure, track.scale) == "sexual" and last_class(track)]
    return tuple(track for track in judged if track.measure.code in primary) or tuple(judged)


def standing_of(tracks: Iterable[Track]) -> Standing:
    """How the concern stands by these series: better when either partner's last judged score is, on any of them."""
    found = {last_class(track) for track in tracks} - {None}
    if found & {"improved", "recovered"}:
        return "reliably_better"
    if "deteriorated" in found:
        return "reliably_worse"
    return "no_reliable_change" if found else "cannot_be_judged"


@dataclass(frozen=True)
class Lost:
    """A couple whose hours went past the concern: the hours, what the concern was judged by, and where its plans stand."""

    run: Spent
    rules: RabbitHoleRules
    asked: tuple[Track, ...] = ()
    plans: tuple[str, ...] = ()

    @property
    def numbers(self) -> Mapping[str, float]:
        """How many hours, the minutes behind it in all and by topic, and how many series the concern was judged by."""
        by_topic = {f"minutes_{topic}": self.run.minutes.get(topic, 0) for topic in self.rules.topics}
        told = sum(self.run.minutes.values())
        return MappingProxyType({"visits": len(self.run.hours), "minutes_told": told, **by_topic, "series": len(self.asked)})

    @property
    def sentence(self) -> str:
        """Why to look."""
        told, past = sum(self.run.minutes.values()), self.run.past(self.rules)
        topics = " or ".join(topic.replace("_", " ") for topic in self.rules.topics)
        went = (
            f"The last {len(self.run.hours)} visits that say how they were spent, since {self.run.hours[0].on}, went mostly to"
        )
        return f"{went} {topics} ({past} of {told} minutes), {self._stands}, and {self._planned}."

    @property
    def _stands(self) -> str:
        standing = standing_of(self.asked)
        if standing == "cannot_be_judged":
            return "no change of the primary concern can be judged"
        is_so = "shows no reliable change" if standing == "no_reliable_change" else "has reliably worsened"
        asked: dict[str, set[str]] = {}
        for track in self.asked:
            asked.setdefault(_name(track), set()).add(track.partner.upper())
        by = [f"{name} ({' and '.join(sorted(who))})" for name, who in sorted(asked.items())]
        return f"the primary concern {is_so} by {', '.join(by)}"

    @property
    def _planned(self) -> str:
        if not self.plans:
            return "there is no homework plan"
        return f"no homework plan is active: the latest is {self.plans[-1]}"


def _name(track: Track) -> str:
    return track.measure.name if track.scale == "total" else f"{track.measure.name}, {track.scale}"


def lost(
    run: Spent, tracks: Iterable[Track], primary: Sequence[str], plans: Sequence[str], rules: RabbitHoleRules = PROPOSED
) -> Lost | None:
    """The couple's rabbit hole, if it is in one: the run is long enough, no plan is active, and the concern is no better.

    `primary` are the measures named for the open primary concern, `plans` the statuses of all plans, the latest last, both
    as whoever asks sees them. A concern that became worse, or that nothing can judge, raises it as one that stands still.
    """
    asked = watched(tracks, primary)
    if len(run.hours) < rules.visits or RUNNING in plans or standing_of(asked) == "reliably_better":
        return None
    return Lost(run, rules, asked, tuple(plans))
