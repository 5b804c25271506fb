import ast
import subprocess
import sys
from pathlib import Path

import pytest

import app.clinical

ROOT = Path(app.clinical.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
PURE = {
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "numpy",
    "operator",
    "re",
    "scipy",
    "statistics",
    "statsmodels",
    "types",
    "typing",
    "unicodedata",
}
HEAVY = {"scipy", "statsmodels"}  # loaded by whoever asks for a model, never by the service's start
OURS = ("app.clinical", "app.errors", "app.registry")


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_clinical_knowledge_imports_nothing_that_touches_the_world(path: Path) -> None:
    for name in imported(path):
        assert name.startswith(OURS) or name.split(".")[0] in PURE | HEAVY


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_are_imported_where_a_model_is_asked_for(path: Path) -> None:
    outside = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name for node in outside}
    assert not {name.split(".")[0] for name in names} & HEAVY


def test_the_service_starts_without_the_heavy_libraries() -> None:
    said = "import sys, app.main; print(sorted({'scipy', 'statsmodels', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_clinical_knowledge_reads_no_clock(path: Path) -> None:
    calls = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not calls & {"today", "now", "utcnow"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


def test_the_pure_modules_are_of_the_standard_library_or_reckon() -> None:
    assert PURE - {"numpy", "scipy", "statsmodels"} <= sys.stdlib_module_names
