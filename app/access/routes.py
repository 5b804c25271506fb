"""How an endpoint becomes an operation: permission, guarded JSON, unit of work, retries, ETags, problem documents.

An endpoint takes `work` and what it declared, and returns a schema, bytes or None. Everything else happens here, once.
"""

import inspect
import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.access.permissions import Permission
from app.access.work import Asked, Runtime, Work
from app.core import json_guard
from app.core.idempotency import Answer, KeyInvalidError, KeyReusedError, Replay, StillRunningError
from app.core.problems import (
    InternalError,
    PreconditionRequiredError,
    Problem,
    TooLargeError,
    TooManyRequestsError,
    UnavailableError,
    UnsupportedMediaTypeError,
    answer,
    did_you_mean,
    report,
    request_id_of,
    status_of,
    understood,
)
from app.core.schemas import Schema, Versioned
from app.errors import (
    Fault,
    InvalidError,
    MalformedError,
    NotAllowedError,
    NotFoundError,
    RekindleError,
    StaleVersionError,
    UnauthenticatedError,
)
from app.ledger.service import log_replay

Endpoint = Callable[..., Schema | bytes | None]
JSON: Final = "application/json"
VERSION: Final = re.compile(r'"([0-9]{1,18})"')
ALWAYS: Final = (UnauthenticatedError, NotAllowedError, TooManyRequestsError, InternalError, UnavailableError)
WITH_BODY: Final = (MalformedError, TooLargeError, UnsupportedMediaTypeError, InvalidError)


@dataclass(frozen=True)
class Operation:
    """What the door knows of one endpoint."""

    name: str
    permission: Permission
    status: int
    writes: bool
    body_bytes: int | None = None

    def asked(self, request: Request) -> Asked:
        """The request as the unit of work needs it."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return Asked(
            operation=self.name,
            permission=self.permission,
            token=token.strip() if scheme.lower() == "bearer" else "",
            request_id=request_id_of(request),
            writes=self.writes,
        )


async def _if_match(
    if_match: Annotated[
        str | None, Header(description='The ETag you read, as in `"3"`.', max_length=64, examples=['"1"'])
    ] = None,
) -> int:
    if if_match is None:
        raise PreconditionRequiredError
    version = VERSION.fullmatch(if_match.strip())
    if version is None:
        raise StaleVersionError
    return int(version.group(1))


IfMatch = Annotated[int, Depends(_if_match)]


class DecodedRequest(Request):
    """A request whose JSON went through the guarded decoder."""

    async def json(self) -> Any:
        """The value that `RecordRoute` decoded."""
        return self.scope["rekindle.json"]


class RecordRoute(APIRoute):
    """A route that reads JSON guardedly, refuses unknown parameters, and answers every error as a problem document."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with the door around it."""
        handle = super().get_route_handler()
        known = {str(parameter.alias) for dependant in _dependants(self.dependant) for parameter in dependant.query_params}
        takes_body = self.body_field is not None
        operation: Operation = getattr(self.endpoint, "operation")  # noqa: B009 - set on the function by RecordRouter

        async def answered(request: Request) -> Response:
            request.scope["rekindle.told"] = {"operation": operation.name, "route": self.path}
            try:
                refuse_unknown(request, known)
                guarded = DecodedRequest(request.scope, request.receive)
                if takes_body:
                    request.scope["rekindle.json"] = decoded(request, await guarded.body())
                return await handle(guarded)
            except Exception as error:  # noqa: BLE001 - whatever happened is answered as a problem, and nothing is echoed
                return await _explained(request, operation, error)

        return answered


async def _explained(request: Request, operation: Operation, error: Exception) -> Response:
    """The problem of an error; one that came before the caller was known is told only to those who may ask."""
    if not request.scope.get("rekindle.reached"):
        try:
            await run_sync(_only_authenticate, request.app.state.runtime, operation.asked(request))
        except Exception as refusal:  # noqa: BLE001 - the same door for the same reason
            error = refusal
    problem = understood(error)
    if isinstance(problem, InternalError):
        report(error, request_id_of(request))
    request.scope["rekindle.told"]["code"] = problem.code
    return answer(problem, request_id_of(request))


def _only_authenticate(runtime: Runtime, asked: Asked) -> None:
    with runtime.work(asked):
        pass


def _dependants(dependant: Any) -> list[Any]:
    return [dependant, *(inner for child in dependant.dependencies for inner in _dependants(child))]


def refuse_unknown(request: Request, known: set[str]) -> None:
    """A mistyped filter would give a wrong clinical list, so unknown query parameters are refused."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise InvalidError(
            faults=tuple(
                Fault("/query", "unknown_parameter", f"Unknown parameter.{did_you_mean(name, known)}") for name in unknown[:10]
            )
        )


def decoded(request: Request, body: bytes) -> Any:
    """The JSON of a body that says it is JSON; raises UnsupportedMediaTypeError and what the decoder raises."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not media_type.startswith("application/") or not (media_type == JSON or media_type.endswith("+json")):
        raise UnsupportedMediaTypeError
    return json_guard.decode(body)


class RecordRouter(APIRouter):
    """Mounts endpoints as operations; each names its permission and the errors only it can raise."""

    def __init__(self, tag: str, prefix: str = "/v1") -> None:
        super().__init__(prefix=prefix, tags=[tag], route_class=RecordRoute)

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
    ) -> Callable[[Endpoint], Endpoint]:
        """A POST, safe to retry with an Idempotency-Key; `body_bytes` lets a path without parameters take larger bodies."""
        return self._mount("POST", path, permission, status, errors, body_bytes)

    def changes(self, path: str, permission: Permission, *errors: type[RekindleError]) -> Callable[[Endpoint], Endpoint]:
        """A PATCH with If-Match."""
        return self._mount("PATCH", path, permission, 200, (*errors, StaleVersionError, PreconditionRequiredError))

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
    ) -> Callable[[Endpoint], Endpoint]:
        def mount(endpoint: Endpoint) -> Endpoint:
            operation = Operation(endpoint.__name__, permission, status, writes=method != "GET", body_bytes=body_bytes)
            signature = inspect.signature(endpoint, eval_str=True)
            told = _errors(method, path, signature, errors) | _other_answers(signature)
            self.add_api_route(
                path,
                _in_unit_of_work(endpoint, signature, operation),
                methods=[method],
                status_code=status,
                response_model=None if signature.return_annotation is bytes else signature.return_annotation,
                operation_id=endpoint.__name__,
                name=endpoint.__name__,
                summary=(inspect.getdoc(endpoint) or "").partition("\n")[0].rstrip("."),
                description=inspect.getdoc(endpoint),
                responses=told,
                openapi_extra={"x-permission": str(permission)},
            )
            return endpoint

        return mount


def _other_answers(signature: inspect.Signature) -> dict[int | str, dict[str, Any]]:
    """Answers of the same shape under another status, which a schema names in `other_statuses`."""
    shape = signature.return_annotation
    other: dict[int, str] = getattr(shape, "other_statuses", {})
    return {status: {"model": shape, "description": description} for status, description in other.items()}


def _errors(
    method: str, path: str, signature: inspect.Signature, errors: tuple[type[RekindleError], ...]
) -> dict[int | str, dict[str, Any]]:
    kinds: list[type[RekindleError]] = [*ALWAYS, InvalidError, *errors]
    if "body" in signature.parameters:
        kinds += WITH_BODY
    if method == "POST":
        kinds += [KeyInvalidError, KeyReusedError, StillRunningError]
    if "{" in path:
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


def _in_unit_of_work(endpoint: Endpoint, signature: inspect.Signature, operation: Operation) -> Callable[..., Any]:
    """The endpoint as FastAPI calls it: everything it does happens in one hop to a worker thread."""

    async def operate(request: Request, **given: Any) -> Response:
        request.scope["rekindle.reached"] = True
        given.pop("idempotency_key", None)
        body = await request.body()
        runtime: Runtime = request.app.state.runtime
        return await run_sync(_operate, runtime, request, body, operation, endpoint, given, limiter=runtime.threads)

    kept = [parameter for name, parameter in signature.parameters.items() if name != "work"]
    asked = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in kept]
    if operation.writes and operation.status in {200, 201, 202} and "if_match" not in signature.parameters:
        keyword.append(inspect.Parameter("idempotency_key", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_KEY))
    operate.__signature__ = signature.replace(parameters=[asked, *keyword])  # type: ignore[attr-defined]  # read by FastAPI
    operate.__name__, operate.__doc__ = endpoint.__name__, endpoint.__doc__
    operate.operation = operation  # type: ignore[attr-defined]  # read by RecordRoute
    return operate


_KEY = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Makes a retry safe: the same key gives the same answer for 24 hours, and one effect.",
        examples=["9f1c2f6e-6a57-4e0c-9d5a-3b8f0c1d2e3f"],
    ),
]


def _operate(  # noqa: PLR0913, PLR0917 - what one request is made of
    runtime: Runtime, request: Request, body: bytes, operation: Operation, endpoint: Endpoint, given: dict[str, Any]
) -> Response:
    with runtime.work(operation.asked(request)) as work:
        request.scope["rekindle.told"]["credential"] = str(work.actor.credential_id)
        limits = runtime.limiter.take(work.actor.credential_id)
        replay = _replay(work, request, body)
        done = replay.earlier(work.now) if replay else None
        if done is not None:
            log_replay(work.session)
        else:
            done = _done(request, operation, endpoint(work, **given))
            if replay:
                replay.keep(done, work.now)
    return Response(done.body, done.status, {**done.headers, **limits})


def _replay(work: Work, request: Request, body: bytes) -> Replay | None:
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    same = b"\n".join([request.method.encode(), request.url.path.encode(), request.url.query.encode(), body])
    return Replay(work.session, work.vault, work.actor.credential_id, key, same)


def _done(request: Request, operation: Operation, result: Schema | bytes | None) -> Answer:
    if result is None:
        return Answer(operation.status, b"", {})
    headers = {"Content-Type": JSON}
    if isinstance(result, bytes):
        return Answer(operation.status, result, headers)
    status = operation.status
    if isinstance(result, Versioned):
        headers["ETag"] = f'"{result.version}"'
        if request.method == "GET" and headers["ETag"] in request.headers.get("if-none-match", ""):
            return Answer(304, b"", headers)
    if status == 201 and "id" in type(result).model_fields:
        headers["Location"] = f"{request.url.path}/{result.model_dump(mode='json', include={'id'})['id']}"
    if next_cursor := getattr(result, "next_cursor", None):
        following = request.url.include_query_params(cursor=next_cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Answer(getattr(result, "http_status", status), result.model_dump_json(by_alias=True).encode(), headers)
