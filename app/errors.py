"""The families of errors the service raises; they know what happened and nothing of HTTP."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent: where (JSON Pointer, RFC 6901), which rule, and a sentence."""

    pointer: str
    code: str
    detail: str


class RekindleError(Exception):
    """Something a caller must be told; `code` is public and stable; `detail` never holds the input."""

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


class StaleVersionError(RekindleError):
    """The row has moved on since the caller read it."""

    code = "version_stale"
    detail = "The record has changed since you read it. Read it again and repeat the change."


class UnsupportedError(RekindleError):
    """This cannot be done with what was named, by anybody."""

    code = "unsupported"
    detail = "This cannot be done here."


class FormatUnavailableError(RekindleError):
    """The answer was asked for in a format that there is not."""

    code = "format_unavailable"
    detail = "The answer is not to be had in the format that was asked for."
