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
# Some flags that forbid every shared touch, whatever the protocol.
UNIVERSAL: Final = frozenset({"acute_suicidality", "undisclosed_affair", "untreated_infection"})


@dataclass(frozen=True)
class Kind:
    """A protocol: its stages, which of them share touch, what else it asks for, and from where pressure pauses it."""

    protocol: str
    stages: int
    shared: frozenset[int]
    log: dict[str, Any] = field(hash=False)
    flags: frozenset[str] = frozenset()
    preconditions: tuple[str, ...] = ()
    concern: str | None = None
    thresholds: dict[str, int] = field(default_factory=dict, hash=False)

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
        {},
        frozenset({"unexplained_pain_or_bleeding", "untreated_infection", "recent_surgery_or_birth", "trauma_flashbacks"}),
        ("pelvic_examination",),
        "gpppd",
        {"pressure_pause": 4},
    ),
    "stop_start": Kind(
        "stop_start",
        7,
        frozenset(range(3, 8)),
        {},
        frozenset(),
        ("erectile_problem_screened", "prostate_and_thyroid_considered"),
        "early_ejaculation",
    ),
}


@dataclass
class Step:
    """One change of a plan, and between which moments it starts to show outside the care team."""

    status: str
    stage: int
    reason: str
    stopped_by: str | None
    earliest: datetime
    latest: datetime

    @property
    def neutral(self) -> tuple[str, int, str]:
        """What everyone else is told of it."""
        return self.status, self.stage, WORDS["pauses"] if self.status == "paused" else self.reason


@dataclass
class PlanTruth:
    """A plan: what it is, who practises where only one does, and what happened to it."""

    kind: Kind
    steps: list[Step]
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
        before = self.steps[-1]
        self.steps.append(
            Step(
                POSSIBLE[self.status][noun],
                stage or self.stage,
                reason or WORDS[noun],
                by,
                max(before.earliest, now + first),
                max(before.latest, now + last),
            )
        )

    def is_stopped_by(self, reason: str, *, protocol: str | None, about: str | None) -> bool:
        """Whether something that halts homework concerns it, were it running."""
        match reason:
            case "consent_withdrawn":
                return protocol in {None, self.kind.protocol}
            case "red_flag_opened":
                return about in self.kind.forbidden_by(self.stage)
            case "precondition_not_met":
                return about in self.kind.preconditions
            case _:
                return self.shares
