"""What a couple and its therapist agree on about what one partner says alone.

Both kinds of policy are in use, and either must be agreed on in writing beforehand (AAMFT Code 2.2; CAMFT 2.2). Whatever was
agreed is about speech: no policy moves a row of the record, and none reaches what was said about violence, pressure or fear.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class SecretsPolicy:
    """One way to treat what a partner says alone: its code, and what the therapist may say of it."""

    code: str
    name: str
    speech: str


POLICIES: Final = {
    policy.code: policy
    for policy in (
        SecretsPolicy(
            "no_secrets",
            "No secrets",
            "What one partner says alone may be brought into the joint work, when the therapist judges that the work needs it; "
            "first that partner is asked to say it themself.",
        ),
        SecretsPolicy(
            "limited_secrets",
            "Limited secrets",
            "What one partner says alone is kept, unless keeping it would make the joint work impossible; then the therapist "
            "asks that partner to say it, or ends the joint work without saying why.",
        ),
        SecretsPolicy(
            "full_individual_confidentiality",
            "Full individual confidentiality",
            "What one partner says alone is not brought to the other without that partner's own permission for it.",
        ),
    )
}
# Where nothing was agreed on, the code of ethics asks for permission first.
WITHOUT_AGREEMENT: Final = POLICIES["full_individual_confidentiality"]
NEVER: Final = (
    "Whatever was agreed: nothing said in a safety screen or about violence, pressure or fear is brought to the other partner, "
    "and no view, export or message shows the other partner more for it."
)
