"""Fifty requests made to cost a server much: how long each takes to be refused, what it leaves, and what others feel.

python -m bench.bombs [--rounds 20] [--others 2]
"""

import argparse
import gzip
import json
import os
import socket
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Final

import httpx

from bench.administrations import app, served

COUPLES: Final = "/v1/couples"
PATIENCE: Final = 10.0
LIMIT: Final = 250_000  # just below the largest body that is taken
COUPLE: Final = {"time_zone": "UTC", "partner_a": {"record_number": "%d-a"}, "partner_b": {"record_number": "%d-b"}}


@dataclass(frozen=True)
class Bomb:
    """One request, in parts; the parts of a slow one are sent a pause apart."""

    path: str = COUPLES
    method: str = "POST"
    body: tuple[bytes, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    pause: float = 0
    length: int | None = None

    def head(self, key: str) -> bytes:
        """Request line and headers, with the length there is unless the bomb lies about it."""
        length = sum(map(len, self.body)) if self.length is None else self.length
        told = [("Host", "localhost"), ("Authorization", f"Bearer {key}"), ("Connection", "close")]
        names = {name.lower() for name, _value in self.headers}
        told += [] if "content-type" in names or not self.body else [("Content-Type", "application/json")]
        told += [] if "transfer-encoding" in names else [("Content-Length", str(length))]
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in (*told, *self.headers))]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def chunked(*parts: bytes) -> tuple[bytes, ...]:
    """The parts of a body as chunks."""
    return (*(b"%x\r\n%s\r\n" % (len(part), part) for part in parts), b"0\r\n\r\n")


def read(path: str, *headers: tuple[str, str]) -> Bomb:
    """A GET."""
    return Bomb(path, "GET", (), headers)


def sent(body: bytes, *headers: tuple[str, str]) -> Bomb:
    """A POST of a couple."""
    return Bomb(body=(body,), headers=headers)


def named(name: bytes) -> Bomb:
    """A POST of a couple whose partner has this name, as JSON has it."""
    return sent(json.dumps(COUPLE | {"partner_a": {"record_number": "x", "name": "@"}}).encode().replace(b'"@"', name))


IN_CHUNKS: Final = ("Transfer-Encoding", "chunked")
BOMBS: Final[dict[str, Bomb]] = {
    "100,000 nested arrays": sent(b"[" * 100_000 + b"]" * 100_000),
    "40,000 nested objects": sent(b'{"a":' * 40_000),
    "brackets that never close": sent(b"[" * LIMIT),
    "brackets in 10,000 strings": sent(b"[" + b'"[[[[[[[[",' * 10_000 + b"0]"),
    "25,000 keys": sent(b"{" + b",".join(b'"%d":0' % number for number in range(20_000)) + b"}"),
    "one key 20,000 times": sent(b"{" + b'"partner_a":0,' * 15_000 + b'"x":0}'),
    "keys that hash alike": sent(b"{" + b",".join(b'"%d":0' % (number * (2**61 - 1)) for number in range(9_000)) + b"}"),
    "a key of 250 kB": sent(b'{"' + b"k" * LIMIT + b'":0}'),
    "120,000 zeros": sent(b"[" + b"0," * 120_000 + b"0]"),
    "60,000 empty objects": sent(b"[" + b"{}," * 60_000 + b"{}]"),
    "an integer of 250,000 digits": named(b"9" * (LIMIT - 200)),
    "a fraction of 250,000 digits": named(b"0." + b"1" * (LIMIT - 200)),
    "an exponent beyond everything": named(b"1e" + b"9" * 200_000),
    "a string of 250 kB": named(b'"' + b"x" * (LIMIT - 200) + b'"'),
    "40,000 escapes": named(b'"' + b"\\u0041" * 40_000 + b'"'),
    "quotes and backslashes": sent(b"[" * 21 + b'"\\' * 110_000),
    "backslashes and line ends": sent(b"[" * 21 + b"\\\n" * 110_000),
    "250 kB of spaces": sent(b" " * (LIMIT - 10) + b"{}"),
    "combining marks": named(b'"e' + "\u0301".encode() * 100_000 + b'"'),
    "right to left and back": named(b'"' + "\u202e\u202d".encode() * 40_000 + b'"'),
    "families of emoji": named(b'"' + "👩‍👩‍👧‍👦".encode() * 9_000 + b'"'),
    "lone surrogates": named(b'"' + b"\\ud800" * 40_000 + b'"'),
    "bytes that are not UTF-8": sent(b"\xff" * LIMIT),
    "UTF-16": sent(("{" + " " * 100_000 + "}").encode("utf-16")),
    "a body over the limit": sent(b"x" * 300_000),
    "10 MB announced and sent": sent(b"x" * 10_000_000),
    "4 GB announced": Bomb(body=(b"{",), length=2**32),
    "more announced than sent": Bomb(body=(b"{" + b" " * 1_000,), length=100_000, pause=0.2),
    "1 MB in chunks that announce no length": Bomb(body=chunked(*[b"x" * 10_000] * 100), headers=(IN_CHUNKS,)),
    "20,000 chunks of a byte": Bomb(body=(b"".join(chunked(*[b" "] * 20_000)),), headers=(IN_CHUNKS,)),
    "chunks with long extensions": Bomb(body=(b"1;" + b"e" * 60_000 + b"\r\n{\r\n0\r\n\r\n",), headers=(IN_CHUNKS,)),
    "a body of a byte at a time": Bomb(body=tuple(b"%c" % letter for letter in b'{"time_zone":"UTC"}'), pause=0.02),
    "gzip of 100 MB": sent(gzip.compress(bytes(100_000_000)), ("Content-Encoding", "gzip")),
    "deflate of 100 MB": sent(zlib.compress(bytes(100_000_000)), ("Content-Encoding", "deflate")),
    "a form with 10,000 parts": sent(b"--x\r\n\r\n\r\n" * 20_000, ("Content-Type", "multipart/form-data; boundary=x")),
    "90 headers": read(COUPLES, *((f"X-{number}", "x" * 100) for number in range(90))),
    "5,000 headers": read(COUPLES, *((f"X-{number}", "x") for number in range(5_000))),
    "a header of 60 kB": read(COUPLES, ("X-Long", "x" * 60_000)),
    "a key of 60 kB": Bomb(body=(b"{}",), headers=(("Idempotency-Key", "k" * 60_000),)),
    "5,000 ETags": read("/v1/vocabularies/concerns", ("If-None-Match", ", ".join(['"x"'] * 9_000))),
    "2,000 ranges": read(COUPLES, ("Range", "bytes=" + ",".join(f"{number}-" for number in range(2_000)))),
    "60 kB of cookies": read(COUPLES, ("Cookie", "; ".join(f"a{number}=b" for number in range(6_000)))),
    "a wish for 4,000 languages": read(COUPLES, ("Accept-Language", ",".join(["de;q=0.1"] * 4_000))),
    "a path of 60 kB": read("/v1/" + "x" * 60_000),
    "20,000 folders": read("/v1" + "/x" * 20_000),
    "an id of 50 kB": read(f"{COUPLES}/cpl_" + "0" * 50_000),
    "an id full of escapes": read(f"{COUPLES}/" + "%00" * 15_000),
    "5,000 parameters": read(f"{COUPLES}?" + "&".join(f"a{number}=1" for number in range(5_000))),
    "one parameter 5,000 times": read(f"{COUPLES}?" + "limit=1&" * 5_000),
    "a limit of 20,000 digits": read(f"{COUPLES}?limit=" + "9" * 20_000),
    "a cursor of 50 kB": read(f"{COUPLES}?cursor=" + "A" * 50_000),
    "a cursor full of escapes": read(f"{COUPLES}?cursor=" + "%C3%28" * 5_000),
}
REFUSED: Final = frozenset({None, 400, 401, 404, 405, 411, 413, 414, 415, 417, 422, 428, 431})
HARMLESS: Final = frozenset(
    (
        *("90 headers", "5,000 headers", "a header of 60 kB", "5,000 ETags", "2,000 ranges", "60 kB of cookies"),
        *("a wish for 4,000 languages", "one parameter 5,000 times"),
    )
)  # answered as if nothing were the matter


def drop(port: int, key: str, bomb: Bomb) -> tuple[int | None, float]:
    """Sends a bomb; its status, None when the server hung up instead, and the seconds from its last part to the answer."""
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as connection:
        began = time.perf_counter()
        try:
            connection.sendall(bomb.head(key))
            for part in bomb.body:
                connection.sendall(part)
                time.sleep(bomb.pause)
            began = time.perf_counter() if bomb.pause else began
            if bomb.length is not None:
                with suppress(OSError):  # who hung up already is told so by what comes back
                    connection.shutdown(socket.SHUT_WR)
            line = connection.recv(64)
        except ConnectionError:
            line = b""
        taken = time.perf_counter() - began
    return (int(line[9:12]) if line.startswith(b"HTTP/1.1 ") else None), taken


class Other(threading.Thread):
    """Somebody who goes on reading couples, and notes how long each answer takes."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(daemon=True)
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE)
        self.over, self.taken = threading.Event(), list[float]()

    def run(self) -> None:
        """Reads until it is told to stop."""
        while not self.over.wait(0.01):
            began = time.perf_counter()
            self.client.get(COUPLES).raise_for_status()
            self.taken.append(time.perf_counter() - began)
        self.client.close()


def others(url: str, key: str, many: int) -> Iterator[list[Other]]:
    """So many others at work, until the generator is resumed."""
    threads = [Other(url, key) for _ in range(many)]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.over.set()
        thread.join()


def p99(seconds: list[float]) -> float:
    """The 99th percentile in milliseconds."""
    return quantiles(seconds, n=100, method="inclusive")[98] * 1000


def resident_megabytes(process: int) -> float:
    """The memory a process holds now."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def felt(url: str, key: str, many: int, seconds: float) -> float:
    """What others feel when nothing happens."""
    undisturbed = others(url, key, many)
    threads = next(undisturbed)
    time.sleep(seconds)
    next(undisturbed, None)
    return p99([taken for thread in threads for taken in thread.taken])


def measure(url: str, pid: int, key: str, rounds: int, many: int) -> None:
    """Prints a line a bomb, then memory and what others felt."""
    port = int(url.rpartition(":")[2])
    for bomb in BOMBS.values():  # the first of each warms up
        drop(port, key, bomb)
    before, calm = resident_megabytes(pid), felt(url, key, many, 5)
    disturbed = others(url, key, many)
    threads, every = next(disturbed), list[float]()
    for name, bomb in BOMBS.items():
        found = [drop(port, key, bomb) for _ in range(rounds)]
        taken = [seconds for _status, seconds in found]
        every += taken
        statuses = ", ".join(sorted({str(status or "hung up") for status, _ in found}))
        print(f"{name:42} {statuses:12} p99 {p99(taken):7.1f} ms")
    next(disturbed, None)
    busy = p99([taken for thread in threads for taken in thread.taken])
    grown = resident_megabytes(pid) - before
    print(f"all {len(BOMBS)} kinds, {len(every)} bombs: p99 {p99(every):.1f} ms; memory {grown:+.0f} MB")
    print(f"{many} others: p99 {calm:.1f} ms undisturbed, {busy:.1f} ms under bombs, {busy / calm:.2f} times")


def main() -> None:
    """A service of its own, with an empty record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--others", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address, keys = f"sqlite:///{folder}/data/record.db", f"{folder}/keys/rekindle.key"
        env = os.environ | {"REKINDLE_ENVIRONMENT": "demo", "REKINDLE_DATABASE_URL": address, "REKINDLE_KEY_FILE": keys}
        app("migrate", env=env)
        app("clinic", "create", "Bombs", env=env)
        key = app("member", "add", "thea", "--role", "therapist", env=env).split()[-1]
        with served(env) as (url, pid):
            measure(url, pid, key, given.rounds, given.others)


if __name__ == "__main__":
    main()
