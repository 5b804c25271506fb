"""Who asks for an export, what they may have of it, and what came of it, as their standing is at the moment."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.access.actor import Actor
from app.access.models import Integration, Member
from app.access.permissions import Permission, Role
from app.access.work import Work
from app.core.database import RecordSession
from app.errors import NotAllowedError
from app.exports.deidentified.shape import DEIDENTIFIED
from app.exports.deidentified.shape import known_tables as deidentified_tables
from app.exports.models import Export
from app.exports.rules import WAITING
from app.exports.tables import tables


def known_tables(destination: str = "own") -> Mapping[str, str]:
    """The tables there are for a destination, with what reading each takes."""
    if destination == DEIDENTIFIED:
        return deidentified_tables()
    return {name: str(table.permission) for name, table in sorted(tables().items())}


def check_may_export(work: Work, credential_id: UUID | None = None) -> None:
    """Raises StepUpRequiredError to a member who has not proved lately who they are, but for the credential they asked with.

    A key that was taken from a member thus opens neither a new export nor the files of another.
    """
    if work.actor.role is not None and work.actor.credential_id != credential_id:
        work.actor.check_recently_proven(work.now)


def asker(session: RecordSession, row: Export) -> Actor:
    """Whoever asked, as they stand now: never more than they might when they asked. Raises NotAllowedError."""
    asked = frozenset(Permission(one) for one in row.scopes if one in set(Permission))
    if row.requested_by_kind == "member":
        member = session.scalars(select(Member).where(Member.id == row.requested_by, Member.ended_at.is_(None))).one_or_none()
        if member is None:
            raise NotAllowedError
        return Actor(row.clinic_id, member.id, row.credential_id, Role(member.role), frozenset())
    query = select(Integration).where(Integration.id == row.requested_by, Integration.ended_at.is_(None))
    integration = session.scalars(query).one_or_none()
    if integration is None:
        raise NotAllowedError
    held = frozenset(Permission(one) for one in integration.scopes if one in set(Permission))
    return Actor(row.clinic_id, integration.id, row.credential_id, None, held & asked)


def asked_by(work: Work, destinations: Collection[str]) -> ColumnElement[bool]:
    """THE condition on exports: they are the asker's own, because what one may read another may not, and of these kinds."""
    own_clinic: ColumnElement[bool] = Export.clinic_id == work.actor.clinic_id
    mine = (Export.requested_by_kind == work.actor.kind) & (Export.requested_by == work.actor.id)
    of_these: ColumnElement[bool] = Export.question["destination"].as_string().in_(sorted(destinations))
    return own_clinic & mine & of_these


def waiting(work: Work, destinations: Collection[str]) -> int:
    """How many of the caller's exports are under way."""
    query = select(func.count()).select_from(Export).where(asked_by(work, destinations), Export.status.in_(WAITING))
    return work.session.scalar(query) or 0


def new_export(work: Work, question: dict[str, Any], scopes: list[str], total: int) -> Export:
    """An export of the caller's that waits to be made in so many steps; to be added once its words are sealed."""
    return Export(
        clinic_id=work.actor.clinic_id,
        question=question,
        requested_at=work.now,
        requested_by_kind=work.actor.kind,
        requested_by=work.actor.id,
        credential_id=work.actor.credential_id,
        request_id=work.session.info["occasion"].request_id,
        scopes=scopes,
        status="queued",
        attempt=0,
        done=0,
        total=total,
    )


@dataclass(frozen=True)
class Result:
    """What came of an export.

    `couples` are those in its files where the asker does not see all of the clinic, `rests_on` the authorisations by couple
    that it leaves the clinic under: both are looked at anew before a byte is handed out.
    """

    files: list[dict[str, Any]]
    token: str | None
    left_out: list[dict[str, Any]]
    couples: list[str] | None
    rests_on: dict[str, list[str]]

    def file(self, name: str) -> dict[str, Any] | None:
        """One of its files."""
        return next((one for one in self.files if one["name"] == name), None)

    @property
    def seen(self) -> frozenset[UUID] | None:
        """The couples that the asker must still see."""
        return None if self.couples is None else frozenset(UUID(one) for one in self.couples)

    @property
    def sealable(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def opened_result(work: Work, row: Export) -> Result:
    """What came of an export that is done."""
    return Result(**work.vault.open(row, "result", row.result))
