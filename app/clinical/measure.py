"""What a measure is: everything needed to check, score and interpret its answers, and nothing of its wording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Confidence, Source

Kind = Literal["outcome", "safety_screen", "pulse"]
Direction = Literal[1, -1]
Orientation = Literal[1, -1, 0]
MeasuredDomain = Literal["sexual", "relational", "neither"]
Operator = Literal["<", "<=", ">=", ">"]
Audience = Literal["care_team"]
Reason = Literal["no_activity", "skipped", "declined", "not_asked"]
InactivityEffect = Literal["withheld", "unread"]
LicenceTier = Literal["own", "A_free_reproduce", "B_free_noncommercial", "C_author_permission", "D_licensed"]

Answers = Mapping[int, float | None]
Reasons = Mapping[int, str]


@dataclass(frozen=True)
class Item:
    """One question by its number; `wording` only where this project owns it or the holder lets anyone reproduce it."""

    number: int
    low: float
    high: float
    reversed: bool = False
    step: float = 1
    optional: bool = False
    safety: bool = False
    topic: str = ""
    wording: str = ""


@dataclass(frozen=True)
class FormWords:
    """What an English form says beside its items' `wording`, where that may stand here: nothing of it is anyone else's.

    `answers` names every answer of every item, lowest first; `ends` the lowest and the highest of rated items, by number.
    """

    instructions: str = ""
    stem: str = ""
    answers: tuple[str, ...] = ()
    ends: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """Another scale's share in a scale made of scales."""

    scale: str
    weight: float = 1


@dataclass(frozen=True)
class Scale:
    """One score: `offset + weight * sum of items`, or a weighted sum of `parts`; without either it is scored elsewhere.

    A scale with a `form` is asked in that form alone; an `optional` one may be absent from what is scored elsewhere.
    `desire` marks a partner's desire within the couple: a scale on which the two partners' difference means something.
    `domain` and `direction` are the measure's unless given.
    """

    code: str
    low: float
    high: float
    items: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()
    weight: float = 1
    offset: float = 0
    direction: Orientation | None = None
    domain: MeasuredDomain | None = None
    name: str = ""
    form: str = ""
    optional: bool = False
    desire: bool = False

    @property
    def scored_elsewhere(self) -> bool:
        """Whether its key or its tables are not ours to hold, so that only finished scores are accepted."""
        return not self.items and not self.parts


@dataclass(frozen=True)
class Cutoff:
    """A line in a scale, or in at least `at_least` of `items`; cut-offs of one meaning are alternatives (any of them)."""

    meaning: str
    operator: Operator
    value: float
    source: Source
    scale: str | None = None
    items: tuple[int, ...] = ()
    at_least: int = 1
    separates_functional: bool = False


@dataclass(frozen=True)
class Band:
    """A named stretch of a scale, both ends included."""

    scale: str
    low: float
    high: float
    meaning: str
    source: Source


@dataclass(frozen=True)
class MinimalImportant:
    """The smallest gain people notice, in scale points, for those whose first score lies in one of the bands `baseline`."""

    scale: str
    points: float
    baseline: tuple[str, ...]
    estimated_in: str
    source: Source


@dataclass(frozen=True)
class MissingRule:
    """When a scale with unanswered items may be filled with the person's own mean, each value kept in its item's range."""

    prorate: bool
    min_percent_answered: int
    source: Source


@dataclass(frozen=True)
class InactivityRule:
    """Items whose `value` says 'no sexual activity', which is not a low score, and what that does to a scale with one.

    `withheld`: there is no score. `unread`: the published key counts it, so the score stands and is not read against any
    line, band or earlier score.
    """

    items: tuple[int, ...]
    source: Source
    value: float = 0
    effect: InactivityEffect = "withheld"


@dataclass(frozen=True)
class Alert:
    """What people must be told at once: some item answers, or a meaning of the cut-offs; never shown to the partner."""

    code: str
    sentence: str
    source: Source
    items: tuple[int, ...] = ()
    operator: Operator = ">"
    value: float = 0
    on_meaning: str = ""
    audience: Audience = "care_team"


@dataclass(frozen=True)
class Example:
    """Answers with the scores they must give; `reported` where the scores themselves came from elsewhere."""

    note: str
    answers: Answers
    scales: Mapping[str, float | None]
    reasons: Reasons = field(default_factory=dict)
    meanings: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    validity: str = "valid"
    prorated: bool = False
    reported: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """A scoring definition: what is asked by number, how it becomes scores, what they mean, and what that rests on.

    `domain` is the side of the couple's life that it measures; mood, well-being, alliance and safety are neither.
    """

    code: str
    name: str
    version: str
    kind: Kind
    constructs: tuple[str, ...]
    domain: MeasuredDomain
    items: tuple[Item, ...]
    scales: tuple[Scale, ...]
    direction: Direction
    recall_days: int | None
    missing: MissingRule
    applies_to: str
    licence_tier: LicenceTier
    licence_note: str
    sources: tuple[Source, ...]
    confidence: Confidence
    examples: tuple[Example, ...]
    cutoffs: tuple[Cutoff, ...] = ()
    bands: tuple[Band, ...] = ()
    inactivity: InactivityRule | None = None
    alerts: tuple[Alert, ...] = ()
    norms: tuple[Norms, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    reliable_change: tuple[ReliableChange, ...] = ()
    norm_sets: tuple[NormSet, ...] = ()
    minimal_important: tuple[MinimalImportant, ...] = ()
    precoded: bool = False
    limits: tuple[str, ...] = ()
    form_words: FormWords | None = None
    rhythm_days: int | None = None
    """In how many days it comes round, where that is part of the measure itself."""

    def item(self, number: int) -> Item | None:
        """The item of that number, if there is one."""
        return next((item for item in self.items if item.number == number), None)

    def scale(self, code: str) -> Scale | None:
        """The scale of that code, if there is one."""
        return next((scale for scale in self.scales if scale.code == code), None)

    def direction_of(self, scale: str) -> Orientation:
        """+1 if more is better, -1 if more is worse, 0 if neither end is better."""
        found = self.scale(scale)
        return self.direction if found is None or found.direction is None else found.direction

    def functional_cutoff(self, scale: str) -> Cutoff | None:
        """The published line between the clinical and the functional range of a scale, if there is one."""
        return next((cut for cut in self.cutoffs if cut.scale == scale and cut.separates_functional), None)

    def reliable_change_of(self, scale: str) -> ReliableChange | None:
        """What is known about reliable change of a scale."""
        return next((known for known in self.reliable_change if known.scale == scale), None)

    def takes_errors(self, scale: str) -> bool:
        """Whether change on a scale rests on the standard errors that come with its scores."""
        known = self.reliable_change_of(scale)
        return known is not None and known.status == "from_score_errors"

    @property
    def scored_elsewhere_only(self) -> bool:
        """Whether no scale can be computed here, so that answers are of no use."""
        return all(scale.scored_elsewhere for scale in self.scales)

    def norm_set(self, code: str) -> NormSet | None:
        """The norm set of that code, if there is one."""
        return next((norms for norms in self.norm_sets if norms.code == code), None)


NEVER_PRORATE = MissingRule(
    prorate=False,
    min_percent_answered=100,
    source=Source("Safety items are never filled in: an unanswered one is itself a finding", "proposal"),
)
PRORATE_FROM_80 = MissingRule(
    prorate=True,
    min_percent_answered=80,
    source=Source("No developer rule known; person mean when 80 % of a scale's items are answered", "proposal"),
)


def items(numbers: range, low: float, high: float, *, reversed_items: tuple[int, ...] = ()) -> tuple[Item, ...]:
    """Items of one range, numbered as in the published form."""
    return tuple(Item(number, low, high, reversed=number in reversed_items) for number in numbers)
