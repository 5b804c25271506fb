"""FHIR R4 over HTTP: the interactions, each a few lines; what can be done with which type says each type's file."""

from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from app.access.work import Work
from app.fhir import addresses, capability, searching
from app.fhir.routes import Answer, Call, FhirRouter
from app.ledger.service import Aim

router = FhirRouter()


@router.tells("/metadata")
def metadata(address: str) -> dict[str, Any]:
    """What there is and what can be done with it."""
    return capability.statement(address)


@router.tells("/.well-known/smart-configuration", is_plain=True)
def smart_configuration(address: str) -> dict[str, Any]:
    """How a client gets in."""
    return capability.smart_configuration(address)


@router.answers("POST", "/{type}/_search")
def search_posted(work: Work, call: Call) -> Answer:
    """A search whose parameters stand in the body."""
    return Answer(searching.search(work, call.path["type"], call.form(), is_posted=True, is_strict=_is_strict(call)))


@router.answers("GET", "/{type}/{id}/_history/{version}", Aim.ITEM)
def read_version(work: Work, call: Call) -> Answer:
    """One version of a resource."""
    found = searching.read_version(work, call.path["type"], call.path["id"], call.path["version"])
    return _one(call, found)


@router.answers("GET", "/{type}/{id}", Aim.ITEM)
def read(work: Work, call: Call) -> Answer:
    """A resource by its id."""
    _check_named(call.path["id"], call.path["type"] + "/" + call.path["id"])
    return _one(call, searching.read(work, call.path["type"], call.path["id"]))


@router.answers("GET", "/{type}")
def search(work: Work, call: Call) -> Answer:
    """A search."""
    _check_named(call.path["type"], call.path["type"])
    return Answer(searching.search(work, call.path["type"], call.pairs, is_posted=False, is_strict=_is_strict(call)))


@router.refuses_the_rest
def refuse(_work: Work, call: Call) -> Answer:
    """Whatever else is asked."""
    raise addresses.refusal(call.path.get("rest", ""))


def _check_named(word: str, path: str) -> None:
    """What begins like an operation is no type and no id. Raises why nothing is done there by this method."""
    if word.startswith(("$", "_")):
        raise addresses.refusal(path)


def _is_strict(call: Call) -> bool:
    return "handling=strict" in call.preferences


def _one(call: Call, resource: dict[str, Any]) -> Answer:
    """A resource with its version, or that it is the one the client has."""
    told = resource["meta"].get("lastUpdated")
    updated = None if told is None else datetime.fromisoformat(told)
    tag = f'W/"{resource["meta"]["versionId"]}"'
    headers = {"ETag": tag} | ({} if updated is None else {"Last-Modified": format_datetime(updated, usegmt=True)})
    if _has_it(call, tag, updated):
        return Answer(None, 304, headers)
    return Answer(resource, 200, headers)


def _has_it(call: Call, tag: str, updated: datetime | None) -> bool:
    """By its version or, if the client names none, by when it last changed, if that is told (RFC 9110, section 13.2.2)."""
    named, since = call.headers.get("if-none-match"), call.headers.get("if-modified-since")
    if named is not None:
        return tag.removeprefix("W/") in [one.strip().removeprefix("W/") for one in named.split(",")] or named.strip() == "*"
    try:
        return bool(since and updated and updated.replace(microsecond=0) <= parsedate_to_datetime(since))
    except (ValueError, TypeError):
        return False
