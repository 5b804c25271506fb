"""What a plan may do, which protocols there are in these lives and what forbids them, written down by hand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

SOONEST, LATEST = timedelta(hours=12), timedelta(hours=60)
NEVER: Final = timedelta(0)
POSSIBLE: Final[dict[str, dict[str, str]]] = {
    "draft": {"offers": "offered", "stops": "stopped"},
    "offered": {"activations": "active", "stops": "stopped"},
    "active": {
        "holds": "held",
        "pauses": "paused",
        "advancements": "active",
        "completions": "completed",
        "stops": "stopped",
    },
    "held": {"resumptions": "active", "pauses": "paused", "completions": "completed", "stops": "stopped"},
    "paused": {"resumptions": "active", "stops": "stopped"},
    "completed": {},
    "stopped": {},
}
WORDS: Final = {
    "offers": "offered",
    "activations": "activated",
    "holds": "held_by_therapist",
    "pauses": "paused_by_therapist",
    "resumptions": "resumed",
    "advancements": "stage_set_by_therapist",
    "completions": "completed",
    "stops": "stopped_by_therapist",
}
LEADS_TO: Final = {"active": "resumptions", "held": "holds", "paused": "pauses", "completed": "completions", "stopped": "stops"}
# Some flags that forbid every shared touch, whatever the protocol.
UNIVERSAL: Final = frozenset({"acute_suicidality", "undisclosed_affair", "untreated_infection"})


@dataclass(frozen=True)
class Kind:
    """A protocol: its stages, which of them share touch, and what else it asks for.

    `log_of_the_other` is what the one who accompanies is asked, where that is something else.
    """

    protocol: str
    stages: int
    shared: frozenset[int]
    log: dict[str, Any] = field(hash=False)
    flags: frozenset[str] = frozenset()
    preconditions: tuple[str, ...] = ()
    concern: str | None = None
    thresholds: dict[str, int] = field(default_factory=dict, hash=False)
    log_of_the_other: dict[str, Any] | None = field(default=None, hash=False)

    @property
    def alone(self) -> int:
        """The last stage before the partners touch."""
        return min(self.shared, default=1) - 1

    def forbidden_by(self, stage: int) -> frozenset[str]:
        """The flags that forbid a stage."""
        return self.flags | UNIVERSAL if stage in self.shared else self.flags


SENSATE: Final = Kind(
    "sensate_focus",
    5,
    frozenset(range(1, 6)),
    {"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2},
    frozenset({"open_hostility", "unprocessed_trauma"}),
)
SIMMERING: Final = Kind(
    "simmering",
    4,
    frozenset(),
    {"moments": 3, "guilt": 0, "intrusive_thoughts": 0},
    frozenset({"compulsive_behaviour", "trauma_intrusions"}),
)
# One begins these alone, and something must be met before; a clinic may let less pressure pause them.
BEGUN_ALONE: Final = {
    "graded_dilator": Kind(
        "graded_dilator",
        8,
        frozenset({6, 7, 8}),
        {"full_time": True, "anxiety_max": 2, "bleeding": False},
        frozenset({"unexplained_pain_or_bleeding", "untreated_infection", "recent_surgery_or_birth", "trauma_flashbacks"}),
        ("pelvic_examination",),
        "gpppd",
        {"pressure_pause": 4},
        {},
    ),
    "stop_start": Kind(
        "stop_start",
        7,
        frozenset(range(3, 8)),
        {"minutes": 15, "pauses": 3, "over_before_pause": False, "control": 7, "distress": 1},
        frozenset(),
        ("erectile_problem_screened", "prostate_and_thyroid_considered"),
        "early_ejaculation",
        log_of_the_other={"partner_distress": 1},
    ),
}


@dataclass
class Step:
    """One change of a plan as it truly was."""

    status: str
    stage: int
    reason: str
    stopped_by: str | None


@dataclass
class Line:
    """One change of a plan as everyone else is told it, and between which moments it starts to show."""

    status: str
    stage: int
    reason: str
    earliest: datetime
    latest: datetime

    def then(self, noun: str, earliest: datetime, latest: datetime, stage: int | None = None) -> "Line":
        """What follows it, never before it."""
        moments = max(self.earliest, earliest), max(self.latest, latest)
        return Line(POSSIBLE[self.status][noun], stage or self.stage, WORDS[noun], *moments)


@dataclass
class PlanTruth:
    """A plan: what it is, who practises where only one does, what happened to it, and what will have been told of that."""

    kind: Kind
    steps: list[Step]
    told: list[Line]
    practising: str | None = None

    @property
    def status(self) -> str:
        """Where it stands."""
        return self.steps[-1].status

    @property
    def stage(self) -> int:
        """Its stage."""
        return self.steps[-1].stage

    @property
    def shares(self) -> bool:
        """Whether the partners touch at its stage."""
        return self.stage in self.kind.shared

    def move(
        self, noun: str, now: datetime, *, stage: int | None = None, reason: str | None = None, by: str | None = None
    ) -> None:
        """Writes a change down; it never shows before what came before it."""
        first, last = (SOONEST, LATEST) if noun == "pauses" else (NEVER, NEVER)
        self.told.append(self.told[-1].then(noun, now + first, now + last, stage))
        self.steps.append(Step(POSSIBLE[self.status][noun], stage or self.stage, reason or WORDS[noun], by))

    def move_as_seen(self, noun: str, now: datetime, seen: int) -> None:
        """Somebody to whom only so many lines show moves it: they see that at once, and later how it truly stands."""
        hidden = self.told[seen:]
        del self.told[seen:]
        first, last = (SOONEST, LATEST) if noun == "pauses" else (NEVER, NEVER)
        self.told.append(self.told[-1].then(noun, now + first, now + last))
        if noun in POSSIBLE[self.status]:
            self.steps.append(Step(POSSIBLE[self.status][noun], self.stage, WORDS[noun], None))
        elif noun in {"completions", "stops"} and POSSIBLE[self.status]:
            self.steps.append(Step(POSSIBLE["active"][noun], self.stage, WORDS[noun], None))
        else:
            self.steps.append(self.steps[-1])
        if hidden:
            self._tell_the_rest(hidden[-1])

    def _tell_the_rest(self, when: Line) -> None:
        line = self.told[-1]
        nouns = []
        if POSSIBLE[line.status]:
            going = line.status == "active"
            if not going and (line.stage != self.stage or (line.status == "paused" and self.status in {"held", "completed"})):
                nouns, going = ["resumptions"], True
            nouns += ["advancements"] if line.stage != self.stage else []
            nouns += [LEADS_TO[self.status]] if self.status != ("active" if going else line.status) else []
        for noun in nouns:
            stage = self.stage if noun == "advancements" else None
            self.told.append(self.told[-1].then(noun, when.earliest, when.latest, stage))

    def log_of(self, which: str) -> dict[str, Any]:
        """What a partner logs of an occasion."""
        is_other = self.kind.log_of_the_other is not None and which != self.practising
        return (self.kind.log_of_the_other or {}) if is_other else self.kind.log

    def is_stopped_by(self, reason: str, *, protocol: str | None, about: str | None) -> bool:
        """Whether something that halts homework concerns it, were it running."""
        match reason:
            case "consent_withdrawn":
                return protocol in {None, self.kind.protocol}
            case "red_flag_opened":
                return about in self.kind.forbidden_by(self.stage)
            case "precondition_not_met":
                return about in self.kind.preconditions
            case "pressure" | "force" | "fear":
                return True
            case _:
                return self.shares
