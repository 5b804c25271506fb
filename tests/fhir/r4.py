"""What is wrong with a resource by the definitions of FHIR R4 (4.0.1), as two libraries that are not ours read them.

One knows every element: its type, how often it may be there, which of a choice it is, and what is no element at all. The other
knows the codes an element is bound to.
"""

from collections.abc import Iterator
from typing import Any

import fhirkit
from pydantic import ValidationError
from pymedplum import fhir

Json = dict[str, Any]


def faults(resource: Json) -> list[str]:
    """Every fault, with its place; none of a resource as it has to be."""
    found = [str(issue) for issue in fhirkit.validate(resource)]
    for one in held(resource):
        found += _by_their_codes(one)
    return found


def held(resource: Json) -> Iterator[Json]:
    """A resource and all that it holds: the entries of a bundle, what is contained."""
    yield resource
    entries = resource.get("entry", ())
    outcomes = [entry.get("response", {}).get("outcome") for entry in entries]
    for one in (*(entry.get("resource") for entry in entries), *outcomes, *resource.get("contained", ())):
        if one is not None:
            yield from held(one)


def _by_their_codes(resource: Json) -> list[str]:
    model = getattr(fhir, str(resource.get("resourceType")), None)
    if model is None:
        return [f"{resource.get('resourceType')} is no resource type"]
    try:
        model.model_validate(resource)
    except ValidationError as error:
        return [f"{resource['resourceType']} {fault['loc']}: {fault['msg']}" for fault in error.errors()]
    return []


def references(resource: Json) -> Iterator[str]:
    """Every reference that stands anywhere in a resource."""
    for name, value in resource.items():
        if name == "reference" and isinstance(value, str):
            yield value
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                yield from references(one)
