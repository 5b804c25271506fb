"""Where in what was sent something is wrong: FHIRPath of element names and indices, as R4 lets an OperationOutcome name it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.core.problems import did_you_mean
from app.errors import Fault

MODIFIER: Final = {"modifierExtension": "An extension that changes the meaning of the rest is not understood here."}
# What is looked through by itself, element by element; all else is of datatypes.
WALKED: Final = frozenset({"item", "answer", "entry", "resource", "request"})


class Faults:
    """What is wrong with a resource, as it is found."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, place: str, code: str, sentence: str) -> None:
        """Notes a fault; the sentence never holds what was sent."""
        self._found.append(Fault(place, code, sentence))

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)


def unknown_elements(
    node: Mapping[str, Any], at: str, known: frozenset[str], refused: Mapping[str, str], faults: Faults
) -> None:
    """Elements that R4 does not have here, and those that cannot be passed over. What stands beside a plain value may."""
    for name, value in node.items():
        if name in refused:
            faults.add(f"{at}.{name}", "not_kept", refused[name])
        elif name.removeprefix("_") not in known:
            faults.add(at, "unknown_field", f"R4 has no such element here.{did_you_mean(name, known)}")
        elif name not in WALKED and _has_modifier(value):
            faults.add(f"{at}.{name.removeprefix('_')}", "not_kept", MODIFIER["modifierExtension"])


def _has_modifier(value: Any) -> bool:
    """Whether there is one within a datatype, however deep: R4 has none there, but what it says must not be passed over."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, dict) and not MODIFIER.keys().isdisjoint(value)) or any(map(_has_modifier, inner))


def plain_text(node: Mapping[str, Any], name: str, at: str, faults: Faults, *, required: bool = False) -> str | None:
    """The text of an element; None where it is missing or no text."""
    value = node.get(name)
    if value is None:
        if required:
            faults.add(f"{at}.{name}", "required", "This element is required.")
        return None
    if not isinstance(value, str) or not value.strip():
        faults.add(f"{at}.{name}", "wrong_type", "Must be text, and not empty.")
        return None
    return value
