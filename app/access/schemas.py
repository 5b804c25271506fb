"""The wire shapes of callers and their sign-ins."""

from typing import Annotated

from pydantic import Field

from app.core.ids import ClinicId, CredentialId, MemberId, SignInId
from app.core.schemas import Moment, Schema

Login = Annotated[str, Field(min_length=1, max_length=128, strict=True)]
Secret = Annotated[str, Field(min_length=1, max_length=1_024, strict=True)]


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


class SignInCreate(Schema):
    """What proves who a member is."""

    clinic_id: ClinicId | None = Field(default=None, description="The member's clinic; not needed where there is only one.")
    password: PasswordProof = Field(description="The proof is a password.")


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
