"""How measures and answers are said in FHIR, and read back: pure functions in both directions.

- Item 3 is `linkId` `3` in one flat list: `link_id`, `number_of`.
- Measure `csfq14_f`, version 1, is `<base>/Questionnaire/csfq14-f|1` (a FHIR id takes no `_`): `canonical`, `measure_of`.
- An administration's external id `EHR-1` is an identifier of the system `<base>/sid/administration`, and `urn:ehr|1` one of the
  system `urn:ehr`: `identifier`, `external_id`.
- Answer 2 on a scale of at most ten whole numbers is a `valueCoding` of the system `<base>/CodeSystem/answer` with code `2`; 40
  on a longer one is a `valueInteger`, 6.3 on a line a `valueDecimal`: `asks`, `answer`, `read_answer`.
- The reason `declined` of no answer is an extension data-absent-reason `asked-declined` of the item: `answered`, `read_item`.

What is read is read leniently: a number may come as any of the four types that can say it. Whether the measure takes it, its
own checks say.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from app.clinical.measure import Item, Measure
from app.clinical.measures import MEASURES
from app.forms.questionnaire_parts import ORDINAL_VALUE

Json = dict[str, Any]
Asks = Literal["choice", "integer", "decimal"]

# Screens for violence are of the safety compartment: neither they nor their scores are in FHIR.
SHOWN: Final[Mapping[str, Measure]] = {code: one for code, one in sorted(MEASURES.items()) if one.kind != "safety_screen"}
QUESTIONNAIRE: Final = "Questionnaire"
ANSWERS: Final = "CodeSystem/answer"
ADMINISTRATION: Final = "sid/administration"
MOST_CHOICES: Final = 10
ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
# Codes of R4's data-absent-reason for why an item has no answer. `not-applicable` is a value that cannot be, and `unknown`
# one that should be: who skipped a question was asked, and said nothing.
ABSENT_BECAUSE: Final[Mapping[str, str]] = {
    "no_activity": "not-applicable",
    "declined": "asked-declined",
    "not_asked": "not-asked",
    "skipped": "unknown",
}
BECAUSE_ABSENT: Final = {told: reason for reason, told in ABSENT_BECAUSE.items()} | {"asked-unknown": "skipped"}
NUMBER: Final = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?")
LINK_ID: Final = re.compile(r"[1-9][0-9]{0,2}")


def link_id(number: int) -> str:
    """The `linkId` of an item."""
    return str(number)


def number_of(link_id: object) -> int | None:
    """The number of the item that a `linkId` names; None for what names none."""
    return int(link_id) if isinstance(link_id, str) and LINK_ID.fullmatch(link_id) else None


def questionnaire_id(code: str) -> str:
    """The id of a measure's Questionnaire; of two measures it is never the same, as no code holds a hyphen."""
    return code.replace("_", "-")


def questionnaire_url(base: str, code: str) -> str:
    """Where a measure's Questionnaire is, and its canonical address without a version."""
    return f"{base}/{QUESTIONNAIRE}/{questionnaire_id(code)}"


def canonical(base: str, code: str, version: str) -> str:
    """The canonical address of one version of a measure."""
    return f"{questionnaire_url(base, code)}|{version}"


def measure_of(base: str, canonical: object) -> tuple[str, str | None] | None:
    """Code and version of the measure that a canonical address or a reference means; the version is None where none is told.

    None for what is no measure of the catalogue, or a screen of safety.
    """
    if not isinstance(canonical, str):
        return None
    address, _, version = canonical.partition("|")
    code = address.removeprefix(base + "/").removeprefix(QUESTIONNAIRE + "/").replace("-", "_")
    return (code, version or None) if code in SHOWN else None


def identifier(base: str, external_id: str) -> dict[str, str]:
    """The identifier of an administration: its number in the software that sent it, and the system that the number is of."""
    system, bar, value = external_id.rpartition("|")
    if bar and ":" in system and value:
        return {"system": system, "value": value}
    return {"system": f"{base}/{ADMINISTRATION}", "value": external_id}


def external_id(base: str, system: str | None, value: str) -> str:
    """The external id that an identifier means: what `identifier` says of it again. At most 128 visible ASCII are kept."""
    return value if system in {None, "", f"{base}/{ADMINISTRATION}"} else f"{system}|{value}"


def asks(item: Item) -> Asks:
    """Of which type an item's question is; whatever words a form has, it stays the same."""
    if item.step != 1:
        return "decimal"
    return "choice" if item.high - item.low < MOST_CHOICES else "integer"


def choices(item: Item) -> range:
    """The answers of an item that asks for a choice, lowest first."""
    return range(int(item.low), int(item.high) + 1)


def coding(base: str, value: float) -> dict[str, Any]:
    """An answer that is chosen, as a coding."""
    return {"system": f"{base}/{ANSWERS}", "code": f"{value:g}"}


def answer(base: str, item: Item | None, value: float) -> Json:
    """An answer, as it was given. An item that a measure no longer has is told as the number alone."""
    match "decimal" if item is None else asks(item):
        case "choice":
            return {"valueCoding": coding(base, value)}
        case "integer":
            return {"valueInteger": int(value)}
        case _:
            return {"valueDecimal": value}


def read_answer(told: Mapping[str, Any]) -> float | None:
    """The number that an answer says: by its value, by a coding's ordinal value, or by a code or text that is a number.

    A whole number is an int. None for what says no number, and for what says two.
    """
    if sum(name.startswith("value") for name in told) > 1:
        return None
    value = told.get("valueInteger", told.get("valueDecimal"))
    if value is None and isinstance(told.get("valueCoding"), dict):
        value = _coded(told["valueCoding"])
    if value is None and isinstance(told.get("valueString"), str):
        value = _spelled(told["valueString"].strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _coded(coding: Mapping[str, Any]) -> Any:
    extensions = coding.get("extension")
    for one in extensions if isinstance(extensions, list) else ():
        if isinstance(one, dict) and one.get("url") == ORDINAL_VALUE:
            return one.get("valueDecimal")
    return _spelled(coding.get("code"))


def _spelled(text: object) -> float | None:
    return float(text) if isinstance(text, str) and NUMBER.fullmatch(text) else None


def answered(base: str, measure: Measure | None, number: int, value: float | None, reason: str | None) -> Json | None:
    """An item of a response; None for one that may stay empty and did. A reason beside an answer says what the answer says."""
    told: Json = {"linkId": link_id(number)}
    if value is not None:
        told["answer"] = [answer(base, None if measure is None else measure.item(number), value)]
    elif reason is not None:
        told["extension"] = [{"url": ABSENT, "valueCode": ABSENT_BECAUSE.get(reason, "unknown")}]
    else:
        return None
    return told


def read_item(told: Mapping[str, Any]) -> tuple[float | None, str | None] | None:
    """Answer and reason that an item says; both are None where it says neither. None for what is no answer at all."""
    given = told.get("answer")
    if given is None or given == []:
        return None, _reason(told)
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        return None
    value = read_answer(given[0])
    return None if value is None else (value, None)


def _reason(told: Mapping[str, Any]) -> str | None:
    extensions = told.get("extension")
    codes = [
        one.get("valueCode")
        for one in (extensions if isinstance(extensions, list) else ())
        if isinstance(one, dict) and one.get("url") == ABSENT
    ]
    return next((BECAUSE_ABSENT[code] for code in codes if isinstance(code, str) and code in BECAUSE_ABSENT), None)
