"""Errors as FHIR says them: an OperationOutcome, made from the same errors as the problem documents of the API."""

from typing import Any, Final

from app.core.problems import MOST_FAULTS, InternalError, RangeOutsideError, status_of
from app.errors import Fault, RekindleError

CODES: Final = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    412: "conflict",
    413: "too-long",
    415: "not-supported",
    416: "invalid",
    422: "processing",
    428: "required",
    429: "throttled",
    500: "exception",
    503: "transient",
}
CHARACTERS: Final = {
    "fhir_type_unknown": "not-supported",
    "fhir_search_too_long": "too-costly",
    "unknown_parameter": "not-supported",
    "required": "required",
    "unknown_field": "structure",
}
SYSTEM: Final = "/CodeSystem/problem"
REALM: Final = 'Bearer realm="rekindle"'


def status(error: RekindleError) -> int:
    """The HTTP status of an error over FHIR."""
    return status_of(type(error))


def outcome(error: RekindleError, base: str, request_id: str) -> dict[str, Any]:
    """The OperationOutcome of an error: one issue, or one for each fault; nothing that was sent is repeated."""
    issues = [_issue(error, base, request_id, fault) for fault in error.faults[:MOST_FAULTS] or (None,)]
    return {"resourceType": "OperationOutcome", "issue": issues}


def _issue(error: RekindleError, base: str, request_id: str, fault: Fault | None) -> dict[str, Any]:
    code = error.code if fault is None else fault.code
    found: dict[str, Any] = {
        "severity": "fatal" if isinstance(error, InternalError) else "error",
        "code": CHARACTERS.get(code) or CODES[status(error)],
        "details": {
            "coding": [{"system": base + SYSTEM, "code": error.code}],
            "text": error.sentence if fault is None else fault.detail,
        },
        "diagnostics": f"request {request_id}",
    }
    if fault is not None:
        found |= _place(fault.pointer)
    return found


def information(text: str) -> dict[str, Any]:
    """The OperationOutcome of what went well."""
    issue = {"severity": "information", "code": "informational", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _place(pointer: str) -> dict[str, list[str]]:
    """Where a fault is: in a parameter or header as `http.<name>`, in a resource as a path of FHIRPath."""
    first, *rest = pointer.removeprefix("/").split("/")
    if first in {"query", "header"} and pointer.startswith("/"):
        return {"location": ["http." + "/".join(rest)]}
    steps = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in (first, *rest))
    return {"expression": [steps.removeprefix(".")]}


def headers(error: RekindleError, *, has_token: bool = False) -> dict[str, str]:
    """What an error says in headers; of a token that was shown, RFC 6750 says what."""
    found: dict[str, str] = {}
    code = status(error)
    if code == 401:
        found["WWW-Authenticate"] = REALM + (', error="invalid_token"' if has_token else "")
    if code == 403:
        found["WWW-Authenticate"] = REALM + ', error="insufficient_scope"'
    if code == 413:
        found["Connection"] = "close"
    if code in {429, 503}:
        found["Retry-After"] = str(getattr(error, "retry_after", 1))
    if isinstance(error, RangeOutsideError):
        found["Content-Range"] = f"bytes */{error.length}"
    return found
