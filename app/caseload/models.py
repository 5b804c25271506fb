"""Figures kept of each couple, so that a caseload and a clinic are read without reading anybody's answers.

They are reckoned from the record and hold nothing that is not in it: deleted, they are reckoned again.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CompartmentRow, IdentifiedRow, SideBySideRow, TenantRow, refers


class CoupleStanding(IdentifiedRow, SideBySideRow, Base):
    """How one couple stands, once for the care team and once for everybody else.

    In ascending order of `urgency` (0 red to 3 green) and `weight` the couple comes first that most needs a look: within a
    colour, the more there is to it the smaller is `weight`. `fresh_until` is when time alone may change the row, and tells
    outside the care team of nothing: of a hidden pause, too, it is the moment it comes to show. What of it is words, scores
    and answers is sealed in `shown`, in the form of the wire. The first index is the order of a caseload with all it is
    filtered by, the second what a clinic is counted by.
    """

    __tablename__ = "couple_standing"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "of_safety"),
        Index(
            "ix_couple_standing_worst_first",
            "clinic_id",
            "of_safety",
            "in_care",
            "urgency",
            "weight",
            "couple_id",
            "concern",
            "protocol",
            "plan_status",
            "rule",
        ),
        Index(
            "ix_couple_standing_counted",
            "clinic_id",
            "of_safety",
            "concern",
            "protocol",
            "couple_id",
            "in_care",
            "opened_on",
            "closed_on",
            "close_reason",
            "visits",
            "within_rules",
            "offered",
            "declined",
            "sexual_weeks",
            "sexual_visits",
            "relational_weeks",
            "relational_visits",
            "sexual_weeks_followed",
            "relational_weeks_followed",
            "last_visit_on",
        ),
        Index(None, "clinic_id", "of_safety", "fresh_until"),
        refers("couple_id", "couple"),
    )

    couple_id: Mapped[UUID]
    reckoned_at: Mapped[datetime]
    fresh_until: Mapped[datetime]
    in_care: Mapped[bool]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    close_reason: Mapped[str | None] = mapped_column(String(64))
    concern: Mapped[str | None] = mapped_column(String(64))
    protocol: Mapped[str | None] = mapped_column(String(64))
    protocols: Mapped[list[str]]
    plan_status: Mapped[str | None] = mapped_column(String(16))
    urgency: Mapped[int]
    weight: Mapped[float]
    rule: Mapped[str] = mapped_column(String(64))
    last_visit_on: Mapped[date | None]
    visits: Mapped[int]
    within_rules: Mapped[int]
    offered: Mapped[int]
    declined: Mapped[int]
    sexual_weeks: Mapped[float | None]
    sexual_visits: Mapped[int | None]
    relational_weeks: Mapped[float | None]
    relational_visits: Mapped[int | None]
    sexual_weeks_followed: Mapped[float | None]
    relational_weeks_followed: Mapped[float | None]
    shown: Mapped[bytes] = mapped_column(LargeBinary)


class SeriesOutcome(IdentifiedRow, CompartmentRow, Base):
    """What one partner's series on one scale came to; scores stand in the clear in `score` already.

    `weeks_followed` is from the first score to the last, `weeks_to_improvement` to the first that was reliably better.
    The first index holds all that a clinic's figures are counted from.
    """

    __tablename__ = "series_outcome"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "partner_id", "measure_code", "scale", name="uq_series_outcome_series"),
        Index(
            "ix_series_outcome_counted",
            "clinic_id",
            "measure_code",
            "scale",
            "concern",
            "protocol",
            "couple_id",
            "partner_id",
            "compartment",
            "domain",
            "intake_at",
            "latest_at",
            "scores",
            "intake",
            "latest",
            "change_class",
            "not_why",
            "weeks_to_improvement",
            "weeks_followed",
        ),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    measure_code: Mapped[str] = mapped_column(String(64))
    scale: Mapped[str] = mapped_column(String(64))
    domain: Mapped[str | None] = mapped_column(String(16))
    concern: Mapped[str | None] = mapped_column(String(64))
    protocol: Mapped[str | None] = mapped_column(String(64))
    intake_at: Mapped[datetime]
    latest_at: Mapped[datetime]
    scores: Mapped[int]
    intake: Mapped[float]
    latest: Mapped[float]
    change_class: Mapped[str] = mapped_column(String(32))
    not_why: Mapped[str | None] = mapped_column(String(64))
    weeks_to_improvement: Mapped[float | None]
    weeks_followed: Mapped[float]


class Followed(TenantRow, Base):
    """How far the trail was followed for the rows of one audience: what is reckoned for one never waits on the other's.

    `event_id` is the last event seen to; `filled_to` the last couple that the first fill came to, which goes through couples
    whose records are older than these figures, and has ended when `is_filled`. `rules` is the fingerprint of the rules that the
    rows were reckoned by: once it is another, none of them is fresh any more.
    """

    __tablename__ = "followed"

    of_safety: Mapped[bool] = mapped_column(primary_key=True)
    event_id: Mapped[UUID | None]
    filled_to: Mapped[UUID | None]
    is_filled: Mapped[bool]
    rules: Mapped[str] = mapped_column(String(64))
