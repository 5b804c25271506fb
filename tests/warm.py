"""The application with its routes built, for served processes that are forked again and again; building takes longest."""

import asyncio
from typing import Any

import app.main


async def _ask_for_nothing() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        """Nobody listens."""

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "root_path": ""}
    await BUILT.router(scope, receive, send)  # the first request builds the routes


BUILT = app.main.bare_app()
asyncio.run(_ask_for_nothing())
app.main.bare_app = lambda: BUILT
