"""From what a schema or a use case refuses to the row and column it stands in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from app.core.problems import invalid
from app.errors import Fault, RekindleError
from app.imports.report import Finding
from app.imports.shape import SHAPES
from app.imports.spool import Row

COLUMNS: Final = frozenset(name for shape in SHAPES.values() for name in shape.names)
Body = TypeVar("Body", bound=BaseModel)


class RefusedError(Exception):
    """A couple does not come in; `findings` say why, row by row."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("refused")
        self.findings = findings


@dataclass(frozen=True)
class Place:
    """A row that stands behind a part of a body: under which columns its fields stand, and which one the whole part is."""

    row: Row
    column: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def named(self, steps: list[str]) -> str:
        """The column of what stands `steps` below this part."""
        if self.column or not steps:
            return self.column
        name = self.columns.get(steps[0], steps[0])
        return name if name in COLUMNS else ""


Places = Mapping[str, Place]
"""Parts of a body by JSON Pointer; '' is all of it."""


def found_at(places: Places, fault: Fault) -> Finding:
    """Where a fault stands in the files."""
    steps = fault.pointer.split("/")[1:]
    for length in range(len(steps), -1, -1):
        place = places.get("".join(f"/{step}" for step in steps[:length]))
        if place is not None:
            return place.row.told(place.named(steps[length:]), fault.code, fault.detail)
    raise LookupError(fault.pointer)


def findings_of(error: RekindleError, places: Places) -> tuple[Finding, ...]:
    """What an error says of each row; without faults, of the one that stands behind the whole body."""
    faults = error.faults or (Fault("", error.code, error.sentence),)
    return tuple(found_at(places, fault) for fault in faults)


def body_of(kind: type[Body], values: Mapping[str, Any], places: Places) -> Body:
    """A body as the API would take it. Raises RefusedError."""
    try:
        return kind.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        refused = invalid([{**entry, "loc": ("body", *entry["loc"])} for entry in found])
        raise RefusedError(*findings_of(refused, places)) from None


@contextmanager
def located(places: Places) -> Iterator[None]:
    """Turns what a use case refuses into where it stands. Raises RefusedError."""
    try:
        yield
    except RekindleError as error:
        raise RefusedError(*findings_of(error, places)) from None
