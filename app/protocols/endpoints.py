"""Protocols, a clinic's own and its thresholds over HTTP."""

from typing import Annotated

from fastapi import Path, Query

from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.work import Work
from app.core.paging import Page
from app.protocols import catalogue, thresholds
from app.protocols.rules import ProtocolInvalidError, ProtocolRetiredError, ProtocolTakenError, VersionTakenError
from app.protocols.schemas import (
    ProtocolCreate,
    ProtocolRead,
    ProtocolRetirement,
    ProtocolSummary,
    ProtocolText,
    ProtocolVersionCreate,
    ThresholdsChange,
    ThresholdsRead,
)

router = RecordRouter("Protocols")
PROTOCOL = "/protocols/{code}"
Name = Annotated[str, Path(max_length=64, description="Code of the protocol.", examples=["sensate_focus"])]
OwnName = Annotated[str, Path(max_length=64, description="Code of the clinic's protocol.", examples=["own_quiet_evening"])]
AtVersion = Annotated[str | None, Query(max_length=20, description="A version; the newest when left out.", examples=["1"])]


@router.reads("/protocols", Permission.CATALOGUE_READ)
def list_protocols(work: Work) -> Page[ProtocolSummary]:
    """List the homework protocols, those of the catalogue and the clinic's own, each in its newest version."""
    return Page(items=catalogue.list_protocols(work), next_cursor=None)


@router.creates("/protocols", Permission.PROTOCOLS_WRITE, ProtocolInvalidError, ProtocolTakenError)
def add_protocol(work: Work, body: ProtocolCreate) -> ProtocolRead:
    """Add a protocol of the clinic's own, as a document. It passes the checks of every protocol, or is refused."""
    return catalogue.add_protocol(work, body)


@router.reads(PROTOCOL, Permission.CATALOGUE_READ)
def read_protocol(work: Work, code: Name, version: AtVersion = None) -> ProtocolRead:
    """Read a homework protocol with its stages, its rules in words and its evidence; older versions stay readable."""
    return catalogue.show_protocol(work, code, version)


@router.reads(PROTOCOL + "/document", Permission.CATALOGUE_READ)
def read_protocol_document(work: Work, code: Name, version: AtVersion = None) -> ProtocolText:
    """Read a protocol as the document it is added as: a beginning for one of your own."""
    return catalogue.show_document(work, code, version)


@router.reads(PROTOCOL + "/versions", Permission.CATALOGUE_READ)
def list_protocol_versions(work: Work, code: Name) -> Page[ProtocolSummary]:
    """List every version of a protocol, the newest last."""
    return Page(items=catalogue.list_versions(work, code), next_cursor=None)


@router.creates(
    PROTOCOL + "/versions", Permission.PROTOCOLS_WRITE, ProtocolInvalidError, ProtocolRetiredError, VersionTakenError
)
def add_protocol_version(work: Work, code: OwnName, body: ProtocolVersionCreate) -> ProtocolRead:
    """Add a version of the clinic's own protocol. New plans follow it; those that are open stay with theirs."""
    return catalogue.add_version(work, code, body)


@router.creates(PROTOCOL + "/retirements", Permission.PROTOCOLS_WRITE, status=200)
def retire_protocol(work: Work, code: OwnName, body: ProtocolRetirement) -> ProtocolRead:
    """Offer one of the clinic's protocols to new plans no more. Plans that follow it go on."""
    return catalogue.retire_protocol(work, code, body)


@router.reads(PROTOCOL + "/thresholds", Permission.CATALOGUE_READ)
def read_thresholds(work: Work, code: Name) -> ThresholdsRead:
    """Read what new plans of a protocol begin with: the clinic's values, and the protocol's own where it set none."""
    return thresholds.read_thresholds(work, code)


@router.changes(PROTOCOL + "/thresholds", Permission.PROTOCOLS_WRITE)
def change_thresholds(work: Work, code: Name, if_match: IfMatch, body: ThresholdsChange) -> ThresholdsRead:
    """Set thresholds of a protocol for the clinic's new plans (JSON Merge Patch; null takes the clinic's value back)."""
    return thresholds.change_thresholds(work, code, if_match, body)
