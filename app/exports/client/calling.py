"""Requests to the service: patient with one that is away or busy, and short with one that says no."""

import random
import ssl
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpx

from app.core.settings import LOOPBACK
from app.exports.client.ends import PartialError, RefusedError

BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
NO_SUCH: Final = frozenset({404, 405, 501})
ANOTHER: Final = (
    "What answers at --url is not this service, or not this version of it. "
    "Give the address that stands before /v1: https://rekindle.example.org"
)
ELSEWHERE: Final = (
    "What answers at --url sends elsewhere ({status}), as a page to sign in at does, or an address that moved. Give --url the"
    " address of the service itself."
)
UNTRUSTED: Final = (
    "The certificate at --url is not one that this machine trusts for that name. If the authority is your own, name its file in"
    " SSL_CERT_FILE."
)
NO_TLS: Final = "What answers at --url does not speak TLS, so the key was not sent."
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
    """A client with a key; raises RefusedError for no address, no key, and where the key would cross a network in the clear."""
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"} or parts.username or parts.query or parts.fragment:
        raise RefusedError("--url takes the address of the service and nothing else: https://rekindle.example.org")
    if not key.isascii() or not key.isprintable():
        raise RefusedError("The key holds a letter that no key has. Copy it again.")
    loopback = parts.hostname in LOOPBACK
    if parts.scheme == "http" and not loopback:
        raise RefusedError("Over http the key and the record could be read on the way. Give --url an https:// address.")
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(30, connect=5),
        follow_redirects=False,
        trust_env=not loopback,
    )


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; None where it is none, or its port cannot be."""
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_address else None


def answered(client: httpx.Client, patience: Patience, method: str, path: str, **given: Any) -> httpx.Response:
    """The answer, read whole, to a request that may be sent again. Raises Refusal and PartialError."""
    while True:
        try:
            answer = client.request(method, path, **given)
        except httpx.RequestError as error:
            patience.lose(away(error))
            continue
        if is_busy(answer):
            patience.lose(f"The service is busy ({answer.status_code}).", seconds_of(answer))
            continue
        patience.renew()
        if not answer.is_success:
            raise refusal(answer)
        return answer


def away(error: httpx.RequestError) -> str:
    """That nothing came, and of what kind; never the address or what was sent. Raises RefusedError where waiting is in vain."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise RefusedError(UNTRUSTED) from None
        if isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER":
            raise RefusedError(NO_TLS) from None
        cause = cause.__cause__ or cause.__context__
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
    if answer.is_redirect:
        return Refusal(answer.status_code, "", ELSEWHERE.format(status=answer.status_code))
    found = _problem(answer)
    detail = found.get("detail") or f"The service answers {answer.status_code}."
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        detail = f"{detail} {NOT_TAKEN}"
    errors = found.get("errors")
    told = [fault for fault in errors if isinstance(fault, dict)] if isinstance(errors, list) else []
    faults = [f"{fault.get('pointer')}: {fault.get('detail')}" for fault in told]
    return Refusal(answer.status_code, str(found.get("code", "")), "\n- ".join([str(detail), *faults]))


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The object an answer holds; an empty one where it holds anything else."""
    try:
        found = answer.json()
    except (ValueError, LookupError, RecursionError):  # no JSON, in no known letters, or deeper than anything of ours
        return {}
    return found if isinstance(found, dict) else {}


def _problem(answer: httpx.Response) -> dict[str, Any]:
    return json_of(answer) if "json" in answer.headers.get("Content-Type", "") else {}
