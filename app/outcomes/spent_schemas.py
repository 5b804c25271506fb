"""The wire shapes of how a couple's hours were spent, and of the sexual concern beside them."""

from pydantic import Field

from app.core.schemas import Day, Moment, Schema

MINUTES = {"communication": 150, "logistics": 25, "sexual_concern": 75}


class HoursRead(Schema):
    """Some conjoint hours together."""

    visits: int = Field(description="How many.", examples=[5])
    first_on: Day | None = Field(description="Day of the first.", examples=["2026-09-18"])
    last_on: Day | None = Field(description="Day of the last.", examples=["2026-11-20"])
    minutes_held: int = Field(
        description="Minutes from start to end, whether or not a note says what they went to.", examples=[250]
    )
    minutes_by_topic: dict[str, int] = Field(description="Minutes by topic, as far as notes tell.", examples=[MINUTES])
    share: float | None = Field(
        description="Share of the told minutes that went to the rule's topics; null where none were told.", examples=[0.7]
    )


class AskedRead(Schema):
    """A series by which the primary concern is judged here."""

    slot: str = Field(description="Which partner.", examples=["a"])
    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    change_class: str = Field(
        serialization_alias="class",
        description="Class of the last score that can be judged, against intake.",
        examples=["unchanged"],
    )
    latest_at: Moment = Field(description="When the last score was given.")


class ConcernStanding(Schema):
    """Whether the open primary concern moved, by the sexual scales that can be judged."""

    standing: str = Field(
        description="`reliably_better`, `no_reliable_change`, `reliably_worse` or `cannot_be_judged`.",
        examples=["no_reliable_change"],
    )
    by_own_measures: bool = Field(
        description="Whether by measures that the catalogue names for it; false: by every other sexual one.", examples=[True]
    )
    series: list[AskedRead] = Field(description="What was asked; empty where nothing can be judged.")


class RabbitHoleRule(Schema):
    """The rule's numbers in force."""

    visits: int = Field(description="Visits in a row from which it is raised.", examples=[4])
    share: float = Field(description="A visit counts with more than this share of its told minutes.", examples=[0.5])
    topics: list[str] = Field(description="Topics that lead past the concern.", examples=[["communication", "logistics"]])
    source: str = Field(description="Where the rule comes from.", examples=["Rule of this project"])
    grade: str = Field(description="How it was checked; `proposal` marks our own default.", examples=["proposal"])


class SpentRead(Schema):
    """What the conjoint hours of this episode of care went to; for the therapist's view."""

    total: HoursRead = Field(description="All of them, since an earlier episode ended.")
    untold: int = Field(description="Visits whose notes tell no minutes; they neither count nor end a row.", examples=[0])
    last: HoursRead = Field(description="As many of the last visits that tell minutes as the rule asks for.")
    in_a_row: HoursRead = Field(description="The last visits in a row that went mostly to the rule's topics.")
    concern: ConcernStanding | None = Field(description="How the primary concern stands; null without one that is open.")
    plan_is_active: bool = Field(description="Whether a homework plan is active, as shown to you.", examples=[False])
    rule: RabbitHoleRule
