"""The operations of the OpenAPI document, as the pages need them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ApiOperation:
    """One operation; `problems` are the codes its document names."""

    name: str
    method: str
    path: str
    permission: str
    tag: str
    summary: str
    problems: frozenset[str]


def operations_of(document: dict[str, Any]) -> tuple[ApiOperation, ...]:
    """Every operation, in the order of the document."""
    return tuple(_operations(document))


def _operations(document: dict[str, Any]) -> Iterator[ApiOperation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            problems = frozenset(code for answer in told["responses"].values() for code in answer.get("x-codes", []))
            place = (told["operationId"], method.upper(), path)
            yield ApiOperation(*place, told["x-permission"], told["tags"][0], told["summary"], problems)
