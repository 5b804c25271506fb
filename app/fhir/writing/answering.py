"""What a client is told of what it wrote: where it is, which version, and as much of it as it prefers and may read."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final

from app.access.smart import categories
from app.fhir import outcomes
from app.fhir.resource import Asked, Drawing
from app.fhir.resources import resources
from app.fhir.routes import Answer
from app.fhir.writing.reading import TYPE
from app.fhir.writing.recording import Sent
from app.ledger.service import log_reads

Json = dict[str, Any]
WHOLE: Final = "representation"
OUTCOME: Final = "OperationOutcome"
WAYS: Final = ("minimal", WHOLE, OUTCOME)


def preferred(preferences: frozenset[str], otherwise: str) -> str:
    """`minimal`, `representation` or `OperationOutcome`, as the client prefers."""
    return next((one for one in WAYS if f"return={one.lower()}" in preferences), otherwise)


def drawn(drawing: Drawing, sent: Sequence[Sent]) -> dict[int, Json]:
    """The responses as they stand now, by their place among those that were sent; the trail says which were there before."""
    ids = {place: drawing.ids.of(TYPE, one.row) for place, one in enumerate(sent) if one.status and one.row is not None}
    asked = Asked(ids=sorted(set(ids.values())))  # whoever may not read is told where they are, and no more
    rows = resources()[TYPE].source.page(drawing, TYPE, asked, None, len(ids)) if ids else []
    found = {one.resource["id"]: one for one in rows}
    there = {found[name].couple_id for place, name in ids.items() if not sent[place].is_stored}
    log_reads(drawing.work.session, TYPE, sorted(there))
    return {place: found[name].resource for place, name in ids.items()}


def answer(drawing: Drawing, one: Sent, resource: Json, preference: str) -> Answer:
    """The answer to one write."""
    meta, here = resource["meta"], f"{drawing.base}/{TYPE}/{resource['id']}"
    headers = {
        "Location": f"{here}/_history/{meta['versionId']}",
        "ETag": _tag(meta),
        "Last-Modified": format_datetime(datetime.fromisoformat(meta["lastUpdated"]), usegmt=True),
    }
    return Answer(_body(drawing, one, resource, preference), one.status, headers)


def entry(drawing: Drawing, one: Sent, resource: Json | None, preference: str) -> Json:
    """What one entry of a Bundle is answered with."""
    if one.refused is not None or resource is None:
        assert one.refused is not None  # noqa: S101 - what is not refused was stored or is there
        told = outcomes.outcome(one.refused, drawing.base, drawing.work.session.info["occasion"].request_id)
        return {"response": {"status": _status(outcomes.status(one.refused)), "outcome": told}}
    meta = resource["meta"]
    response: Json = {
        "status": _status(one.status),
        "location": f"{TYPE}/{resource['id']}/_history/{meta['versionId']}",
        "etag": _tag(meta),
        "lastModified": meta["lastUpdated"],
    }
    body = _body(drawing, one, resource, preference)
    if body is not None and body["resourceType"] == OUTCOME:
        return {"response": response | {"outcome": body}}
    return {"response": response} | ({} if body is None else {"resource": body})


def _body(drawing: Drawing, one: Sent, resource: Json, preference: str) -> Json | None:
    """Who may not read is told no more than where it is: what is there may say other things than what was sent."""
    if preference == OUTCOME:
        text = "Stored." if one.is_stored else "It was there already."
        return {
            "resourceType": OUTCOME,
            "issue": [{"severity": "information", "code": "informational", "details": {"text": text}}],
        }
    may_read = categories(drawing.scopes, TYPE, "r") != frozenset()
    return resource if preference == WHOLE and may_read else None


def _tag(meta: Json) -> str:
    return f'W/"{meta["versionId"]}"'


def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"
