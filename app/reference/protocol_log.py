"""What partners log after an exercise, and who sees each answer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

from app.clinical.check_ins import Done
from app.clinical.protocol import UNIVERSAL_FIELDS, LogField, Privacy, Protocol, Role
from app.reference.markdown import between, code, joined, link, listed, table

TEAM_AND_PARTNER: Final = "care team and this partner"
SEEN_BY: Final[Mapping[Privacy, str]] = MappingProxyType(
    {"individual": TEAM_AND_PARTNER, "conjoint": TEAM_AND_PARTNER, "safety": "care team alone"}
)
HEAD: Final = ("field", "what it asks", "answer", "needed if it took place", "who sees it")
ROLES: Final[Mapping[Role, str]] = MappingProxyType(
    {"each": "each partner", "practising": "the partner who practises", "accompanying": "the partner who accompanies"}
)


def own_log(protocol: Protocol) -> str:
    """What this protocol logs beside what every check-in asks."""
    general = link("what every check-in asks", "../protocols.md#what-every-check-in-asks")
    return joined(f"Beside {general}:", table(HEAD, map(_row, protocol.log_fields)))


def universal_log() -> str:
    """What is asked after every exercise."""
    told = (
        "Each partner answers alone, and the other is never shown it. Beside these a check-in says how the exercise was done "
        f"({listed([way.replace('_', ' ') for way in get_args(Done)], 'or')}), whether anything was against one's will (care "
        "team alone), what got in the way, and a note in one's own words."
    )
    seen = (
        "An integration with the scope `homework:read` sees what this partner sees, for both partners, and nothing that is for "
        "the care team alone."
    )
    return joined(told, table(HEAD, map(_row, UNIVERSAL_FIELDS)), seen)


def _row(field: LogField) -> tuple[str, ...]:
    asked = field.description + ("" if field.asked_of == "each" else f" (Asked of {ROLES[field.asked_of]}.)")
    return code(field.code), asked, _answer(field), "yes" if field.required else "", SEEN_BY[field.privacy]


def _answer(field: LogField) -> str:
    match field.kind:
        case "boolean":
            return "yes or no"
        case "choice":
            return listed([choice.replace("_", " ") for choice in field.choices], "or")
        case "text":
            return "words"
        case "integer" | "number":
            return "number" if field.low is None or field.high is None else between(field.low, field.high)
