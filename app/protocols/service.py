"""Which protocols there are for a clinic: ours and its own, the newest version of each, and any version a plan is pinned to."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from app.access.work import Work
from app.clinical.protocol import Protocol
from app.clinical.protocol_document import restore_protocol
from app.clinical.protocols import PROTOCOLS, VERSIONS
from app.errors import Fault, NotFoundError
from app.protocols.models import ProtocolDocument, ProtocolRetirement
from app.protocols.rules import OWN, ProtocolRetiredError, ProtocolUnknownError

Pin = tuple[str, str]


def pinned(work: Work, pins: Iterable[Pin]) -> Mapping[Pin, Protocol]:
    """The very versions that plans follow, ours or the clinic's, retired or not; one query for all, none for ours."""
    wanted = set(pins)
    found = {pin: VERSIONS[pin] for pin in wanted if pin in VERSIONS}
    own = sorted({code for code, version in wanted - set(found)})
    if own:
        query = select(ProtocolDocument).where(ProtocolDocument.protocol.in_(own))
        rows = {(row.protocol, row.protocol_version): row for row in work.session.scalars(query)}
        found |= {pin: restored(work, rows[pin]) for pin in wanted & set(rows)}
    return found


def protocol_at(work: Work, code: str, version: str) -> Protocol:
    """One version of a protocol. Raises NotFoundError."""
    found = pinned(work, [(code, version)])
    if (code, version) not in found:
        raise NotFoundError
    return found[code, version]


def newest(work: Work, code: str) -> Protocol | None:
    """The newest version of a protocol, retired or not."""
    if not code.startswith(OWN):
        return PROTOCOLS.get(code)
    query = select(ProtocolDocument).where(ProtocolDocument.protocol == code).order_by(ProtocolDocument.id.desc()).limit(1)
    row = work.session.scalars(query).one_or_none()
    return None if row is None else restored(work, row)


def find_protocol(work: Work, code: str) -> Protocol:
    """The newest version, for a new plan. Raises ProtocolUnknownError, ProtocolRetiredError."""
    protocol = newest(work, code)
    if protocol is None:
        raise ProtocolUnknownError(faults=(Fault("/protocol", "protocol_unknown", ProtocolUnknownError.detail),))
    if code in retired(work):
        raise ProtocolRetiredError
    return protocol


def retired(work: Work) -> frozenset[str]:
    """Codes of the clinic's protocols that are offered no more."""
    return frozenset(work.session.scalars(select(ProtocolRetirement.protocol)))


def of_clinic(work: Work) -> dict[str, list[Protocol]]:
    """The clinic's own protocols by code, each with its versions, oldest first."""
    found: dict[str, list[Protocol]] = {}
    for row in work.session.scalars(select(ProtocolDocument).order_by(ProtocolDocument.protocol, ProtocolDocument.id)):
        found.setdefault(row.protocol, []).append(restored(work, row))
    return found


def restored(work: Work, row: ProtocolDocument) -> Protocol:
    """The protocol of a stored document."""
    return restore_protocol(work.vault.open(row, "document", row.document))


def names_flag(work: Work, code: str) -> bool:
    """Whether a protocol of the clinic's own forbids something while this flag is open."""
    return any(flag.code == code for one in _all(work) for flag in one.contraindications)


def names_precondition(work: Work, code: str) -> bool:
    """Whether a protocol of the clinic's own asks for this precondition."""
    return any(condition.code == code for one in _all(work) for condition in one.preconditions)


def _all(work: Work) -> list[Protocol]:
    return [version for versions in of_clinic(work).values() for version in versions]
