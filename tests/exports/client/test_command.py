"""`rekindle export` as it is typed: options, exit codes, and what is said to a person, to a program and to nobody."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.exports.client.asked import Asked
from app.exports.client.calling import client_for
from app.exports.client.ends import RefusedError
from app.exports.client.folder import Folder
from app.exports.client.remote import Service
from app.exports.client.running import Run
from app.exports.client.telling import Telling, telling
from tests.core.test_full_disk import MOUNTING, may_mount
from tests.exports.client.conftest import lying_in, unhurried
from tests.exports.client.serving import Playing, an_export


def typed(*arguments: str, key: str | None = "rk_key") -> Result:
    """The command, typed."""
    return CliRunner().invoke(cli, ["export", *arguments], env={"REKINDLE_KEY": key})


def lines(result: Result) -> list[dict[str, object]]:
    """What a program reads."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_program_reads_a_line_a_part_and_one_at_the_end(service: Playing, out: Path) -> None:
    result = typed("--url", service.address, "--out", str(out), "--format", "csv,jsonl", "--tables", "scores, couples")
    assert result.exit_code == 0
    assert service.bodies == [{"formats": ["csv", "jsonl"], "tables": ["scores", "couples"], "destination": "own"}]
    *parts, done = lines(result)
    assert [part["name"] for part in parts] == [*an_export()]
    assert {part["table"] for part in parts} == {"scores", "couples", None}
    sums = {"files": 7, "bytes": sum(map(len, an_export().values())), "rows": done["rows"]}
    assert done == {"event": "done", "folder": str(out), "since": None, "token": "t1"} | sums


def test_nobody_is_told_anything_when_it_shall_be_quiet_but_what_goes_wrong(service: Playing, out: Path) -> None:
    assert typed("--url", service.address, "--out", str(out), "--quiet").output == ""
    service.refuse = lambda _method, _path: (403, "not_allowed")
    result = typed("--url", service.address, "--out", str(out), "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", "The sentence of not_allowed.\n")


def test_where_there_are_no_exports_it_says_which_address_is_meant(service: Playing, out: Path) -> None:
    service.refuse = lambda _method, _path: (404, "not_found")
    result = typed("--url", service.address, "--out", str(out), "--quiet")
    assert result.exit_code == 3
    assert "Give the address that stands before /v1" in result.stderr


def test_a_key_that_is_not_taken_is_told_of_as_the_key_of_the_command(service: Playing, out: Path) -> None:
    service.refuse = lambda _method, _path: (401, "unauthenticated")
    result = typed("--url", service.address, "--out", str(out), "--quiet")
    assert result.exit_code == 3
    assert "What REKINDLE_KEY or --key-file holds" in result.stderr


def test_each_fault_stands_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    Telling().ended(RefusedError("There is no such table.\n- /tables/0: Did you mean\x1b 'scores'?\r"))
    assert told.getvalue() == "There is no such table.\n- /tables/0: Did you mean 'scores'?\n"


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_a_person_sees_bars_and_where_it_lies(service: Playing, out: Path) -> None:
    terminal = Terminal()
    with telling(terminal, quiet=False) as teller, client_for(service.address, "rk_key") as client:
        Run(Service(client, unhurried()), Folder(out), teller, Asked())()
    seen = terminal.getvalue()
    assert "Prepared" in seen
    assert "Fetched" in seen
    assert "100 %" in seen
    assert "7 files" in seen


def test_nothing_from_elsewhere_steers_the_terminal(service: Playing, out: Path) -> None:
    terminal = Terminal()
    with telling(terminal, quiet=False) as teller, client_for(service.address, "rk_key") as client:
        teller.note("[red]a sentence\x1b]0;of theirs\x07")
        Run(Service(client, unhurried()), Folder(out), teller, Asked())()
    assert "[red]a sentence]0;of theirs" in terminal.getvalue()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--recipient", "Dr. A"], "--recipient-kind"),
        (["--deidentified", "--recipient", "A", "--recipient-kind", "insurer", "--purpose", "payment"], "not both"),
        (["--clinic", "cln_1"], "leave --database and --clinic out"),
    ],
)
def test_options_that_do_not_go_together_are_refused(service: Playing, out: Path, options: list[str], sentence: str) -> None:
    result = typed("--url", service.address, "--out", str(out), *options)
    assert result.exit_code == 3
    assert sentence in result.stderr
    assert service.asked == []


def test_a_key_comes_from_a_file_that_nobody_else_reads(service: Playing, out: Path, tmp_path: Path) -> None:
    file = tmp_path / "key"
    given = ("--url", service.address, "--out", str(out), "--key-file", str(file))
    assert typed(*given, key=None).exit_code == 3  # it is not there
    file.write_text("rk_filed\n")
    file.chmod(0o640)
    assert "chmod 600" in typed(*given, key=None).stderr
    file.chmod(0o600)
    assert typed(*given, key=None).exit_code == 0
    assert {headers["Authorization"] for _method, _path, headers in service.asked} == {"Bearer rk_filed"}
    assert "REKINDLE_KEY" in typed("--url", service.address, "--out", str(out), key=None).stderr


@pytest.mark.parametrize(("refused", "code"), [((503, "unavailable"), 2), ((422, "invalid"), 3), ((400, "cursor_invalid"), 4)])
def test_each_way_to_end_has_its_exit_code(service: Playing, out: Path, refused: tuple[int, str], code: int) -> None:
    service.refuse = lambda _method, _path: refused
    result = typed("--url", service.address, "--out", str(out), "--since", "sometime", "--patience", "0")
    assert result.exit_code == code
    assert lines(result)[-1]["exit_code"] == code
    assert lying_in(out) == {}


def test_a_disk_that_is_full_is_told_of_and_room_is_all_it_takes(service: Playing, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not may_mount(disk):
        pytest.skip("giving a test a small disk takes root and the right to mount")
    script = 'mount -t tmpfs -o size=200k tmpfs "$1" && exec "$0" -m tests.exports.client.small_disk "$1" "$2" "$3"'
    there = tmp_path / "copied"
    run = subprocess.run(
        [*MOUNTING, "sh", "-c", script, sys.executable, str(disk), service.address, str(there)],
        capture_output=True,
        text=True,
        check=True,
    )
    first, *second = run.stdout.splitlines()
    assert first.startswith("2 There is no room left in ")
    assert second == ["nothing there", "0"]
    assert lying_in(there) == an_export()
