"""Starts the demo or passes the tests on a machine that has only Python 3.11 and pip.

python3 run.py demo [arguments of `rekindle demo`]
python3 run.py test [arguments of pytest]
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)  # the first that installs into another environment (`--python`)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ("pyproject.toml", "constraints.txt")
EXTRAS = {"demo": ".", "test": ".[test]"}
ENOUGH_FOR = {"demo": ("test", "demo"), "test": ("test",)}
CHECKS = {
    "lint": ["-m", "ruff", "check"],
    "format": ["-m", "ruff", "format", "--check"],
    "types": ["-m", "mypy"],
    "imports": [".venv/bin/lint-imports"],
    "tests": ["-m", "pytest"],
}


class RefusedError(Exception):
    """Something on this machine has to change first; the text says what."""


def main(arguments: list[str]) -> int:
    """Runs `demo` or `test`; returns the exit code."""
    if not arguments or arguments[0] not in EXTRAS:
        say((__doc__ or "").strip())
        return 2
    command, passed_on = arguments[0], arguments[1:]
    try:
        require_this_python()
        prepare(command)
        return demo(passed_on) if command == "demo" else test(passed_on)
    except RefusedError as refused:
        say(str(refused))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the same command goes on from here.")
        return 130


def say(line: str) -> None:
    """One line for the person at the terminal, before what the next program prints."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def require_this_python() -> None:
    """Raises RefusedError under a Python that is too old."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise RefusedError(f"Rekindle needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).")


def prepare(command: str) -> None:
    """Makes `.venv` hold what the command needs; raises RefusedError when it cannot."""
    stamp = json.dumps({"python": list(sys.version_info[:2]), "root": str(ROOT), "requirements": digest()})
    if any(read(VENV / f"installed-{name}") == stamp for name in ENOUGH_FOR[command]) and PYTHON.exists():
        return
    require_pip()
    if not is_usable():
        say(f"Making {VENV} with Python {sys.version.split()[0]}.")
        remove_venv()
        venv.create(VENV, symlinks=True, with_pip=False)
    for name in EXTRAS:
        (VENV / f"installed-{name}").unlink(missing_ok=True)
    say("Installing the versions of constraints.txt into .venv (network; about a minute, once).")
    install(EXTRAS[command])
    (VENV / f"installed-{command}").write_text(stamp)


def digest() -> str:
    """What the installed packages follow from."""
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in REQUIREMENTS)).hexdigest()


def read(file: Path) -> str:
    """The text of a file, empty when there is none."""
    return file.read_text() if file.exists() else ""


def require_pip() -> None:
    """Raises RefusedError when this Python has no pip, or one too old to install into `.venv`."""
    try:
        found = metadata.version("pip")
    except metadata.PackageNotFoundError:
        raise RefusedError(
            f"{sys.executable} has no pip. Install it (Debian, Ubuntu: apt-get install python3-pip), then repeat."
        ) from None
    if tuple(int(part) for part in found.split(".")[:2]) < OLDEST_PIP:
        raise RefusedError(f"pip {found} is too old; 22.3 or newer is needed: {sys.executable} -m pip install -U pip")


def is_usable() -> bool:
    """Whether `.venv` is there, runs this version of Python and was not moved here from another folder."""
    stamps = [read(VENV / f"installed-{name}") for name in EXTRAS]
    if any(json.loads(stamp)["root"] != str(ROOT) for stamp in stamps if stamp):
        return False
    question = [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def remove_venv() -> None:
    """Removes an environment of another Python or folder; anything else named `.venv` is left to its owner."""
    if not VENV.exists():
        return
    if not (VENV / "pyvenv.cfg").is_file():
        raise RefusedError(f"{VENV} is not a Python environment; move it away, then repeat.")
    shutil.rmtree(VENV)


def install(what: str) -> None:
    """Installs the project, editable; raises RefusedError when pip fails."""
    pip = [sys.executable, "-m", "pip", "--python", str(VENV)]
    # The build tool of the project is held to the same versions: pip hands these two on, where `-c` is not.
    pinned = {"PIP_CONSTRAINT": "constraints.txt", "PIP_BUILD_CONSTRAINT": "constraints.txt"}
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [*pip, "install", "-q", "-c", "constraints.txt", "-e", what], cwd=ROOT, env=os.environ | pinned | quiet, check=False
    )
    if done.returncode:
        raise RefusedError("The installation failed (pip says why above); the same command tries again.")


def demo(arguments: list[str]) -> int:
    """Becomes `rekindle demo`."""
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "app", "demo", *arguments])  # noqa: S606 - signals reach it with no shell between


def test(arguments: list[str]) -> int:
    """Runs the checks in order and stops at the first that fails; the arguments go to pytest."""
    for name, command in CHECKS.items():
        more = arguments if name == "tests" else []
        say(f"[{name}] {' '.join([*command, *more])}")
        code = subprocess.run([PYTHON, *command, *more], cwd=ROOT, check=False).returncode  # noqa: S603 - fixed commands
        if code:
            say(f"FAILED: {name}")
            return code
    say("All checks passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
