"""The door for partners: a link in the path, which names its clinic, opens one thing, and fails in one way."""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Annotated, ClassVar, Final
from uuid import UUID

from fastapi import Path
from sqlalchemy import select
from starlette.requests import Request

from app.access.actor import Actor, LinkReach
from app.access.doors import Entry, counted_as
from app.access.keys import Key, read_link
from app.access.permissions import Permission
from app.core.crypto import SealBrokenError, Vault
from app.core.database import NO_CLINIC, Compartment, Reach, RecordSession
from app.couples.models import Couple
from app.errors import RekindleError
from app.partner_pages.models import LinkUse, PartnerLink
from app.partner_pages.rules import LinkNotOpenError, Standing, opens

OPENS: Final = {
    "measure": Permission.ADMINISTRATIONS_WRITE,
    "check_in": Permission.CHECK_INS_WRITE,
    "consent": Permission.CONSENTS_WRITE,
    "stop": Permission.CONSENTS_WRITE,
}
EVERYTHING: Final = frozenset(Compartment)
NO_LINK: Final = Key(NO_CLINIC, UUID(int=0), "")
EXAMPLE: Final = "0" * 92


async def in_path(
    link: Annotated[str, Path(description="The link, as it was handed out.", max_length=200, examples=[EXAMPLE])],
) -> None:
    """Declares the link to the API's document; the door itself reads it from the path."""


def hash_of(vault: Vault, link_id: UUID, secret: str) -> str:
    """The keyed hash of a link's secret: without the clinic's key nobody can make or check one."""
    return vault.tag("partner link", link_id.bytes, secret.encode()).hex()


class LinkDoor:
    """Unknown, mistyped, expired, revoked, spent: every link that does not open takes the same way to one answer."""

    refusals: ClassVar[tuple[type[RekindleError], ...]] = (LinkNotOpenError,)
    security: ClassVar[list[dict[str, list[str]]]] = []

    def token(self, request: Request) -> str:
        """The link, which stands in the path and nowhere else."""
        return str(request.path_params.get("link", ""))

    def counted(self, request: Request) -> tuple[str, ...]:
        """The client first, so that one who tries many links is stopped, then the link itself, whether it opens or not."""
        client = request.client.host if request.client else ""
        return counted_as("client", client), counted_as("link", self.token(request))

    def reach(self, token: str) -> Reach:
        """The clinic that the link names."""
        return Reach((read_link(token) or NO_LINK).clinic_id)

    def admit(self, session: RecordSession, vault: Vault, entry: Entry, now: datetime) -> Actor:
        """The partner, reaching what is conjoint and their own. Raises LinkNotOpenError.

        With an Idempotency-Key a shut link still leads to the stored answer of a request that was answered, if there is
        one: whatever shut it, so that how long it takes says nothing of whether it was used.
        """
        claimed = read_link(entry.token) or NO_LINK
        with session.reaching(EVERYTHING):
            link, used_at, is_archived = _look_up(session, claimed.credential_id, lock=entry.writes)
        is_right = hmac.compare_digest(_tag(vault, claimed), link.secret_hash if link else "0" * 64)
        if link is None or not is_right or (is_archived and link.purpose != "stop"):
            raise LinkNotOpenError
        standing = Standing(link.expires_at, link.revoked_at, used_at)
        if not opens(link.purpose, standing, now) and not entry.repeats:
            raise LinkNotOpenError
        reach = LinkReach(link.couple_id, link.compartment, OPENS[link.purpose])
        return Actor(link.clinic_id, link.partner_id, link.id, role=None, scopes=frozenset(), link=reach)


def _look_up(session: RecordSession, link_id: UUID, *, lock: bool) -> tuple[PartnerLink | None, datetime | None, bool]:
    """Three look-ups, whatever the first one finds; the lock lets two uses at once come one after the other."""
    found = select(PartnerLink).where(PartnerLink.id == link_id)
    link = session.scalars(found.with_for_update() if lock else found).one_or_none()
    couple_id = link.couple_id if link else NO_CLINIC
    used = select(LinkUse.used_at).where(LinkUse.couple_id == couple_id, LinkUse.link_id == link_id)
    used_at = session.scalars(used).one_or_none()
    archived_at = session.scalars(select(Couple.archived_at).where(Couple.id == couple_id)).one_or_none()
    return link, used_at, archived_at is not None


def _tag(vault: Vault, claimed: Key) -> str:
    """The hash of what was shown; of a clinic that is none, one that fits nothing."""
    try:
        return hash_of(vault, claimed.credential_id, claimed.secret)
    except SealBrokenError:
        return hmac.digest(claimed.clinic_id.bytes, claimed.secret.encode(), sha256).hex()
