"""fhir.resources: models of R4B, which has these types as R4 has them."""

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError
from saying import crawled, tell_faults, trying


def faults(resource: dict[str, object]) -> list[str]:
    """What the model refuses."""
    try:
        get_fhir_model_class(str(resource["resourceType"])).model_validate(resource)
    except ValidationError as error:
        return [f"{fault['loc']}: {fault['msg']}" for fault in error.errors()]
    return []


with trying("a planted fault is found") as tried:
    assert faults({"resourceType": "Patient", "couple": 1})

with trying("every resource validates") as tried:
    everything = [one for lines in crawled().values() for one in lines]
    found = {f"{one['resourceType']}/{one['id']}": faults(one) for one in everything}
    tried.figures = tell_faults({name: told for name, told in found.items() if told}, len(everything))
