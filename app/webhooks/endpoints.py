"""Webhooks over HTTP: where an integration is told of changes, and what became of telling it."""

from typing import Annotated, Final

from fastapi import Query

from app.access.actor import StepUpRequiredError
from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.work import Work
from app.core.ids import WebhookDeliveryId, WebhookEndpointId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.webhooks import service
from app.webhooks.rules import (
    WebhookDisabledError,
    WebhookEndpointsFullError,
    WebhookIntegrationError,
    WebhookSecretsFullError,
    WebhookTypeError,
    WebhookUrlError,
)
from app.webhooks.schemas import (
    DeliveryStatus,
    WebhookDeliveryRead,
    WebhookEndpointAdded,
    WebhookEndpointChange,
    WebhookEndpointCreate,
    WebhookEndpointRead,
    WebhookEventTypes,
    WebhookSecretAdded,
    WebhookSecretCreate,
)

router = RecordRouter("Webhooks")
ENDPOINTS: Final = "/webhook-endpoints"
ENDPOINT: Final = ENDPOINTS + "/{endpoint_id}"
DELIVERIES: Final = "/webhook-deliveries"
DELIVERY: Final = DELIVERIES + "/{delivery_id}"
REFUSED: Final = (StepUpRequiredError, WebhookUrlError, WebhookTypeError, WebhookIntegrationError)


@router.reads("/webhook-event-types", Permission.CATALOGUE_READ)
def list_webhook_event_types(work: Work) -> WebhookEventTypes:  # noqa: ARG001 - the same for everybody
    """List the kinds of change that software can be told of, and the scope that each takes."""
    return service.list_event_types()


@router.creates(ENDPOINTS, Permission.WEBHOOKS_WRITE, *REFUSED, WebhookEndpointsFullError)
def add_webhook_endpoint(work: Work, body: WebhookEndpointCreate) -> WebhookEndpointAdded:
    """Have an integration told of changes at an address; the secret to check signatures with is shown this once."""
    return service.add_endpoint(work, body)


@router.reads(ENDPOINTS, Permission.WEBHOOKS_READ, CursorInvalidError)
def list_webhook_endpoints(
    work: Work, limit: Annotated[Limit, Query()] = 50, cursor: Annotated[Cursor | None, Query()] = None
) -> Page[WebhookEndpointRead]:
    """List your endpoints; an administrator's are all of the clinic."""
    return service.list_endpoints(work, limit, cursor)


@router.reads(ENDPOINT, Permission.WEBHOOKS_READ)
def read_webhook_endpoint(work: Work, endpoint_id: WebhookEndpointId) -> WebhookEndpointRead:
    """Read an endpoint."""
    return service.read_endpoint(work, endpoint_id)


@router.changes(ENDPOINT, Permission.WEBHOOKS_WRITE, *REFUSED)
def change_webhook_endpoint(
    work: Work, endpoint_id: WebhookEndpointId, if_match: IfMatch, body: WebhookEndpointChange
) -> WebhookEndpointRead:
    """Give an endpoint another address or other types, or disable or enable it (JSON Merge Patch)."""
    return service.change_endpoint(work, endpoint_id, if_match, body)


@router.removes(ENDPOINT, Permission.WEBHOOKS_WRITE, StepUpRequiredError)
def remove_webhook_endpoint(work: Work, endpoint_id: WebhookEndpointId, if_match: IfMatch) -> None:
    """Remove an endpoint, its secrets and its log."""
    return service.remove_endpoint(work, endpoint_id, if_match)


@router.creates(ENDPOINT + "/secrets", Permission.WEBHOOKS_WRITE, StepUpRequiredError, WebhookSecretsFullError)
def add_webhook_secret(work: Work, endpoint_id: WebhookEndpointId, body: WebhookSecretCreate) -> WebhookSecretAdded:
    """Replace the secret: deliveries are signed with the old and the new one for a while, so that none is refused."""
    return service.add_secret(work, endpoint_id, body)


@router.creates(ENDPOINT + "/pings", Permission.WEBHOOKS_WRITE, WebhookDisabledError)
def ping_webhook_endpoint(work: Work, endpoint_id: WebhookEndpointId) -> WebhookDeliveryRead:
    """Have a delivery of type `ping` sent at once; read it again to see what came of it."""
    return service.ping(work, endpoint_id)


@router.reads(DELIVERIES, Permission.WEBHOOKS_READ, CursorInvalidError)
def list_webhook_deliveries(
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    endpoint_id: Annotated[WebhookEndpointId | None, Query(description="Only those to this endpoint.")] = None,
    status: Annotated[DeliveryStatus | None, Query(description="Only those that stand so.", examples=["dead"])] = None,
) -> Page[WebhookDeliveryRead]:
    """List what your endpoints are told and what became of it, for as long as it is kept."""
    return service.list_deliveries(work, limit, cursor, endpoint_id, status)


@router.reads(DELIVERY, Permission.WEBHOOKS_READ)
def read_webhook_delivery(work: Work, delivery_id: WebhookDeliveryId) -> WebhookDeliveryRead:
    """Read what became of a delivery."""
    return service.read_delivery(work, delivery_id)


@router.creates(DELIVERY + "/redeliveries", Permission.WEBHOOKS_WRITE, WebhookDisabledError, status=200)
def redeliver_webhook(work: Work, delivery_id: WebhookDeliveryId) -> WebhookDeliveryRead:
    """Have a delivery sent once more, under the same id."""
    return service.redeliver(work, delivery_id)
