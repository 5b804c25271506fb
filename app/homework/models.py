"""Plans, what happened to them on two tracks, assignments, check-ins and decisions on stages."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, CompartmentRow, IdentifiedRow, ShareableRow, VersionedRow, refers
from app.core.sharing import Kind, Level
from app.ledger.dated import DatedRow


class HomeworkPlan(IdentifiedRow, CompartmentRow, Base):
    """A protocol of one version, chosen for one sexual concern; it never changes, its transitions tell its life.

    A version of its own would betray a hidden pause, so where it stands is read from the transitions alone.
    """

    __tablename__ = "homework_plan"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("episode_id", "episode"),
        refers("concern_id", "concern"),
        refers("therapist_id", "member"),
        refers("practising_partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    episode_id: Mapped[UUID]
    concern_id: Mapped[UUID]
    therapist_id: Mapped[UUID]
    practising_partner_id: Mapped[UUID | None]
    protocol: Mapped[str] = mapped_column(String(64))
    protocol_version: Mapped[str] = mapped_column(String(20))
    thresholds: Mapped[dict[str, Any]]
    opened_by_kind: Mapped[str] = mapped_column(String(16))
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]


class PlanTransition(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """One change of a plan, on one of its two tracks: as it is (`safety`), or as it is shown (`conjoint`).

    A pause is shown after a delay, in neutral words, and without who or what led to it; `shown_at` on the safety track is
    when it happened. `follows` is the number of the step that whoever made it saw as the latest: what lies between was not
    shown, and never will be. Without `actor_id` the service itself made it.
    """

    __tablename__ = "plan_transition"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "plan_id", "compartment", "number"),
        refers("couple_id", "couple"),
        refers("plan_id", "homework_plan"),
    )

    couple_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    number: Mapped[int]
    follows: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    stage: Mapped[int]
    reason: Mapped[str] = mapped_column(String(32))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    stopped_by: Mapped[UUID | None]
    shown_at: Mapped[datetime]


class Assignment(IdentifiedRow, CompartmentRow, VersionedRow, DatedRow, Base):
    """A stage given for a window of days where the couple lives, with how many occasions it offers.

    Until `shown_at` only the care team reads it: given on a plan whose pause is not shown yet, it could tell of the pause.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "plan_id", "id"),
        refers("couple_id", "couple"),
        refers("plan_id", "homework_plan"),
    )

    couple_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    stage: Mapped[int]
    plissit: Mapped[str] = mapped_column(String(2))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    occasions: Mapped[int]
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    shown_at: Mapped[datetime]


class AwaitedShowing(IdentifiedRow, CompartmentRow, Base):
    """What was done in secret and shows outside the care team from a moment on: a step of a plan, or an assignment, by its id.

    It waits for that moment, so that the trail can tell of it then and not before, and goes with it.
    """

    __tablename__ = "awaited_showing"
    __table_args__ = (
        Index(None, "clinic_id", "shows_at"),
        refers("couple_id", "couple"),
        refers("plan_id", "homework_plan"),
    )

    couple_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    is_assignment: Mapped[bool]
    shows_at: Mapped[datetime]


class CheckIn(IdentifiedRow, ShareableRow, VersionedRow, Base):
    """What one partner answered about one occasion, sealed; the most private answers stand in `private_answer`."""

    __tablename__ = "check_in"
    kind, shared_from = Kind.CHECK_INS, Level.SUMMARY
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "assignment_id", "partner_id", "occurred_at"),
        Index(None, "clinic_id", "couple_id", "plan_id", "occurred_at"),
        refers("couple_id", "couple"),
        refers("plan_id", "homework_plan"),
        refers("assignment_id", "assignment"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    assignment_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    stage: Mapped[int]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    is_late: Mapped[bool]
    done: Mapped[str] = mapped_column(String(16))
    answers: Mapped[bytes] = mapped_column(LargeBinary)


class PrivateAnswer(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """The answers of a check-in that only the care team may see: willingness, and what the protocol logs as safety."""

    __tablename__ = "private_answer"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "check_in_id"),
        refers("couple_id", "couple"),
        refers("check_in_id", "check_in"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    check_in_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    answers: Mapped[bytes] = mapped_column(LargeBinary)


class StageDecision(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """What the therapist decided about a stage, beside the verdict and its numbers; it holds both partners' answers."""

    __tablename__ = "stage_decision"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "plan_id", "id"),
        refers("couple_id", "couple"),
        refers("plan_id", "homework_plan"),
        refers("decided_by", "member"),
    )

    couple_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    stage: Mapped[int]
    next_stage: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(16))
    decision: Mapped[str] = mapped_column(String(16))
    numbers: Mapped[bytes] = mapped_column(LargeBinary)
    override_reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_by: Mapped[UUID]
    decided_at: Mapped[datetime]


class Menu(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """A list of what the two may like, each item to be answered alone; own items are sealed and nobody's."""

    __tablename__ = "menu"
    __table_args__ = (Index(None, "clinic_id", "couple_id", "id"), refers("couple_id", "couple"))

    couple_id: Mapped[UUID]
    menu_version: Mapped[str] = mapped_column(String(16))
    own_items: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]


class MenuSeed(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """The couple's secret from which it is drawn, once and for ever, which reveal may show which item; never read out."""

    __tablename__ = "menu_seed"
    __table_args__ = (UniqueConstraint("clinic_id", "couple_id"), refers("couple_id", "couple"))

    couple_id: Mapped[UUID]
    seed: Mapped[bytes] = mapped_column(LargeBinary)


class MenuSheet(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """One partner's answers, sealed and read by nobody, and whether that partner agrees to a reveal."""

    __tablename__ = "menu_sheet"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "menu_id", "partner_id"),
        refers("couple_id", "couple"),
        refers("menu_id", "menu"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    menu_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    answers: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]


class MenuReveal(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """What one reveal showed, sealed; later answers change nothing about it, and after a while it is shown no more."""

    __tablename__ = "menu_reveal"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "number"),
        refers("couple_id", "couple"),
        refers("menu_id", "menu"),
    )

    couple_id: Mapped[UUID]
    menu_id: Mapped[UUID]
    number: Mapped[int]
    items: Mapped[bytes] = mapped_column(LargeBinary)
    revealed_at: Mapped[datetime]
    shown_until: Mapped[datetime]
