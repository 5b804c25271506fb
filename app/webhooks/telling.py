"""Following the ledger on behalf of endpoints: nothing is added to the write of anything that they are told of."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.access.models import Integration
from app.access.permissions import GRANTABLE, MACHINE
from app.core.bulk import insert_rows, insert_unless_there
from app.core.chores import Holds
from app.core.commit_order import last_in_commit_order
from app.core.database import RecordSession
from app.core.ids import new_id
from app.ledger.models import LedgerEvent
from app.ledger.service import chore_at_work
from app.webhooks.happenings import TYPES, Happening, happened_since, work_of_all
from app.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookFollowed
from app.webhooks.rules import WAITING

OF_ENDPOINT: Final = (Integration.clinic_id == WebhookEndpoint.clinic_id) & (Integration.id == WebhookEndpoint.integration_id)


def tell(runtime: Holds, clinic_id: UUID) -> bool | None:
    """Keeps a page of what happened for every endpoint that hears of it; whether that was all.

    None where nothing is followed, because the clinic never had an endpoint, or where another process is at it.

    The page and the place in the ledger are kept in one transaction, so each endpoint is told of each change once.
    """
    with chore_at_work(runtime, clinic_id, "tell_webhooks", MACHINE) as (session, vault, now):
        query = select(WebhookFollowed).with_for_update(skip_locked=True)
        followed = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        if followed is None:
            return None
        listening = _listening(session)
        if not listening:  # what nobody may hear now, nobody hears of later
            followed.event_id = last_in_commit_order(session, LedgerEvent)
            return True
        page = happened_since(work_of_all(runtime, session, vault, now), followed.event_id, listening)
        rows = [_row(endpoint_id, one, now) for one in page.happenings for endpoint_id in listening.get(one.event_type, ())]
        insert_rows(session, WebhookDelivery, rows)
        followed.event_id = page.event_id
        return page.is_all


def _listening(session: RecordSession) -> dict[str, list[UUID]]:
    """The endpoints that hear of each type: enabled, of an integration that works and whose scopes read it."""
    query = select(WebhookEndpoint, Integration).join(Integration, OF_ENDPOINT).where(*stands())
    found: dict[str, list[UUID]] = {}
    for endpoint, integration in session.execute(query):
        for event_type in set(endpoint.event_types) & types_of(integration):
            found.setdefault(event_type, []).append(endpoint.id)
    return found


def stands() -> tuple[ColumnElement[bool], ...]:
    """The conditions on endpoints that may be told anything, joined with their integrations."""
    return WebhookEndpoint.disabled_at.is_(None), Integration.ended_at.is_(None)


def types_of(integration: Integration) -> frozenset[str]:
    """What an integration may be told of, by the scopes it has now."""
    scopes = set(integration.scopes) & GRANTABLE
    return frozenset(name for name, kind in TYPES.items() if kind.permission in scopes)


def _row(endpoint_id: UUID, happening: Happening, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "endpoint_id": endpoint_id,
        "event_type": happening.event_type,
        "changed_id": happening.changed_id,
        "happened_at": happening.happened_at,
        "status": WAITING,
        "attempts": 0,
        "failures": 0,
        "next_attempt_at": now,
    }


def follow_from_now(session: RecordSession) -> None:
    """Begins to follow the ledger where it ends, unless it is followed for another endpoint already.

    Called while an endpoint is added or enabled, before it stands.
    """
    standing = select(WebhookEndpoint.id).join(Integration, OF_ENDPOINT).where(*stands()).limit(1)
    is_followed = session.scalars(standing).first() is not None
    begun = {"id": new_id(), "event_id": last_in_commit_order(session, LedgerEvent)}
    if insert_unless_there(session, WebhookFollowed, begun) or is_followed:
        return
    followed = session.scalars(select(WebhookFollowed).with_for_update()).one()
    followed.event_id = begun["event_id"]
    session.flush()
