"""What one request goes through, once for every operation: guarded JSON, unit of work, retries, ETags, problem documents."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from app.access.doors import KEYS, Door, is_repeatable
from app.access.permissions import PRIVATE, Permission
from app.access.streams import Streamed
from app.access.views import Seen
from app.access.visit import Visit
from app.access.work import THERAPISTS, Asked, Runtime, Work
from app.core import json_guard
from app.core.idempotency import Answer, Replay
from app.core.ids import decode
from app.core.problems import (
    InternalError,
    PreconditionRequiredError,
    UnsupportedMediaTypeError,
    answer,
    did_you_mean,
    report,
    request_id_of,
    understood,
)
from app.core.schemas import Fingerprinted, Schema, Versioned
from app.errors import Fault, InvalidError, StaleVersionError
from app.ledger.service import OWN_WORK, Aim, log_replay

Endpoint = Callable[..., Schema | bytes | Streamed | None]
JSON: Final = "application/json"
NOTHING_YET: Final = "rekindle.nothing_yet"
COUNTED: Final = "rekindle.counted"
VIEW: Final = "seen_as"
VERSION: Final = re.compile(r'"([0-9]{1,18})"')


@dataclass(frozen=True)
class Operation:
    """What the door knows of one endpoint."""

    name: str
    permission: Permission
    status: int
    writes: bool
    has_views: bool = False
    body_bytes: int | None = None
    longest_array: int = json_guard.MEMBERS
    door: Door | None = KEYS
    """How its callers get in; None for what one asks before one is known."""

    def told(self, route: str) -> dict[str, str]:
        """What the log says of a request; of what is a member's alone no more than that they worked."""
        if self.permission in PRIVATE:
            return {"operation": OWN_WORK, "route": OWN_WORK}
        return {"operation": self.name, "route": route}

    def asked(self, request: Request, seen: Seen = THERAPISTS) -> Asked:
        """The request as the unit of work needs it."""
        door = self.door or KEYS
        return Asked(
            operation=self.name,
            permission=self.permission,
            token=door.token(request),
            request_id=request_id_of(request),
            writes=self.writes,
            door=door,
            counted=door.counted(request),
            repeats=is_repeatable(request),
            seen=seen,
            aim=Aim.CHANGE if self.writes else aim_of(request.path_params),
            partner_id=partner_in(request.path_params),
        )


def aim_of(named: Mapping[str, Any]) -> Aim:
    """What a read is after, by what its path names: a partner, a couple as a whole, one thing of a couple, or a list."""
    if "partner_id" in named:
        return Aim.PARTNER
    if "couple_id" in named:
        return Aim.COUPLE if len(named) == 1 else Aim.ITEM
    return Aim.LIST


def partner_in(named: Mapping[str, Any]) -> UUID | None:
    """The partner a path names; None also for what is no partner's id, which the operation itself will refuse."""
    try:
        return decode("prt", named.get("partner_id"))
    except ValueError:
        return None


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


def refuse_unknown(request: Request, known: set[str]) -> None:
    """A mistyped filter would give a wrong clinical list, so unknown query parameters are refused."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise InvalidError(
            faults=tuple(
                Fault("/query", "unknown_parameter", f"Unknown parameter.{did_you_mean(name, known)}") for name in unknown[:10]
            )
        )


def decoded(request: Request, body: bytes, operation: Operation) -> Any:
    """The JSON of a body that says it is JSON; raises UnsupportedMediaTypeError and what the decoder raises."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not media_type.startswith("application/") or not (media_type == JSON or media_type.endswith("+json")):
        raise UnsupportedMediaTypeError
    return json_guard.decode(body, operation.longest_array)


async def explained(request: Request, operation: Operation, error: Exception) -> Response:
    """The problem of an error; one that came before the caller was known is told only to those who may ask."""
    if operation.door is not None and not request.scope.get("rekindle.reached"):
        try:
            await run_sync(_only_authenticate, request.app.state.runtime, replace(operation.asked(request), repeats=False))
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


def operate(  # noqa: PLR0913, PLR0917 - what one request is made of
    runtime: Runtime, request: Request, body: bytes, operation: Operation, endpoint: Endpoint, given: dict[str, Any]
) -> Response:
    """One request in one transaction in this thread: the caller, an earlier answer if there is one, else the endpoint's."""
    seen = Seen(given.pop(VIEW, THERAPISTS.view), given.get("couple_id"))
    with runtime.work(operation.asked(request, seen)) as work:
        request.scope["rekindle.told"]["credential"] = str(work.actor.credential_id)
        # Who waits is asked anew whenever something changes: counted each time, what is left would tell how often that was.
        limits = runtime.limiter.take(work.actor.credential_id, again=COUNTED in request.scope)
        request.scope[COUNTED] = True
        replay = _replay(work, request, body, given.get("couple_id"))
        done: Answer | Streamed | None = replay.earlier(work.now) if replay else None
        if done is not None:
            log_replay(work.session)
        else:
            result = endpoint(work, **given)
            if isinstance(result, Schema) and result.waits_in is not None:
                request.scope[NOTHING_YET] = result.waits_in
            done = result if isinstance(result, Streamed) else _done(request, operation, result)
            if replay and isinstance(done, Answer):
                replay.keep(done, work.now)
    if isinstance(done, Streamed):
        return done.response(runtime, limits, request_id_of(request), is_head=request.scope.get("rekindle.is_head", False))
    return Response(done.body, done.status, {**done.headers, **limits})


def visit(runtime: Runtime, request: Request, operation: Operation, endpoint: Endpoint, given: dict[str, Any]) -> Response:
    """One request of somebody who is not known yet; no transaction is open, its use case opens those it needs."""
    visitor = Visit(runtime, operation.name, request_id_of(request), runtime.clock())
    result = endpoint(visitor, **given)
    assert not isinstance(result, Streamed)  # noqa: S101 - nothing large is sent to somebody who is not known
    done = _done(request, operation, result)
    return Response(done.body, done.status, done.headers)


def _replay(work: Work, request: Request, body: bytes, couple_id: UUID | None) -> Replay | None:
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    same = b"\n".join([request.method.encode(), request.url.path.encode(), request.url.query.encode(), body])
    return Replay(work.session, work.vault, work.actor.credential_id, key, same, couple_id)


def _done(request: Request, operation: Operation, result: Schema | bytes | None) -> Answer:
    if result is None:
        return Answer(operation.status, b"", {})
    headers = {"Content-Type": JSON}
    if isinstance(result, bytes):
        return Answer(operation.status, result, headers)
    status, body = operation.status, result.model_dump_json(by_alias=True).encode()
    if tag := _tag(result, body):
        headers["ETag"] = f'"{tag}"'
        if request.method == "GET" and headers["ETag"] in request.headers.get("if-none-match", ""):
            return Answer(304, b"", headers)
    if status in {201, 202} and (name := result.named_by) in type(result).model_fields:
        headers["Location"] = f"{request.url.path}/{result.model_dump(mode='json', include={name})[name]}"
    if (wait := result.retry_after) is not None:
        headers["Retry-After"] = str(wait)
    if next_cursor := getattr(result, "next_cursor", None):
        following = request.url.include_query_params(cursor=next_cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Answer(getattr(result, "http_status", status), body, headers)


def _tag(result: Schema, body: bytes) -> str | None:
    """What an ETag says: the version of a row, or the hash of something that has none."""
    if isinstance(result, Versioned):
        return str(result.version)
    return sha256(body).hexdigest()[:32] if isinstance(result, Fingerprinted) else None
