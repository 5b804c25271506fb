"""`rekindle import` as its user runs it: exit codes, the report, and going on after a kill."""

import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.access import service as access
from app.cli import cli
from app.core.clock import now
from app.imports.progress import FILE_NAME
from tests.conftest import Clinic
from tests.imports.crawl import write
from tests.imports.many import many
from tests.served import CONTEXT, environment_of

SCOPES = {"couples:read", "couples:write", "administrations:write", "administrations:read"}
KILLED = int(os.environ.get("REKINDLE_KILLED_IMPORTS", "2"))
COUPLES = 30


@pytest.fixture
def environment(clinic: Clinic) -> dict[str, str]:
    """What the command finds in its environment, with a key that is good today."""
    with clinic.at_desk() as (session, _vault):
        importer = access.add_integration(session, "importer", SCOPES, now())
        key = access.issue_key(session, importer, "demo", now())
    return {**environment_of(clinic.settings), "REKINDLE_KEY": key}


@pytest.fixture
def run(environment: dict[str, str]) -> Callable[..., Result]:
    """Runs the command."""
    return lambda *words, **more: CliRunner().invoke(
        cli, ["import", *[str(word) for word in words]], env={**environment, **more}
    )


def summed(result: Result) -> dict[str, Any]:
    """What the last line of its output says."""
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def test_everything_in_is_exit_code_0_and_leaves_nothing_behind(run: Callable[..., Result], tmp_path: Path) -> None:
    files = write(tmp_path / "files", many(3), parts=2)
    tried = run(files, "--dry-run")
    assert (tried.exit_code, summed(tried)["dry_run"]) == (0, True), tried.output
    done = run(files, "--batch-rows", 1)
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["couples"] for line in done.stdout.splitlines()] == [1, 2, 3, 3]
    assert summed(done)["rows"] == {
        "administrations": {"new": 12},
        "concerns": {"new": 3},
        "couples": {"new": 3},
        "episodes": {"new": 3},
        "items": {"new": 60},
        "partners": {"new": 6},
    }
    assert not (files / FILE_NAME).exists()


def test_a_refused_couple_is_exit_code_2_and_a_refused_file_3(run: Callable[..., Result], tmp_path: Path) -> None:
    tables = many(3)
    tables["items"][0]["answer"] = 9
    files = write(tmp_path / "files", tables)
    assert run(files, "--dry-run", "--quiet").exit_code == 3
    done = run(files, "--quiet", "--report", tmp_path / "report.csv")
    assert done.exit_code == 2
    assert (summed(done)["couples"], summed(done)["refused_couples"]) == (3, 1)
    assert "items.csv:2:answer: out_of_range" in done.stderr
    assert "refused,items.csv,2,answer,out_of_range" in (tmp_path / "report.csv").read_text()
    (files / "items.csv").write_text("item\n")
    assert run(files).exit_code == 3


def test_without_a_key_or_with_a_strange_one_nothing_is_read(run: Callable[..., Result], tmp_path: Path) -> None:
    files = write(tmp_path / "files", many(1))
    assert run(files, REKINDLE_KEY="").exit_code == 3
    assert run(files, REKINDLE_KEY="rk_demo_strange").exit_code == 3
    assert run(files, "--care-team", "somebody").exit_code == 3
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert run(nothing).exit_code == 3


def imported(environment: dict[str, str], words: list[str], output: str) -> None:
    """What a child process does: the command itself, with its output in a file."""
    os.dup2(os.open(output, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), 1)
    os.environ.update(environment)
    cli(["import", *words])


def test_one_that_was_killed_goes_on_where_it_was_and_nothing_is_there_twice_or_by_half(
    clinic: Clinic, run: Callable[..., Result], environment: dict[str, str], tmp_path: Path
) -> None:
    chance = random.Random(os.environ.get("REKINDLE_SEED", "7"))  # noqa: S311 - when to kill
    files, output = write(tmp_path / "files", many(COUPLES)), tmp_path / "output"
    for _ in range(KILLED):
        output.write_text("")
        words = [str(files), "--resume", "--batch-rows", "1"]
        child = CONTEXT.Process(target=imported, args=(environment, words, str(output)), daemon=True)
        child.start()
        wanted = chance.randrange(1, COUPLES // KILLED)
        while child.is_alive() and output.read_text().count("\n") < wanted:
            time.sleep(0.002)
        time.sleep(chance.random() / 50)
        child.kill()
        child.join()
    caller = clinic.integration()
    assert caller.get("/v1/couples?limit=200").json()["items"], "killed before anything came in"
    done = run(files, "--resume")
    assert done.exit_code == 0, done.output
    assert summed(done)["couples"] == COUPLES
    again = run(files)
    assert summed(again)["rows"] == {table: {"there": len(rows)} for table, rows in sorted(many(COUPLES).items())}
    couples = caller.get("/v1/couples?limit=200").json()["items"]
    assert sorted(couple["external_id"] for couple in couples) == [f"C{number:05}" for number in range(COUPLES)]
