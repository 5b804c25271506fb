"""Endpoints, their secrets, and the log of what was sent to them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, select, true

from app.access.models import Integration
from app.access.work import Work
from app.core.chores import want_now
from app.core.existing import existing
from app.core.ids import encode
from app.core.outbound import Outbound, OutboundError
from app.core.paging import Page, Pager
from app.core.problems import did_you_mean
from app.errors import Fault, StaleVersionError
from app.webhooks.happenings import TYPES
from app.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from app.webhooks.relay import RELAYING
from app.webhooks.rules import (
    MOST_ENDPOINTS,
    MOST_SECRETS,
    PING,
    WAITING,
    WebhookDisabledError,
    WebhookEndpointsFullError,
    WebhookIntegrationError,
    WebhookSecretsFullError,
    WebhookTypeError,
    WebhookUrlError,
    new_secret,
)
from app.webhooks.schemas import (
    WebhookDeliveryRead,
    WebhookEndpointAdded,
    WebhookEndpointChange,
    WebhookEndpointCreate,
    WebhookEndpointRead,
    WebhookEventType,
    WebhookEventTypes,
    WebhookSecretAdded,
    WebhookSecretCreate,
    WebhookSecretRead,
)
from app.webhooks.sending import disable, secrets_of
from app.webhooks.telling import follow_from_now, types_of


def list_event_types() -> WebhookEventTypes:
    """All that software can be told of."""
    told = [WebhookEventType(type=name, scope=kind.permission, id_prefix=kind.prefix) for name, kind in sorted(TYPES.items())]
    return WebhookEventTypes(items=told)


def add_endpoint(work: Work, body: WebhookEndpointCreate) -> WebhookEndpointAdded:
    """A new endpoint, with the secret that is shown once.

    Raises StepUpRequiredError, WebhookIntegrationError, WebhookEndpointsFullError, WebhookUrlError, WebhookTypeError.
    """
    _check_proven(work)
    integration = _integration(work, body.integration_id)
    count = select(func.count(WebhookEndpoint.id)).where(WebhookEndpoint.integration_id == integration.id)
    if work.session.execute(count).scalar_one() >= MOST_ENDPOINTS:
        raise WebhookEndpointsFullError
    _check(work, integration, body.url, body.event_types)
    follow_from_now(work.session)
    endpoint = WebhookEndpoint(
        clinic_id=work.actor.clinic_id,
        integration_id=integration.id,
        event_types=sorted(set(body.event_types)),
        created_at=work.now,
    )
    endpoint.url = work.vault.seal(endpoint, "url", body.url)
    work.session.add(endpoint)
    work.session.flush()
    _row, secret = _new_secret(work, endpoint.id)
    return WebhookEndpointAdded(**_shown(work, [endpoint])[0].model_dump(), secret=secret)


def _check_proven(work: Work) -> None:
    """Raises StepUpRequiredError for a member who has not just proven who they are; a key of software is all it has."""
    if work.actor.kind == "member":
        work.actor.check_recently_proven(work.now)


def _integration(work: Work, named: UUID | None) -> Integration:
    """Whose endpoint it is to be."""
    own = work.actor.id if work.actor.kind == "integration" else None
    chosen = named or own
    query = select(Integration).where(Integration.id == chosen, Integration.ended_at.is_(None))
    # one after the other, so that the endpoints of one integration are counted right
    found = work.session.scalars(query.with_for_update(key_share=True)).one_or_none() if chosen else None
    if found is None or own not in {None, chosen}:
        raise WebhookIntegrationError(faults=(Fault("/integration_id", "unknown", "No integration of yours that works."),))
    return found


def _check(work: Work, integration: Integration, url: str | None, event_types: Sequence[str]) -> None:
    if url is not None:
        try:
            Outbound(work.settings.webhook_hosts).check(url)
        except OutboundError:
            raise WebhookUrlError(
                faults=(Fault("/url", "not_sent_to", "Deliveries are not sent to such an address."),)
            ) from None
    allowed = types_of(integration)
    faults = [
        Fault(f"/event_types/{place}", "unknown", f"No such type within its scopes.{did_you_mean(name, allowed)}")
        for place, name in enumerate(event_types)
        if name not in allowed
    ]
    if faults:
        raise WebhookTypeError(faults=tuple(faults[:10]))


def _new_secret(work: Work, endpoint_id: UUID) -> tuple[WebhookSecret, str]:
    row = WebhookSecret(clinic_id=work.actor.clinic_id, endpoint_id=endpoint_id, created_at=work.now)
    secret = new_secret()
    row.secret = work.vault.seal(row, "secret", secret)
    work.session.add(row)
    work.session.flush()
    return row, secret


def list_endpoints(work: Work, limit: int, cursor: str | None) -> Page[WebhookEndpointRead]:
    """A page of the caller's endpoints, in the order they were added; an administrator's are all of the clinic."""
    pager = Pager(work.vault, limit, cursor, "webhook_endpoints", work.actor.id)
    query = pager.cut(select(WebhookEndpoint).where(_within_reach(work)), WebhookEndpoint.id)
    rows, next_cursor = pager.split(list(work.session.scalars(query)))
    return Page(items=_shown(work, rows), next_cursor=next_cursor)


def read_endpoint(work: Work, endpoint_id: UUID) -> WebhookEndpointRead:
    """An endpoint. Raises NotFoundError."""
    return _shown(work, [_get(work, endpoint_id)])[0]


def change_endpoint(work: Work, endpoint_id: UUID, version: int, body: WebhookEndpointChange) -> WebhookEndpointRead:
    """Another address, other types, or whether anything is sent.

    Raises NotFoundError, StaleVersionError, StepUpRequiredError, WebhookUrlError, WebhookTypeError, WebhookIntegrationError.
    """
    _check_proven(work)
    endpoint = _get(work, endpoint_id, version)
    told = body.model_fields_set
    integration = _integration(work, endpoint.integration_id)
    _check(work, integration, body.url if "url" in told else None, body.event_types if "event_types" in told else ())
    if "url" in told:
        endpoint.url = work.vault.seal(endpoint, "url", body.url)
    if "event_types" in told:
        endpoint.event_types = sorted(set(body.event_types))
    if "enabled" in told and body.enabled and endpoint.disabled_at is not None:
        follow_from_now(work.session)
        endpoint.disabled_at = endpoint.disabled_for = endpoint.failing_since = None
    elif "enabled" in told and not body.enabled and endpoint.disabled_at is None:
        disable(work.session, endpoint, "asked", work.now)
    work.session.flush()
    return _shown(work, [endpoint])[0]


def remove_endpoint(work: Work, endpoint_id: UUID, version: int) -> None:
    """Removes an endpoint, its secrets and its log. Raises NotFoundError, StaleVersionError, StepUpRequiredError."""
    _check_proven(work)
    endpoint = _get(work, endpoint_id, version)
    of_it = delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    work.session.execute(of_it, execution_options={"synchronize_session": False})
    for secret in work.session.scalars(select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint.id)):
        work.session.delete(secret)
    work.session.flush()
    work.session.delete(endpoint)
    work.session.flush()


def add_secret(work: Work, endpoint_id: UUID, body: WebhookSecretCreate) -> WebhookSecretAdded:
    """A new secret, beside which those before it sign on for a while.

    Raises NotFoundError, StepUpRequiredError, WebhookSecretsFullError.
    """
    _check_proven(work)
    endpoint = _get(work, endpoint_id, to_change=True)
    until = work.now + timedelta(hours=body.overlap_hours)
    held = secrets_of(work.session, [endpoint.id], work.now)
    for old in held:
        old.expires_at = min(old.expires_at or until, until)
    if body.overlap_hours and len(held) >= MOST_SECRETS:
        raise WebhookSecretsFullError
    row, secret = _new_secret(work, endpoint.id)
    return WebhookSecretAdded(**WebhookSecretRead.model_validate(row).model_dump(), secret=secret)


def ping(work: Work, endpoint_id: UUID) -> WebhookDeliveryRead:
    """Has a delivery of type `ping` sent at once. Raises NotFoundError, WebhookDisabledError."""
    endpoint = _get(work, endpoint_id)
    if endpoint.disabled_at is not None:
        raise WebhookDisabledError
    row = WebhookDelivery(
        clinic_id=work.actor.clinic_id,
        endpoint_id=endpoint.id,
        event_type=PING,
        changed_id=encode("whe", endpoint.id),
        happened_at=work.now,
        status=WAITING,
        attempts=0,
        failures=0,
        next_attempt_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    want_now(work.session, RELAYING)
    return WebhookDeliveryRead.model_validate(row)


def list_deliveries(
    work: Work, limit: int, cursor: str | None, endpoint_id: UUID | None, status: str | None
) -> Page[WebhookDeliveryRead]:
    """A page of what the caller's endpoints are told, in the order it came up."""
    pager = Pager(work.vault, limit, cursor, "webhook_deliveries", work.actor.id, endpoint_id, status)
    query = _deliveries(work)
    if endpoint_id is not None:
        query = query.where(WebhookDelivery.endpoint_id == endpoint_id)
    if status is not None:
        query = query.where(WebhookDelivery.status == status)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, WebhookDelivery.id))))
    return Page(items=[WebhookDeliveryRead.model_validate(row) for row in rows], next_cursor=next_cursor)


def read_delivery(work: Work, delivery_id: UUID) -> WebhookDeliveryRead:
    """A delivery. Raises NotFoundError."""
    return WebhookDeliveryRead.model_validate(_delivery(work, delivery_id))


def redeliver(work: Work, delivery_id: UUID) -> WebhookDeliveryRead:
    """Has a delivery sent once more under its id, as often as a new one. Raises NotFoundError, WebhookDisabledError."""
    row = _delivery(work, delivery_id, to_change=True)
    if _get(work, row.endpoint_id).disabled_at is not None:
        raise WebhookDisabledError
    row.status, row.failures, row.next_attempt_at, row.ended_at = WAITING, 0, work.now, None
    work.session.flush()
    want_now(work.session, RELAYING)
    return WebhookDeliveryRead.model_validate(row)


def _within_reach(work: Work) -> ColumnElement[bool]:
    """An integration's are its own; an administrator's all of the clinic."""
    return WebhookEndpoint.integration_id == work.actor.id if work.actor.kind == "integration" else true()


def _get(work: Work, endpoint_id: UUID, version: int | None = None, *, to_change: bool = False) -> WebhookEndpoint:
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, _within_reach(work))
    waits = to_change or version is not None
    found = existing(work.session, query.with_for_update() if waits else query)
    if version is not None and found.version != version:
        raise StaleVersionError
    return found


def _deliveries(work: Work) -> Select[WebhookDelivery]:
    """Those within reach."""
    mine = select(WebhookEndpoint.id).where(_within_reach(work))
    return select(WebhookDelivery).where(WebhookDelivery.endpoint_id.in_(mine))


def _delivery(work: Work, delivery_id: UUID, *, to_change: bool = False) -> WebhookDelivery:
    query = _deliveries(work).where(WebhookDelivery.id == delivery_id)
    return existing(work.session, query.with_for_update() if to_change else query)


def _shown(work: Work, endpoints: Sequence[WebhookEndpoint]) -> list[WebhookEndpointRead]:
    held = secrets_of(work.session, [endpoint.id for endpoint in endpoints], work.now)
    return [
        WebhookEndpointRead(
            version=endpoint.version,
            id=endpoint.id,
            integration_id=endpoint.integration_id,
            url=work.vault.open(endpoint, "url", endpoint.url),
            event_types=endpoint.event_types,
            enabled=endpoint.disabled_at is None,
            disabled_at=endpoint.disabled_at,
            disabled_for=endpoint.disabled_for,
            failing_since=endpoint.failing_since,
            created_at=endpoint.created_at,
            secrets=[WebhookSecretRead.model_validate(one) for one in held if one.endpoint_id == endpoint.id],
        )
        for endpoint in endpoints
    ]
