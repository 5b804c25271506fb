"""The families of errors the service raises; they know what happened and nothing of HTTP."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent: where (JSON Pointer, RFC 6901), which rule, and a sentence without the input."""

    pointer: str
    code: str
    detail: str


class RekindleError(Exception):
    """Something a caller must be told; `code` is public and stable, `detail` a sentence of the rule, never of the input."""

    code: ClassVar[str]
    detail: ClassVar[str]

    def __init__(self, detail: str | None = None, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(self.code)
        self.sentence = detail or self.detail
        self.faults = faults


class NotFoundError(RekindleError):
    """What was asked for does not exist for this caller."""

    code = "not_found"
    detail = "There is nothing here that you may see."


class NotAllowedError(RekindleError):
    """The caller is known, and may not do this."""

    code = "not_allowed"
    detail = "Your role or scopes do not allow this operation."


class UnauthenticatedError(RekindleError):
    """The caller is not known."""

    code = "unauthenticated"
    detail = "Send a valid token as 'Authorization: Bearer <token>'."


class InvalidError(RekindleError):
    """What was sent breaks a rule of the field; `faults` say where."""

    code = "invalid"
    detail = "Some of what was sent is not acceptable."


class ConflictError(RekindleError):
    """The record's state forbids this now."""

    code = "conflict"
    detail = "The record is not in a state that allows this."


class MalformedError(RekindleError):
    """The request cannot be read at all."""

    code = "malformed"
    detail = "The request cannot be read."
