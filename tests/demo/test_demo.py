"""The README's first command: the demo says where everything is, what it prints works, and a second run reuses the record."""

import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.demo.conftest import ROOT, demo, environment, running

PATIENCE_SECONDS = 120


def once(folder: Path) -> str:
    """What the story prints."""
    done = subprocess.run(
        demo(folder, "--once"),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def answered(line: str) -> dict[str, Any]:
    """The answer to a printed curl line, asked without curl."""
    words = shlex.split(line)
    headers = {name: value for name, _, value in (word.partition(": ") for word in after(words, "-H"))}
    body = next(iter(after(words, "-d")), None)
    answer = httpx.request("POST" if body else "GET", words[-1], headers=headers, content=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def lost_in(line: str) -> set[str]:
    """The couples, of those that a printed curl line lists, whose outcomes tell of a rabbit hole."""
    told = {couple["external_id"]: answered(f"{line}/{couple['id']}/outcomes") for couple in answered(line)["items"]}
    return {name for name, outcomes in told.items() if "rabbit_hole" in [flag["code"] for flag in outcomes["flags"]]}


def after(words: list[str], switch: str) -> list[str]:
    """What stands behind a switch, each time."""
    return [words[place + 1] for place, word in enumerate(words) if word == switch]


@pytest.mark.xdist_group("demo")
def test_the_story_is_walked_once_and_a_second_run_reuses_the_record(folder: Path) -> None:
    is_new = not folder.exists()
    first = once(folder)
    assert ("Making a record" in first) is is_new
    assert "both_reliably_improved" in first
    began = time.monotonic()
    assert "Making a record" not in once(folder)
    assert time.monotonic() - began < PATIENCE_SECONDS / 2


@pytest.mark.xdist_group("demo")
def test_what_the_demo_prints_works_as_printed(folder: Path) -> None:
    with running(folder) as printed:
        curls = [line for line in printed if line.startswith("curl")]
        answers = [answered(line) for line in curls]
        lost = lost_in(curls[0])
        docs = httpx.get(printed[-1].removeprefix("READY ") + "/docs")
    assert len(answers) == 3
    assert [partner["slot"] for partner in answers[1]["partners"]] == ["a", "b"]
    assert answers[1]["visits"] > 10
    assert lost == {"lost-in-talking"}
    assert answers[2]["scales"] == {"total": 22.0}
    assert (docs.status_code, docs.headers["x-data"]) == (200, "synthetic")
