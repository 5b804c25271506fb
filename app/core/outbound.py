"""Requests the service itself makes: https to public addresses, the checked address dialled, nothing followed, all bounded.

An address that somebody may choose must not lead into the network the service stands in (server-side request forgery).
"""

import ipaddress
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from ssl import SSLContext
from typing import Final
from urllib.parse import SplitResult, urlsplit

import anyio
import httpx

from app.core import json_guard
from app.core.settings import LOOPBACK
from app.errors import MalformedError

LARGEST_ANSWER: Final = 65_536
CONNECT_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 10.0
REST_SECONDS: Final = 1.0  # how long the rest of an answer is read whose status is all that counts
PUBLIC_PORTS: Final = frozenset({443, 8443})
# Of IPv6 only what is handed out for the internet, and of that not what carries an IPv4 address; nor the 6to4 relay.
UNICAST: Final = ipaddress.ip_network("2000::/3")
NOT_PUBLIC: Final = tuple(ipaddress.ip_network(network) for network in ("2002::/16", "2001::/32", "192.88.99.0/24"))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundError(Exception):
    """Nothing usable came back, or the service does not go there; which is never told to whoever named the address."""


class OutboundSlowError(OutboundError):
    """There was no answer in time."""


def is_public(address: Address) -> bool:
    """Whether an address lies in the public internet, and nowhere that leads back inside."""
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in NOT_PUBLIC)


@dataclass(frozen=True)
class Outbound:
    """A way out. `private_hosts` are the names that may lead to private addresses, by any port; the operator lists them."""

    private_hosts: Collection[str] = field(default=())

    def check(self, url: str) -> SplitResult:
        """The parts of an address the service would go to, without looking it up. Raises OutboundError."""
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError:
            raise OutboundError("address") from None
        host = parts.hostname or ""
        private = host in self.private_hosts
        plain = parts.scheme == "http" and private and host in LOOPBACK
        if (parts.scheme != "https" and not plain) or parts.username is not None or parts.password is not None:
            raise OutboundError("address")
        if not host or not url.isascii() or any(letter.isspace() or letter == "\\" for letter in url) or parts.fragment:
            raise OutboundError("address")
        if not private and (port not in PUBLIC_PORTS or _is_written_inside(host)):
            raise OutboundError("port or address")
        return parts

    def json(self, url: str, form: Mapping[str, str] | None = None, auth: tuple[str, str] | None = None) -> json_guard.Json:
        """The JSON at an address, or what it answers to a form. Raises OutboundError."""
        dialled, netloc, host = self._dialled(url)
        headers = {"Host": netloc, "Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            with httpx.Client(verify=_trusted(), trust_env=False, follow_redirects=False, timeout=CONNECT_SECONDS) as client:
                request = client.build_request(
                    "GET" if form is None else "POST", dialled, data=form, headers=headers, extensions={"sni_hostname": host}
                )
                return json_guard.decode(_body(client, request, auth))
        except (httpx.HTTPError, MalformedError):
            raise OutboundError("answer") from None

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status an address answers to these bytes, within ten seconds of its name being found. Raises OutboundError.

        The clock runs for all of it, however slowly the other side sends byte after byte.
        """
        dialled, netloc, host = self._dialled(url)
        told = {**headers, "Host": netloc, "Accept": "*/*", "Accept-Encoding": "identity"}
        request = httpx.Request("POST", dialled, content=body, headers=told, extensions={"sni_hostname": host})
        try:
            return anyio.run(_status, request)
        except (TimeoutError, httpx.TimeoutException):
            raise OutboundSlowError("slow") from None
        except httpx.HTTPError:
            raise OutboundError("answer") from None

    def _dialled(self, url: str) -> tuple[httpx.URL, str, str]:
        """An address with its host looked up, how it names host and port, and the host's name."""
        parts = self.check(url)
        host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
        return httpx.URL(url).copy_with(host=self._address(host, port)), parts.netloc, host

    def _address(self, host: str, port: int) -> str:
        """One address of a host, once every address it has was looked at."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise OutboundError("name") from None
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or (host not in self.private_hosts and not all(_may_dial(address) for address in addresses)):
            raise OutboundError("address")
        return addresses[0]


def _is_written_inside(host: str) -> bool:
    """Whether a host is no name but an address, and one that is not dialled."""
    try:
        return not is_public(ipaddress.ip_address(host))
    except ValueError:
        return False


def _may_dial(address: str) -> bool:
    return "%" not in address and is_public(ipaddress.ip_address(address))


def _body(client: httpx.Client, request: httpx.Request, auth: tuple[str, str] | None) -> bytes:
    """The body of a 200, as it comes, no larger and no longer than allowed."""
    over, body = time.monotonic() + WHOLE_SECONDS, b""
    answer = client.send(request, stream=True, auth=httpx.BasicAuth(*auth) if auth else None)
    try:
        if answer.status_code != 200:
            raise OutboundError("status")
        for piece in answer.iter_raw():
            body += piece
            if len(body) > LARGEST_ANSWER or time.monotonic() > over:
                raise OutboundError("too much")
    finally:
        answer.close()
    return body


async def _status(request: httpx.Request) -> int:
    with anyio.fail_after(WHOLE_SECONDS):
        async with httpx.AsyncClient(verify=_trusted(), trust_env=False, timeout=WHOLE_SECONDS) as client:
            answer = await client.send(request, stream=True, follow_redirects=False)
            with anyio.move_on_after(REST_SECONDS):  # so that the other side can say all it has to
                await _read_some(answer)
            with anyio.move_on_after(REST_SECONDS):
                await answer.aclose()
            return answer.status_code


async def _read_some(answer: httpx.Response) -> None:
    """Reads an answer to its end, or as much as is read of any."""
    read = 0
    try:
        async for piece in answer.aiter_raw():
            read += len(piece)
            if read > LARGEST_ANSWER:
                return
    except httpx.HTTPError:
        return  # it was answered all the same


@cache
def _trusted() -> SSLContext:
    """Certificate authorities: those of httpx, or of `SSL_CERT_FILE`."""
    return httpx.create_ssl_context()
