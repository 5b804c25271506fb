"""The wire shapes of plans, assignments, check-ins and verdicts."""

from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import AssignmentId, CheckInId, ConcernId, CoupleId, EpisodeId, MemberId, PartnerId, PlanId
from app.core.schemas import Code, Day, Flag, Moment, Rating, Schema, Versioned, Words

Number = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)]
Logged = Flag | Number | Words | None
StageNumber = Annotated[int, Field(ge=1, description="Number of the stage.", examples=[1])]
Done = Literal["within_rules", "partly", "not_within_rules", "not_done", "declined"]
Obstacle = Literal[
    "no_time", "tired", "no_privacy", "children", "work", "illness", "travel", "conflict", "low_mood", "forgot", "other"
]


class PlanCreate(Schema):
    """A new homework plan. It starts as a draft, at the first stage."""

    concern_id: ConcernId = Field(description="The sexual concern it starts from, of the couple's open episode.")
    protocol: Code = Field(description="Protocol, from `GET /v1/protocols`.", examples=["sensate_focus"])
    therapist_id: MemberId | None = Field(
        default=None, description="The therapist of the care team who answers for it; yourself when left out."
    )
    practising_partner_id: PartnerId | None = Field(
        default=None,
        description=(
            "Who practises, where the protocol has one partner practise and the other accompany; who bears the concern when "
            "left out. Needed where the relationship bears it; not for other protocols."
        ),
        examples=[None],
    )
    thresholds: dict[Code, Number] = Field(
        default={},
        max_length=50,
        description="Values of the protocol's thresholds that differ from its own, by name.",
        examples=[{"sessions_needed": 2}],
    )


class PlanRead(Versioned):
    """A homework plan as you may see it."""

    id: PlanId
    couple_id: CoupleId
    episode_id: EpisodeId
    concern_id: ConcernId
    concern: str = Field(description="The concern it starts from.", examples=["desire_discrepancy"])
    therapist_id: MemberId
    practising_partner_id: PartnerId | None = Field(
        description="Who practises, as both know; null where the protocol asks the same of each.", examples=[None]
    )
    protocol: str = Field(description="Protocol.", examples=["sensate_focus"])
    protocol_version: str = Field(description="Version of the protocol this plan follows.", examples=["1"])
    thresholds: dict[str, float] = Field(
        description="Every threshold in force, by name.", examples=[{"sessions_needed": 2, "pressure_review": 3}]
    )
    stage: StageNumber
    stage_title: str = Field(description="What the stage is called.", examples=["Touch without breasts and genitals"])
    status: str = Field(
        description="`draft`, `offered`, `active`, `held`, `paused`, `completed` or `stopped`.", examples=["active"]
    )
    reason: str = Field(description="Why it stands there.", examples=["activated"])
    since: Moment = Field(description="Since when it stands there.")
    opened_at: Moment = Field(description="When it was opened.")


class TransitionRead(Schema):
    """One change of a plan."""

    number: int = Field(description="Counts the changes, from 1.", examples=[3])
    status: str = Field(description="Where the plan stood after it.", examples=["active"])
    stage: StageNumber
    reason: str = Field(description="Why.", examples=["activated"])
    actor_kind: str = Field(
        description="`member` or `integration`; to the care team also `partner`, by a link, and `service`.", examples=["member"]
    )
    stopped_by: PartnerId | None = Field(description="The partner whose answer or withdrawal it was; for the care team alone.")
    shown_at: Moment = Field(description="When it happened.")


class AssignmentCreate(Schema):
    """The plan's stage for a window of days where the couple lives."""

    starts_on: Day | None = Field(default=None, description="First day; today when left out.", examples=["2026-11-22"])
    ends_on: Day = Field(description="Last day.", examples=["2026-11-28"])
    occasions: Annotated[int, Field(ge=1, le=100, strict=True)] = Field(
        description="How many occasions it offers; an offer, never a target.", examples=[2]
    )
    note: Words | None = Field(
        default=None, description="What to keep in mind, for both partners; sealed.", examples=["Take turns in beginning."]
    )


class AssignmentRead(Versioned):
    """An assignment."""

    id: AssignmentId
    plan_id: PlanId
    stage: StageNumber
    plissit: str = Field(description="Depth of intervention: `P`, `LI`, `SS` or `IT`.", examples=["SS"])
    starts_on: Day = Field(description="First day.")
    ends_on: Day = Field(description="Last day.")
    occasions: int = Field(description="How many occasions it offers.", examples=[2])
    note: str | None = Field(description="What to keep in mind.", examples=["Take turns in beginning."])
    created_at: Moment = Field(description="When it was given.")


class CheckInAnswers(Schema):
    """What somebody, alone, says about one occasion."""

    occurred_at: Moment | None = Field(
        default=None, description="When the occasion was; now when left out.", examples=["2026-11-22T08:00:00.000Z"]
    )
    done: Done = Field(
        description="Success is keeping the rules, never arousal, orgasm or intercourse; `declined` is neutral.",
        examples=["within_rules"],
    )
    willingness: Rating | None = Field(default=None, description="How willing before, 0-10.")
    pressure: Rating | None = Field(default=None, description="How pressed it felt, 0-10; private.", examples=[0])
    felt_forced: Flag = Field(default=False, description="Whether anything was against one's will; private.", examples=[False])
    felt_afraid: Flag = Field(default=False, description="Whether one was afraid of the partner; private.", examples=[False])
    mood_before: Rating | None = Field(default=None, description="Mood before, 0-10; 5 is neutral.", examples=[4])
    mood_after: Rating | None = Field(default=None, description="Mood after, 0-10; 5 is neutral.", examples=[7])
    pain: Rating | None = Field(default=None, description="Strongest pain, 0-10.", examples=[0])
    log: dict[Code, Logged] = Field(
        default={},
        max_length=40,
        description="What the protocol logs, by field.",
        examples=[{"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2}],
    )
    obstacles: list[Obstacle] = Field(default=[], max_length=11, description="What got in the way.", examples=[["tired"]])
    note: Words | None = Field(default=None, description="In one's own words; private and sealed.", examples=["We laughed."])


class CheckInCreate(CheckInAnswers):
    """What one partner, alone, says about one occasion."""

    partner_id: PartnerId


class CheckInRead(Versioned):
    """A check-in; what only the care team may see is null for everyone else."""

    id: CheckInId
    plan_id: PlanId
    assignment_id: AssignmentId
    partner_id: PartnerId
    stage: StageNumber
    occurred_at: Moment = Field(description="When the occasion was.")
    received_at: Moment = Field(description="When the check-in arrived.")
    late: bool = Field(description="Whether it arrived after the assignment's last day.", examples=[False])
    done: str = Field(description="How it was done.", examples=["within_rules"])
    willingness: int | None = Field(description="How willing before; for the care team alone.", examples=[6])
    pressure: int | None = Field(description="How pressed it felt; for the care team alone.", examples=[None])
    felt_forced: bool | None = Field(
        description="Whether anything was against one's will; for the care team alone.", examples=[None]
    )
    felt_afraid: bool | None = Field(
        description="Whether one was afraid of the partner; for the care team alone.", examples=[None]
    )
    mood_before: int | None = Field(description="Mood before, 0-10; 5 is neutral.", examples=[4])
    mood_after: int | None = Field(description="Mood after, 0-10; 5 is neutral.", examples=[7])
    pain: int | None = Field(description="Strongest pain, 0-10.", examples=[0])
    log: dict[str, bool | int | float | str | None] = Field(
        description="What the protocol logs and you may see, by field.",
        examples=[{"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2}],
    )
    obstacles: list[str] = Field(description="What got in the way.", examples=[["tired"]])
    note: str | None = Field(description="In the partner's own words.", examples=["We laughed."])


class SeenNumber(Schema):
    """A number a rule looked at."""

    name: str = Field(description="The answer or threshold.", examples=["focus_pct"])
    value: bool | int | float | str | None = Field(description="Its value; null where it was not answered.", examples=[60])
    occurred_on: Day | None = Field(description="The day of the answer; null for a threshold.")


class PartnerVerdictRead(Schema):
    """One partner's verdict, for the therapist."""

    partner_id: PartnerId
    verdict: str = Field(description="`advance`, `hold`, `step_back` or `stop`.", examples=["hold"])
    rule: str = Field(description="The rule that fired.", examples=["not_yet"])
    sentence: str = Field(description="Why, in words.", examples=["What the next step asks for is not there yet."])
    condition: str = Field(
        description="The rule in words, with the values in force.", examples=["focus_pct >= 50 in each of the last 2"]
    )
    numbers: list[SeenNumber] = Field(description="The numbers it looked at.")
    flags: list[str] = Field(description="`pressure_review` or `pressure_pause`.", examples=[[]])
    missing: list[str] = Field(description="What was not answered.", examples=[[]])


class VerdictRead(Schema):
    """What the protocol's rules say of the stage; the therapist decides."""

    plan_id: PlanId
    protocol: str = Field(description="Protocol.", examples=["sensate_focus"])
    protocol_version: str = Field(description="Version of its rules.", examples=["1"])
    stage: StageNumber
    verdict: str = Field(description="The more cautious of the partners' verdicts.", examples=["hold"])
    partners: list[PartnerVerdictRead] = Field(description="Each partner's verdict, A first.")
    shared_sentence: str = Field(
        description="The only words that may reach the couple.", examples=["Stay with this step for now."]
    )
    completes: bool = Field(description="Whether advancing completes the protocol.", examples=[False])
    requires: list[str] = Field(
        description="What the next stage needs besides.", examples=[["consent_of_each_partner_to_the_next_stage"]]
    )
    flags: list[str] = Field(description="`pressure_review` or `pressure_pause`.", examples=[[]])
    thresholds: dict[str, float] = Field(description="The values in force.", examples=[{"sessions_needed": 2}])


class AdvancementCreate(Schema):
    """What the therapist decides about the stage."""

    decision: Literal["advance", "hold", "step_back"] = Field(
        description="Go on to the next stage, repeat this one, or go back one.", examples=["hold"]
    )
    override_reason: Words | None = Field(
        default=None,
        description="Why, when the decision departs from the verdict; sealed.",
        examples=["They asked for one more week at this stage."],
    )


class AdvancementRead(Schema):
    """A decision on a stage, beside the verdict it followed or overrode."""

    decision: str = Field(description="What was decided.", examples=["hold"])
    verdict: str = Field(description="What the rules said.", examples=["hold"])
    overridden: bool = Field(description="Whether the decision departs from the verdict.", examples=[False])
    override_reason: str | None = Field(description="Why it departs.", examples=[None])
    stage: StageNumber
    next_stage: StageNumber
    decided_by: MemberId
    decided_at: Moment = Field(description="When it was decided.")
    verdict_then: VerdictRead = Field(description="The verdict with the numbers it used.")
