"""The chores of webhooks: what happened is told, what is due is sent, what is old is forgotten."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from app.core.chores import Chore, Holds
from app.ledger.service import chore_at_work
from app.webhooks.couriers import COURIERS
from app.webhooks.models import WebhookDelivery, WebhookSecret
from app.webhooks.sending import OPERATION, carry, is_due
from app.webhooks.telling import tell

EVERY: Final = timedelta(seconds=5)


def relay(runtime: Holds, clinic_id: UUID) -> None:
    """Has endpoints told of what happened, and sends off what is due."""
    while (is_all := tell(runtime, clinic_id)) is False:
        pass
    if is_all is None:
        return
    for endpoint_id in _due(runtime, clinic_id):
        COURIERS.send_off((clinic_id, endpoint_id), lambda chosen=endpoint_id: carry(runtime, clinic_id, chosen))  # type: ignore[misc]


def _due(runtime: Holds, clinic_id: UUID) -> Sequence[UUID]:
    """Endpoints for which something is due."""
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, _vault, now):
        return list(session.scalars(select(WebhookDelivery.endpoint_id).where(is_due(now)).distinct()))


def forget(runtime: Holds, clinic_id: UUID) -> None:
    """Removes deliveries that came to an end long ago, and secrets that have expired."""
    with chore_at_work(runtime, clinic_id, "forget_webhooks") as (session, _vault, now):
        old = WebhookDelivery.ended_at < now - timedelta(days=runtime.settings.webhook_log_days)
        session.execute(delete(WebhookDelivery).where(old), execution_options={"synchronize_session": False})
        for expired in session.scalars(select(WebhookSecret).where(WebhookSecret.expires_at <= now)):
            session.delete(expired)


RELAYING: Final = Chore("relay_webhooks", EVERY, relay)
FORGETTING: Final = Chore("forget_webhooks", timedelta(hours=1), forget)
