"""Problem documents (RFC 9457): the one place where errors meet HTTP, and nothing that was sent is ever repeated."""

from difflib import get_close_matches
from typing import Any, Final
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import Field
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.core.database import CommitUnknownError
from app.core.kms import KeyServiceUnavailableError
from app.core.logs import log
from app.core.schemas import Code, Label, Schema, known_fields
from app.errors import (
    ConflictError,
    Fault,
    FormatUnavailableError,
    InvalidError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    RekindleError,
    StaleVersionError,
    UnauthenticatedError,
    UnsupportedError,
)

MEDIA_TYPE: Final = "application/problem+json"
MOST_FAULTS: Final = 10


class MethodNotAllowedError(RekindleError):
    """The path exists, and not with this method."""

    code = "method_not_allowed"
    detail = "This path does not take that method; `Allow` names those it takes."


class PreconditionRequiredError(RekindleError):
    """A change without `If-Match` could overwrite somebody else's."""

    code = "if_match_required"
    detail = 'Send the ETag you read as `If-Match: "<version>"`, so that nobody\'s change is lost.'


class TooLargeError(RekindleError):
    """The body is larger than the service takes."""

    code = "body_too_large"
    detail = "The body is too large."


class UnsupportedMediaTypeError(RekindleError):
    """The body is not declared as JSON."""

    code = "media_type_unsupported"
    detail = "Send JSON with `Content-Type: application/json`."


class TooManyRequestsError(RekindleError):
    """The credential has used up its requests for this minute."""

    code = "too_many_requests"
    detail = "Too many requests; `Retry-After` says when to go on."


class UnavailableError(RekindleError):
    """The database cannot take this now."""

    code = "unavailable"
    detail = "The service cannot do this now. Send it again with the same Idempotency-Key."


class StorageFullError(UnavailableError):
    """There is no room left where the record lies."""

    code = "storage_full"
    detail = (
        "There is no room left to store this, and nothing was stored. Tell whoever runs the service; "
        "then send it again with the same Idempotency-Key."
    )


class RangeOutsideError(RekindleError):
    """A part was asked for that lies behind the end."""

    code = "range_not_satisfiable"
    detail = "The file ends before the range that was asked for; `Content-Range` says how long it is."

    def __init__(self, length: int = 0) -> None:
        super().__init__()
        self.length = length


class InternalError(RekindleError):
    """A defect of the service; nothing was stored."""

    code = "internal"
    detail = "The service failed; nothing was stored. The request id helps to find out why."


STATUS: Final[dict[type[RekindleError], int]] = {
    MalformedError: 400,
    UnauthenticatedError: 401,
    NotAllowedError: 403,
    NotFoundError: 404,
    MethodNotAllowedError: 405,
    UnsupportedError: 405,
    FormatUnavailableError: 406,
    ConflictError: 409,
    StaleVersionError: 412,
    TooLargeError: 413,
    UnsupportedMediaTypeError: 415,
    RangeOutsideError: 416,
    InvalidError: 422,
    PreconditionRequiredError: 428,
    TooManyRequestsError: 429,
    InternalError: 500,
    UnavailableError: 503,
    CommitUnknownError: 503,
    KeyServiceUnavailableError: 503,
}
FROM_STATUS: Final = {400: MalformedError, 404: NotFoundError, 405: MethodNotAllowedError, 413: TooLargeError}

SENTENCES: Final = {
    "missing": ("required", "This field is required."),
    "extra_forbidden": ("unknown_field", "Unknown field."),
    "string_too_short": ("too_short", "Too short: at least {min_length} characters."),
    "string_too_long": ("too_long", "Too long: at most {max_length} characters."),
    "too_short": ("too_few", "Too few: at least {min_length}."),
    "too_long": ("too_many", "Too many: at most {max_length}."),
    "greater_than_equal": ("out_of_range", "At least {ge}."),
    "less_than_equal": ("out_of_range", "At most {le}."),
    "greater_than": ("out_of_range", "More than {gt}."),
    "less_than": ("out_of_range", "Less than {lt}."),
    "string_pattern_mismatch": ("wrong_form", "Must have the form {pattern}."),
    "literal_error": ("not_a_choice", "Must be one of {expected}."),
    "enum": ("not_a_choice", "Must be one of {expected}."),
    "string_type": ("wrong_type", "Must be text."),
    "int_type": ("wrong_type", "Must be a whole number."),
    "float_type": ("wrong_type", "Must be a number."),
    "bool_type": ("wrong_type", "Must be true or false."),
    "list_type": ("wrong_type", "Must be a list."),
    "dict_type": ("wrong_type", "Must be an object."),
    "model_attributes_type": ("wrong_type", "Must be an object."),
    "model_type": ("wrong_type", "Must be an object."),
}
FORMS: Final = {  # what people are likely to get wrong is told in words and not as a pattern
    r"^[!-~]+$": "Must be of unaccented letters, digits and signs, without spaces.",
    r"\w": "Must hold a letter or a digit.",
}


class ProblemFault(Schema):
    """One thing wrong with what was sent."""

    pointer: str = Field(
        description="JSON Pointer (RFC 6901) into the body; `/query/...`, `/header/...` for those.",
        examples=["/primary_concern/code"],
    )
    code: Code = Field(description="Which rule it breaks.", examples=["required"])
    detail: str = Field(description="A sentence for people.", examples=["This field is required."])


class Problem(Schema):
    """What every error answers; `code` is stable, switch on it."""

    type: str = Field(description="Address of a page about this kind of problem.", examples=["/problems/invalid"])
    title: Label = Field(description="The kind of problem, in words.", examples=["Invalid"])
    status: int = Field(description="HTTP status.", examples=[422])
    detail: str = Field(description="A sentence for people; it never repeats what was sent.", examples=[InvalidError.detail])
    instance: str = Field(description="This occurrence.", examples=["urn:request:req_01jsesqv00e00800000000000r"])
    code: Code = Field(description="Stable code of the problem.", examples=["invalid"])
    errors: list[ProblemFault] = Field(
        description="Faults in the input, at most ten.",
        examples=[[{"pointer": "/primary_concern/code", "code": "required", "detail": "This field is required."}]],
    )
    request_id: str = Field(description="The request, for support.", examples=["req_01jsesqv00e00800000000000r"])


def status_of(error: type[RekindleError]) -> int:
    """The HTTP status of an error's family."""
    return next(STATUS[family] for family in error.__mro__ if family in STATUS)


def catalogue() -> dict[str, type[RekindleError]]:
    """Every kind of problem the service can answer, by code; two kinds may not share one."""
    found: dict[str, type[RekindleError]] = {}
    waiting: list[type[RekindleError]] = [RekindleError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if "code" in vars(kind) and found.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"two errors share the code {kind.code}")
    return found


def problem(error: RekindleError, request_id: str) -> Problem:
    """The document of an error."""
    slug = error.code.replace("_", "-")
    return Problem(
        type=f"/problems/{slug}",
        title=error.code.replace("_", " ").capitalize(),
        status=status_of(type(error)),
        detail=error.sentence,
        instance=f"urn:request:{request_id}",
        code=error.code,
        errors=[
            ProblemFault(pointer=fault.pointer, code=fault.code, detail=fault.detail) for fault in error.faults[:MOST_FAULTS]
        ],
        request_id=request_id,
    )


def answer(error: RekindleError, request_id: str, headers: dict[str, str] | None = None) -> Response:
    """The response of an error."""
    document = problem(error, request_id)
    sent = dict(headers or {})
    if document.status == 401:
        sent.setdefault("WWW-Authenticate", 'Bearer realm="rekindle"')
    if isinstance(error, RangeOutsideError):
        sent.setdefault("Content-Range", f"bytes */{error.length}")
    if document.status in {429, 503} or error.code == "still_running":
        sent.setdefault("Retry-After", "1")
    return Response(document.model_dump_json(), document.status, sent, MEDIA_TYPE)


def understood(error: Exception) -> RekindleError:
    """Any exception as an error of ours; what is not understood is an InternalError, logged by class alone."""
    match error:
        case RekindleError():
            return error
        case RequestValidationError():
            return invalid(error.errors())
        case ClientDisconnect():  # nobody is there to be told, and it is no defect of ours
            return MalformedError()
        case StaleDataError():
            return StaleVersionError()
        case HTTPException():
            return FROM_STATUS.get(error.status_code, InternalError)()
        case PoolTimeoutError():
            return UnavailableError()
        case IntegrityError() if is_duplicate(error):
            return ConflictError()
        case DBAPIError() if is_full(error):
            return StorageFullError()
        case DBAPIError() if sqlstate(error).startswith(("40", "53", "55", "57", "08")) or is_busy(error) or is_away(error):
            return UnavailableError()
        case _:
            return InternalError()


def report(error: Exception, request_id: str) -> None:
    """Leaves a trace of a defect: the class and, from the database, the SQLSTATE; never the text."""
    log.error("failed", error=type(error).__name__, sqlstate=sqlstate(error), request_id=request_id)


def sqlstate(error: Exception) -> str:
    """The SQLSTATE of a database error, or ''."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def is_busy(error: DBAPIError) -> bool:
    """Whether SQLite gave up waiting for another writer."""
    return getattr(error.orig, "sqlite_errorname", "") in {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT"}


def is_full(error: DBAPIError) -> bool:
    """Whether there is no room left: disk_full on PostgreSQL; on SQLite also when its shared memory cannot grow."""
    return sqlstate(error) == "53100" or getattr(error.orig, "sqlite_errorname", "") in {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}


def is_away(error: DBAPIError) -> bool:
    """Whether PostgreSQL cannot be reached, or went away before anything was committed."""
    unreached = isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") is None
    return error.connection_invalidated or unreached


def is_duplicate(error: IntegrityError) -> bool:
    """Whether a unique key was taken in the same moment; other broken constraints are defects."""
    lite = getattr(error.orig, "sqlite_errorname", "")
    return sqlstate(error) == "23505" or lite in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def invalid(found: Any) -> RekindleError:
    """Pydantic's errors as faults; an id in the path that cannot exist is a thing that does not exist."""
    if any(entry["loc"][:1] == ("path",) for entry in found):
        return NotFoundError()
    return InvalidError(faults=tuple(_fault(entry) for entry in found[:MOST_FAULTS]))


def _fault(entry: dict[str, Any]) -> Fault:
    kind, context = entry["type"], entry.get("ctx") or {}
    code, sentence = SENTENCES.get(kind, ("not_acceptable", "This value is not acceptable here."))
    place = list(entry["loc"])
    if kind == "extra_forbidden":
        sentence += did_you_mean(str(place.pop()), known_fields())
    elif kind == "value_error":  # only our own validators raise these, with fixed sentences
        sentence = f"{context.get('error', '')}."
    sentence = FORMS.get(str(context.get("pattern")), sentence)
    return Fault(pointer(place), code, sentence.format_map(_Plain(context)))


class _Plain(dict[str, Any]):
    """Limits of a schema for a sentence; nothing but numbers, days and the schema's own patterns and choices."""

    def __missing__(self, key: str) -> str:
        return "the allowed form"


def pointer(place: list[Any]) -> str:
    """JSON Pointer of a place; keys the schemas do not know stand as `*`, because they came from the caller."""
    source, *steps = place or ["body"]
    known = known_fields()
    names = [str(step) if isinstance(step, int) or str(step) in known or str(step).isdigit() else "*" for step in steps]
    if source in {"query", "header"}:
        names = [str(source), *[str(step) for step in steps]]
    return "".join(f"/{name}" for name in names)


def did_you_mean(sent: str, known: frozenset[str] | set[str]) -> str:
    """` Did you mean 'limit'?` when something known is close, else nothing; never what was sent, which another body takes."""
    close = get_close_matches(sent[:64], known - {sent}, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def request_id_of(request: Request) -> str:
    """The id the middleware gave this request."""
    found: str | UUID = request.scope.get("rekindle.request_id", "")
    return str(found)
