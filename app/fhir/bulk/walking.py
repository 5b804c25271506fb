"""Walks through resources by pages of a few hundred, in the order of their rows, whatever their source."""

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

from app.fhir.resource import Asked, Drawing, Drawn, Resource

A_PAGE: Final = 500
# Where a resource says whose it is, by the names that R4 gives it in the types there are here.
OF_PATIENT: Final = ("subject", "patient", "for")
PATIENT: Final = "Patient/"


def pages(drawing: Drawing, resource: Resource, asked: Asked) -> Iterator[list[Drawn]]:
    """All resources of a type that are asked for; one page of them is in memory."""
    after = None
    while page := resource.source.page(drawing, resource.type, asked, after, A_PAGE):
        yield page
        after = page[-1].place


def walk(drawing: Drawing, resource: Resource, asked: Sequence[Asked]) -> Iterator[list[Drawn]]:
    """The same of several searches at once, each resource once: one page of each search is in memory."""
    if len(asked) == 1:
        yield from pages(drawing, resource, asked[0])
        return
    streams = [(one for page in pages(drawing, resource, each) for one in page) for each in asked]
    found = _each_once(heapq.merge(*streams, key=_place))
    while page := list(islice(found, A_PAGE)):
        yield page


def _place(one: Drawn) -> tuple[Any, int]:
    rank, _weight, key = one.place
    return key, rank


def _each_once(found: Iterator[Drawn]) -> Iterator[Drawn]:
    last = None
    for one in found:
        if one.resource["id"] != last:
            last = one.resource["id"]
            yield one


def patients_in(resource: dict[str, Any]) -> frozenset[str]:
    """The ids of the Patients that a resource is of: itself, its subject, or the members of a Group."""
    if resource["resourceType"] == "Patient":
        return frozenset({resource["id"]})
    referred = [resource.get(name) for name in OF_PATIENT]
    referred += [member.get("entity") for member in resource.get("member", ())]
    texts = [one.get("reference", "") for one in referred if isinstance(one, dict)]
    return frozenset(one.removeprefix(PATIENT) for one in texts if one.startswith(PATIENT))
