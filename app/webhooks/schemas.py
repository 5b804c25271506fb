"""The wire shapes of webhook endpoints, their secrets and what was sent to them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.core.ids import IntegrationId, WebhookDeliveryId, WebhookEndpointId, WebhookSecretId
from app.core.schemas import Code, Flag, Moment, Schema, Versioned

Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1_000,
        pattern=r"^[!-~]+$",
        strict=True,
        description="Where deliveries are posted to: https, a public host, port 443 or 8443, no credentials and no fragment.",
        examples=["https://ehr.example.org/hooks/rekindle"],
    ),
]
EventType = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z_]*\.[a-z]+$", strict=True)]
EventTypes = Annotated[
    list[EventType],
    Field(
        min_length=1,
        max_length=100,
        description="Of which changes it is told, from `GET /v1/webhook-event-types`: those that the integration's scopes read.",
        examples=[["couple.changed", "couple.deleted"]],
    ),
]
Told = Annotated[list[str], Field(description="Of which changes it is told.", examples=[["couple.changed", "couple.deleted"]])]


class WebhookEventType(Schema):
    """A kind of change that software can be told of."""

    type: str = Field(description="What `type` of a delivery says.", examples=["couple.changed"])
    scope: str = Field(description="The scope that an integration needs to be told.", examples=["couples:read"])
    id_prefix: str = Field(description="How `data.id` begins: the id of what changed.", examples=["cpl"])


class WebhookEventTypes(Schema):
    """All kinds of change that software can be told of; more will come."""

    items: list[WebhookEventType] = Field(description="The types, in alphabetical order.")


class WebhookEndpointCreate(Schema):
    """Where an integration is to be told of which changes."""

    url: Url
    event_types: EventTypes
    integration_id: IntegrationId | None = Field(
        default=None, description="Whose endpoint it is; an integration leaves it out, and it is its own."
    )


class WebhookEndpointChange(Schema):
    """JSON Merge Patch of an endpoint."""

    url: Url = Field(default="", examples=["https://ehr.example.org/hooks/rekindle"])
    event_types: EventTypes = Field(default=[], examples=[["couple.changed", "couple.deleted"]])
    enabled: Flag = Field(
        default=True,
        description="False lets nothing be sent; true lets it again what happens from then on, and what is redelivered.",
        examples=[True],
    )


class WebhookSecretRead(Schema):
    """A secret that deliveries are signed with, and never what it is."""

    id: WebhookSecretId
    created_at: Moment = Field(description="When it was made.")
    expires_at: Moment | None = Field(
        description="When it stops signing because another replaced it; null for the newest.", examples=[None]
    )


class WebhookEndpointRead(Versioned):
    """An endpoint of an integration."""

    id: WebhookEndpointId
    integration_id: IntegrationId
    url: str = Field(description="Where deliveries are posted to.", examples=["https://ehr.example.org/hooks/rekindle"])
    event_types: Told
    enabled: bool = Field(description="Whether anything is sent.", examples=[True])
    disabled_at: Moment | None = Field(description="Since when nothing is sent; null while it is enabled.", examples=[None])
    disabled_for: Code | None = Field(
        description="Why not: `asked`, `gone` (it answered 410) or `failing` (nothing arrived for days); more codes will come.",
        examples=[None],
    )
    failing_since: Moment | None = Field(
        description="The first attempt since which nothing arrived; null where the last one did.", examples=[None]
    )
    created_at: Moment = Field(description="When it was added.")
    secrets: list[WebhookSecretRead] = Field(description="What deliveries are signed with now, the oldest first.")


class WebhookEndpointAdded(WebhookEndpointRead):
    """An endpoint that was just added, with its secret, which is shown this once."""

    secret: str = Field(
        description="What to check signatures with (Standard Webhooks); it is shown this once.",
        examples=["whsec_bm90IGEgc2VjcmV0LCBhbiBleGFtcGxlIG9mIG9uZSE="],
    )


class WebhookSecretCreate(Schema):
    """How long the secrets that a new one replaces go on signing beside it."""

    overlap_hours: Annotated[int, Field(strict=True, ge=0, le=168)] = Field(
        default=24,
        description="Hours in which deliveries are signed with the old secrets as well; 0 ends them now.",
        examples=[24],
    )


class WebhookSecretAdded(WebhookSecretRead):
    """A secret that was just made, and is shown this once."""

    named_by: ClassVar[str] = ""

    secret: str = Field(
        description="What to check signatures with; it is shown this once.",
        examples=["whsec_bm90IGEgc2VjcmV0LCBhbiBleGFtcGxlIG9mIG9uZSE="],
    )


DeliveryStatus = Literal["waiting", "delivered", "dead"]


class WebhookDeliveryRead(Schema):
    """One thing an endpoint is told, and what became of it."""

    named_by: ClassVar[str] = ""

    id: WebhookDeliveryId = Field(description="`webhook-id` of every attempt: a receiver that has seen it has been told.")
    endpoint_id: WebhookEndpointId
    event_type: str = Field(description="`type` of what is sent.", examples=["couple.changed"])
    changed_id: str = Field(description="`data.id` of what is sent.", examples=["cpl_01jjfnwv0000000000000000000"])
    happened_at: Moment = Field(description="`timestamp` of what is sent.")
    status: str = Field(
        description="`waiting` for the next attempt, `delivered`, or `dead`: not sent again unless you ask.",
        examples=["waiting"],
    )
    attempts: int = Field(description="How often it was sent, or tried to.", examples=[1])
    next_attempt_at: Moment | None = Field(description="When it is tried again, at the earliest.", examples=[None])
    last_attempt_at: Moment | None = Field(description="When it was tried last.", examples=[None])
    outcome: Code | None = Field(
        description="What came of the last attempt: `arrived` (2xx), `refused` (another status), `gone` (410), `timed_out`, "
        "`unreachable` (not found, not connected, not trusted, or not allowed to go there) or `withheld` (disabled, "
        "or no longer within the integration's scopes); more codes will come.",
        examples=["arrived"],
    )
    answer_status: int | None = Field(description="Status of the last answer, if there was one.", examples=[204])
