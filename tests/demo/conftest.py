"""The demo as it is typed, and one record of it for all that look at it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def demo(folder: Path, *more: str) -> list[str]:
    """The command, on a free port."""
    return [sys.executable, "-m", "app", "demo", "--folder", str(folder), "--port", "0", *more]


def environment() -> dict[str, str]:
    """This one, without settings of a service that may run beside the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo keeps its record."""
    return tmp_path_factory.mktemp("demo") / "record"


@contextmanager
def running(folder: Path) -> Iterator[list[str]]:
    """The demo, served while the block runs; gives the lines that it prints, down to READY."""
    with subprocess.Popen(
        demo(folder), cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            printed = []
            for line in process.stdout:
                printed.append(line.rstrip())
                if line.startswith("READY"):
                    break
            yield printed
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
