"""Builds the application: mounts every room and wires what a running service holds."""

import re
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from app.access.credential_endpoints import router as credentials
from app.access.endpoints import router as access
from app.access.endpoints import strangers
from app.access.oauth import router as oauth
from app.access.people_endpoints import router as people
from app.access.routes import larger_bodies
from app.access.work import Runtime
from app.audit.endpoints import router as audit
from app.caseload.endpoints import router as caseload
from app.caseload.following import KEEPING
from app.changes.endpoints import router as changes
from app.clinic_outcomes.endpoints import router as clinic_outcomes
from app.core import health
from app.core.asgi import Envelope
from app.core.chores import Chore, while_serving
from app.core.clock import Clock, now
from app.core.crypto import KeyCache, open_keys
from app.core.database import Database
from app.core.key_store import IDS_ALONE, SCHEMA
from app.core.migrate import HEAD, KEY_STORE_HEAD
from app.core.openapi import document
from app.core.problems import answer, report, request_id_of, understood
from app.core.safe_to_serve import exposures, losses
from app.core.settings import Settings
from app.core.shredding import BURYING
from app.couples.break_glass_endpoints import router as break_glass
from app.couples.endpoints import router as couples
from app.couples.seat_endpoints import router as care_teams
from app.diagnoses.endpoints import router as diagnoses
from app.direction.endpoints import router as direction
from app.direction.job import ANALYSING
from app.disclosures.endpoints import router as disclosures
from app.errors import RekindleError
from app.exports.endpoints import router as exports
from app.exports.job import EXPORTING
from app.exports.keeping import ENDING
from app.fhir.bulk.endpoints import router as bulk
from app.fhir.endpoints import router as fhir
from app.fhir.routes import is_ours as is_fhir
from app.fhir.routes import refused as refused_over_fhir
from app.fhir.writing.endpoints import LARGER_BODIES
from app.fhir.writing.endpoints import router as fhir_writing
from app.forms.endpoints import router as forms
from app.homework.endpoints import router as homework
from app.homework.menu_endpoints import router as menus
from app.homework.pauses import RUNNING_OUT
from app.homework.showing import SHOWING
from app.ledger.sealing import SEALING
from app.ledger.service import is_ahead_of_the_server
from app.ledger.verification import VerifySigned
from app.measures.endpoints import router as measures
from app.notes.audit import verify_signed_notes
from app.notes.endpoints import router as notes
from app.outcomes.endpoints import router as outcomes
from app.partner_pages.endpoints import door as partner_pages
from app.partner_pages.endpoints import router as links
from app.protocols.endpoints import router as protocols
from app.psychotherapy.endpoints import router as psychotherapy
from app.releases.endpoints import keeping
from app.releases.endpoints import router as releases
from app.safety.endpoints import router as safety
from app.sharing.endpoints import router as sharing
from app.vocabularies.endpoints import router as vocabularies
from app.webhooks.endpoints import router as webhooks
from app.webhooks.relay import FORGETTING, RELAYING

ROOMS = (
    *(
        oauth,
        strangers,
        access,
        credentials,
        vocabularies,
        couples,
        protocols,
        diagnoses,
        safety,
        homework,
        menus,
        measures,
        forms,
        notes,
        outcomes,
        clinic_outcomes,
        caseload,
        direction,
    ),
    *(psychotherapy, people, care_teams, break_glass, links, partner_pages, audit, disclosures, releases, keeping),
    sharing,
    changes,
    webhooks,
    exports,
    bulk,
    fhir_writing,
    fhir,
)

# What every clinic's record needs done by itself, in `rekindle worker` and in every server process.
CHORES: tuple[Chore, ...] = (
    SEALING,
    BURYING,
    RUNNING_OUT,
    SHOWING,
    KEEPING,
    ANALYSING,
    RELAYING,
    FORGETTING,
    EXPORTING,
    ENDING,
)
# What slices signed, by the name of it: `rekindle audit verify` asks each whether it still is what was signed.
SIGNED: dict[str, VerifySigned] = {"notes": verify_signed_notes}


class UnsafeError(RuntimeError):
    """The service may not start like this; the text says what to change."""


def bare_app() -> FastAPI:
    """All operations and nothing behind them: enough to describe the API."""
    app = FastAPI(
        title="Rekindle",
        version=health.VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"logs": False},
        redirect_slashes=False,
    )
    for room in ROOMS:
        app.include_router(room)
    app.openapi = lambda: _once(app)  # type: ignore[method-assign]  # FastAPI's documented way to own the document
    return app


def create_runtime(settings: Settings, clock: Clock = now) -> Runtime:
    """What a running service holds; raises KeyUnavailableError when its keys cannot be read."""
    return Runtime(settings, Database(settings), open_keys(settings), clock)


def create_app(settings: Settings, clock: Clock = now) -> FastAPI:
    """The application for these settings; raises KeyUnavailableError when its keys cannot be read."""
    app = bare_app()
    app.state.runtime = create_runtime(settings, clock)
    app.router.lifespan_context = while_serving(app.state.runtime, CHORES)
    health.mount(app, lambda running: _is_ready(running.state.runtime))
    app.add_exception_handler(Exception, _explain)
    app.add_exception_handler(HTTPException, _explain)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(settings.cors_origins), allow_methods=["*"], allow_headers=["*"])
    app.add_middleware(
        Envelope,
        body_bytes=settings.body_bytes,
        larger_bodies=larger_bodies(ROOMS) | LARGER_BODIES,
        explain=_told,
        demo=settings.environment == "demo",
    )
    return app


def check_safe(database: Database, keys: KeyCache, *, production: bool) -> None:
    """Raises UnsafeError when a database would expose the record or, in production, lose it, or stands at another revision."""
    refusals = database.refusals() + exposures(keys.store.engine, SCHEMA, IDS_ALONE)
    if production:
        refusals += losses(database.engine) + losses(keys.store.engine)
    if database.schema_revision() != HEAD:
        refusals.append("the database is not at this version's schema: run `rekindle migrate`")
    elif is_ahead_of_the_server(database):
        refusals.append("the ledger was restored from a dump: lift it, as docs/how-to/back-up-and-restore.md says")
    if keys.store.schema_revision() != KEY_STORE_HEAD:
        refusals.append("the key store is not at this version's schema: run `rekindle migrate`")
    if refusals:
        raise UnsafeError("; ".join(dict.fromkeys(refusals)))


def _is_ready(runtime: Runtime) -> bool:
    """Whether record, key store and key service can do their work now."""
    database, keys = runtime.database, runtime.cache
    return (
        database.is_reachable()
        and database.schema_revision() == HEAD
        and keys.store.schema_revision() == KEY_STORE_HEAD
        and keys.key_service.health()
    )


def _once(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = document(app)
    return app.openapi_schema


async def _explain(request: Request, error: Exception) -> Response:
    """The problem of what happened outside any operation: no such path, no such method, or a defect."""
    headers: dict[str, str] = {}
    if is_fhir(request.url.path):
        return refused_over_fhir(request, error)
    if isinstance(error, HTTPException) and error.status_code in {404, 405}:
        taken = _methods_of(request)
        if taken:
            error, headers = HTTPException(405), {"Allow": ", ".join(taken)}
        elif error.headers:  # a page, which knows its own methods
            headers = dict(error.headers)
    elif not isinstance(error, HTTPException):
        report(error, request_id_of(request))
    return answer(understood(error), request_id_of(request), headers)


def _told(request: Request, error: RekindleError, headers: dict[str, str]) -> Response:
    """An error before any operation was reached, as whoever asked reads errors."""
    if is_fhir(request.url.path):
        return refused_over_fhir(request, error, headers)
    return answer(error, request_id_of(request), headers)


def _methods_of(request: Request) -> list[str]:
    """Every method some operation takes on this path."""
    found: set[str] = set()
    for template, operations in request.app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), request.url.path):
            found |= {method.upper() for method in operations}
    return sorted(found | {"HEAD"} if "GET" in found else found)
