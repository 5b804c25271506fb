"""A real server process, run as `python -m app serve` runs it, that tests may kill."""

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from app.core.settings import Settings
from tests.postgres import free_port

# Most of a start is importing; children of a process that has imported everything already start at once.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.warm", "app.cli", "uvicorn", "uvloop", "httptools"])


class Served:
    """`serve` on a port of its own, with settings given as its environment."""

    def __init__(self, settings: Settings, log_file: Path, spoilt: Callable[[], None] | None = None) -> None:
        """`spoilt` breaks the served process, for tests that show what a sound one is worth."""
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log_file = log_file
        self._environment = environment_of(settings)
        self._spoilt = spoilt
        self._process: multiprocessing.process.BaseProcess | None = None

    def start(self) -> None:
        """Starts the process and waits until it is ready."""
        given = (self.port, self._environment, str(self.log_file), self._spoilt)
        self._process = CONTEXT.Process(target=serve, args=given, daemon=True)
        self._process.start()
        with httpx.Client() as client:
            for _ in range(600):
                if not self._process.is_alive():
                    raise RuntimeError(self.log_file.read_text(encoding="utf-8"))
                try:
                    if client.get(f"{self.address}/readyz", timeout=1).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.05)
        raise RuntimeError("the server did not become ready")

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """Ends the process as a power cut would: no handler runs."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


def serve(port: int, environment: dict[str, str], log_file: str, spoilt: Callable[[], None] | None) -> None:
    """What the child process does: the command itself, with its output in a file."""
    from app.cli import cli  # noqa: PLC0415 - imported beforehand in the process this one was forked from

    output = os.open(log_file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environment)
    if spoilt is not None:
        spoilt()
    cli(["serve", "--port", str(port)])


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the environment spells them, but for the owner's address, which a server never gets."""
    return {
        "REKINDLE_ENVIRONMENT": settings.environment,
        "REKINDLE_DATABASE_URL": settings.database_url.get_secret_value(),
        "REKINDLE_KEY_FILE": str(settings.key_file),
        "REKINDLE_KEY_STORE_URL": settings.key_store_address(),
        "REKINDLE_SHRED_LEDGER": str(settings.shred_ledger_file),
        "REKINDLE_THREADS": str(settings.threads),
        "REKINDLE_DATABASE_WITHOUT_TLS": str(settings.database_without_tls).lower(),
        "REKINDLE_WEBHOOK_HOSTS": json.dumps(settings.webhook_hosts),
        "REKINDLE_EXPORTS_DIRECTORY": str(settings.exports_folder),
        "REKINDLE_EXPORT_PART_ROWS": str(settings.export_part_rows),
    }
