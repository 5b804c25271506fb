"""The wire shapes of the time to the first reliable improvement, sexual and relational, in weeks and visits."""

from pydantic import Field

from app.core.ids import PartnerId
from app.core.schemas import Moment, Schema


class FirstRead(Schema):
    """The first reliably better score on one side, or why there is none."""

    weeks: float | None = Field(description="Weeks from `since` to `at`; null without one.", examples=[6.0])
    visits: int | None = Field(description="Conjoint visits of which a signed note tells that had begun by then.", examples=[3])
    since: Moment | None = Field(description="First score that change on this side is judged against.")
    at: Moment | None = Field(description="When the score was given that was first reliably better.")
    slot: str | None = Field(description="Whose score it was.", examples=["a"])
    measure: str | None = Field(description="Measure that showed it.", examples=["gmsex"])
    scale: str | None = Field(description="Its scale.", examples=["total"])
    reason: str | None = Field(
        description="Why there is none: `not_yet`, `cannot_be_judged` (no norms allow it) or `too_few_scores`.", examples=[None]
    )
    weeks_followed: float | None = Field(
        description="Weeks from `since` to the last score that was judged; null for both partners together.", examples=[10.0]
    )


class SidesRead(Schema):
    """The sexual and the relational side, each for itself."""

    sexual: FirstRead = Field(description="By scales that measure the sexual side.")
    relational: FirstRead = Field(description="By scales that measure the relational side.")


class OrderedRead(SidesRead):
    """Both sides, and which was first: a fact of when it was seen, never of cause."""

    order: str | None = Field(
        description="`sexual_first`, `relational_first`, `same_time` (within a day) or `neither_yet`; null if unknown.",
        examples=["sexual_first"],
    )
    order_reason: str | None = Field(
        description="Why nobody can say: `cannot_be_judged`, `too_few_scores` or `other_side_not_asked_then`.", examples=[None]
    )


class PartnerFirsts(OrderedRead):
    """One partner's."""

    partner_id: PartnerId
    slot: str = Field(description="Which partner.", examples=["a"])


class FirstImprovementRead(Schema):
    """Time to the first reliable improvement, by Jacobson and Truax on the measures' own norms; for the therapist's view."""

    partners: list[PartnerFirsts] = Field(description="Each partner, A first.")
    either: OrderedRead = Field(description="The couple, by the first of either partner.")
    both: SidesRead = Field(description="The couple, once both had been better: the later of the two.")
