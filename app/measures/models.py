"""Administrations, written once, and one score for each of their scales."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.clinical.measures import MEASURES
from app.core.database import AppendOnlyRow, Base, IdentifiedRow, ShareableRow, VersionedRow, refers
from app.core.sharing import Kind, Level

# What raises an alarm could be told from these answers, and from a total near the top: nobody shares them.
ASK_OF_SAFETY: Final = tuple(measure.code for measure in MEASURES.values() if measure.alerts)


class Administration(IdentifiedRow, ShareableRow, AppendOnlyRow, Base):
    """One partner's answers to one measure on one occasion, sealed as given; a correction is another that supersedes it."""

    __tablename__ = "administration"
    kind, shared_from = Kind.SCORES, Level.FULL
    __table_args__ = (
        UniqueConstraint("clinic_id", "external_id"),
        UniqueConstraint("clinic_id", "supersedes_id"),
        Index(None, "clinic_id", "couple_id", "partner_id", "id"),
        Index(None, "clinic_id", "recorded_at"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("episode_id", "episode"),
        refers("supersedes_id", "administration"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    episode_id: Mapped[UUID | None]
    supersedes_id: Mapped[UUID | None]
    external_id: Mapped[str | None] = mapped_column(String(128))
    measure_code: Mapped[str] = mapped_column(String(64))
    measure_version: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(35))
    answered_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
    recorded_by_kind: Mapped[str] = mapped_column(String(16))
    recall_starts_on: Mapped[date | None]
    recall_ends_on: Mapped[date]
    scored_elsewhere: Mapped[bool]
    validity: Mapped[str] = mapped_column(String(32))
    prorated: Mapped[bool]
    scoring_version: Mapped[str | None] = mapped_column(String(16))
    answers: Mapped[bytes] = mapped_column(LargeBinary)

    @classmethod
    def may_be_shared(cls) -> ColumnElement[bool]:
        """No measure that asks of safety."""
        return cls.measure_code.not_in(ASK_OF_SAFETY)


class Score(IdentifiedRow, ShareableRow, AppendOnlyRow, Base):
    """One scale of one administration; `value` is null where it was withheld, and `reason` says why.

    `standard_error` is the one that came with a score computed elsewhere, where change rests on it.

    The first index holds all that a series shows, so that reading one never touches the table.
    """

    __tablename__ = "score"
    kind, shared_from = Kind.SCORES, Level.SUMMARY
    __table_args__ = (
        Index(
            "ix_score_series",
            "clinic_id",
            "couple_id",
            "partner_id",
            "measure_code",
            "scale",
            "answered_at",
            "id",
            "compartment",
            "administration_id",
            "value",
            "reason",
            "prorated",
            "standard_error",
        ),
        Index(None, "clinic_id", "couple_id", "administration_id"),
        refers("administration_id", "administration"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    administration_id: Mapped[UUID]
    measure_code: Mapped[str] = mapped_column(String(64))
    scale: Mapped[str] = mapped_column(String(64))
    answered_at: Mapped[datetime]
    value: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(String(32))
    prorated: Mapped[bool]
    standard_error: Mapped[float | None]

    @classmethod
    def may_be_shared(cls) -> ColumnElement[bool]:
        """No measure that asks of safety."""
        return cls.measure_code.not_in(ASK_OF_SAFETY)


class ClinicNormSet(IdentifiedRow, VersionedRow, Base):
    """Norms that a clinic brought with a citation, or computed from its own baselines; never edited, only retired.

    `words` are sealed: population, whose spread it is, citations.
    """

    __tablename__ = "norm_set"
    __table_args__ = (Index(None, "clinic_id", "measure_code", "id"),)

    origin: Mapped[str] = mapped_column(String(8))
    measure_code: Mapped[str] = mapped_column(String(64))
    scale: Mapped[str] = mapped_column(String(64))
    n: Mapped[int]
    sd: Mapped[float]
    clinical_mean: Mapped[float | None]
    functional_mean: Mapped[float | None]
    functional_sd: Mapped[float | None]
    reliability: Mapped[float]
    reliability_kind: Mapped[str] = mapped_column(String(16))
    post_sd: Mapped[float | None]
    post_reliability: Mapped[float | None]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    added_by_kind: Mapped[str] = mapped_column(String(16))
    added_by: Mapped[UUID]
    added_at: Mapped[datetime]
    retired_by_kind: Mapped[str | None] = mapped_column(String(16))
    retired_by: Mapped[UUID | None]
    retired_at: Mapped[datetime | None]
    retired_because: Mapped[bytes | None] = mapped_column(LargeBinary)
