"""Requests to the service: patient with one that is away or busy, and short with one that says no."""

import random
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from app.core.settings import LOOPBACK
from app.exports.client.ends import PartialError, RefusedError

BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
NOT_TAKEN: Final = "What REKINDLE_KEY or --key-file holds is no key of this service, or none any more."
STILL_RUNNING: Final = "still_running"
LONGEST_WAIT: Final = 30.0
Wait = Callable[[float], object]


class Refusal(RefusedError):  # noqa: N818 - it is raised, and looked at before it is told
    """What the service answers to what it does not do, with its status and its stable code."""

    def __init__(self, status: int, answer_code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.answer_code = status, answer_code


class Patience:
    """How long one waits for a service that does not answer; every step forward renews it."""

    def __init__(self, seconds: float, wait: Wait = time.sleep, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._wait, self._clock = seconds, wait, clock
        self.renew()

    def renew(self) -> None:
        """Something came."""
        self._until, self._next = self._clock() + self._seconds, 0.5

    def lose(self, why: str, at_least: float = 0.0) -> None:
        """Waits before the next try; raises PartialError when it was waited long enough."""
        left = self._until - self._clock()
        if left <= 0:
            raise PartialError(f"{why} Repeat the command with --resume.")
        pause = max(at_least, self._next * random.uniform(0.5, 1.0))  # noqa: S311 - it only has to be uneven
        self._next *= 2
        self._wait(min(pause, LONGEST_WAIT, left))

    def pause(self, seconds: float) -> None:
        """Waits because the service said when to look again."""
        self._wait(min(seconds, LONGEST_WAIT))


def client_for(url: str, key: str) -> httpx.Client:
    """A client with a key; raises RefusedError where the key would cross a network in the clear."""
    parts = urlsplit(url)
    loopback = parts.hostname in LOOPBACK
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise RefusedError("--url takes the address of the service and nothing else: https://rekindle.example.org")
    if parts.scheme == "http" and not loopback:
        raise RefusedError("Over http the key and the record could be read on the way. Give --url an https:// address.")
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(30, connect=5),
        follow_redirects=False,
        trust_env=not loopback,
    )


def answered(client: httpx.Client, patience: Patience, method: str, path: str, **given: Any) -> httpx.Response:
    """The answer, read whole, to a request that may be sent again. Raises Refusal and PartialError."""
    while True:
        try:
            answer = client.request(method, path, **given)
        except httpx.TransportError as error:
            patience.lose(away(error))
            continue
        if is_busy(answer):
            patience.lose(f"The service is busy ({answer.status_code}).", seconds_of(answer))
            continue
        patience.renew()
        if not answer.is_success:
            raise refusal(answer)
        return answer


def away(error: httpx.TransportError) -> str:
    """That nothing came, and of what kind; never the address or what was sent."""
    return f"The service does not answer ({type(error).__name__})."


def is_busy(answer: httpx.Response) -> bool:
    """Whether the same request may go well in a while."""
    if answer.status_code == 409:
        answer.read()
        return _problem(answer).get("code") == STILL_RUNNING
    return answer.status_code in BUSY


def seconds_of(answer: httpx.Response) -> float:
    """How long the service asks to wait; 0 when it does not say."""
    told = answer.headers.get("Retry-After", "")
    return float(told) if told.isdecimal() else 0.0


def refusal(answer: httpx.Response) -> Refusal:
    """What an answer refuses, in its own words."""
    found = _problem(answer)
    detail = found.get("detail") or f"The service answers {answer.status_code}."
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        detail = f"{detail} {NOT_TAKEN}"
    faults = [f"{fault.get('pointer')}: {fault.get('detail')}" for fault in found.get("errors", []) if isinstance(fault, dict)]
    return Refusal(answer.status_code, str(found.get("code", "")), "\n- ".join([str(detail), *faults]))


def _problem(answer: httpx.Response) -> dict[str, Any]:
    if "json" not in answer.headers.get("Content-Type", ""):
        return {}
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
