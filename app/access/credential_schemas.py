"""The wire shapes of what opens the door."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from app.core.ids import CredentialId, IdentityId, IntegrationId, MemberId, OAuthClientId
from app.core.schemas import Moment, Schema

Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[!-~]+$", strict=True)]


class KeyCreate(Schema):
    """A key to be issued."""

    days: Annotated[int, Field(ge=1, le=90, strict=True)] = Field(
        default=90, description="Days it lives; 90 at most.", examples=[90]
    )


class CredentialRead(Schema):
    """A key, without its secret."""

    id: CredentialId
    member_id: MemberId | None = Field(description="Its holder, if that is a member.")
    integration_id: IntegrationId | None = Field(description="Its holder, if that is an integration.", examples=[None])
    created_at: Moment = Field(description="When it was issued.")
    expires_at: Moment = Field(description="When it ends.")
    last_used_at: Moment | None = Field(description="When it was last used, give or take five minutes.")
    revoked_at: Moment | None = Field(description="When it was revoked, if it was.", examples=[None])


class KeyMade(CredentialRead):
    """A new key, told this once."""

    key: str = Field(
        description="Send it as `Authorization: Bearer <key>`.",
        examples=["rk_demo_" + "0" * 43 + "_" + "0" * 43 + "_000000"],
    )


class IdentityCreate(Schema):
    """Whom a provider means by a member."""

    issuer: Name = Field(
        description="`iss` of the provider, letter by letter.", examples=["https://id.example.org/realms/care"]
    )
    subject: Name = Field(
        description="What the provider calls the member for ever; no e-mail address, which may change hands.",
        examples=["f3b2c1d0-7a41"],
    )


class IdentityRead(IdentityCreate):
    """A provider's name for a member."""

    id: IdentityId
    member_id: MemberId
    bound_at: Moment = Field(description="When it was bound.")


class ClientCreate(Schema):
    """Public keys of an integration, or where they are: one of the two."""

    jwks: dict[str, Any] | None = Field(default=None, description="A JSON Web Key Set with public keys alone.", examples=[None])
    jwks_url: str | None = Field(
        default=None,
        max_length=2_000,
        pattern=r"^https://[!-~]+$",
        description="Where the integration publishes its key set; the better of the two, for it can change keys there.",
        examples=["https://ehr.example.org/keys"],
    )

    @model_validator(mode="after")
    def one_source(self) -> Self:
        """Exactly one."""
        if (self.jwks is None) == (self.jwks_url is None):
            raise ValueError("give jwks or jwks_url")
        return self


class ClientRead(Schema):
    """A client of an integration."""

    id: OAuthClientId
    integration_id: IntegrationId
    client_id: str = Field(description="`iss` and `sub` of its assertions.", examples=["rkc_" + "0" * 43])
    jwks_url: str | None = Field(description="Where its keys are, unless they were given.")
    created_at: Moment = Field(description="When it was registered.")
    revoked_at: Moment | None = Field(description="When it was revoked, if it was.", examples=[None])
