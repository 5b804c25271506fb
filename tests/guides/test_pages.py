"""What the pages for the three uses print is what stands beside them, and what the commands take."""

import re
import shlex
from itertools import pairwise

import pytest
import typer.main
from typer.core import TyperGroup

from app.access.permissions import GRANTABLE
from app.access.smart import is_grantable
from app.cli import cli
from tests.guides.pages import FOLDER, filled, scripts_in

PAGES = {"ehr.md": 2, "dashboard.md": 2, "export.md": 2, "fhir.md": 1}
BLOCK = re.compile(r"^```\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[list[str]]:
    """The words of each command of ours that a page prints."""
    lines = [line for block in BLOCK.findall(page) for line in block.splitlines()]
    found = [
        shlex.split(line[line.index("rekindle ") :], comments=True) for line in lines if re.search(r"(^|[ /])rekindle ", line)
    ]
    return [words[1:] for words in found]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_its_scripts_word_for_word(name: str) -> None:
    page = (FOLDER / name).read_text(encoding="utf-8")
    assert len(scripts_in(page)) == PAGES[name]
    assert filled(page) == page, "python -m tests.guides.pages writes them in"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_options_and_scopes_that_there_are(name: str) -> None:
    printed = commands((FOLDER / name).read_text(encoding="utf-8"))
    assert printed
    for words in printed:
        command, rest = typer.main.get_command(cli), list(words)
        while isinstance(command, TyperGroup) and rest and rest[0] in command.commands:
            command = command.commands[rest.pop(0)]
        known = {option for each in command.params for option in each.opts}
        assert {word for word in rest if word.startswith("--")} <= known, words
        scopes = {one for before, word in pairwise(rest) if before in {"--scope", "--scopes"} for one in word.split()}
        assert all(scope in set(GRANTABLE) or is_grantable(scope) for scope in scopes - {"..."}), words


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_links_to_is_there(name: str) -> None:
    page = (FOLDER / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page):
        assert (FOLDER / target).resolve().exists(), target
    for script in re.findall(r"docs/integrators/([\w.]+)", page):
        assert (FOLDER / script).exists(), script
