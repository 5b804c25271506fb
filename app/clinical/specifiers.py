"""What is said of a sexual dysfunction beside its code: when it began, where it happens, how bad it is, what contributes."""

from collections.abc import Mapping
from typing import Final, Literal

from app.clinical.concern import Coded, CodeStatus
from app.clinical.concerns import CONCERNS

Onset = Literal["lifelong", "acquired"]
Context = Literal["generalized", "situational"]
Severity = Literal["mild", "moderate", "severe"]
Factor = Literal[
    "medical_condition",
    "psychological_behavioural",
    "substance_medication",
    "lack_of_knowledge",
    "relationship",
    "cultural",
]

# The aetiological considerations of ICD-11, HA40; recalled, and one to one the factors a therapist names.
FACTORS: Final[Mapping[Factor, str]] = {
    "medical_condition": "Medical condition, injury, surgery or radiation (ICD-11 HA40.0)",
    "psychological_behavioural": "Psychological or behavioural factors (ICD-11 HA40.1)",
    "substance_medication": "Psychoactive substance or medication (ICD-11 HA40.2)",
    "lack_of_knowledge": "Lack of knowledge or experience (ICD-11 HA40.3)",
    "relationship": "Relationship factors (ICD-11 HA40.4)",
    "cultural": "Cultural factors (ICD-11 HA40.5)",
}
# The last digit of ICD-11's dysfunctions; the pattern is recalled, and every code made from it says so.
DIGIT: Final[Mapping[tuple[Onset, Context], str]] = {
    ("lifelong", "generalized"): "0",
    ("lifelong", "situational"): "1",
    ("acquired", "generalized"): "2",
    ("acquired", "situational"): "3",
}
DIGIT_STATUS: Final[CodeStatus] = "recalled_medium"
# Dysfunctions take the digit; aetiology (HA40), and what is other specified or unspecified (Y, Z), do not.
TAKES_DIGIT: Final = ("HA00", "HA01.0", "HA01.1", "HA02.0", "HA03.0", "HA03.1", "HA20")
SURE: Final[frozenset[CodeStatus]] = frozenset({"verified", "recalled_high"})


def suggested_icd11(slug: str, onset: Onset, context: Context) -> tuple[Coded, ...]:
    """ICD-11 codes of a concern with the digit of its onset and context; empty where the catalogue is not sure of the code.

    None is surer than `recalled_medium`: look it up before it is used.
    """
    concern = CONCERNS.get(slug)
    known = () if concern is None else concern.icd11
    return tuple(
        Coded(f"{coded.code}{'' if '.' in coded.code else '.'}{DIGIT[onset, context]}", DIGIT_STATUS)
        for coded in known
        if coded.status in SURE and coded.code in TAKES_DIGIT
    )
