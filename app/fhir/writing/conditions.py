"""On what a write depends: `If-None-Exist` of a create and `If-Match` of an update, as headers or in an entry of a Bundle."""

import re
from typing import Final
from urllib.parse import parse_qsl

from app.fhir.rules import SearchValueError
from app.fhir.values import apart, read_token
from app.fhir.writing.reading import kept_id
from app.fhir.writing.rules import ConditionUnknownError, VersionMissingError

TAG: Final = re.compile(r'(?:W/)?"([^"]*)"')
FEWEST: Final = 20


def read_if_match(text: str | None) -> frozenset[str]:
    """The versions of which any may be changed. Raises VersionMissingError, also for what is no ETag."""
    tags = [TAG.fullmatch(one.strip()) for one in (text or "").split(",")]
    found = frozenset(tag[1] for tag in tags if tag is not None)
    if None in tags:
        raise VersionMissingError
    return found


def read_if_none_exist(text: str, base: str) -> tuple[str, ...]:
    """The external ids of the identifiers that nothing may have yet. Raises ConditionUnknownError."""
    try:
        pairs = parse_qsl(text.strip().removeprefix("?"), keep_blank_values=True, strict_parsing=True, max_num_fields=FEWEST)
        if [name for name, _ in pairs] != ["identifier"]:
            raise ConditionUnknownError
        # No identifier that is kept holds a space, so each was a plus that nobody escaped.
        tokens = [read_token(one.replace(" ", "+")) for one in apart(pairs[0][1], ",")]
    except (ValueError, SearchValueError):
        raise ConditionUnknownError from None
    found = [None if one.system is None else kept_id(base, one.system, one.code) for one in tokens]
    if not all(found) or len(found) > FEWEST:
        raise ConditionUnknownError
    return tuple(one for one in found if one is not None)
