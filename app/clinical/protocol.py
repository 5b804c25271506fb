"""What a homework protocol is: stages, dose, what is logged, and rules that a computer can follow and a person can read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.clinical.predicates import Predicate
from app.clinical.safety import Plissit, Precondition, RedFlag
from app.clinical.source import Source

VerdictName = Literal["advance", "hold", "step_back", "stop"]
FieldKind = Literal["integer", "number", "boolean", "choice", "text"]
Privacy = Literal["individual", "safety", "conjoint"]
Participants = Literal["together", "alone", "alone_then_together", "alone_or_together"]
# Who does a stage; in `practising_alone` one partner practises, and the other is not waited for.
Company = Literal["together", "each_alone", "practising_alone"]
# Whom a rule or a question concerns, where one partner practises and the other accompanies.
Role = Literal["each", "practising", "accompanying"]
DoseUnit = Literal["practice", "protected_time", "affection", "lesson"]
Period = Literal["day", "week", "month", "once"]
EvidenceGrade = Literal["trials", "mixed", "indirect", "consensus"]


@dataclass(frozen=True)
class LogField:
    """Something each partner logs alone; ratings are 0-10 unless `low` and `high` say otherwise.

    `required` holds for those who are asked; what one is not asked is not theirs to answer. What stays empty makes a rule
    that needs it wait.
    """

    code: str
    kind: FieldKind
    description: str
    privacy: Privacy = "individual"
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    asked_of: Role = "each"


@dataclass(frozen=True)
class Threshold:
    """A named number that rules refer to; a clinic may set it anywhere from `low` to `high` (`whole`: a count)."""

    name: str
    value: float
    low: float
    high: float
    meaning: str
    source: Source
    whole: bool = False


@dataclass(frozen=True)
class Dose:
    """How much of what: `unit` is practice or protected time, never a sexual act."""

    unit: DoseUnit
    times: tuple[float, float] | None
    per: Period
    minutes: tuple[float, float] | None
    weeks: tuple[float, float] | None
    note: str
    source: Source


@dataclass(frozen=True)
class Rule:
    """A condition that asks for a verdict, with the sentence that says why; `stages` empty means every stage.

    `role` says whose check-ins it is asked of: each partner's, or those of the one who practises or accompanies.
    """

    code: str
    verdict: VerdictName
    when: Predicate
    sentence: str
    stages: tuple[int, ...] = ()
    role: Role = "each"


@dataclass(frozen=True)
class Stage:
    """One step: what to do in plain words, its own rules, and what is off limits meanwhile."""

    number: int
    code: str
    title: str
    instructions: tuple[str, ...]
    rules: tuple[str, ...]
    plissit: Plissit
    shared_touch: bool
    ban: tuple[str, ...] = ()
    company: Company = "together"


@dataclass(frozen=True)
class Evidence:
    """What is known of its effect, and how well."""

    grade: EvidenceGrade
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Protocol:
    """A homework protocol; success is doing the exercise within the rules, never arousal, orgasm or intercourse."""

    code: str
    version: str
    name: str
    sources: tuple[Source, ...]
    targets: tuple[str, ...]
    participants: Participants
    shared_touch: bool
    stages: tuple[Stage, ...]
    dose: Dose
    log_fields: tuple[LogField, ...]
    thresholds: tuple[Threshold, ...]
    rules: tuple[Rule, ...]
    hard_rules: tuple[str, ...]
    preconditions: tuple[Precondition, ...]
    contraindications: tuple[RedFlag, ...]
    evidence: Evidence

    def stage(self, number: int) -> Stage | None:
        """The stage of that number, if there is one."""
        return next((stage for stage in self.stages if stage.number == number), None)

    def is_together(self, number: int) -> bool:
        """Whether the partners do a stage together, touching or not."""
        found = self.stage(number)
        return found is None or found.company == "together"

    @property
    def has_one_practise(self) -> bool:
        """Whether one partner practises and the other accompanies, somewhere in its stages, its rules or its log."""
        return (
            any(stage.company == "practising_alone" for stage in self.stages)
            or any(rule.role != "each" for rule in self.rules)
            or any(field.asked_of != "each" for field in self.log_fields)
        )

    def fields_for(self, role: Role) -> tuple[LogField, ...]:
        """What it logs of a partner in this role; of `each`, everything."""
        return tuple(field for field in self.log_fields if role == "each" or field.asked_of in {"each", role})

    def rules_for(self, stage: int, verdict: VerdictName, role: Role) -> tuple[Rule, ...]:
        """The rules that may ask for a verdict at a stage, of a partner in this role."""
        return tuple(
            rule
            for rule in self.rules
            if rule.verdict == verdict and (not rule.stages or stage in rule.stages) and rule.role in {"each", role}
        )


def by_version(protocols: Iterable[Protocol]) -> dict[tuple[str, str], Protocol]:
    """Protocols by code and version; a version that is there twice is an error at start, because plans are pinned to it."""
    found: dict[tuple[str, str], Protocol] = {}
    for one in protocols:
        if (one.code, one.version) in found:
            raise ValueError(f"{one.code} has version {one.version} twice")
        found[one.code, one.version] = one
    return found


def rating(
    code: str, description: str, privacy: Privacy = "individual", *, required: bool = False, asked_of: Role = "each"
) -> LogField:
    """A 0-10 rating."""
    return LogField(code, "integer", description, privacy, 0, 10, required=required, asked_of=asked_of)


# Every protocol's check-in asks these beside its own log; each partner answers alone.
UNIVERSAL_FIELDS: tuple[LogField, ...] = (
    rating("willingness", "How willing I was before we began.", "safety"),
    rating("pressure", "How much I felt pressed, by my partner or by myself.", "safety"),
    rating("mood_before", "My mood before; 5 is neutral."),
    rating("mood_after", "My mood after; 5 is neutral."),
    rating("pain", "The strongest pain during the exercise."),
)
