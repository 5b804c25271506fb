"""Which codes a diagnosis can have: their form in each system, what the catalogue knows exactly, and which tell of violence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.clinical.concern import CodeStatus, Concern, Domain
from app.clinical.concerns import CONCERNS, EXCLUDES1, in_family

System = Literal["icd10cm", "icd11", "dsm5tr", "snomed"]
SYSTEMS: Final[Mapping[System, str]] = {
    "icd10cm": "ICD-10-CM, written with its dot",
    "icd11": "ICD-11 MMS, stem codes joined by / and extensions by &",
    "dsm5tr": "DSM-5-TR, by its ICD-10-CM code",
    "snomed": "SNOMED CT concept id",
}

_ICD10CM: Final = re.compile(r"[A-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?")
_LETTER: Final = "A-HJ-NP-Z"  # ICD-11 leaves out I and O, which look like 1 and 0
_STEM: Final = rf"(?!X)[1-9{_LETTER}][{_LETTER}][0-9][0-9{_LETTER}](\.[0-9{_LETTER}]{{1,2}})?"
_EXTENSION: Final = rf"X[0-9{_LETTER}]{{3,5}}"
_ICD11: Final = re.compile(rf"{_STEM}([/&]{_STEM}|&{_EXTENSION})*")
_SNOMED: Final = re.compile(r"[1-9][0-9]{2,14}[01]0[0-9]")  # the two digits before the last say that it is a concept

_EVERY: Final = frozenset(code for concern in CONCERNS.values() for code in concern.icd10cm)
_STEMS: Final = frozenset(
    code.rstrip("-").rstrip(".")
    for code in (*_EVERY, *(side for rule in EXCLUDES1 for side in (rule.first, rule.second)))
    if code.endswith("-")
)
KNOWN: Final = tuple(sorted(code for code in _EVERY if not code.endswith("-")))
# Of these the catalogue holds every billable code there is; of others a code it does not hold may well exist.
WHOLE: Final = ("F52.-", "N53.1-", "N94.1-", "N94.81-")
# Codes that were not looked up in the tabular list of the April 2026 release, as all others were.
RECALLED: Final[Mapping[str, CodeStatus]] = {"Z31.-": "recalled_high"}
# Maltreatment, services for its victims and perpetrators, its history, who did it. ICD-11 by what is recalled: rather too wide.
VIOLENCE: Final = ("T74.-", "T76.-", "Z69.-", "Z91.41-", "Y07.-")
VIOLENCE_ICD11: Final = ("PJ2", "QE51.1")


@dataclass(frozen=True)
class Flaw:
    """Why a code cannot stand: a stable code and a sentence, which holds nothing but what the catalogue knows."""

    code: str
    sentence: str


def status_of(icd10cm: str) -> CodeStatus:
    """How sure the catalogue is of one of its ICD-10-CM codes."""
    return RECALLED.get(icd10cm, "verified")


def is_billable(icd10cm: str) -> bool:
    """Whether a code of the catalogue can stand on a claim; a category or a family cannot."""
    return not icd10cm.endswith("-") and not _is_category(icd10cm)


def billable_below(category: str) -> tuple[str, ...]:
    """The billable codes under a category, as far as the catalogue knows them."""
    return tuple(known for known in KNOWN if known != category and known.startswith(category))


def flaw_of(system: System, code: str) -> Flaw | None:
    """What is wrong with a code by itself, or None."""
    if system == "icd11":
        return None if _ICD11.fullmatch(code) else _malformed(system)
    if system == "snomed":
        return None if _SNOMED.fullmatch(code) and _verhoeff(code) else _malformed(system)
    if not _ICD10CM.fullmatch(code):
        return _malformed(system)
    return _flaw_of_icd10cm(code) or (_flaw_in_dsm5tr(code) if system == "dsm5tr" else None)


def flaw_of_link(system: System, code: str, slug: str) -> Flaw | None:
    """What is wrong with filing a code under a concern, or None: the catalogue may know it as one of other concerns only."""
    owners = [concern.slug for concern in CONCERNS.values() if code in _codes(concern, system)]
    if not owners or slug in owners:
        return None
    return Flaw("code_of_another_concern", f"The catalogue files this code under: {', '.join(owners)}.")


def is_known(system: System, code: str) -> bool:
    """Whether the catalogue holds exactly this code."""
    return any(code in _codes(concern, system) for concern in CONCERNS.values())


def tells_of_violence(system: System, code: str, slug: str | None) -> bool:
    """Whether a diagnosis lets violence be inferred, by its code or by the concern it is filed under."""
    if slug is not None and CONCERNS[slug].domain is Domain.SAFETY:
        return True
    if system == "icd11":
        return any(part.startswith(VIOLENCE_ICD11) for part in re.split("[/&]", code))
    return system != "snomed" and any(in_family(code, family) for family in VIOLENCE)


def _codes(concern: Concern, system: System) -> tuple[str, ...]:
    if system in {"icd10cm", "dsm5tr"}:
        return concern.icd10cm
    return tuple(coded.code for coded in (concern.icd11 if system == "icd11" else concern.snomed))


def _flaw_of_icd10cm(code: str) -> Flaw | None:
    if _is_category(code):
        below = billable_below(code)
        told = f" Billable below it, as far as the catalogue knows: {', '.join(below)}." if below else ""
        return Flaw("code_not_billable", f"This is a category of ICD-10-CM, which no claim may carry.{told}")
    longer = any(code != known and code.startswith(known) for known in KNOWN)
    missing = code not in KNOWN and any(in_family(code, family) for family in WHOLE)
    return Flaw("code_unknown", "ICD-10-CM has no such code.") if longer or missing else None


def _is_category(code: str) -> bool:
    # A code with subdivisions is never billable itself: this follows from the codes below it, without a list to keep.
    return code in _STEMS or bool(billable_below(code))


def _flaw_in_dsm5tr(code: str) -> Flaw | None:
    owners = [concern for concern in CONCERNS.values() if concern.diagnosable and code in concern.icd10cm]
    if not owners or any(code in concern.dsm5tr_codes for concern in CONCERNS.values()):
        return None
    instead = sorted({used for concern in owners for used in concern.dsm5tr_codes})
    told = f" DSM-5-TR uses: {', '.join(instead)}." if instead else ""
    return Flaw("code_not_in_dsm5tr", f"DSM-5-TR has no diagnosis with this code.{told}")


def _malformed(system: System) -> Flaw:
    examples = {"icd10cm": "F52.31", "icd11": "HA02.0", "dsm5tr": "F52.31", "snomed": "60103007"}
    return Flaw("code_malformed", f"A code of {SYSTEMS[system]}, has the form of {examples[system]}.")


def _verhoeff(number: str) -> bool:
    """Whether the last digit is the check digit of the others (Verhoeff 1969, as SNOMED CT uses it)."""
    check = 0
    for place, digit in enumerate(int(digit) for digit in reversed(number)):
        turned = digit
        for _ in range(place % 8):
            turned = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[turned]
        check = _times(check, turned)
    return check == 0


def _times(a: int, b: int) -> int:
    # the product of two elements of the dihedral group of ten
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5
