"""The service goes nowhere inside, follows nothing, and neither waits nor reads without end."""

import ipaddress
import socket
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core import outbound
from app.core.outbound import Outbound, OutboundError, OutboundSlowError, is_public
from tests.peer import Peer, peer, slowly

INSIDE = [
    "0.0.0.0",  # noqa: S104 - what is refused
    "0.0.0.1",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]
FORMS = [
    "http://example.org/jwks",
    "ftp://example.org/jwks",
    "file:///etc/passwd",
    "https:///jwks",
    "https://user@example.org/jwks",
    "https://user:secret@example.org/jwks",
    "https://example.org:22/jwks",
    "https://example.org:99999/jwks",
    "https://example.org/jwks#x",
    "https://example.org\\@evil.example/jwks",
    "//example.org/jwks",
    "example.org/jwks",
    "javascript:alert(1)",
    "gopher://example.org",
    "data:,{}",
    "https://exa\tmple.org/jwks",
    "https://exämple.org/jwks",
    "https://example.org:80/",
    "https://[::1",
    "https://example.org:port/",
    "",
]


@pytest.fixture
def allowed() -> Outbound:
    """A way out to this machine, too."""
    return Outbound(("localhost",))


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_every_address_of_a_private_network_is_refused_in_every_spelling() -> None:
    spelled = 0
    for address in (ipaddress.ip_address(one) for one in INSIDE):
        if isinstance(address, ipaddress.IPv4Address):
            number, octets = int(address), str(address).split(".")
            forms = [str(number), hex(number), ".".join(hex(int(part)) for part in octets), f"0{number:o}"]
            forms += [f"{octets[0]}.{int(octets[1]) << 16 | int(octets[2]) << 8 | int(octets[3])}", str(address)]
            forms += [f"[::ffff:{address}]", f"[64:ff9b::{address}]"]
        else:
            forms = [f"[{address}]", f"[{address.exploded}]"]
        for form in forms:
            spelled += 1
            with pytest.raises(OutboundError):
                Outbound().json(f"https://{form}/jwks")
    assert spelled >= 200


@pytest.mark.parametrize("url", FORMS)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(OutboundError):
        Outbound().check(url)


def test_plain_http_is_taken_on_this_machine_alone_and_only_if_it_is_allowed() -> None:
    assert Outbound(("localhost",)).check("http://localhost:9/x").hostname == "localhost"
    for hosts, url in (((), "http://localhost:9/x"), (("inside.example",), "http://inside.example/x")):
        with pytest.raises(OutboundError):
            Outbound(hosts).check(url)


def test_what_is_allowed_is_fetched(away: Peer, allowed: Outbound) -> None:
    away.says("/jwks", {"keys": []})
    assert allowed.json(away.address + "/jwks") == {"keys": []}
    _method, _path, headers, _body = away.asked[0]
    assert headers["Host"] == f"localhost:{away.port}"  # the name, though the address was dialled


def test_what_is_not_allowed_is_not_even_asked(away: Peer) -> None:
    away.says("/jwks", {"keys": []})
    for hosts in ((), ("elsewhere",), ("localhost.evil.example",)):
        with pytest.raises(OutboundError):
            Outbound(hosts).json(away.address + "/jwks")
    assert away.asked == []


def test_a_name_with_one_address_inside_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    dialled: list[Any] = []
    monkeypatch.setattr(httpx.Client, "send", lambda *told, **_more: dialled.append(told))
    answers = ["93.184.216.34", "10.0.0.1"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: [(2, 1, 6, "", (one, 443)) for one in answers])
    with pytest.raises(OutboundError):
        Outbound().json("https://example.org/jwks")
    assert dialled == []


def test_the_address_that_was_checked_is_dialled_and_the_name_is_not_looked_up_again(
    away: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    away.says("/jwks", {})
    looked_up: list[str] = []
    resolve = socket.getaddrinfo

    def rebinding(host: Any, *args: Any, **more: Any) -> Any:
        looked_up.append(str(host))
        return resolve(
            "127.0.0.1" if looked_up.count("localhost") == 1 else host if host == "127.0.0.1" else "192.0.2.1", *args, **more
        )

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert Outbound(("localhost",)).json(away.address + "/jwks") == {}
    assert looked_up.count("localhost") == 1


def test_a_redirect_is_not_followed(away: Peer, allowed: Outbound) -> None:
    away.says("/inside", {"secret": 1})
    for status in (301, 302, 303, 307, 308):
        away.answers["/jwks"] = lambda _body, status=status: (status, {"Location": away.address + "/inside"}, b"")  # type: ignore[misc]
        with pytest.raises(OutboundError):
            allowed.json(away.address + "/jwks")
    assert away.count("/inside") == 0


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"x" * 70_000),
        (200, {}, b"not json"),
        (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\x00"),
        (500, {}, b"{}"),
        (204, {}, b""),
    ],
)
def test_an_answer_that_is_none_or_too_much_is_refused(away: Peer, allowed: Outbound, answer: Any) -> None:
    away.answers["/jwks"] = lambda _body: answer
    with pytest.raises(OutboundError):
        allowed.json(away.address + "/jwks")


def test_nobody_waits_for_a_slow_peer_without_end(away: Peer, allowed: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", 0.2)
    away.answers["/jwks"] = slowly(0.6)
    with pytest.raises(OutboundError):
        allowed.json(away.address + "/jwks")


def test_a_peer_whose_certificate_is_anothers_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: Outbound
) -> None:
    with peer(tmp_path, "other.example") as running:
        running.says("/jwks", {})
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.example.pem"))
        outbound._trusted.cache_clear()  # noqa: SLF001 - which authorities are trusted is found out once a process
        with pytest.raises(OutboundError):
            allowed.json(running.address + "/jwks")
        outbound._trusted.cache_clear()  # noqa: SLF001 - the same
        assert running.asked == []


def test_a_proxy_of_the_environment_is_not_used(away: Peer, allowed: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    away.says("/jwks", {})
    assert allowed.json(away.address + "/jwks") == {}


def test_bytes_are_posted_as_they_are_and_only_the_status_comes_back(away: Peer, allowed: Outbound) -> None:
    away.answers["/hook"] = lambda _body: (202, {}, b"x" * 200_000)
    assert allowed.post(away.address + "/hook", b"told", {"webhook-id": "whd_1"}) == 202
    ((method, path, headers, body),) = away.asked
    assert (method, path, body, headers["Webhook-Id" if "Webhook-Id" in headers else "webhook-id"]) == (
        *("POST", "/hook", b"told"),
        "whd_1",
    )
    assert headers["Host"] == f"localhost:{away.port}"


def test_bytes_are_posted_to_no_address_inside_in_any_spelling_and_follow_nothing(away: Peer, allowed: Outbound) -> None:
    for address in (ipaddress.ip_address(one) for one in INSIDE):
        spelled = [str(address), str(int(address))] if address.version == 4 else [f"[{address}]", f"[{address.exploded}]"]
        for form in spelled:
            with pytest.raises(OutboundError):
                Outbound().post(f"https://{form}/hook", b"", {})
    for url in FORMS:
        with pytest.raises(OutboundError):
            Outbound().post(url, b"", {})
    for status in (301, 302, 303, 307, 308):
        away.answers["/hook"] = lambda _body, status=status: (status, {"Location": away.address + "/inside"}, b"")  # type: ignore[misc]
        assert allowed.post(away.address + "/hook", b"", {}) == status
    assert away.count("/inside") == 0


def test_of_a_name_whose_answer_changes_the_address_that_was_checked_is_dialled(
    away: Peer, allowed: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    away.answers["/hook"] = lambda _body: (204, {}, b"")
    resolve, looked_up = socket.getaddrinfo, []

    def rebinding(host: Any, *args: Any, **more: Any) -> Any:
        looked_up.append(str(host))
        first = looked_up.count("localhost") == 1
        return resolve("127.0.0.1" if first or host == "127.0.0.1" else "192.0.2.1", *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert allowed.post(away.address + "/hook", b"", {}) == 204
    assert looked_up.count("localhost") == 1


def test_whoever_answers_byte_by_byte_is_left_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "WHOLE_SECONDS", 0.5)
    over, listening = threading.Event(), socket.create_server(("127.0.0.1", 0))

    def trickle() -> None:
        connection, _from = listening.accept()
        with connection:
            for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 1_000:
                if over.wait(0.05):
                    return
                connection.sendall(bytes([letter]))

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    begun = time.monotonic()
    with pytest.raises(OutboundSlowError):
        Outbound(("localhost",)).post(f"http://localhost:{listening.getsockname()[1]}/hook", b"", {})
    assert time.monotonic() - begun < 3
    over.set()
    thread.join()
    listening.close()
