"""`run.py`, the door: what it installs, when, and what it hands on; pip and the tools are stand-ins."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A finished program with what it printed."""
    return subprocess.run(
        command, cwd=cwd, env=os.environ | (env or {}), capture_output=True, text=True, check=False, timeout=120
    )


STAND_IN_PIP = """
import os, pathlib, signal, sys, time
with open(os.environ["PIP_LOG"], "a") as log:
    print(*sys.argv[1:], os.environ["PIP_CONSTRAINT"], file=log)
if os.environ.get("PIP_ANSWER") == "interrupted":
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(30)
pathlib.Path(sys.argv[2], "bin", "lint-imports").write_text("import tool; tool.answer('lint-imports')")
sys.exit(os.environ.get("PIP_ANSWER") == "failed")
"""
STAND_IN_TOOL = """
import os, sys
def answer(name):
    print("ran", name, *sys.argv[1:], flush=True)
    sys.exit(7 if os.environ.get("FAILING") == name else 0)
"""


class Checkout:
    """A copy of `run.py` in a folder of its own, with stand-ins for pip, the application and the tools."""

    def __init__(self, folder: Path) -> None:
        self.root, self.tools = folder / "a checkout", folder / "tools"
        self.log = folder / "pip.log"
        (self.root / "app").mkdir(parents=True)
        for name in ("run.py", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.root)
        (self.tools / "pip-99.0.dist-info").mkdir(parents=True)
        (self.tools / "pip-99.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: pip\nVersion: 99.0\n")
        (self.tools / "pip.py").write_text(STAND_IN_PIP)
        (self.tools / "tool.py").write_text(STAND_IN_TOOL)
        for name in ("ruff", "mypy", "pytest"):
            (self.tools / f"{name}.py").write_text(f"import tool; tool.answer({name!r})")
        (self.root / "app" / "__main__.py").write_text("import tool; tool.answer('app')")

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """`run.py` with these arguments, by the stand-ins."""
        given = {"PYTHONPATH": str(self.tools), "PIP_LOG": str(self.log)} | env
        return run(sys.executable, self.root / "run.py", *arguments, env=given)

    def installations(self) -> list[str]:
        """What pip was asked for, a line each time."""
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_demo_installs_once_and_then_starts_at_once(checkout: Checkout) -> None:
    first, second = checkout.run("demo", "--once"), checkout.run("demo", "--once")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "ran app demo --once" in first.stdout
    assert second.stdout == "ran app demo --once\n"
    assert len(checkout.installations()) == 1


def test_installation_goes_into_the_environment_by_exact_versions(checkout: Checkout) -> None:
    checkout.run("test")
    venv = checkout.root / ".venv"
    assert checkout.installations() == [f"--python {venv} install -q -c constraints.txt -e .[test] constraints.txt"]


def test_an_environment_for_tests_is_enough_for_the_demo_but_not_the_other_way(checkout: Checkout) -> None:
    checkout.run("demo")
    checkout.run("test")
    checkout.run("demo")
    assert [line.split()[-2] for line in checkout.installations()] == [".", ".[test]"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed_again(checkout: Checkout, name: str) -> None:
    checkout.run("demo")
    with (checkout.root / name).open("a") as file:
        file.write("\n# changed\n")
    checkout.run("demo")
    assert len(checkout.installations()) == 2


@pytest.mark.parametrize(("answer", "code"), [("failed", 1), ("interrupted", 130)])
def test_a_broken_installation_is_tried_again(checkout: Checkout, answer: str, code: int) -> None:
    broken = checkout.run("demo", PIP_ANSWER=answer)
    assert broken.returncode == code
    assert "ran app" not in broken.stdout
    assert "Traceback" not in broken.stderr
    assert checkout.run("demo").returncode == 0
    assert len(checkout.installations()) == 2


def test_requirements_put_back_after_a_broken_installation_are_installed_again(checkout: Checkout) -> None:
    constraints = checkout.root / "constraints.txt"
    before = constraints.read_text()
    checkout.run("demo")
    constraints.write_text(before + "left-pad==1.0\n")
    checkout.run("demo", PIP_ANSWER="failed")
    constraints.write_text(before)
    checkout.run("demo")
    assert len(checkout.installations()) == 3


def test_a_moved_checkout_makes_its_environment_anew(checkout: Checkout) -> None:
    checkout.run("demo")
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))
    assert "Making" in checkout.run("demo").stdout


def test_the_checks_run_in_order_and_arguments_go_to_the_tests(checkout: Checkout) -> None:
    done = checkout.run("test", "-k", "consent")
    assert done.returncode == 0
    ran = [line for line in done.stdout.splitlines() if line.startswith("ran ")]
    assert ran == ["ran ruff check", "ran ruff format --check", "ran mypy", "ran lint-imports", "ran pytest -k consent"]


def test_the_first_failing_check_ends_the_run_by_name(checkout: Checkout) -> None:
    done = checkout.run("test", FAILING="mypy")
    assert done.returncode == 7
    assert done.stdout.endswith("FAILED: types\n")
    assert "ran pytest" not in done.stdout


def test_the_demo_hands_on_its_exit_code(checkout: Checkout) -> None:
    assert checkout.run("demo", FAILING="app").returncode == 7


def test_an_unknown_command_is_answered_with_how_to_use_it(checkout: Checkout) -> None:
    done = checkout.run("deploy")
    assert done.returncode == 2
    assert "run.py demo" in done.stdout


def test_a_machine_without_pip_is_told_so_in_a_sentence(checkout: Checkout) -> None:
    done = run(sys.executable, "-I", "-S", checkout.root / "run.py", "demo")
    assert done.returncode == 1
    assert "has no pip" in done.stdout
    assert done.stderr == ""


def test_an_old_pip_is_told_so_in_a_sentence(checkout: Checkout) -> None:
    metadata = checkout.tools / "pip-99.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("99.0", "20.3.4"))
    done = checkout.run("demo")
    assert done.returncode == 1
    assert "pip 20.3.4 is too old" in done.stdout


def test_an_old_python_is_told_so_in_a_sentence(checkout: Checkout) -> None:
    pretend = f"import runpy, sys; sys.version_info = (3, 10, 1); sys.argv[1:] = ['demo']; sys.path.insert(0, {str(ROOT)!r})"
    done = run(sys.executable, "-c", f"{pretend}; runpy.run_path({str(checkout.root / 'run.py')!r}, run_name='__main__')")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stdout


def test_something_else_named_venv_is_left_alone(checkout: Checkout) -> None:
    (checkout.root / ".venv").mkdir()
    (checkout.root / ".venv" / "mine.txt").write_text("mine")
    assert checkout.run("demo").returncode == 1
    assert (checkout.root / ".venv" / "mine.txt").exists()


def test_ci_runs_the_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "python3 run.py test" in script.read_text()
