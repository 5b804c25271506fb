"""Protocols as the wire shows them, and as a clinic sends its own."""

from typing import Annotated, Any

from pydantic import Field

from app.core.schemas import Code, Fingerprinted, Schema, Versioned, Words
from app.protocols.example import EXAMPLE

Sentences = Annotated[
    list[str], Field(description="Sentences, in order.", examples=[["Either of you may stop at any moment."]])
]
Range = tuple[float, float] | None
Number = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)]


class SourceRead(Schema):
    """Where something comes from."""

    text: str = Field(description="The citation.", examples=["Masters & Johnson 1970"])
    grade: str = Field(description="How it was checked; `proposal` marks our own default.", examples=["proposal"])


class StageRead(Schema):
    """One step of a protocol."""

    number: int = Field(description="Number, from 1.", examples=[1])
    code: str = Field(description="Code.", examples=["non_genital"])
    title: str = Field(description="Title.", examples=["Touch without breasts and genitals"])
    instructions: Sentences
    rules: Sentences
    plissit: str = Field(description="Depth of intervention: `P`, `LI`, `SS` or `IT`.", examples=["SS"])
    shared_touch: bool = Field(description="Whether the partners touch; if so the gate is checked.", examples=[True])
    ban: list[str] = Field(description="What is off limits meanwhile.", examples=[["intercourse"]])
    company: str = Field(
        description="Who does it: `together`, `each_alone`, or `practising_alone`, which does not wait for the other.",
        examples=["together"],
    )


class DoseRead(Schema):
    """How much of what; never a sexual act."""

    unit: str = Field(description="`practice`, `protected_time`, `affection` or `lesson`.", examples=["practice"])
    times: Range = Field(description="From and to how many times a period.", examples=[[2, 3]])
    per: str = Field(description="`day`, `week`, `month` or `once`.", examples=["week"])
    minutes: Range = Field(description="From and to how many minutes.", examples=[[30, 60]])
    weeks: Range = Field(description="From and to how many weeks.", examples=[[6, 12]])
    note: str = Field(description="In words.", examples=["Equal turns, in private."])
    source: SourceRead


class LogFieldRead(Schema):
    """Something each partner logs alone."""

    code: str = Field(description="Code.", examples=["focus_pct"])
    kind: str = Field(description="`integer`, `number`, `boolean`, `choice` or `text`.", examples=["integer"])
    description: str = Field(description="What it asks.", examples=["How much of the time attention was on the touch."])
    privacy: str = Field(description="`individual`, `safety` or `conjoint`.", examples=["individual"])
    low: float | None = Field(description="Lowest value.", examples=[0])
    high: float | None = Field(description="Highest value.", examples=[100])
    choices: list[str] = Field(description="Choices, for a `choice`.", examples=[[]])
    required: bool = Field(description="Whether a session that took place needs it.", examples=[True])
    asked_of: str = Field(
        description="Who is asked: `each`, or only the partner who is `practising` or `accompanying`.", examples=["each"]
    )


class ThresholdRead(Schema):
    """A number that rules refer to, and the bounds it may be set within."""

    name: str = Field(description="Name.", examples=["focus_advance"])
    value: float = Field(description="Value unless a plan sets another.", examples=[50])
    low: float = Field(description="Lowest value a plan may set.", examples=[50])
    high: float = Field(description="Highest value a plan may set.", examples=[100])
    meaning: str = Field(description="What it means.", examples=["Share of the time with attention on the touch."])
    source: SourceRead


class RuleRead(Schema):
    """A rule, in words with the protocol's own values."""

    code: str = Field(description="Code.", examples=["settled"])
    verdict: str = Field(description="`advance`, `hold`, `step_back` or `stop`.", examples=["advance"])
    condition: str = Field(description="When it fires.", examples=["in each of the last 2 sessions: focus_pct >= 50"])
    sentence: str = Field(description="Why.", examples=["The last sessions were done within the rules."])
    stages: list[int] = Field(description="Stages it holds for; empty means all.", examples=[[]])
    role: str = Field(
        description="Whose check-ins it reads: `each`, or of the partner who is `practising` or `accompanying`.",
        examples=["each"],
    )


class PreconditionRead(Schema):
    """Something that must be recorded as met before the exercise may start."""

    code: str = Field(description="Code.", examples=["pelvic_examination"])
    description: str = Field(description="In words.", examples=["A pelvic examination, with medical clearance documented."])
    kind: str = Field(description="What kind of condition.", examples=["medical"])


class RedFlagRead(Schema):
    """Something that forbids the exercise while it is open."""

    code: str = Field(description="Code.", examples=["open_hostility"])
    description: str = Field(description="In words.", examples=["High open hostility between the partners."])
    kind: str = Field(description="What kind of flag.", examples=["relationship"])


class EvidenceRead(Schema):
    """What is known of its effect."""

    grade: str = Field(description="`trials`, `mixed`, `indirect` or `consensus`.", examples=["mixed"])
    text: str = Field(description="In words.", examples=["Part of most packages tried in trials."])
    sources: list[SourceRead] = Field(description="Where that comes from.")


class ProtocolSummary(Schema):
    """A homework protocol in a list."""

    code: str = Field(description="Code.", examples=["sensate_focus"])
    version: str = Field(description="Version.", examples=["1"])
    name: str = Field(description="Name.", examples=["Sensate focus"])
    targets: list[str] = Field(description="Concerns it is meant for.", examples=[["desire_discrepancy"]])
    participants: str = Field(description="Who takes part.", examples=["together"])
    shared_touch: bool = Field(description="Whether any stage has the partners touch.", examples=[True])
    origin: str = Field(description="`catalogue`, or `clinic` for one of the clinic's own.", examples=["catalogue"])
    retired: bool = Field(description="Whether no new plan may follow it.", examples=[False])


class ProtocolRead(ProtocolSummary):
    """A homework protocol; success is doing the exercise within the rules."""

    sources: list[SourceRead] = Field(description="Where it comes from.")
    stages: list[StageRead] = Field(description="Its stages, in order.")
    dose: DoseRead
    log_fields: list[LogFieldRead] = Field(description="What each partner logs, beside what every check-in asks.")
    thresholds: list[ThresholdRead] = Field(description="The numbers its rules refer to.")
    rules: list[RuleRead] = Field(description="When to advance, hold or step back.")
    hard_rules: Sentences
    preconditions: list[PreconditionRead] = Field(description="What must be recorded as met before it starts.")
    contraindications: list[RedFlagRead] = Field(description="What forbids it, besides what forbids every shared touch.")
    evidence: EvidenceRead


class ProtocolCreate(Schema):
    """A protocol of the clinic's own."""

    document: dict[str, Any] = Field(
        description="The protocol, in the form of `GET /v1/protocols/{code}/document`. Its code begins with `own_`.",
        examples=[EXAMPLE],
    )


class ProtocolVersionCreate(Schema):
    """Another version of a protocol of the clinic's own."""

    document: dict[str, Any] = Field(
        description="The protocol, with the same code and a version that is new.",
        examples=[EXAMPLE | {"code": "own_quiet_evening", "version": "2"}],
    )


class ProtocolText(Fingerprinted):
    """A protocol as a document."""

    document: dict[str, Any] = Field(description="The protocol, as it would be added.", examples=[EXAMPLE])


class ProtocolRetirement(Schema):
    """That a protocol is offered no more."""

    reason: Words = Field(description="Why; sealed.", examples=["Replaced by another exercise."])


class ThresholdsChange(Schema):
    """Thresholds of a protocol for the clinic's new plans."""

    thresholds: dict[Code, Number | None] = Field(
        max_length=50,
        description="Values by name, within the protocol's bounds; null takes the clinic's value back.",
        examples=[{"pressure_review": 2}],
    )


class ClinicThreshold(Schema):
    """A threshold as new plans begin with it."""

    name: str = Field(description="Name.", examples=["pressure_review"])
    value: float = Field(description="Value that new plans begin with.", examples=[2])
    default: float = Field(description="The protocol's own value.", examples=[3])
    low: float = Field(description="Lowest value that may be set.", examples=[1])
    high: float = Field(description="Highest value that may be set.", examples=[3])
    meaning: str = Field(description="What it means.", examples=["Pressure that asks for review."])
    set_by_clinic: bool = Field(description="Whether the clinic set it.", examples=[True])


class ThresholdsRead(Versioned):
    """The thresholds of a protocol's newest version at this clinic; an open plan keeps those it began with."""

    protocol: str = Field(description="Protocol.", examples=["sensate_focus"])
    protocol_version: str = Field(description="Version of the protocol they are set for.", examples=["1"])
    thresholds: list[ClinicThreshold] = Field(description="Each threshold, those of every protocol first.")
