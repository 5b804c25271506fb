"""Whose a bearer token is: a key, the token of a sign-in, or the token of a client."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from app.access import clients, service, sign_ins
from app.access.actor import Actor
from app.access.keys import Form, Key
from app.core.database import RecordSession
from app.errors import UnauthenticatedError

HOLDERS: Final[dict[Form, Callable[[RecordSession, Key, datetime], Actor]]] = {
    Form.KEY: service.authenticate,
    Form.SIGN_IN: sign_ins.admit,
    Form.ACCESS: clients.admit,
}


def admit(session: RecordSession, key: Key | None, now: datetime) -> Actor:
    """Who sent it, as they stand right now; raises UnauthenticatedError for whatever reason it does not open."""
    if key is None:
        raise UnauthenticatedError
    return HOLDERS[key.form](session, key, now)
