"""The README's first command: the demo says where everything is, what it prints works, and a second run reuses the record."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120


def demo(folder: Path, *more: str) -> list[str]:
    """The command, on a free port."""
    return [sys.executable, "-m", "app", "demo", "--folder", str(folder), "--port", "0", *more]


def environment() -> dict[str, str]:
    """This one, without settings of a service that may run beside the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo keeps its record."""
    return tmp_path_factory.mktemp("demo") / "record"


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
    with subprocess.Popen(
        demo(folder), cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        printed = []
        for line in running.stdout:
            printed.append(line.rstrip())
            if line.startswith("READY"):
                break
        curls = [line for line in printed if line.startswith("curl")]
        answers = [answered(line) for line in curls]
        lost = lost_in(curls[0])
        docs = httpx.get(printed[-1].removeprefix("READY ") + "/docs")
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
    assert len(answers) == 3
    assert [partner["slot"] for partner in answers[1]["partners"]] == ["a", "b"]
    assert answers[1]["visits"] > 10
    assert lost == {"lost-in-talking"}
    assert answers[2]["scales"] == {"total": 22.0}
    assert (docs.status_code, docs.headers["x-data"]) == (200, "synthetic")
