"""An environment of its own for every client, made once and kept by what is pinned in it."""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

from interop.catalogue import Client

HERE: Final = Path(__file__).parent / "clients"
PATIENCE_SECONDS: Final = 600


class MissingError(Exception):
    """What a client needs is not on this machine."""


def command(client: Client, folder: Path) -> list[str]:
    """How its script is started. Raises MissingError where there is no Node, CalledProcessError where installing fails."""
    mark = hashlib.sha256("\n".join(client.pins).encode()).hexdigest()[:12]
    place = folder / f"{client.name.strip('@').replace('/', '-')}-{client.version}-{mark}"
    return _node(client, place) if client.is_node else _python(client, place)


def _python(client: Client, place: Path) -> list[str]:
    interpreter = place / "bin" / "python"
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        venv.create(place, with_pip=True)
        _run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *client.pins], place)
        (place / "complete").touch()
    return [str(interpreter), str(HERE / client.script)]


def _node(client: Client, place: Path) -> list[str]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise MissingError("there is no Node on this machine")
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "package.json").write_text('{"private": true, "type": "module"}\n', encoding="ascii")
        _run([npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", *client.pins], place)
        (place / "complete").touch()
    for script in HERE.glob("*.mjs"):  # beside its packages, where Node looks for them
        shutil.copy(script, place / script.name)
    return [node, str(place / client.script)]


def _run(words: list[str], place: Path) -> None:
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    if done.returncode:
        raise MissingError(f"it cannot be installed: {(done.stderr or done.stdout).strip()[-300:]}")


def versions() -> str:
    """What the scripts run on."""
    node = shutil.which("node")
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip() if node else "none"
    return f"Python {sys.version.split()[0]}, Node {told}"
