"""Who is at work: what every decision about access is made from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.access.permissions import (
    ALLOWED,
    COMPARTMENTS,
    EVERY_INTEGRATION,
    GRANTABLE,
    MACHINE,
    OF_SMART,
    PARTNERS_ALONE,
    Permission,
    Role,
)
from app.access.smart import SmartScope
from app.core.database import Compartment
from app.errors import NotAllowedError

RECENTLY: Final = timedelta(minutes=5)


class StepUpRequiredError(NotAllowedError):
    """The caller may do this, and must first prove anew who they are."""

    code = "step_up_required"
    detail = "This takes a strong sign-in within the last five minutes. Sign in again and repeat the request; a key never does."


@dataclass(frozen=True)
class LinkReach:
    """What a link opens to the partner who holds it: one couple, that partner's own compartment, one thing to do."""

    couple_id: UUID
    compartment: Compartment
    purpose: Permission


def reached(compartment: Compartment) -> frozenset[Compartment]:
    """What a link of the partner with this compartment reads: their own, and what is both partners'."""
    return frozenset({Compartment.CONJOINT, compartment})


@dataclass(frozen=True)
class Actor:
    """A member or an integration of one clinic, or a partner with a link, as it stands at this moment."""

    clinic_id: UUID
    id: UUID
    credential_id: UUID
    role: Role | None
    scopes: frozenset[Permission]
    link: LinkReach | None = None
    proven_at: datetime | None = None
    """When a member last proved strongly who they are; None for a key, which alone never proves."""
    smart: tuple[SmartScope, ...] = ()
    """What an integration may do over FHIR."""

    @property
    def kind(self) -> str:
        """`member`, `integration` or `partner`."""
        if self.link is not None:
            return "partner"
        return "integration" if self.role is None else "member"

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this actor may do: an empty list of scopes opens nothing of the record, never all of it."""
        if self.link is not None:
            return PARTNERS_ALONE | {self.link.purpose}
        if self.role is not None:
            return ALLOWED[self.role]
        return self.scopes & GRANTABLE | EVERY_INTEGRATION | (OF_SMART if self.smart else frozenset())

    @property
    def compartments(self) -> frozenset[Compartment]:
        """Which compartments this actor's reads reach."""
        if self.link is not None:
            return reached(self.link.compartment)
        return MACHINE if self.role is None else COMPARTMENTS[self.role]

    def check(self, permission: Permission) -> None:
        """Raises NotAllowedError without the permission; it names one that clinic software can be given."""
        if permission not in self.permissions:
            told = f"{NotAllowedError.detail} It takes `{permission}`."
            raise NotAllowedError(told if permission in GRANTABLE and self.link is None else None)

    def check_recently_proven(self, now: datetime) -> None:
        """Raises StepUpRequiredError unless the caller proved within the last five minutes who they are."""
        if self.proven_at is None or not timedelta(0) <= now - self.proven_at <= RECENTLY:
            raise StepUpRequiredError
