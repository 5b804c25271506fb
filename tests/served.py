"""A real server process, as it is run in production, that tests may kill."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from app.core.settings import Settings
from tests.postgres import free_port


class Served:
    """`python -m app serve` on a port of its own, with settings given as its environment."""

    def __init__(self, settings: Settings, log_file: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log_file = log_file
        self._environment = {**os.environ, **environment_of(settings)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the process and waits until it is ready."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "serve", "--port", str(self.port)], env=self._environment, stdout=log, stderr=log
            )
        for _ in range(600):
            if self._process.poll() is not None:
                raise RuntimeError(self.log_file.read_text(encoding="utf-8"))
            try:
                if httpx.get(f"{self.address}/readyz", timeout=1).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError("the server did not become ready")

    def kill(self) -> None:
        """Ends the process as a power cut would: no handler runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the environment spells them, but for the owner's address, which a server never gets."""
    return {
        "REKINDLE_ENVIRONMENT": settings.environment,
        "REKINDLE_DATABASE_URL": settings.database_url.get_secret_value(),
        "REKINDLE_KEY_FILE": str(settings.key_file),
        "REKINDLE_THREADS": str(settings.threads),
        "REKINDLE_DATABASE_WITHOUT_TLS": str(settings.database_without_tls).lower(),
    }
