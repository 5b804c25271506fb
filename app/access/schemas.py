"""The wire shape of the caller."""

from pydantic import Field

from app.core.ids import ClinicId, CredentialId
from app.core.schemas import Schema


class Me(Schema):
    """Who the service takes you for."""

    clinic_id: ClinicId
    credential_id: CredentialId
    kind: str = Field(description="`member` or `integration`.", examples=["member"])
    role: str | None = Field(description="Role of a member; null for an integration.", examples=["therapist"])
    permissions: list[str] = Field(description="What you may do.", examples=[["couples:read", "couples:write"]])
