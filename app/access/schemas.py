"""The wire shapes of callers and their sign-ins."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from app.core.ids import ClinicId, CredentialId, MemberId, SignInId
from app.core.schemas import Flag, Moment, Schema

Login = Annotated[str, Field(min_length=1, max_length=128, strict=True)]
Secret = Annotated[str, Field(min_length=1, max_length=1_024, strict=True)]

ProviderName = Annotated[
    str,
    Field(
        min_length=1, max_length=32, strict=True, description="The provider, as the operator named it.", examples=["hospital"]
    ),
]
Address = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[!-~]+$", strict=True)]


class Me(Schema):
    """Who the service takes you for."""

    clinic_id: ClinicId
    credential_id: CredentialId
    kind: str = Field(description="`member` or `integration`.", examples=["member"])
    role: str | None = Field(description="Role of a member; null for an integration.", examples=["therapist"])
    permissions: list[str] = Field(description="What you may do.", examples=[["couples:read", "couples:write"]])
    proven_at: Moment | None = Field(
        description="When you last proved strongly who you are; null with a key, which alone never proves.", examples=[None]
    )


class PasswordProof(Schema):
    """A member's login and password."""

    login: Login = Field(description="How the clinic knows the member.", examples=["anna"])
    password: Secret = Field(description="The member's password.", examples=["towels on the bed, laughing"])


class ProviderProof(Schema):
    """What a provider gave a member who signed in there: a code to be exchanged, or an ID token."""

    provider: ProviderName
    ticket: str = Field(max_length=200, description="The ticket of the sign-in that was begun.", examples=["AAAA"])
    redirect_uri: Address | None = Field(
        default=None, description="The one it was begun with, if any was told.", examples=[None]
    )
    code: str | None = Field(
        default=None, max_length=4_096, description="`code` as it came back, with `state`.", examples=["c0de"]
    )
    state: str | None = Field(default=None, max_length=200, description="`state` as it came back.", examples=["AAAA"])
    id_token: str | None = Field(
        default=None,
        max_length=8_192,
        description="Instead of a code: an ID token that was asked for with the ticket's nonce.",
        examples=[None],
    )

    @model_validator(mode="after")
    def one_of_two(self) -> Self:
        """A code with its state, or an ID token."""
        if (self.code is None) == (self.id_token is None) or (self.code is None) != (self.state is None):
            raise ValueError("give code and state, or id_token")
        return self


class SignInCreate(Schema):
    """What proves who a member is: one of two."""

    clinic_id: ClinicId | None = Field(default=None, description="The member's clinic; not needed where there is only one.")
    password: PasswordProof | None = Field(default=None, description="The proof is a password.")
    provider: ProviderProof | None = Field(default=None, description="The proof is a provider's.", examples=[None])

    @model_validator(mode="after")
    def one_proof(self) -> Self:
        """Exactly one."""
        if (self.password is None) == (self.provider is None):
            raise ValueError("give password or provider")
        return self


class SignInBegin(Schema):
    """A sign-in with a provider, before the member is sent there."""

    clinic_id: ClinicId | None = Field(default=None, description="The member's clinic; not needed where there is only one.")
    provider: ProviderName
    redirect_uri: Address | None = Field(
        default=None,
        description="Where the provider sends the member back to: one the operator listed; the first unless told.",
        examples=[None],
    )
    fresh: Flag = Field(
        default=False, description="Whether the member must prove themselves anew, for what needs a recent proof."
    )


class SignInBegun(Schema):
    """Where to send the member, and what to keep until they come back."""

    authorization_url: str = Field(
        description="Send the member's browser here.",
        examples=["https://id.example.org/authorize?response_type=code&client_id=rekindle"],
    )
    ticket: str = Field(
        description="Keep it where only this browser has it, and send it with what comes back.", examples=["AAAA"]
    )
    nonce: str = Field(description="For a client that asks the provider by itself for an ID token.", examples=["AAAA"])
    expires_at: Moment = Field(description="When the ticket ends.")


class SignInRead(Schema):
    """A sign-in that still opens, without its token."""

    id: SignInId
    member_id: MemberId
    method: str = Field(description="How the member proved who they are: `password` or `provider`.", examples=["password"])
    proven_at: Moment | None = Field(description="When they did so strongly; null when it was not strong.")
    created_at: Moment = Field(description="When it began.")
    last_used_at: Moment = Field(description="When it was last used, give or take a tenth of `idle_seconds`.")
    idle_seconds: int = Field(description="It ends when it is not used for so many seconds.", examples=[900])
    expires_at: Moment = Field(description="When it ends in any case.")


class SignInMade(SignInRead):
    """A new sign-in with its token, which is told this once."""

    token: str = Field(
        description="Send it as `Authorization: Bearer <token>`.",
        examples=["rks_demo_" + "0" * 43 + "_" + "0" * 43 + "_000000"],
    )


class SignIns(Schema):
    """One's own sign-ins."""

    items: list[SignInRead] = Field(description="Those that still open, oldest first.")
