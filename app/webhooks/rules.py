"""What is sent, how it is signed, and when it is sent again: decided without a database or a network.

Messages, headers, signatures and the times between attempts are those of Standard Webhooks 1.0 (standardwebhooks.com).
"""

import base64
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from app.errors import ConflictError, InvalidError

SECRET_BYTES: Final = 32  # Standard Webhooks: 24 to 64
SECRET_MARK: Final = "whsec_"  # noqa: S105 - what stands before a secret, and none
# The waits of Standard Webhooks, and so three days in all.
WAITS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 5 * 60, 30 * 60, *(hours * 3_600 for hours in (2, 5, 10, 14, 20, 24)))
)
LONGEST_JITTER: Final = (
    0.2  # a wait is up to this share longer (our proposal), so that what failed together is not sent together
)
MOST_ENDPOINTS: Final = 20  # of one integration (our proposal)
MOST_SECRETS: Final = 5  # that sign at once (our proposal)
PING: Final = "ping"
WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
DEAD: Final = "dead"
WITHHELD: Final = "withheld"
GONE: Final = 410
ARRIVED: Final = range(200, 300)


class WebhookUrlError(InvalidError):
    """Deliveries are not sent to such an address."""

    code = "webhook_url_refused"
    detail = (
        "Name an https address of a public host, on port 443 or 8443, without credentials or a fragment. "
        "Hosts in a private network are for the operator to allow."
    )


class WebhookTypeError(InvalidError):
    """The integration cannot be told of this."""

    code = "webhook_type_refused"
    detail = "Name types of GET /v1/webhook-event-types that the integration's scopes read."


class WebhookIntegrationError(InvalidError):
    """It is not said whose endpoint it is, or it is somebody else's."""

    code = "webhook_integration_refused"
    detail = "An endpoint belongs to an integration that works: its own, or the one an administrator names as `integration_id`."


class WebhookEndpointsFullError(ConflictError):
    """The integration has as many endpoints as it may have."""

    code = "webhook_endpoints_full"
    detail = f"An integration has at most {MOST_ENDPOINTS} endpoints. Delete one first."


class WebhookSecretsFullError(ConflictError):
    """As many secrets sign as may."""

    code = "webhook_secrets_full"
    detail = f"At most {MOST_SECRETS} secrets sign at once. Wait until the older ones expire, or add one without an overlap."


class WebhookDisabledError(ConflictError):
    """Nothing is sent to an endpoint that is disabled."""

    code = "webhook_endpoint_disabled"
    detail = "The endpoint is disabled. Enable it first."


def new_secret() -> str:
    """A secret as receivers keep it."""
    return SECRET_MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def message(event_type: str, changed_id: str, happened_at: datetime) -> bytes:
    """What is sent: which kind of thing changed, when, and its id; the same bytes in every attempt."""
    moment = happened_at.isoformat(timespec="milliseconds")[:23] + "Z"
    return json.dumps({"type": event_type, "timestamp": moment, "data": {"id": changed_id}}, separators=(",", ":")).encode()


def headers(message_id: str, at: datetime, body: bytes, held: Iterable[str]) -> Mapping[str, str]:
    """What goes before a message: its id, when this attempt is made, and a signature by each secret that is held."""
    seconds = str(int(at.timestamp()))
    return {
        "content-type": "application/json",
        "user-agent": "Rekindle-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signature(secret, message_id, seconds, body) for secret in held),
    }


def _signature(secret: str, message_id: str, seconds: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    signed = b".".join([message_id.encode(), seconds.encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def wait_after(failures: int, chance: float) -> timedelta | None:
    """How long to wait after so many failed attempts; None when there were enough. `chance` is a draw from 0 to 1."""
    return WAITS[failures - 1] * (1 + LONGEST_JITTER * chance) if failures <= len(WAITS) else None


def reason_to_stop(outcome: str, failing_for: timedelta, longest: timedelta) -> str | None:
    """Why nothing more is sent to an endpoint after such an outcome; None where it goes on."""
    if outcome == "gone":
        return "gone"
    return "failing" if failing_for >= longest else None
