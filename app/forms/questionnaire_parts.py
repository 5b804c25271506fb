"""The small parts of a FHIR R4 Questionnaire: options with their numbers, extensions, and what does not map."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.errors import Fault
from app.forms.wording import LONGEST_LABEL, MOST_OPTIONS, Option, text_fault, whole_if_whole

CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
SDC: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
ORDINAL_VALUE: Final = f"{CORE}ordinalValue"
ITEM_CONTROL: Final = f"{CORE}questionnaire-itemControl"
CONTROL_CODES: Final = "http://hl7.org/fhir/questionnaire-item-control"
BOUNDS: Final = {f"{CORE}minValue": "low", f"{CORE}maxValue": "high"}
LOWER, UPPER = "lower", "upper"
# An extension may be passed over, unless it decides whether a question is asked or answers it in someone's place.
BEHAVIOUR: Final = {
    f"{CORE}questionnaire-hidden",
    f"{CORE}questionnaire-optionExclusive",
    f"{SDC}enableWhenExpression",
    f"{SDC}calculatedExpression",
    f"{SDC}initialExpression",
    f"{SDC}answerExpression",
}
MAPPED: Final = {"linkId", "type", "text", "item", "answerOption", "extension"}
PASSED_OVER: Final = {"id", "definition", "code", "prefix", "required", "maxLength"}
HARMLESS_WHEN_FALSE: Final = {"repeats", "readOnly"}
NOT_MAPPED: Final = ("enableWhen", "enableBehavior", "answerValueSet", "initial", "repeats", "readOnly", "modifierExtension")
NUMBER: Final = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?")


def list_of(node: Mapping[str, Any], name: str, at: str, faults: list[Fault], *, required: bool = True) -> list[Any]:
    """A list of the document; anything else is a fault and no list."""
    found = node.get(name)
    if isinstance(found, list) and (found or not required):
        return found
    if required or found is not None:
        faults.append(Fault(f"{at}/{name}", "required", "A list is needed here, with something in it."))
    return []


def extra_elements(item: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """Elements of an item that would change what is asked and have no place in a form of ours."""
    for name, value in item.items():
        known = name in MAPPED or name in PASSED_OVER or name.startswith("_")
        if not known and not (name in HARMLESS_WHEN_FALSE and value is False):
            place = name if name in NOT_MAPPED else "*"  # an unknown name came from the caller and is not repeated
            yield Fault(f"{at}/{place}", "not_mapped", "A form here cannot say this.")
    if "answerOption" in item and item.get("type") in ("group", "display"):
        yield Fault(f"{at}/answerOption", "not_mapped", "Only a question has answers.")


def behaviour_faults(node: Mapping[str, Any], at: str) -> Iterator[Fault]:
    """Extensions that may not be passed over."""
    if "modifierExtension" in node and "resourceType" in node:
        yield Fault(f"{at}/modifierExtension", "not_mapped", "A form here cannot say this.")
    for index, extension in enumerate(extensions(node)):
        if url_of(extension) in BEHAVIOUR:
            yield Fault(f"{at}/extension/{index}", "not_mapped", "A form here cannot say this.")


def extensions(node: Any) -> list[dict[str, Any]]:
    """The extensions of an element, as far as they are any."""
    found = node.get("extension") if isinstance(node, dict) else None
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else []


def url_of(extension: Mapping[str, Any]) -> str:
    """What an extension is."""
    found = extension.get("url")
    return found if isinstance(found, str) else ""


def bounds_of(item: Mapping[str, Any]) -> dict[str, float]:
    """The ends of a scale that an item tells, as `low` and `high`."""
    told = {BOUNDS[url_of(one)]: _number(one) for one in extensions(item) if url_of(one) in BOUNDS}
    return {name: value for name, value in told.items() if value is not None}


def control_of(item: Mapping[str, Any]) -> str | None:
    """The code of an item's control, such as `lower`."""
    for extension in extensions(item):
        concept = extension.get("valueCodeableConcept")
        if url_of(extension) == ITEM_CONTROL and isinstance(concept, dict) and isinstance(concept.get("coding"), list):
            codes = [coding.get("code") for coding in concept["coding"] if isinstance(coding, dict)]
            return next((end for end in (LOWER, UPPER) if end in codes), None)
    return None


def read_options(item: Mapping[str, Any], at: str) -> tuple[tuple[Option, ...], list[Fault]]:
    """The options of a question with their numbers and words, and what is wrong with them."""
    faults: list[Fault] = []
    told = list_of(item, "answerOption", at, faults, required="answerOption" in item or item.get("type") == "choice")
    if len(told) > MOST_OPTIONS:
        faults.append(Fault(f"{at}/answerOption", "too_many", f"Too many options: at most {MOST_OPTIONS}."))
        told = []
    read = [_option(one, f"{at}/answerOption/{index}", faults) for index, one in enumerate(told)]
    return tuple(option for option in read if option is not None), faults


def _option(option: Any, at: str, faults: list[Fault]) -> Option | None:
    told = option if isinstance(option, dict) else {}
    number, coding = told.get("valueInteger"), told.get("valueCoding")
    if told.get("initialSelected") or "modifierExtension" in told or (number is None) == (coding is None):
        faults.append(Fault(at, "not_mapped", "An option is a whole number or a coding, and none is chosen beforehand."))
    elif isinstance(number, int) and not isinstance(number, bool):
        return Option(number, str(number))
    elif isinstance(coding, dict):
        return _coded(coding, told, at, faults)
    else:
        faults.append(Fault(at, "wrong_type", "Must be a whole number or a coding."))
    return None


def _coded(coding: dict[str, Any], option: dict[str, Any], at: str, faults: list[Fault]) -> Option | None:
    value, display = _value_of(coding, option), coding.get("display")
    text = display if isinstance(display, str) else ""
    if value is None:
        sentence = "A coding needs one ordinalValue, or a number as its code."
        faults.append(Fault(f"{at}/valueCoding", "no_value", sentence))
    if fault := text_fault(text, f"{at}/valueCoding/display", LONGEST_LABEL):
        faults.append(fault)
    return None if value is None or fault else Option(value, text)


def _value_of(coding: dict[str, Any], option: dict[str, Any]) -> float | None:
    """The ordinal value, which may stand at the coding or at the option; else a code that is a number."""
    told = [_number(one) for node in (coding, option) for one in extensions(node) if url_of(one) == ORDINAL_VALUE]
    if told:
        return told[0] if len(set(told)) == 1 else None
    code = coding.get("code")
    return whole_if_whole(float(code)) if isinstance(code, str) and NUMBER.fullmatch(code) else None


def _number(extension: Mapping[str, Any]) -> float | None:
    value = extension.get("valueDecimal", extension.get("valueInteger"))
    return None if isinstance(value, bool) or not isinstance(value, int | float) else whole_if_whole(value)
