"""Walks through resources by pages of a thousand, in the order their source has, whatever that is."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from app.fhir.resource import Asked, Drawing, Drawn, Resource

A_PAGE: Final = 1_000
# Where a resource says whose it is, by the names that R4 gives it in the types there are here.
OF_PATIENT: Final = ("subject", "patient", "for")
PATIENT: Final = "Patient/"


def pages(drawing: Drawing, resource: Resource, asked: Asked) -> Iterator[list[Drawn]]:
    """All resources of a type that are asked for; one page of them is in memory."""
    return resource.source.pages(drawing, resource.type, asked, A_PAGE)


def walk(drawing: Drawing, resource: Resource, asked: Sequence[Asked]) -> Iterator[list[Drawn]]:
    """The same of several searches, each resource once, by the first that finds it: of several, ids are remembered as well."""
    seen: set[str] = set()
    for each in asked:
        for page in pages(drawing, resource, each):
            if len(asked) == 1:
                yield page
                continue
            yield [one for one in page if one.resource["id"] not in seen]
            seen.update(one.resource["id"] for one in page)


def patients_in(resource: dict[str, Any]) -> frozenset[str]:
    """The ids of the Patients that a resource is of: itself, its subject, or the members of a Group."""
    if resource["resourceType"] == "Patient":
        return frozenset({resource["id"]})
    referred = [resource.get(name) for name in OF_PATIENT]
    referred += [member.get("entity") for member in resource.get("member", ())]
    texts = [one.get("reference", "") for one in referred if isinstance(one, dict)]
    return frozenset(one.removeprefix(PATIENT) for one in texts if one.startswith(PATIENT))
