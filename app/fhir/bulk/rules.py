"""What is refused of a bulk export, and how its parameters are written; pure decisions."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from app.core.problems import InternalError, TooManyRequestsError
from app.errors import MalformedError

NDJSON: Final = "application/fhir+ndjson"
FORMATS: Final = frozenset({NDJSON, "application/ndjson", "ndjson"})
INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
ELEMENT: Final = re.compile(r"(?:([A-Z][A-Za-z]{1,39})\.)?([a-z][A-Za-z]{0,63})")
# Between two queries of one `_typeFilter`; a comma within a query may have been decoded once too often on its way here.
NEXT_QUERY: Final = re.compile(r",(?=[A-Z][A-Za-z]{1,39}\?)")
SENTENCES: Final = {
    "storage_full": "There was no room left for the files. Tell whoever runs the service, then ask for a new export.",
    "not_allowed": "The client's scopes do not cover what it asked for any more.",
    "gave_up": "The export could not be made in several attempts. Tell whoever runs the service, then ask for a new export.",
}


class AsyncMissingError(MalformedError):
    """A bulk export was asked for as if it could be answered at once."""

    code = "fhir_bulk_headers_missing"
    detail = "Ask for a bulk export with `Accept: application/fhir+json` and `Prefer: respond-async`."


class BulkParameterError(MalformedError):
    """A parameter of a bulk export that is not known or means nothing here."""

    code = "fhir_bulk_parameter_invalid"
    detail = "A parameter of the bulk export is not one that is known here, or has no such value."


class BulkWaitingError(TooManyRequestsError):
    """The client has as many bulk exports under way as one may."""

    code = "fhir_bulk_waiting"
    detail = "Some of this client's bulk exports are still under way. Wait for them, or delete one."
    retry_after = 60


class PolledTooFastError(TooManyRequestsError):
    """The client asks how far an export is more often than it was told to."""

    code = "fhir_bulk_polled_too_fast"
    detail = "Look again after as many seconds as `Retry-After` says."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class BulkFailedError(InternalError):
    """A bulk export that was not made; it says why."""

    code = "fhir_bulk_failed"
    detail = "The export could not be made."


def read_instant(text: str) -> datetime | None:
    """A FHIR instant, or None; in an address its `+` may have come as a space."""
    text = text.replace(" ", "+")
    if INSTANT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def queries_in(text: str) -> list[tuple[str, str]]:
    """The queries of one `_typeFilter`: resource types with what stands behind their question marks."""
    parts = [one.partition("?") for one in NEXT_QUERY.split(text)]
    return [(type_, query) for type_, _, query in parts]


def elements_of(elements: Sequence[str], type_: str) -> frozenset[str] | None:
    """Which elements of a type are asked for; None is all of them."""
    found = [ELEMENT.fullmatch(one) for one in elements]
    return frozenset(one[2] for one in found if one is not None and one[1] in {None, type_}) if elements else None
