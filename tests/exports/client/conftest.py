"""A service to fetch from, and runs of the command against it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.exports.client.asked import Asked
from app.exports.client.calling import Patience, client_for
from app.exports.client.folder import Folder
from app.exports.client.remote import Service
from app.exports.client.running import Run
from app.exports.client.telling import Telling
from tests.exports.client.serving import Playing, playing

Exported = Callable[..., Path]


@pytest.fixture
def service() -> Iterator[Playing]:
    """A service that does as it is told."""
    with playing() as play:
        yield play


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where exports go."""
    return tmp_path / "out"


@pytest.fixture
def export(service: Playing, out: Path) -> Exported:
    """One run against the service; no wait takes time."""

    def run(asked: Asked | None = None, *, resume: bool = False, teller: Telling | None = None, **more: Any) -> Path:
        with client_for(service.address, "rk_key") as client:
            return Run(Service(client, unhurried(more.get("patience", 60))), Folder(out), teller or Telling(), asked, resume)()

    return run


def unhurried(seconds: float = 60) -> Patience:
    """Patience whose waits take no time."""
    waited = [0.0]
    return Patience(seconds, lambda pause: waited.append(waited.pop() + pause), lambda: waited[0])


def lying_in(folder: Path) -> dict[str, bytes]:
    """What an analyst finds in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()}
