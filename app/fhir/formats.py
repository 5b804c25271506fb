"""In which format an answer leaves: JSON, by whichever of its names the client asked for; any other is refused."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.fhir.rules import FormatUnknownError

FHIR_JSON: Final = "application/fhir+json"
PLAIN_JSON: Final = "application/json"
# What is said of JSON, in `_format` with and without a `+` that was not escaped, and the type that is then answered.
NAMES: Final = {
    "json": FHIR_JSON,
    FHIR_JSON: FHIR_JSON,
    "application/fhir json": FHIR_JSON,
    PLAIN_JSON: PLAIN_JSON,
    "text/json": PLAIN_JSON,
}
# Ranges of `Accept` besides; lines of JSON are what files of a bulk export are made of.
RANGES: Final = NAMES | dict.fromkeys(
    ("*/*", "application/*", "application/fhir+ndjson", "application/ndjson", "application/x-ndjson"), FHIR_JSON
)
VERSION: Final = "4.0"


def wanted(accept: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The media type of the answer: by `_format` where the address has it, else by `Accept`. Raises FormatUnknownError."""
    asked = [value for name, value in pairs if name == "_format"]
    if asked:
        return named(asked[0])
    ranges = [_read(one) for one in accept.split(",") if one.strip()]
    fitting = [(weight, media_type) for weight, media_type in ranges if weight > 0 and media_type]
    if ranges and not fitting:
        raise FormatUnknownError
    return max(fitting, key=lambda one: one[0])[1] if fitting else FHIR_JSON


def named(text: str) -> str:
    """The media type that a value of `_format` means. Raises FormatUnknownError."""
    media_type, said = parts(text)
    if media_type not in NAMES or not is_r4(said):
        raise FormatUnknownError
    return NAMES[media_type]


def parts(text: str) -> tuple[str, dict[str, str]]:
    """A media type and what is said with it, in small letters."""
    media_type, *rest = (part.strip().lower() for part in text.split(";"))
    return media_type, {name.strip(): value.strip().strip('"') for name, _, value in (one.partition("=") for one in rest)}


def is_r4(said: Mapping[str, str]) -> bool:
    """Whether what is said with a media type is of the version of FHIR that is spoken here, or names none."""
    return said.get("fhirversion", VERSION).startswith(VERSION)


def _read(text: str) -> tuple[float, str]:
    """How much a range of `Accept` is wanted, and what is answered to it; nothing to one that is not had here."""
    media_range, said = parts(text)
    if not is_r4(said):
        return 0, ""
    try:
        return float(said.get("q", "1")), RANGES.get(media_range, "")
    except ValueError:
        return 1, RANGES.get(media_range, "")
