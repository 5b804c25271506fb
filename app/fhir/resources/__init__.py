"""FHIR resource types, one to a file; each module's `RESOURCE` says all there is to know of its type."""

from functools import cache

from app.fhir.resource import Resource
from app.registry import collect


@cache
def resources() -> dict[str, Resource]:
    """Every resource type by its name."""
    found = collect("app.fhir.resources", "RESOURCE", Resource)
    return {one.type: one for one in sorted(found.values(), key=lambda one: one.type)}
