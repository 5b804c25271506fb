"""The import contracts of the house hold, and each of them can fail."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLANTED = {
    "knowledge asks the database": ("app/clinical/measure.py", "import sqlalchemy"),
    "knowledge asks the operating system": ("app/clinical/scoring.py", "import os"),
    "rules use pydantic": ("app/couples/rules.py", "import pydantic"),
    "rules import a model": ("app/couples/rules.py", "import app.couples.models"),
    "couples look up to notes": ("app/couples/service.py", "import app.notes.service"),
    "notes look sideways at measures": ("app/notes/service.py", "import app.measures.service"),
    "homework looks sideways at notes": ("app/homework/plans.py", "import app.notes.models"),
    "forms look sideways at measures": ("app/forms/service.py", "import app.measures.service"),
    "the reading of a questionnaire uses pydantic": ("app/forms/questionnaire_reading.py", "import pydantic"),
    "safety looks up to homework": ("app/safety/service.py", "import app.homework.service"),
    "exports look up to imports": ("app/exports/table.py", "import app.imports.shape"),
    "core looks up to couples": ("app/core/clock.py", "import app.couples.models"),
    "a service speaks HTTP": ("app/couples/service.py", "import fastapi"),
    "an endpoint speaks SQL": ("app/couples/endpoints.py", "import sqlalchemy"),
    "a room mounts another room's endpoints": ("app/outcomes/service.py", "import app.couples.endpoints"),
    "the service looks up to its reference pages": ("app/main.py", "import app.reference.pages"),
    "a reference page reads a room's endpoints": ("app/reference/operations.py", "import app.couples.endpoints"),
    "a model imports a service": ("app/couples/models.py", "import app.couples.service"),
    "one measure imports another": ("app/clinical/measures/gmsex.py", "import app.clinical.measures.csi4"),
    "one protocol imports another": (
        "app/clinical/protocols/sensate_focus.py",
        "import app.clinical.protocols.affection_ritual",
    ),
    "one command imports another": ("app/commands/clinic.py", "import app.commands.member"),
    "bedrock imports bedrock": ("app/errors.py", "import app.registry"),
    "an import hides in a function": ("app/core/ids.py", "def hidden():\n    import app.access.service"),
    "a room without a floor": ("app/helpers/__init__.py", ""),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the contracts over a copy of the house."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", str(folder / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house to plant things in, and to take them out of again."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@contextmanager
def planted(target: Path, line: str) -> Iterator[None]:
    """A line at the end of a file, or in a file of its own, until the block ends."""
    before = target.read_text() if target.exists() else None
    is_new_room = not target.parent.exists()
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{before or ''}\n\n{line}\n")
    try:
        yield
    finally:
        if is_new_room:
            shutil.rmtree(target.parent)
        elif before is None:
            target.unlink()
        else:
            target.write_text(before)


def test_the_house_stands(copy: Path) -> None:
    found = lint(copy)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_import_is_caught(copy: Path, what: str) -> None:
    file, line = PLANTED[what]
    with planted(copy / file, line):
        assert lint(copy).returncode == 1, what


def test_no_file_is_a_god_file_and_none_hides_behind_a_nameless_door() -> None:
    nameless = {"utils", "helpers", "common", "misc", "manager", "base", "crud", "factory"}
    for file in (ROOT / "app").rglob("*.py"):
        assert file.stem not in nameless, file
        assert len(file.read_text().splitlines()) <= 400, file
