"""What the token endpoint answers."""

from typing import Final

from pydantic import Field

from app.core.schemas import Schema

SENTENCES: Final = {
    "invalid_request": "Send grant_type, client_assertion_type and client_assertion once each, as a form.",
    "unsupported_grant_type": "The grant is client_credentials.",
    "invalid_client": "The client assertion proves no client: it is wrong, expired, used before, or its client is not known.",
    "invalid_scope": "The integration has nothing of one of the scopes; ask without `scope` to be told all that it has.",
    "temporarily_unavailable": "Too many requests, or the client's keys cannot be fetched now. Try again later.",
    "server_error": "The service failed; nothing was stored.",
}


class TokenMade(Schema):
    """A token of five minutes (RFC 6749 section 5.1)."""

    access_token: str = Field(
        description="Send it as `Authorization: Bearer <token>`.",
        examples=["rkt_demo_" + "0" * 43 + "_" + "0" * 43 + "_000000"],
    )
    token_type: str = Field(description="Always `bearer`.", examples=["bearer"])
    expires_in: int = Field(description="Seconds it lives.", examples=[300])
    scope: str = Field(
        description="What it may do, separated by spaces: of SMART scopes as much of what was asked for as is held.",
        examples=["couples:read system/Observation.rs"],
    )


class TokenRefusal(Schema):
    """Why there is no token (RFC 6749 section 5.2)."""

    error: str = Field(
        description="Switch on it: one of " + ", ".join(f"`{code}`" for code in SENTENCES) + ".", examples=["invalid_client"]
    )
    error_description: str = Field(description="A sentence for people.", examples=[SENTENCES["invalid_client"]])
