"""An integration with an endpoint at another machine, and what arrives there."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.access.permissions import Role
from app.core.ids import decode
from app.webhooks.relay import relay
from app.webhooks.sending import carry
from app.webhooks.telling import tell
from tests.conftest import Caller, Clinic
from tests.peer import Answer, Peer
from tests.safety.records import done

ENDPOINTS = "/v1/webhook-endpoints"
DELIVERIES = "/v1/webhook-deliveries"
PATH = "/hook"
OF_COUPLES = ("couple.changed", "couple.deleted")


def taken(_body: bytes) -> Answer:
    """What a receiver answers to what it takes."""
    return 204, {}, b""


@dataclass(frozen=True)
class Arrived:
    """One attempt as the receiver saw it."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """`webhook-id`."""
        return self.headers["webhook-id"]

    @property
    def told(self) -> tuple[str, str]:
        """The kind of change and the id."""
        message = json.loads(self.body)
        return message["type"], message["data"]["id"]


@dataclass
class Hooks:
    """A clinic whose software is told of changes."""

    clinic: Clinic
    away: Peer

    def __post_init__(self) -> None:
        runtime = self.clinic.app.state.runtime
        runtime.settings = runtime.settings.model_copy(update={"webhook_hosts": ("localhost",)})
        self.away.answers[PATH] = taken

    @property
    def runtime(self) -> Any:
        """What the service holds."""
        return self.clinic.app.state.runtime

    @property
    def url(self) -> str:
        """Where the receiver listens."""
        return self.away.address + PATH

    def endpoint(self, owner: Caller, types: Iterable[str] = OF_COUPLES, **more: Any) -> dict[str, Any]:
        """An endpoint of an integration, added by itself."""
        made: dict[str, Any] = done(owner.post(ENDPOINTS, json={"url": self.url, "event_types": list(types), **more}))
        return made

    def administrator(self) -> Caller:
        """Somebody at the desk who has just proved who they are."""
        return self.clinic.signed_in("ada", Role.ADMINISTRATOR)

    def answers(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        """What the receiver answers from now on."""
        self.away.answers[PATH] = lambda _body: (status, headers or {}, body)

    def tell(self) -> None:
        """The ledger is followed to its end."""
        while tell(self.runtime, self.clinic.id) is False:
            pass

    def pass_on(self, *endpoints: dict[str, Any]) -> list[Arrived]:
        """What is new is told and what is due is sent, here and now; what arrived by it."""
        before = len(self.away.asked)
        self.tell()
        for endpoint in endpoints:
            carry(self.runtime, self.clinic.id, decode("whe", endpoint["id"]))
        return self.arrived()[before:]

    def relay(self) -> None:
        """The chore as it runs by itself, with threads that go on beside it."""
        relay(self.runtime, self.clinic.id)

    def arrived(self) -> list[Arrived]:
        """Everything the receiver was sent."""
        return [
            Arrived({key.lower(): value for key, value in headers.items()}, body) for _, _, headers, body in self.away.asked
        ]

    def log(self, owner: Caller, **query: str) -> list[dict[str, Any]]:
        """What became of everything."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = done(owner.get(f"{DELIVERIES}?limit=200&{asked}".rstrip("&")), 200)["items"]
        return found

    def be_now(self) -> None:
        """The test's clock shows the time it really is, by which receivers judge how old a message is."""
        self.clinic.clock.moment = datetime.now(UTC)
