"""Security labels: what a receiver is told about how private something is. They inform; scopes and compartments enforce.

Codes of HL7's v3-Confidentiality and v3-ActCode, version 2018-08-12, as R4 holds them. `DV` there is no violence, but a credit
card. What would bear V (very restricted) or PSYTHPN (psychotherapy notes) never leaves.
"""

from functools import cache
from typing import Final

from pydantic_core import to_json

CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SENSITIVITY: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
RESTRICTED: Final = {"system": CONFIDENTIALITY, "code": "R", "display": "restricted"}
SEX: Final = "SEX"
MH: Final = "MH"
DISPLAYS: Final = {
    SEX: "sexuality and reproductive health information sensitivity",
    MH: "mental health information sensitivity",
}


@cache
def coded(labels: tuple[str, ...]) -> list[dict[str, str]]:
    """Everything is restricted, and bears these sensitivities besides."""
    return [RESTRICTED, *({"system": SENSITIVITY, "code": one, "display": DISPLAYS[one]} for one in labels)]


@cache
def coded_text(labels: tuple[str, ...]) -> str:
    """The same as the text of its JSON."""
    return to_json(coded(labels)).decode()
