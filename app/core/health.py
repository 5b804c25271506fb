"""Health, version, problem pages and the offline API documentation: what needs no key."""

import html
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from app.core.problems import answer, catalogue, request_id_of, status_of
from app.errors import NotFoundError

VERSION: Final = version("rekindle")
STATIC: Final = Path(__file__).parent.parent / "static"
SWAGGER_FILES: Final = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "start.js": "text/javascript"}
PAGE_POLICY: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
DOCS_POLICY: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
}
STYLE: Final = "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}td,th{text-align:left}"
DOCS: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Rekindle API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/swagger-ui.css">
<link rel="icon" href="data:,"><main id="swagger"></main>
<script src="/static/swagger-ui-bundle.js"></script><script src="/static/start.js"></script></html>"""


def mount(app: FastAPI, is_ready: Callable[[FastAPI], bool]) -> None:
    """Adds the routes to the application; none of them is part of the API document. `is_ready` runs in a thread."""

    async def livez(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        ready = await run_sync(_holds, is_ready, app)
        return JSONResponse({"status": "ok" if ready else "not ready"}, 200 if ready else 503)

    async def show_version(_request: Request) -> Response:
        return JSONResponse({"name": "rekindle", "version": VERSION})

    async def home(_request: Request) -> Response:
        links = {"documentation": "/docs", "openapi": "/openapi.json", "problems": "/problems", "health": "/readyz"}
        return JSONResponse({"name": "rekindle", "version": VERSION, "links": links})

    async def openapi(_request: Request) -> Response:
        return Response(json.dumps(app.openapi(), ensure_ascii=False), media_type="application/json")

    async def docs(_request: Request) -> Response:
        return HTMLResponse(DOCS, headers=DOCS_POLICY)

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in SWAGGER_FILES:
            return answer(NotFoundError(), request_id_of(request))
        return FileResponse(
            STATIC / "swagger" / name, media_type=SWAGGER_FILES[name], headers={"Cache-Control": "max-age=3600"}
        )

    pages: dict[str, Callable[[Request], Any]] = {
        "/": home,
        "/livez": livez,
        "/readyz": readyz,
        "/version": show_version,
        "/openapi.json": openapi,
        "/docs": docs,
        "/static/{name}": static,
        "/problems": _problems,
        "/problems/{slug}": _problem,
    }
    for path, page in pages.items():
        app.router.routes.append(Route(path, page, methods=["GET"], include_in_schema=False))


def _holds(is_ready: Callable[[FastAPI], bool], app: FastAPI) -> bool:
    try:
        return is_ready(app)
    except Exception:  # noqa: BLE001 - whatever is away, the answer is the same
        return False


async def _problems(_request: Request) -> Response:
    rows = "".join(
        f'<tr><td><a href="/problems/{code.replace("_", "-")}">{code}</a><td>{status_of(kind)}<td>{html.escape(kind.detail)}'
        for code, kind in sorted(catalogue().items())
    )
    return _page("Problems", f"<table><tr><th>code<th>status<th>meaning{rows}</table>")


async def _problem(request: Request) -> Response:
    kind = catalogue().get(request.path_params["slug"].replace("-", "_"))
    if kind is None:
        return answer(NotFoundError(), request_id_of(request))
    cause = html.escape((kind.__doc__ or "").strip())
    body = f"<p>Status {status_of(kind)}, code <code>{kind.code}</code>.<p>{cause}<p>{html.escape(kind.detail)}"
    return _page(kind.code.replace("_", " ").capitalize(), body + '<p><a href="/problems">All problems</a>')


def _page(title: str, body: str) -> Response:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return HTMLResponse(f"{head}<main><h1>{title}</h1>{body}</main></html>", headers=PAGE_POLICY)
