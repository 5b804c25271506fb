"""The parameters of an operation as a Parameters resource says them, as the pairs that an address would have."""

from typing import Any, Final

from app.errors import Fault
from app.fhir.bulk.rules import BulkParameterError

LONGEST: Final = 8_000
FAULT: Final = Fault("/parameter", "wrong_form", "Must be a Parameters resource, each parameter with a name and one value.")


def pairs_of(resource: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and values. Raises BulkParameterError."""
    parameters = resource.get("parameter", [])
    if resource.get("resourceType") != "Parameters" or not isinstance(parameters, list):
        raise BulkParameterError(faults=(FAULT,))
    return [_pair(one) for one in parameters]


def _pair(parameter: Any) -> tuple[str, str]:
    named = parameter if isinstance(parameter, dict) else {}
    values = [value for name, value in named.items() if name.startswith("value")]
    value = values[0] if len(values) == 1 else None
    if isinstance(value, dict):
        value = value.get("reference")
    if isinstance(value, bool):
        value = str(value).lower()
    name = named.get("name")
    if not isinstance(name, str) or not isinstance(value, str) or len(value) > LONGEST:
        raise BulkParameterError(faults=(FAULT,))
    return name, value
