"""Waiting for something to say, without a transaction, a connection or a thread: an operation looks again when there may be."""

from collections.abc import Awaitable, Callable
from time import monotonic
from uuid import UUID

from anyio import sleep
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from app.access.operations import NOTHING_YET
from app.access.work import Runtime
from app.ledger.lookout import EVERY


async def answered_in_time(
    runtime: Runtime, request: Request, ask: Callable[[], Awaitable[Response]], seconds: int
) -> Response:
    """The first answer that says something, or the last one once the time is over or the caller is gone.

    Each time it is asked anew the caller is let in anew, as it stands then. The first look comes after the first answer, so
    it is followed by another: what was committed in between is not slept through.
    """
    ends = monotonic() + seconds
    seen: int | None = None
    while True:
        request.scope.pop(NOTHING_YET, None)
        answer = await ask()
        clinic_id: UUID | None = request.scope.get(NOTHING_YET)
        if clinic_id is None:
            return answer
        times = await _look(runtime, clinic_id)
        while times == seen:
            left = ends - monotonic()
            if left <= 0 or await request.is_disconnected():
                return answer
            await sleep(min(EVERY, left))
            times = await _look(runtime, clinic_id)
        seen = times


async def _look(runtime: Runtime, clinic_id: UUID) -> int:
    recent = runtime.lookout.recent(clinic_id)
    return await run_sync(runtime.lookout.look, clinic_id, limiter=runtime.threads) if recent is None else recent
