"""The pages for each use, read as a newcomer reads them: every line they print, typed at a served demo, in order."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from tests.demo.conftest import ROOT, environment, running
from tests.guides.pages import FOLDER

RSCRIPT = shutil.which("Rscript")
TRY_IT = re.compile(r"^## Try it\n(.*?)^## ", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
COMMANDS = ("export ", "python3 run.py ", ".venv/bin/", "Rscript ")


@dataclass
class Newcomer:
    """Somebody at a shell, who types what a page prints and reads what comes of it."""

    home: Path
    said: list[str]
    shell: dict[str, str]
    told: list[str] = field(default_factory=list)

    def key(self, mark: str) -> str:
        """The key or client id that was printed last."""
        keys: list[str] = re.findall(rf"\b{mark}\w+", "\n".join([*self.said, *self.told]))
        return keys[-1]

    def type(self, line: str) -> None:
        """Does what the line says; fails as the line fails."""
        words = shlex.split(line, comments=True)
        match words:
            case ["export", setting]:
                name, _, value = setting.partition("=")
                self.shell[name] = self.key(value.removesuffix("...")) if value.endswith("...") else value
            case ["python3", "run.py", "demo"]:
                assert self.said[-1].startswith("READY"), "it is running already"
            case [".venv/bin/rekindle", *rest]:
                self.rekindle([self.home_of(word) for word in rest])
            case [".venv/bin/python", *rest]:
                self.run([sys.executable, *rest])
            case ["Rscript", *rest]:
                if RSCRIPT:
                    self.run([RSCRIPT, *rest])
            case _:
                pytest.fail(f"a page prints what nobody can type: {line}")

    def rekindle(self, words: list[str]) -> None:
        """A command of ours, in this process: each start of its own takes seconds."""
        desk = next(line for line in self.said if line.startswith("Desk"))
        settings = dict(word.split("=", 1) for word in shlex.split(desk)[2:])
        done = CliRunner().invoke(cli, words, env=settings | self.shell)
        assert done.exit_code == 0, done.output
        self.told.append(done.output)

    def run(self, words: list[str]) -> None:
        """A script; those of ours lie where the reader stands, and what they write comes into the reader's folder."""
        found = [str(ROOT / word) if word.startswith("docs/") else self.expanded(word) for word in words]
        done = subprocess.run(
            found, cwd=self.home, env=environment() | self.shell, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr[-2000:]
        self.told.append(done.stdout)

    def expanded(self, word: str) -> str:
        """A word with the shell's variables."""
        return re.sub(r"\$(\w+)", lambda name: self.shell[name[1]], word)

    def home_of(self, word: str) -> str:
        """A word of a command that runs in this process and not in the reader's folder."""
        return str(self.home / word) if word in {"nightly", "public.json"} else self.expanded(word)


def typed(page: str, newcomer: Newcomer) -> str:
    """Types all that stands under "Try it"; what was told on the way."""
    (section,) = TRY_IT.findall((FOLDER / page).read_text(encoding="utf-8"))
    lines = [line for block in BLOCK.findall(section) for line in block.splitlines()]
    for line in lines:
        if line.startswith(COMMANDS):
            newcomer.type(line)
        else:
            promised = re.sub(r"\d+", r"\\d+", re.escape(line))  # how many there are, others have had a hand in
            assert re.search(promised, "".join(newcomer.told)), f"the page promises what does not come: {line}"
    return "".join(newcomer.told)


@pytest.mark.xdist_group("demo")
def test_every_line_of_the_pages_works_as_it_is_printed(folder: Path, tmp_path: Path) -> None:
    with running(folder) as said:
        shell = {"BASE": said[-1].removeprefix("READY "), "PATH": os.environ["PATH"]}
        newcomers = {
            page: Newcomer(tmp_path / page, said, dict(shell)) for page in ("ehr.md", "dashboard.md", "export.md", "fhir.md")
        }
        for newcomer in newcomers.values():
            newcomer.home.mkdir()
        told = {page: typed(page, newcomer) for page, newcomer in newcomers.items()}
    (charts,) = re.findall(r"charts of (\d+) couples written", told["ehr.md"])
    assert re.search(rf"^ +{charts} couples$", told["export.md"], re.MULTILINE), "the couples that were sent are exported"
    assert "1 folders loaded" in told["export.md"]
    assert (newcomers["dashboard.md"].home / "couple.html").read_text(encoding="utf-8").count("<svg") > 10
