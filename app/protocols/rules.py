"""What a clinic may call its protocols, and how a refusal speaks of a document; pure decisions."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from app.clinical.protocol import Protocol
from app.errors import ConflictError, Fault, InvalidError

OWN: Final = "own_"
STRANGERS: Final = frozenset({"unknown_threshold", "unknown_field", "unknown_key"})


class ProtocolUnknownError(InvalidError):
    """There is no such protocol."""

    code = "protocol_unknown"
    detail = "This protocol is not one of `GET /v1/protocols`."


class ProtocolRetiredError(ConflictError):
    """The clinic offers this protocol no more."""

    code = "protocol_retired"
    detail = "This protocol is retired: plans that follow it go on, and no new one begins."


class ProtocolInvalidError(InvalidError):
    """The document describes no protocol that may be used."""

    code = "protocol_invalid"
    detail = "This document does not pass the checks that every protocol passes; `errors` names each fault. Nothing was stored."


class ProtocolTakenError(ConflictError):
    """A protocol of this code is there."""

    code = "protocol_taken"
    detail = "There is a protocol of this code: add a version of it, or choose another code."


class VersionTakenError(ConflictError):
    """This version was brought before."""

    code = "protocol_version_taken"
    detail = "There is this version of the protocol already, and a version never changes."


def check_own(code: str) -> None:
    """Raises ProtocolInvalidError: a clinic's code says so, and can never be one that the catalogue takes later."""
    if not code.startswith(OWN) or code == OWN:
        sentence = f"The code of a clinic's own protocol begins with `{OWN}`."
        raise ProtocolInvalidError(faults=(Fault("/document/code", "not_own", sentence),))


def check_same(code: str, protocol: Protocol) -> None:
    """Raises ProtocolInvalidError unless the document is of the protocol that gets a version."""
    if protocol.code != code:
        sentence = "A version has the code of its protocol."
        raise ProtocolInvalidError(faults=(Fault("/document/code", "another_protocol", sentence),))


def without_strangers(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The same faults; names that came from the caller stand as `*`, because nothing sent is ever repeated."""
    return tuple(
        replace(fault, pointer=fault.pointer.rpartition("/")[0] + "/*") if fault.code in STRANGERS else fault
        for fault in faults
    )


def in_document(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Faults of a document where the body holds it."""
    return tuple(replace(fault, pointer=f"/document{fault.pointer}") for fault in without_strangers(faults))
