"""The ways into the service: each says what a request shows to get in, and looks up whose it is."""

from datetime import datetime
from hashlib import sha256
from typing import ClassVar, Final, Protocol

from starlette.requests import Request

from app.access import admission, keys
from app.access.actor import Actor
from app.access.service import reach_of
from app.core.crypto import Vault
from app.core.database import Reach, RecordSession
from app.core.idempotency import is_key
from app.errors import NotAllowedError, RekindleError, UnauthenticatedError


class Door(Protocol):
    """A way in. `refusals` are the errors it answers strangers with; `security` is what the API's document says of it."""

    refusals: ClassVar[tuple[type[RekindleError], ...]]
    security: ClassVar[list[dict[str, list[str]]]]

    def token(self, request: Request) -> str:
        """What the request shows."""
        ...

    def counted(self, request: Request) -> tuple[str, ...]:
        """Under which names the request counts before anybody is looked up."""
        ...

    def reach(self, token: str) -> Reach:
        """The clinic that a token claims, whether or not it opens."""
        ...

    def admit(self, session: RecordSession, vault: Vault, entry: "Entry", now: datetime) -> Actor:
        """Whose token it is, as they stand right now; raises one of `refusals`."""
        ...


class Entry(Protocol):
    """What a door needs to know of a request."""

    @property
    def token(self) -> str:
        """What the request shows."""
        ...

    @property
    def writes(self) -> bool:
        """Whether the request changes something."""
        ...

    @property
    def repeats(self) -> bool:
        """Whether the request may be the repetition of one that was answered."""
        ...


class KeyDoor:
    """Members and integrations send a key in the header `Authorization`."""

    refusals: ClassVar[tuple[type[RekindleError], ...]] = (UnauthenticatedError, NotAllowedError)
    security: ClassVar[list[dict[str, list[str]]]] = [{"key": []}]

    def token(self, request: Request) -> str:
        """The bearer token, or ''."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def counted(self, _request: Request) -> tuple[str, ...]:
        """None: keys are counted once their holder is known."""
        return ()

    def reach(self, token: str) -> Reach:
        """The clinic that the key names."""
        return reach_of(keys.read(token))

    def admit(self, session: RecordSession, _vault: Vault, entry: Entry, now: datetime) -> Actor:
        """The holder of the key or token. Raises UnauthenticatedError."""
        return admission.admit(session, keys.read(entry.token), now)


KEYS: Final = KeyDoor()


def is_repeatable(request: Request) -> bool:
    """Whether the request carries an Idempotency-Key that an earlier one may have carried."""
    return request.method == "POST" and is_key(request.headers.get("idempotency-key", ""))


def counted_as(kind: str, value: str) -> str:
    """A name to count under that does not keep the value itself."""
    return f"{kind} {sha256(value.encode()).hexdigest()}"
