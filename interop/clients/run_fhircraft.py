"""fhircraft: models made from R4's own definitions, invariants included; a sample, for it looks at some ten a second."""

import time
import warnings
from typing import Any

from fhircraft.fhir.resources.datatypes.R4 import core
from pydantic import ValidationError
from saying import crawled, tell_faults, trying

OF_EACH = 40


def faults(resource: dict[str, Any]) -> list[str]:
    """What the model refuses."""
    try:
        getattr(core, str(resource["resourceType"])).model_validate(resource)
    except ValidationError as error:
        return [f"{fault['loc']}: {fault['msg']}" for fault in error.errors()]
    return []


warnings.simplefilter("ignore")  # that a resource had better have a narrative
with trying("a planted fault against an invariant is found (obs-6)") as tried:
    score: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "c"},
        "dataAbsentReason": {"text": "why"},
    }
    assert not faults(score)
    assert faults(score | {"valueInteger": 1})

with trying("a sample of every type validates, invariants included") as tried:
    began, everything = time.monotonic(), []
    for lines in crawled().values():
        everything += lines[:: max(1, len(lines) // OF_EACH)]
    found = {f"{one['resourceType']}/{one['id']}": faults(one) for one in everything}
    told = tell_faults({name: told for name, told in found.items() if told}, len(everything))
    tried.figures = f"{told}, {time.monotonic() - began:.0f} s"
