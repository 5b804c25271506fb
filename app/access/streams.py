"""Answers that are sent piece by piece: the unit of work is committed before the first byte leaves."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Final

from anyio import CancelScope
from anyio.to_thread import run_sync
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from app.core.problems import UnavailableError, report

OF_BYTES: Final = "application/octet-stream"


class StreamsBusyError(UnavailableError):
    """As many answers as the service holds open at once are being read from the record."""

    code = "streams_busy"
    detail = "As many large answers as the service sends at once are under way. Send it again a little later."


@dataclass(frozen=True)
class Streamed:
    """A body in pieces, and what is told of it before the first one.

    `opened` is handed what the running service holds. It is entered once the unit of work is committed, in the same thread, and
    left when the last piece is sent, the client is gone or something broke. What it raises as it is entered is answered as a
    problem; what its pieces raise cuts the connection, so that nobody takes half of a body for the whole.
    """

    answers: ClassVar[Mapping[int, str]] = {200: "The whole of it."}
    """What the document says of each status it can have."""
    media_types: ClassVar[tuple[str, ...]] = (OF_BYTES,)

    opened: Callable[[Any], AbstractContextManager[Iterator[bytes]]]
    media_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, runtime: Any, limits: Mapping[str, str], request_id: str, *, is_head: bool) -> Response:
        """The answer; nothing is opened for one that is asked for without its body."""
        headers = {**self.headers, **limits, "Content-Type": self.media_type}
        if is_head or self.status == 304:
            bare = Response(None, self.status, headers)
            if is_head and "Content-Length" not in self.headers:
                del bare.headers["Content-Length"]
            return bare
        stack = ExitStack()
        pieces = stack.enter_context(self.opened(runtime))
        return _InPieces(pieces, stack, self.status, headers, request_id)


class _InPieces(StreamingResponse):
    """Takes each piece in a worker thread once the one before is sent, so that a slow client costs no memory."""

    def __init__(
        self, pieces: Iterator[bytes], stack: ExitStack, status: int, headers: dict[str, str], request_id: str
    ) -> None:
        super().__init__(pieces, status, headers)
        self._pieces, self._stack, self._request_id = pieces, stack, request_id

    async def stream_response(self, send: Send) -> None:
        """Sends all of it, or cuts the connection."""
        following = partial(next, self._pieces, None)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while (piece := await run_sync(following)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except OSError:
            raise  # the client is gone
        except Exception as error:  # noqa: BLE001 - an answer without its end is told from one that is whole
            report(error, self._request_id)
            return
        finally:
            with CancelScope(shield=True):
                await run_sync(self._stack.close)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
