"""Use cases of the catalogue: reading protocols, and bringing and retiring a clinic's own."""

from typing import Any

from app.access.work import Work
from app.clinical.protocol import Protocol
from app.clinical.protocol_document import read_protocol, write_protocol
from app.clinical.protocols import PROTOCOLS, VERSIONS
from app.clinical.rule_words import words
from app.clinical.verdict import thresholds_in_force
from app.errors import InvalidError, NotFoundError
from app.protocols.models import ProtocolDocument, ProtocolRetirement
from app.protocols.rules import (
    OWN,
    ProtocolInvalidError,
    ProtocolRetiredError,
    ProtocolTakenError,
    VersionTakenError,
    check_own,
    check_same,
    in_document,
)
from app.protocols.schemas import ProtocolCreate, ProtocolRead, ProtocolSummary, ProtocolText, ProtocolVersionCreate
from app.protocols.schemas import ProtocolRetirement as Retirement
from app.protocols.service import newest, of_clinic, pinned, retired


def list_protocols(work: Work) -> list[ProtocolSummary]:
    """The newest version of every protocol: ours by code, then the clinic's own."""
    gone = retired(work)
    ours = [_summary(PROTOCOLS[code], gone) for code in sorted(PROTOCOLS)]
    return ours + [_summary(versions[-1], gone) for versions in of_clinic(work).values()]


def list_versions(work: Work, code: str) -> list[ProtocolSummary]:
    """Every version of one protocol, the newest last. Raises NotFoundError."""
    ours = [protocol for (known, _version), protocol in VERSIONS.items() if known == code]
    versions = ours or of_clinic(work).get(code)
    if not versions:
        raise NotFoundError
    gone = retired(work)
    return [_summary(protocol, gone) for protocol in versions]


def show_protocol(work: Work, code: str, version: str | None) -> ProtocolRead:
    """One protocol, the newest version unless told. Raises NotFoundError."""
    protocol = _get(work, code, version)
    parts = {name: getattr(protocol, name) for name in ProtocolRead.model_fields if hasattr(protocol, name)}
    return ProtocolRead.model_validate(parts | _standing(protocol, retired(work)) | {"rules": _rules(protocol)})


def show_document(work: Work, code: str, version: str | None) -> ProtocolText:
    """The same as a document, to begin a protocol of one's own with. Raises NotFoundError."""
    return ProtocolText(document=write_protocol(_get(work, code, version)))


def _get(work: Work, code: str, version: str | None) -> Protocol:
    protocol = newest(work, code) if version is None else pinned(work, [(code, version)]).get((code, version))
    if protocol is None:
        raise NotFoundError
    return protocol


def _summary(protocol: Protocol, gone: frozenset[str]) -> ProtocolSummary:
    parts = {name: getattr(protocol, name) for name in ProtocolSummary.model_fields if hasattr(protocol, name)}
    return ProtocolSummary.model_validate(parts | _standing(protocol, gone))


def _standing(protocol: Protocol, gone: frozenset[str]) -> dict[str, Any]:
    origin = "clinic" if protocol.code.startswith(OWN) else "catalogue"
    return {"origin": origin, "retired": protocol.code in gone}


def _rules(protocol: Protocol) -> list[dict[str, Any]]:
    limits = thresholds_in_force(protocol)
    return [
        {
            "code": rule.code,
            "verdict": rule.verdict,
            "condition": words(rule.when, limits),
            "sentence": rule.sentence,
            "stages": rule.stages,
            "role": rule.role,
        }
        for rule in protocol.rules
    ]


def add_protocol(work: Work, body: ProtocolCreate) -> ProtocolRead:
    """Keeps a clinic's own protocol. Raises ProtocolInvalidError, ProtocolTakenError."""
    protocol = _read(body)
    check_own(protocol.code)
    if newest(work, protocol.code) is not None:
        raise ProtocolTakenError
    return _keep(work, protocol)


def add_version(work: Work, code: str, body: ProtocolVersionCreate) -> ProtocolRead:
    """Keeps another version; plans that run stay with theirs. Raises NotFoundError, what makes it unfit, VersionTakenError."""
    if not code.startswith(OWN) or newest(work, code) is None:
        raise NotFoundError
    if code in retired(work):
        raise ProtocolRetiredError
    protocol = _read(body)
    check_same(code, protocol)
    if pinned(work, [(code, protocol.version)]):
        raise VersionTakenError
    return _keep(work, protocol)


def _read(body: ProtocolCreate | ProtocolVersionCreate) -> Protocol:
    try:
        return read_protocol(body.document)
    except InvalidError as error:
        raise ProtocolInvalidError(faults=in_document(error.faults)) from None


def _keep(work: Work, protocol: Protocol) -> ProtocolRead:
    row = ProtocolDocument(
        clinic_id=work.actor.clinic_id,
        protocol=protocol.code,
        protocol_version=protocol.version,
        added_by_kind=work.actor.kind,
        added_by=work.actor.id,
        added_at=work.now,
    )
    row.document = work.vault.seal(row, "document", write_protocol(protocol))
    work.session.add(row)
    work.session.flush()
    return show_protocol(work, protocol.code, protocol.version)


def retire_protocol(work: Work, code: str, body: Retirement) -> ProtocolRead:
    """Offers it to new plans no more; a second retirement changes nothing. Raises NotFoundError."""
    if not code.startswith(OWN) or newest(work, code) is None:
        raise NotFoundError
    if code not in retired(work):
        row = ProtocolRetirement(
            clinic_id=work.actor.clinic_id,
            protocol=code,
            retired_by_kind=work.actor.kind,
            retired_by=work.actor.id,
            retired_at=work.now,
        )
        row.reason = work.vault.seal(row, "reason", body.reason)
        work.session.add(row)
        work.session.flush()
    return show_protocol(work, code, None)
