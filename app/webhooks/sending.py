"""Sending an endpoint what it is told, with no transaction open.

Each delivery is one process's at a time, by a lease that ends with the process; what was being sent when it ended is sent
again under the same id.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from app.access.models import Integration
from app.core.chores import Holds
from app.core.crypto import Vault
from app.core.database import RecordSession
from app.core.ids import encode
from app.core.outbound import Outbound, OutboundError, OutboundSlowError
from app.ledger.alarms import raise_alarm
from app.ledger.service import chore_at_work
from app.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from app.webhooks.rules import (
    ARRIVED,
    DEAD,
    DELIVERED,
    GONE,
    PING,
    WAITING,
    WITHHELD,
    headers,
    message,
    reason_to_stop,
    wait_after,
)
from app.webhooks.telling import OF_ENDPOINT, stands, types_of

OPERATION: Final = "send_webhooks"
LEASE: Final = timedelta(minutes=1)  # well over what the longest attempt takes
AT_ONCE: Final = 100  # deliveries that are looked at in one transaction
TURN: Final = 30.0  # seconds after which a courier makes room for another's endpoint


@dataclass(frozen=True)
class Parcel:
    """A delivery that this process sends; `attempt` is what it has to show at the end."""

    id: UUID
    endpoint_id: UUID
    attempt: int
    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What came of sending it."""

    code: str
    status: int | None = None

    @property
    def arrived(self) -> bool:
        """Whether the receiver took it."""
        return self.code == "arrived"


def is_due(now: datetime) -> ColumnElement[bool]:
    """The condition on deliveries that somebody should send now."""
    nobodys = or_(WebhookDelivery.leased_until.is_(None), WebhookDelivery.leased_until < now)
    due: ColumnElement[bool] = (WebhookDelivery.status == WAITING) & (WebhookDelivery.next_attempt_at <= now) & nobodys
    return due


def carry(runtime: Holds, clinic_id: UUID, endpoint_id: UUID) -> None:
    """Sends an endpoint what is due, one after the other, until something fails or others have their turn."""
    until = monotonic() + TURN
    outbound = Outbound(runtime.settings.webhook_hosts)
    while monotonic() < until and (parcel := take(runtime, clinic_id, endpoint_id)) is not None:
        outcome = send(outbound, parcel)
        record(runtime, clinic_id, parcel, outcome)
        if not outcome.arrived:
            return


def take(runtime: Holds, clinic_id: UUID, endpoint_id: UUID) -> Parcel | None:
    """The delivery to an endpoint that is due for longest, for a while this process's own; what it may not hear is ended."""
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, vault, now):
        mine = (WebhookDelivery.endpoint_id == endpoint_id) & is_due(now)
        query = select(WebhookDelivery).where(mine).order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id).limit(AT_ONCE)
        for row in session.scalars(query.with_for_update(skip_locked=True)):
            endpoint = _reached(session, row)
            if endpoint is not None:
                row.attempts, row.leased_until = row.attempts + 1, now + LEASE
                return _parcel(session, vault, endpoint, row, now)
            _end(row, DEAD, Outcome(WITHHELD), now)
    return None


def _reached(session: RecordSession, row: WebhookDelivery) -> WebhookEndpoint | None:
    """The endpoint of a delivery, if it may be told this now."""
    query = select(WebhookEndpoint, Integration).join(Integration, OF_ENDPOINT)
    found = session.execute(query.where(WebhookEndpoint.id == row.endpoint_id, *stands())).one_or_none()
    if found is None or (row.event_type != PING and row.event_type not in types_of(found[1])):
        return None
    endpoint: WebhookEndpoint = found[0]
    return endpoint


def _parcel(session: RecordSession, vault: Vault, endpoint: WebhookEndpoint, row: WebhookDelivery, now: datetime) -> Parcel:
    held = [vault.open(one, "secret", one.secret) for one in secrets_of(session, [endpoint.id], now)]
    body = message(row.event_type, row.changed_id, row.happened_at)
    told = headers(encode("whd", row.id), now, body, held)
    return Parcel(row.id, endpoint.id, row.attempts, vault.open(endpoint, "url", endpoint.url), body, told)


def secrets_of(session: RecordSession, endpoint_ids: Sequence[UUID], now: datetime) -> Sequence[WebhookSecret]:
    """The secrets that deliveries to endpoints are signed with now, the oldest first."""
    holds = or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > now)
    query = select(WebhookSecret).where(WebhookSecret.endpoint_id.in_(endpoint_ids), holds).order_by(WebhookSecret.id)
    return list(session.scalars(query))


def send(outbound: Outbound, parcel: Parcel) -> Outcome:
    """Posts it, with no transaction open.

    That an address leads inside is told as any that does not answer is: nobody finds out here what lies in the network.
    """
    try:
        status = outbound.post(parcel.url, parcel.body, parcel.headers)
    except OutboundSlowError:
        return Outcome("timed_out")
    except OutboundError:
        return Outcome("unreachable")
    if status in ARRIVED:
        return Outcome("arrived", status)
    return Outcome("gone" if status == GONE else "refused", status)


def record(runtime: Holds, clinic_id: UUID, parcel: Parcel, outcome: Outcome) -> None:
    """Keeps what came of it, unless another process began it anew since.

    An endpoint that says it is gone, or where nothing has arrived for days, is disabled, and the administrator is let know.
    """
    days = timedelta(days=runtime.settings.webhook_failing_days)
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, _vault, now):
        endpoint = _locked(session, parcel.endpoint_id)  # first, as whoever disables or removes it does
        mine = (WebhookDelivery.id == parcel.id) & (WebhookDelivery.attempts == parcel.attempt)
        row = session.scalars(select(WebhookDelivery).where(mine).with_for_update()).one_or_none()
        if endpoint is None or row is None:
            return
        row.last_attempt_at = now
        if outcome.arrived:
            _end(row, DELIVERED, outcome, now)
            _note_failing(session, endpoint, None)
        else:
            _keep_failure(session, endpoint, row, outcome, days, now)


def _keep_failure(  # noqa: PLR0913, PLR0917 - what failed, how, and how long that may go on
    session: RecordSession, endpoint: WebhookEndpoint, row: WebhookDelivery, outcome: Outcome, days: timedelta, now: datetime
) -> None:
    row.failures, row.leased_until, row.outcome, row.answer_status = row.failures + 1, None, outcome.code, outcome.status
    since = endpoint.failing_since or now
    if endpoint.failing_since is None:
        _note_failing(session, endpoint, now)
    reason = reason_to_stop(outcome.code, now - since, days) if endpoint.disabled_at is None else None
    wait = wait_after(row.failures, secrets.randbelow(1_000) / 1_000)
    if wait is None or reason is not None or endpoint.disabled_at is not None:
        _end(row, DEAD, outcome, now)
    else:
        row.next_attempt_at = now + wait
    if reason is not None:
        disable(session, endpoint, reason, now)
        raise_alarm(session, f"webhook_endpoint_{reason}", couple_id=None, member_id=None)


def _end(row: WebhookDelivery, status: str, outcome: Outcome, now: datetime) -> None:
    row.status, row.outcome, row.answer_status = status, outcome.code, outcome.status
    row.ended_at, row.next_attempt_at, row.leased_until = now, None, None


def _note_failing(session: RecordSession, endpoint: WebhookEndpoint, since: datetime | None) -> None:
    """Since when nothing arrives; that is no change of the endpoint, whose version is for those who change it."""
    noted = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id).values(failing_since=since)
    if endpoint.failing_since != since:
        session.execute(noted, execution_options={"synchronize_session": False})


def _locked(session: RecordSession, endpoint_id: UUID) -> WebhookEndpoint | None:
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    return session.scalars(query.with_for_update(key_share=True)).one_or_none()


def disable(session: RecordSession, endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
    """Sends it nothing any more; what waited is dead, and is sent again when somebody asks for it."""
    endpoint.disabled_at, endpoint.disabled_for = now, reason
    session.flush()
    waiting = (WebhookDelivery.endpoint_id == endpoint.id) & (WebhookDelivery.status == WAITING)
    ended = {"status": DEAD, "outcome": WITHHELD, "ended_at": now, "next_attempt_at": None, "leased_until": None}
    session.execute(update(WebhookDelivery).where(waiting).values(ended), execution_options={"synchronize_session": False})
