"""How a FHIR interaction becomes a route: the same unit of work, keys, limits and trail as of every operation.

What differs is what its clients read: resources and OperationOutcomes as `application/fhir+json`, parameters that FHIR has
rules of its own for, and the `CapabilityStatement` instead of the API's document.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.access.doors import KEYS, counted_as
from app.access.permissions import Permission
from app.access.streams import Streamed
from app.access.work import Asked, Runtime, Work
from app.core import json_guard
from app.core.problems import InternalError, UnsupportedMediaTypeError, report, request_id_of, understood
from app.errors import MalformedError
from app.fhir import addresses, formats, outcomes
from app.fhir.formats import FHIR_JSON, PLAIN_JSON
from app.fhir.rules import FormatUnknownError, InteractionUnknownError
from app.ledger.service import Aim

__all__ = ["FHIR_JSON", "PLAIN_JSON", "Answer", "Call", "FhirRouter", "Interaction", "Route", "is_ours", "refused"]

FORM: Final = "application/x-www-form-urlencoded"
BETWEEN: Final = re.compile(r'[\s"]')
PREFIX: Final = "/fhir"
MOST_PARAMETERS: Final = 100
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Call:
    """One request as an interaction needs it."""

    path: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    @property
    def preferences(self) -> frozenset[str]:
        """What all `Prefer` headers ask for (RFC 7240), in small letters and without quotes."""
        said = ",".join(value for name, value in self.headers.items() if name == "prefer")
        return frozenset(BETWEEN.sub("", one).lower() for one in re.split("[,;]", said))

    def resource(self) -> dict[str, Any]:
        """The resource in the body. Raises UnsupportedMediaTypeError and what the guarded decoder raises."""
        media_type, said = formats.parts(self.headers.get("content-type", ""))
        if media_type not in {FHIR_JSON, PLAIN_JSON} or not formats.is_r4(said):
            raise UnsupportedMediaTypeError("Send a resource of R4 as JSON with `Content-Type: application/fhir+json`.")
        self._check_coding()
        found = json_guard.decode(self.body)
        if not isinstance(found, dict):
            raise MalformedError
        return found

    def form(self) -> tuple[tuple[str, str], ...]:
        """The parameters in the address and in the body of a search that is posted. Raises MalformedError."""
        said = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.body and said != FORM:
            raise UnsupportedMediaTypeError("Send the parameters with `Content-Type: application/x-www-form-urlencoded`.")
        self._check_coding()
        try:
            text = self.body.decode("utf-8")
            found = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
        except ValueError:
            raise MalformedError from None
        return (*self.pairs, *found)

    def _check_coding(self) -> None:
        """Whoever sends a body compressed is not told that it is no JSON. Raises UnsupportedMediaTypeError."""
        if self.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            raise UnsupportedMediaTypeError("Send the body as it is, without `Content-Encoding`.")


@dataclass(frozen=True)
class Answer:
    """What an interaction answers."""

    resource: dict[str, Any] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Interaction = Callable[[Work, Call], Answer | Streamed]
Document = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """An interaction and where it is mounted."""

    name: str
    method: str
    path: str
    aim: Aim


class FhirRouter(APIRouter):
    """Mounts interactions. None of them is in the API's document: what there is, `/fhir/metadata` says."""

    def __init__(self) -> None:
        super().__init__(prefix=PREFIX, include_in_schema=False)
        self.interactions: list[Route] = []

    def answers(self, method: str, path: str, aim: Aim = Aim.LIST) -> Callable[[Interaction], Interaction]:
        """An interaction of clients with a key or a token."""

        def mount(interaction: Interaction) -> Interaction:
            route = Route(f"fhir_{interaction.__name__}", method, path, aim)
            self.interactions.append(route)
            addresses.mount(method, path, changes=aim is Aim.CHANGE)
            self.add_api_route(path, partial(_answered, route, interaction), methods=[method], name=route.name)
            return interaction

        return mount

    def tells(self, path: str, *, is_plain: bool = False) -> Callable[[Document], Document]:
        """A document that anybody may read, made from where the service is; a plain one is JSON whatever is asked for."""

        def mount(document: Document) -> Document:
            async def told(request: Request) -> Response:
                request.scope["rekindle.told"] = {"operation": f"fhir_{document.__name__}", "route": PREFIX + path}
                runtime: Runtime = request.app.state.runtime
                try:
                    runtime.strangers.take(counted_as("visitor", request.client.host if request.client else ""))
                    media_type = PLAIN_JSON if is_plain else _media_type(request)
                    return _sent(await run_sync(document, runtime.settings.address), 200, {}, media_type)
                except Exception as error:  # noqa: BLE001 - whatever happened is answered as an OperationOutcome
                    return refused(request, error)

            addresses.mount("GET", path)
            self.add_api_route(path, told, methods=["GET"], name=f"fhir_{document.__name__}")
            return document

        return mount

    def refuses_the_rest(self, interaction: Interaction) -> Interaction:
        """What answers every other path and method under the prefix, once it is known who asks."""
        route = Route(f"fhir_{interaction.__name__}", "", "/{rest:path}", Aim.LIST)
        for path in ("", "/{rest:path}"):
            self.add_api_route(path, partial(_answered, route, interaction), methods=list(METHODS), name=route.name)
        return interaction


async def _answered(route: Route, interaction: Interaction, request: Request) -> Response:
    request.scope["rekindle.told"] = {"operation": route.name, "route": PREFIX + route.path}
    runtime: Runtime = request.app.state.runtime
    try:
        call = Call(dict(request.path_params), tuple(request.query_params.multi_items()), request.headers, await request.body())
        return await run_sync(_operate, runtime, request, route, interaction, call, limiter=runtime.threads)
    except Exception as error:  # noqa: BLE001 - whatever happened is answered as an OperationOutcome
        return refused(request, error)


def is_ours(path: str) -> bool:
    """Whether clients of this path read FHIR."""
    return path == PREFIX or path.startswith(PREFIX + "/")


def refused(request: Request, error: Exception, headers: Mapping[str, str] | None = None) -> Response:
    """An error as an OperationOutcome; nothing that was sent is repeated, and a defect is reported by its class alone."""
    problem = understood(error)
    if isinstance(problem, InternalError):
        report(error, request_id_of(request))
    request.scope.setdefault("rekindle.told", {})["code"] = problem.code
    said = outcomes.headers(problem, has_token=bool(KEYS.token(request))) | dict(headers or {})
    if outcomes.status(problem) == 405:
        said["Allow"] = ", ".join(addresses.methods(request.url.path.removeprefix(PREFIX).removeprefix("/")))
    told = outcomes.outcome(problem, request.app.state.runtime.settings.address + PREFIX, request_id_of(request))
    return _sent(told, outcomes.status(problem), said, _media_type(request, or_else=FHIR_JSON))


def _operate(runtime: Runtime, request: Request, route: Route, interaction: Interaction, call: Call) -> Response:
    """One interaction in one transaction in this thread, committed before its answer leaves."""
    is_head = request.scope.get("rekindle.is_head", False)
    asked = Asked(
        operation=route.name,
        permission=Permission.FHIR,
        token=KEYS.token(request),
        request_id=request_id_of(request),
        writes=route.method in {"PUT", "DELETE"} or route.aim is Aim.CHANGE,
        aim=route.aim,
    )
    with runtime.work(asked) as work:
        request.scope["rekindle.told"]["credential"] = str(work.actor.credential_id)
        limits = runtime.limiter.take(work.actor.credential_id)
        media_type = _media_type(request)
        if is_head and route.aim is Aim.CHANGE:
            raise InteractionUnknownError  # who asks only how an answer begins wants nothing done
        done = interaction(work, call)
    if isinstance(done, Streamed):
        return done.response(runtime, limits, request_id_of(request), is_head=is_head)
    return _sent(done.resource, done.status, {**done.headers, **limits}, media_type)


def _media_type(request: Request, or_else: str = "") -> str:
    """What the client asked for; `or_else` is for what there is to say anyway. Raises FormatUnknownError."""
    try:
        return formats.wanted(request.headers.get("accept", ""), request.query_params.multi_items())
    except FormatUnknownError:
        if or_else:
            return or_else
        raise


def _sent(resource: dict[str, Any] | None, status: int, headers: Mapping[str, str], media_type: str) -> Response:
    if resource is None:
        return Response(None, status, dict(headers))
    return Response(to_json(resource), status, dict(headers), media_type)
