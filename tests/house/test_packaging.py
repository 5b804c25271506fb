"""What is installed and handed on: the pinned versions, the vendored files and what goes into the package."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SWAGGER = ROOT / "app" / "static" / "swagger"
PINNED_FILES = ("constraints.txt", "requirements.lock")


def pinned(name: str) -> dict[str, list[Requirement]]:
    """The requirements of a file of exact versions, by name; a name may come once per Python version."""
    lines = (ROOT / name).read_text().replace("\\\n", " ").splitlines()
    found: dict[str, list[Requirement]] = {}
    for line in lines:
        requirement = Requirement(line.partition("--hash")[0].strip())
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def version_of(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    assert specifier.operator == "==", f"{requirement} is not exact"
    return specifier.version


def uncovered(wanted: list[str], name: str) -> list[str]:
    """The wanted requirements that the file has no version for, or one outside the range."""
    versions = pinned(name)
    return [
        text
        for text in wanted
        for requirement in [Requirement(text)]
        if not any(
            version_of(candidate) in requirement.specifier
            for candidate in versions.get(canonicalize_name(requirement.name), [])
        )
    ]


def test_the_lock_covers_what_runs_and_what_builds() -> None:
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    assert uncovered(wanted, "requirements.lock") == []


def test_the_constraints_cover_the_tests_too() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["test"]
    assert (
        uncovered([*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"], *extra], "constraints.txt") == []
    )


def test_a_dependency_nobody_pinned_is_noticed() -> None:
    assert uncovered(["fastapi>=9000", "left-pad", "pydantic"], "requirements.lock") == ["fastapi>=9000", "left-pad"]


def test_production_runs_the_versions_that_were_tested() -> None:
    tested = {str(requirement) for entries in pinned("constraints.txt").values() for requirement in entries}
    locked = {str(requirement) for entries in pinned("requirements.lock").values() for requirement in entries}
    assert locked <= tested


def test_every_locked_package_has_a_hash() -> None:
    entries = (ROOT / "requirements.lock").read_text().replace("\\\n", " ").splitlines()
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


@pytest.mark.parametrize("name", PINNED_FILES)
def test_pinned_versions_name_no_registry_and_no_folder(name: str) -> None:
    assert re.findall(r".*(?:://|file:|@ |--(?!hash)|(?:^|\s)\.{0,2}/).*", (ROOT / name).read_text(), re.MULTILINE) == []


def test_the_vendored_files_are_the_released_ones() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|", (SWAGGER / "README.md").read_text(), re.MULTILINE)
    assert {name for name, _hash in rows} == {path.name for path in SWAGGER.glob("swagger-ui*")}
    assert [name for name, known in rows if hashlib.sha256((SWAGGER / name).read_bytes()).hexdigest() != known] == []


@pytest.mark.parametrize("name", ["swagger-ui.css", "swagger-ui-bundle.js"])
def test_the_vendored_files_point_to_no_source_map(name: str) -> None:
    assert "sourceMappingURL" not in (SWAGGER / name).read_text(encoding="utf-8")


def test_the_vendored_style_fetches_nothing() -> None:
    style = (SWAGGER / "swagger-ui.css").read_text(encoding="utf-8")
    assert "@import" not in style
    assert set(re.findall(r"url\(\s*[\"']?([^\"')]{5})", style)) == {"data:"}


@pytest.mark.parametrize("package", ["app", "migrations"])
def test_every_file_beside_the_code_is_packaged(package: str) -> None:
    folder = ROOT / package
    patterns = PROJECT["tool"]["setuptools"]["package-data"].get(package, [])
    taken = {path for pattern in patterns for path in folder.glob(pattern)}
    left = {path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}} - taken
    assert sorted(str(path.relative_to(ROOT)) for path in left) == []
