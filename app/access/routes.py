"""How an endpoint becomes an operation: it names its permission and its errors, and the router does the rest.

An endpoint takes `work` and what it declared, and returns a schema, bytes or None.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.access.doors import KEYS, Door, counted_as
from app.access.operations import (
    VIEW,
    DecodedRequest,
    Endpoint,
    IfMatch,
    Operation,
    decoded,
    explained,
    operate,
    refuse_unknown,
    visit,
)
from app.access.permissions import Permission
from app.access.streams import Streamed
from app.access.views import As
from app.access.waiting import answered_in_time
from app.access.work import THERAPISTS, Runtime
from app.core.database import CommitUnknownError
from app.core.idempotency import KeyInvalidError, KeyReusedError, StillRunningError
from app.core.json_guard import MEMBERS, JsonAmbiguousError, JsonError, JsonTooLargeError
from app.core.kms import KeyServiceUnavailableError
from app.core.problems import (
    InternalError,
    PreconditionRequiredError,
    Problem,
    StorageFullError,
    TooLargeError,
    TooManyRequestsError,
    UnavailableError,
    UnsupportedMediaTypeError,
    status_of,
)
from app.core.schemas import Fingerprinted, Versioned
from app.errors import (
    InvalidError,
    MalformedError,
    NotFoundError,
    RekindleError,
    StaleVersionError,
)

__all__ = ["IfMatch", "RecordRouter", "larger_bodies"]

WAIT: Final = "wait"  # the parameter by which an operation says for how many seconds it may keep its caller
ALWAYS: Final = (TooManyRequestsError, InternalError, UnavailableError, StorageFullError, KeyServiceUnavailableError)
WITH_BODY: Final = (
    MalformedError,
    JsonError,
    JsonTooLargeError,
    JsonAmbiguousError,
    TooLargeError,
    UnsupportedMediaTypeError,
    InvalidError,
)


class RecordRoute(APIRoute):
    """A route that reads JSON guardedly, refuses unknown parameters, and answers every error as a problem document."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with the door around it."""
        handle = super().get_route_handler()
        known = {str(parameter.alias) for dependant in _dependants(self.dependant) for parameter in dependant.query_params}
        takes_body = self.body_field is not None
        operation: Operation = getattr(self.endpoint, "operation")  # noqa: B009 - set on the function by RecordRouter

        async def answered(request: Request) -> Response:
            request.scope["rekindle.told"] = operation.told(self.path)
            try:
                refuse_unknown(request, known)
                guarded = DecodedRequest(request.scope, request.receive)
                if takes_body:
                    request.scope["rekindle.json"] = decoded(request, await guarded.body(), operation)
                return await handle(guarded)
            except Exception as error:  # noqa: BLE001 - whatever happened is answered as a problem, and nothing is echoed
                return await explained(request, operation, error)

        return answered


def _dependants(dependant: Any) -> list[Any]:
    return [dependant, *(inner for child in dependant.dependencies for inner in _dependants(child))]


class RecordRouter(APIRouter):
    """Mounts endpoints as operations; each names its permission and the errors only it can raise."""

    def __init__(self, tag: str, prefix: str = "/v1", door: Door | None = KEYS, dependencies: Sequence[Any] = ()) -> None:
        """`door` is how its callers get in, None for what strangers ask; `dependencies` declare what stands in the prefix."""
        super().__init__(prefix=prefix, tags=[tag], route_class=RecordRoute, dependencies=list(dependencies))
        self.door = door

    def reads(self, path: str, permission: Permission, *errors: type[RekindleError]) -> Callable[[Endpoint], Endpoint]:
        """A GET."""
        return self._mount("GET", path, permission, 200, errors)

    def creates(
        self,
        path: str,
        permission: Permission,
        *errors: type[RekindleError],
        status: int = 201,
        body_bytes: int | None = None,
        longest_array: int = MEMBERS,
    ) -> Callable[[Endpoint], Endpoint]:
        """A POST, safe to retry with an Idempotency-Key; `body_bytes` lets a path without parameters take larger bodies."""
        return self._mount("POST", path, permission, status, errors, body_bytes, longest_array)

    def changes(self, path: str, permission: Permission, *errors: type[RekindleError]) -> Callable[[Endpoint], Endpoint]:
        """A PATCH with If-Match."""
        return self._mount("PATCH", path, permission, 200, (*errors, StaleVersionError, PreconditionRequiredError))

    def ends(self, path: str, permission: Permission, *errors: type[RekindleError]) -> Callable[[Endpoint], Endpoint]:
        """A DELETE of what only its holder ends, and nobody changes: there is no version to match."""
        return self._mount("DELETE", path, permission, 204, errors)

    def removes(self, path: str, permission: Permission, *errors: type[RekindleError]) -> Callable[[Endpoint], Endpoint]:
        """A DELETE with If-Match."""
        return self._mount("DELETE", path, permission, 204, (*errors, StaleVersionError, PreconditionRequiredError))

    def _mount(  # noqa: PLR0913, PLR0917 - what one operation is made of
        self,
        method: str,
        path: str,
        permission: Permission,
        status: int,
        errors: tuple[type[RekindleError], ...],
        body_bytes: int | None = None,
        longest_array: int = MEMBERS,
    ) -> Callable[[Endpoint], Endpoint]:
        def mount(endpoint: Endpoint) -> Endpoint:
            operation = Operation(
                endpoint.__name__,
                permission,
                status,
                writes=method != "GET",
                has_views=method == "GET" and is_about_couples(path),
                body_bytes=body_bytes,
                longest_array=longest_array,
                door=self.door,
            )
            signature = inspect.signature(endpoint, eval_str=True)
            streams = _streams(signature)
            told = (
                _errors(method, path, signature, self.door, errors)
                | _other_answers(signature)
                | _unchanged(method, signature)
                | _pieces(signature)
            )
            self.add_api_route(
                path,
                _in_one_hop(endpoint, signature, operation),
                methods=[method],
                status_code=status,
                response_model=None if signature.return_annotation is bytes or streams else signature.return_annotation,
                response_class=Response if streams else JSONResponse,
                operation_id=endpoint.__name__,
                name=endpoint.__name__,
                summary=(inspect.getdoc(endpoint) or "").partition("\n")[0].rstrip("."),
                description=inspect.getdoc(endpoint),
                responses=told,
                openapi_extra={"x-permission": str(permission), "security": self.door.security if self.door else []},
            )
            return endpoint

        return mount


def is_about_couples(path: str) -> bool:
    """Whether reads of a path have a view of each partner: everything about a couple, and lists of couples."""
    return "{couple_id}" in path or path.split("/")[1:2] == ["couples"]


def _other_answers(signature: inspect.Signature) -> dict[int | str, dict[str, Any]]:
    """Answers of the same shape under another status, which a schema names in `other_statuses`."""
    shape = signature.return_annotation
    other: dict[int, str] = getattr(shape, "other_statuses", {})
    return {status: {"model": shape, "description": description} for status, description in other.items()}


def _streams(signature: inspect.Signature) -> bool:
    """Whether the answer is sent piece by piece."""
    return isinstance(signature.return_annotation, type) and issubclass(signature.return_annotation, Streamed)


def _pieces(signature: inspect.Signature) -> dict[int | str, dict[str, Any]]:
    """What is told of an answer that is sent piece by piece."""
    if not _streams(signature):
        return {}
    shape: type[Streamed] = signature.return_annotation
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in shape.media_types}
    return {
        status: {"description": told} | ({} if status == 304 else {"content": content})
        for status, told in shape.answers.items()
    }


def _unchanged(method: str, signature: inspect.Signature) -> dict[int | str, dict[str, Any]]:
    """The answer without a body to a GET of something with an ETag that the caller has already."""
    shape = signature.return_annotation
    if method != "GET" or not isinstance(shape, type) or not issubclass(shape, Versioned | Fingerprinted):
        return {}
    return {304: {"description": "Unchanged: the ETag in `If-None-Match` is the one there is."}}


def _errors(
    method: str, path: str, signature: inspect.Signature, door: Door | None, errors: tuple[type[RekindleError], ...]
) -> dict[int | str, dict[str, Any]]:
    refusals = door.refusals if door else ()
    kinds: list[type[RekindleError]] = [*refusals, *ALWAYS, InvalidError, *errors]
    if "body" in signature.parameters:
        kinds += WITH_BODY
    if method != "GET":
        kinds.append(CommitUnknownError)
    if method == "POST" and door is not None:
        kinds += [KeyInvalidError, KeyReusedError, StillRunningError]
    if "{" in path and not any(issubclass(kind, NotFoundError) for kind in refusals):
        kinds.append(NotFoundError)
    told: dict[int | str, dict[str, Any]] = {}
    for kind in dict.fromkeys(kinds):
        entry = told.setdefault(status_of(kind), {"model": Problem, "description": "", "x-codes": []})
        entry["x-codes"].append(kind.code)
        entry["description"] = " ".join([entry["description"], f"`{kind.code}`: {kind.detail}"]).strip()
    return told


def larger_bodies(rooms: Iterable[APIRouter]) -> dict[str, int]:
    """The paths of operations that take larger bodies than the others, with how many bytes."""
    routes = [route for room in rooms for route in room.routes if isinstance(route, RecordRoute)]
    operations: list[tuple[str, Operation]] = [(route.path, getattr(route.endpoint, "operation")) for route in routes]  # noqa: B009 - set on the function by RecordRouter
    return {path: operation.body_bytes for path, operation in operations if operation.body_bytes}


def _in_one_hop(endpoint: Endpoint, signature: inspect.Signature, operation: Operation) -> Callable[..., Any]:
    """The endpoint as FastAPI calls it: everything it does happens in one hop to a worker thread."""

    async def in_one_hop(request: Request, **given: Any) -> Response:
        request.scope["rekindle.reached"] = True
        given.pop("idempotency_key", None)
        body = await request.body()
        runtime: Runtime = request.app.state.runtime
        if operation.door is None:
            runtime.strangers.take(counted_as("visitor", request.client.host if request.client else ""))
            return await run_sync(visit, runtime, request, operation, endpoint, given, limiter=runtime.visitors)

        async def ask() -> Response:
            return await run_sync(operate, runtime, request, body, operation, endpoint, dict(given), limiter=runtime.threads)

        wait = given.get(WAIT)
        return await (answered_in_time(runtime, request, ask, wait) if wait else ask())

    kept = [parameter for name, parameter in signature.parameters.items() if name not in {"work", "visit"}]
    asked = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in kept]
    repeatable = operation.writes and operation.status in {200, 201, 202} and operation.door is not None
    if repeatable and "if_match" not in signature.parameters:
        keyword.append(inspect.Parameter("idempotency_key", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_KEY))
    if operation.has_views:
        keyword.append(inspect.Parameter(VIEW, inspect.Parameter.KEYWORD_ONLY, default=THERAPISTS.view, annotation=As))
    in_one_hop.__signature__ = signature.replace(parameters=[asked, *keyword])  # type: ignore[attr-defined]  # read by FastAPI
    in_one_hop.__name__, in_one_hop.__doc__ = endpoint.__name__, endpoint.__doc__
    in_one_hop.operation = operation  # type: ignore[attr-defined]  # read by RecordRoute
    return in_one_hop


_KEY = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Makes a retry safe: the same key gives the same answer for 24 hours, and one effect.",
        examples=["9f1c2f6e-6a57-4e0c-9d5a-3b8f0c1d2e3f"],
    ),
]
