"""What a psychotherapy note refuses to hold, because it would be the record's; checked by its form alone.

45 CFR 164.501 leaves out of psychotherapy notes: medication, session start and stop times, modality and frequency, results of
clinical tests, and any summary of diagnosis, functional status, treatment plan, symptoms, prognosis and progress.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.clinical.measures import MEASURES
from app.clinical.protocols import PROTOCOLS
from app.errors import Fault, InvalidError


class BelongsToTheRecordError(InvalidError):
    """The text holds what the law counts to the ordinary record."""

    code = "belongs_to_the_record"
    detail = "Psychotherapy notes hold no scores, diagnoses, times, homework or ids; `errors` say which. Use a session note."


class GrantInvalidError(InvalidError):
    """The grant is to nobody who may have it, or for too long."""

    code = "psychotherapy_grant_invalid"
    detail = "Psychotherapy notes are shown to a supervisor on the couple's care team, for at most 90 days."


def _spelled(code: str) -> str:
    """How people write a measure's code: `phq9` as PHQ-9, PHQ 9 or phq9."""
    return r"[\s_-]?".join(re.findall(r"[a-z]+|[0-9]+", code))


_MEASURE: Final = "|".join(sorted((_spelled(code) for code in MEASURES), key=len, reverse=True))
_PROTOCOL: Final = "|".join(code for code in sorted(PROTOCOLS) if "_" in code)
_ID: Final = r"[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}"
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ICD11: Final = r"(?:[A-HJ-NP-Z1-9][A-HJ-NP-Z][0-9][0-9A-HJ-NP-Z]\.[0-9A-HJ-NP-Z]{1,2}|HA[0-9]{2}|GA34|6[A-E][0-9]{2})"
_ICD10: Final = r"(?:[A-TV-Z][0-9][0-9AB]\.[0-9A-Z]{1,4}|(?:F[0-9]|N[459]|R[36]|T7|Z[67])[0-9])"

RULES: Final[Mapping[str, tuple[re.Pattern[str], str]]] = MappingProxyType(
    {
        "holds_an_id": (
            re.compile(rf"\b(?:{_ID}|{_UUID})\b", re.IGNORECASE),
            "This text names a row of the record by its id.",
        ),
        "holds_a_diagnosis": (
            re.compile(rf"\b(?:{_ICD10}|{_ICD11})\b"),
            "This text holds the code of a diagnosis, which belongs to the record.",
        ),
        "holds_a_time": (
            re.compile(
                r"(?<![0-9:])(?:[01]?[0-9]|2[0-3])[:h][0-5][0-9](?![0-9])"
                r"|\b(?:1[0-2]|0?[1-9])\s?(?:am|pm|a\.m\.|p\.m\.)(?!\w)",
                re.IGNORECASE,
            ),
            "This text holds a time of the clock. When a session began and ended belongs to the record.",
        ),
        "holds_a_score": (
            re.compile(
                rf"\b(?:{_MEASURE})\b[^0-9\n]{{0,30}}[0-9]"
                r"|\b(?:scor(?:e|es|ed|ing)|raw\s+total|percentile|t-?score)\b[^0-9\n]{0,20}[0-9]"
                r"|\b[0-9]{1,3}\s?(?:out\s+of|points?\s+on)\s"
                r"|\b[0-9]{1,2}\s?/\s?(?:10|21|27|100)\b",
                re.IGNORECASE,
            ),
            "This text reads like the result of a measure. Results are part of the record.",
        ),
        "holds_homework": (
            re.compile(rf"\b(?:{_PROTOCOL})\b|\bstage\s+[0-9]", re.IGNORECASE),
            "This text names a stage or a protocol of homework, which belongs to the record.",
        ),
    }
)


def check_text(text: str) -> None:
    """Raises BelongsToTheRecordError with every rule the text breaks; the text itself is never repeated."""
    faults = tuple(Fault("/text", code, sentence) for code, (form, sentence) in RULES.items() if form.search(text))
    if faults:
        raise BelongsToTheRecordError(faults=faults)
