"""The wire shapes of a caseload."""

import json
from typing import Any

from pydantic import Field

from app.core.ids import CoupleId, PlanId
from app.core.paging import DrawnPage
from app.core.schemas import Day, Moment, Schema


class CaseloadPartner(Schema):
    """One of the two, by the clinic's own number; a caseload names nobody."""

    slot: str = Field(description="Which partner.", examples=["a"])
    record_number: str = Field(description="The clinic's number of this partner's record.", examples=["EHR-4711"])


class SparkPoint(Schema):
    """One occasion of a series."""

    on: Day = Field(description="The day it was answered, where the couple lives.", examples=["2026-11-15"])
    shown: float | None = Field(description="The score turned so that up is better; null for a gap.", examples=[21.0])
    missing: str | None = Field(description="Why there is no score.", examples=[None])


class Sparkline(Schema):
    """The last points of one partner's series, oldest first."""

    slot: str = Field(description="Which partner.", examples=["a"])
    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    domain: str | None = Field(description="`sexual`, `relational`, or null for neither.", examples=["sexual"])
    low: float = Field(description="The least that can be shown.", examples=[5.0])
    high: float = Field(description="The most that can be shown.", examples=[35.0])
    points: list[SparkPoint] = Field(description="Up to twelve, gaps included.")


class HomeworkStrip(Schema):
    """What became of one partner's last homework occasions."""

    slot: str = Field(description="Which partner.", examples=["a"])
    occasions: list[str] = Field(
        description=(
            "Up to eight, oldest first: `within_rules`, `not_within_rules`, `partly`, `not_done`, `declined`, `unanswered`"
            " when its days passed without an answer, `open` when they have not."
        ),
        examples=[["within_rules", "declined", "open"]],
    )


class PlanStanding(Schema):
    """The newest homework plan."""

    id: PlanId
    protocol: str = Field(description="Protocol.", examples=["sensate_focus"])
    status: str = Field(description="Where it stands.", examples=["active"])
    stage: int = Field(description="Its stage.", examples=[2])
    stages: int = Field(description="How many stages there are.", examples=[5])


class NextStepRead(Schema):
    """One suggestion; the therapist decides."""

    code: str = Field(description="Stable code of it.", examples=["ask_what_gets_in_the_way"])
    sentence: str = Field(description="The same in words.", examples=["Ask what gets in the way, and make the task smaller."])


class CaseloadItem(Schema):
    """One couple at a glance, as the figures kept of it say."""

    couple_id: CoupleId
    external_id: str | None = Field(description="The couple's id in other software.", examples=["EHR-C-12"])
    partners: list[CaseloadPartner] = Field(description="Both partners, A first; one who was erased is left out.")
    in_care: bool = Field(description="Whether an episode is open and the couple not archived.", examples=[True])
    colour: str = Field(description="`red`, `amber`, `white` or `green`; of the couple's own outcomes.", examples=["amber"])
    rule: str = Field(description="Stable code of the rule that gave it.", examples=["tasks_missed"])
    sentence: str = Field(
        description="The reason.", examples=["Partner A did not do the last 2 tasks: ask what gets in the way."]
    )
    flags: list[str] = Field(description="Codes of all that was raised, most urgent first.", examples=[["tasks_missed"]])
    concern: str | None = Field(description="Primary concern of the latest episode.", examples=["desire_discrepancy"])
    sparklines: list[Sparkline] = Field(
        description="Each partner's last scores on a measure of the primary concern and on the pulse's two satisfactions."
    )
    homework: list[HomeworkStrip] = Field(description="Each partner's last homework occasions.")
    plan: PlanStanding | None = Field(description="The newest homework plan; null without one.")
    next_step: NextStepRead = Field(description="What could be done next.")
    visits: int = Field(description="Signed session notes of conjoint hours.", examples=[7])
    last_visit_on: Day | None = Field(description="Day of the last of them.", examples=["2026-11-20"])
    reckoned_at: Moment = Field(
        description="When these figures were reckoned; newer rows than that are in them unless it says so."
    )
    current: bool = Field(
        description="Whether they hold everything that was recorded by now. False while the service catches up.",
        examples=[True],
    )


class ColourTotals(Schema):
    """How many couples there are of each colour, of all that the filters let through."""

    red: int = Field(description="Red.", examples=[1])
    amber: int = Field(description="Amber.", examples=[4])
    white: int = Field(description="White.", examples=[2])
    green: int = Field(description="Green.", examples=[9])


class CaseloadPage(DrawnPage[CaseloadItem]):
    """A page of a caseload, worst first."""

    total: int | None = Field(description="All couples that the filters let through; only with `include=total`.", examples=[16])
    colours: ColourTotals | None = Field(description="The same by colour; only with `include=total`.")

    def model_dump_json(self, **options: Any) -> str:
        """The page as it is sent."""
        colours = self.colours and self.colours.model_dump()
        return f'{super().model_dump_json(**options)[:-1]},"total":{json.dumps(self.total)},"colours":{json.dumps(colours)}}}'
