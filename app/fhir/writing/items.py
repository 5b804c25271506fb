"""The items of a response, flat or in groups, read into answers and the reasons where there are none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from app.fhir.measured import number_of, read_item
from app.fhir.writing.places import MODIFIER, Faults, unknown_elements

ITEM: Final = frozenset({"id", "extension", "linkId", "definition", "text", "answer", "item"})
VALUES: Final = frozenset(
    {
        *("valueBoolean", "valueDecimal", "valueInteger", "valueDate", "valueDateTime", "valueTime", "valueString", "valueUri"),
        *("valueAttachment", "valueCoding", "valueQuantity", "valueReference"),
    }
)
ANSWER: Final = VALUES | {"id", "extension", "item"}


@dataclass
class Answered:
    """Answers and reasons by item number, and where each item stands in what was sent."""

    answers: dict[int, float] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)


def read_items(items: Any, at: str, faults: Faults) -> Answered:
    """What items say; `at` is where the list stands. An item that holds others and names no question is a heading."""
    found = Answered()
    for node, place in _every(items, at, faults):
        number = number_of(node.get("linkId"))
        if number is None:
            if node.get("answer"):
                faults.add(place, "unknown_item", "The linkId is no item of this questionnaire.")
        elif number in found.places:
            faults.add(place, "item_twice", "This item stands here twice.")
        else:
            found.places[number] = place
            _take(node, number, place, found, faults)
    return found


def _take(node: dict[str, Any], number: int, place: str, found: Answered, faults: Faults) -> None:
    said = read_item(node)
    if said is None:
        sentence = "One answer that is a number: valueInteger, valueDecimal, or valueCoding with the number as its code."
        faults.add(f"{place}.answer", "no_number", sentence)
        return
    answer, reason = said
    if answer is not None:
        found.answers[number] = answer
    elif reason is not None:
        found.reasons[number] = reason


def _every(items: Any, at: str, faults: Faults) -> Iterator[tuple[dict[str, Any], str]]:
    """Each item with its place, in whatever groups and answers it lies."""
    for node, place in _list(items, at, faults):
        unknown_elements(node, place, ITEM, MODIFIER, faults)
        if not isinstance(node.get("linkId"), str):
            faults.add(f"{place}.linkId", "required", "This element is required.")
        yield node, place
        yield from _every(node.get("item"), f"{place}.item", faults)
        for answer, inside in _list(node.get("answer"), f"{place}.answer", faults):
            unknown_elements(answer, inside, ANSWER, MODIFIER, faults)
            yield from _every(answer.get("item"), f"{inside}.item", faults)


def _list(nodes: Any, at: str, faults: Faults) -> Iterator[tuple[dict[str, Any], str]]:
    if nodes is None:
        return
    if not isinstance(nodes, list) or not nodes:
        faults.add(at, "wrong_type", "Must be a list, and not an empty one.")
        return
    for index, node in enumerate(nodes):
        if isinstance(node, dict):
            yield node, f"{at}[{index}]"
        else:
            faults.add(f"{at}[{index}]", "wrong_type", "Must be an object.")
