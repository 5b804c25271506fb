"""The reference pages are the ones committed, complete, deterministic, and lead where they say."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from app.access.permissions import ALLOWED, GRANTABLE, PARTNERS_ALONE, Permission, Role
from app.cli import cli
from app.clinical import change, measure, norms, protocol, safety, source
from app.clinical.concerns import CONCERNS
from app.clinical.measures import MEASURES
from app.clinical.protocols import PROTOCOLS
from app.clinical.scoring import score
from app.clinical.verdict import thresholds_in_force
from app.core.database import Compartment
from app.core.problems import catalogue
from app.core.settings import Settings
from app.homework import states as plan
from app.main import bare_app
from app.notes import states as note
from app.partner_pages.door import OPENS
from app.reference import licences, lives, markdown, plissit, protocol_log, protocol_rules, reliable_change, sources, states
from app.reference import measure as measure_page
from app.reference import protocol as protocol_page
from app.reference.pages import differences, pages, write

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"
PAGES = pages()
WORDS: dict[str, tuple[Mapping[Any, str], Any]] = {
    "grades": (sources.GRADES, source.Grade),
    "confidences": (sources.CONFIDENCES, source.Confidence),
    "licence tiers": (licences.LICENCES, measure.LicenceTier),
    "kinds of measures": (measure_page.KINDS, measure.Kind),
    "orientations": (measure_page.BETTER, measure.Orientation),
    "bases of change": (reliable_change.BASES, norms.ChangeStatus),
    "reasons for no class": (reliable_change.UNCLASSED, change.WhyNot),
    "reliabilities": (reliable_change.RELIABILITIES, norms.ReliabilityKind),
    "participants": (protocol_page.PARTICIPANTS, protocol.Participants),
    "company": (protocol_page.COMPANY, protocol.Company),
    "roles": (protocol_log.ROLES, protocol.Role),
    "units of dose": (protocol_page.UNITS, protocol.DoseUnit),
    "periods": (protocol_page.PERIODS, protocol.Period),
    "evidence": (protocol_page.EVIDENCE, protocol.EvidenceGrade),
    "privacy": (protocol_log.SEEN_BY, protocol.Privacy),
    "verdicts": (protocol_rules.VERDICTS, protocol.VerdictName),
    "depths": (plissit.DEPTHS, safety.Plissit),
}


def rows(path: str) -> list[list[str]]:
    """The cells of every row of every table of a page."""
    lines = [line for line in PAGES[path].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def anchors(text: str) -> set[str]:
    """What a forge makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(file: Path, text: str) -> Iterator[str]:
    """Relative links of a page that lead to no file, or to no heading in it."""
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        found = file.parent / path if path else file
        if not found.exists() or (anchor and anchor not in anchors(found.read_text(encoding="utf-8"))):
            yield target


def test_the_committed_pages_are_up_to_date() -> None:
    assert differences(FOLDER) == [], f"run `{markdown.COMMAND}`"


def test_a_changed_a_missing_and_a_forgotten_page_are_noticed_and_mended(tmp_path: Path) -> None:
    write(tmp_path)
    assert differences(tmp_path) == []
    (tmp_path / "states.md").write_text("edited by hand")
    (tmp_path / "measures" / "gmsex.md").unlink()
    (tmp_path / "measures" / "of_another_version.md").write_text("left behind")
    assert differences(tmp_path) == ["measures/gmsex.md", "measures/of_another_version.md", "states.md"]
    write(tmp_path)
    assert differences(tmp_path) == []


def test_the_command_writes_then_agrees_and_names_what_is_out_of_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["docs"]).exit_code == 0
    assert CliRunner().invoke(cli, ["docs", "--check"]).exit_code == 0
    (tmp_path / "docs/reference/settings.md").write_text("edited by hand")
    found = CliRunner().invoke(cli, ["docs", "--check"])
    assert found.exit_code == 1
    assert "docs/reference/settings.md is out of date: run `python -m app docs`" in found.output


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_in_another_environment_makes_the_same_pages(seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "REKINDLE_PORT": "9999", "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-m", "app", "docs", "--check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", sorted((ROOT / "docs").rglob("*.md")), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(file: Path) -> None:
    assert list(dead_links(file, file.read_text(encoding="utf-8"))) == []


def test_a_dead_link_would_be_noticed() -> None:
    text = "[a](states.md) [b](states.md#a-homework-plan) [c](gone.md) [d](states.md#gone) [e](#gone)"
    assert list(dead_links(FOLDER / "README.md", text)) == ["gone.md", "states.md#gone", "#gone"]


@pytest.mark.parametrize("words", WORDS)
def test_every_word_of_the_code_has_words_for_people(words: str) -> None:
    told, meant = WORDS[words]
    assert set(told) == set(get_args(meant))
    assert all(told.values())


@pytest.mark.parametrize("path", PAGES)
def test_the_rows_of_a_table_are_as_wide_as_its_head(path: str) -> None:
    for table in re.findall(r"(?:^\|.*\n?)+", PAGES[path], re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1, table
    assert "None" not in re.sub(r"\nNone:", "", PAGES[path])
    assert not re.search(r"[A-Z]\w+\(\w+=|<\w+ object|frozenset", PAGES[path]), "a dump of an object"


def test_the_index_names_every_other_page() -> None:
    named = set(re.findall(r"\]\(([^)]+)\)", PAGES["README.md"]))
    assert named == set(PAGES) - {"README.md"}


@pytest.mark.parametrize("permission", Permission)
def test_the_matrix_of_permissions_is_the_one_in_force(permission: Permission) -> None:
    (row,) = [row for row in rows("permissions.md") if row[0] == f"`{permission}`"]
    holds = [permission in ALLOWED[role] for role in Role] + [permission in GRANTABLE]
    assert [cell == "yes" for cell in row[1:6]] == holds


def test_every_problem_setting_operation_and_concern_has_its_row() -> None:
    told = {path: {row[0] for row in rows(path)} for path in PAGES}
    assert {f"`{code}`" for code, kind in catalogue().items() if kind.__module__.startswith("app.")} <= told["problems.md"]
    assert {f"`REKINDLE_{name.upper()}`" for name in Settings.model_fields} <= told["settings.md"]
    operations = [one for path in bare_app().openapi()["paths"].values() for one in path.values()]
    assert {f"`{operation['operationId']}`" for operation in operations} <= told["operations.md"]
    assert {f"{concern.name} (`{slug}`)" for slug, concern in CONCERNS.items()} <= told["concerns.md"]


def test_no_default_of_a_secret_is_printed() -> None:
    secret = Settings.model_fields["database_url"].default.get_secret_value()
    assert secret
    assert not [path for path, text in PAGES.items() if secret in text]


def test_the_diagrams_draw_every_arrow_and_no_other() -> None:
    drawn = re.findall(r"^    (\S+) --> (\S+?)(?:: (\w+))?$", PAGES["states.md"], re.MULTILINE)
    arrows = [
        (str(status), str(to), plan.NOUNS[move]) for status, moves in plan.TRANSITIONS.items() for move, to in moves.items()
    ]
    arrows += [(str(status), str(to), str(step)) for status, steps in note.TRANSITIONS.items() for step, to in steps.items()]
    arrows += [arrow for one in lives.LIVES for arrow in one.arrows]
    assert sorted(arrow for arrow in drawn if "[*]" not in arrow) == sorted(arrows)
    assert {source for source, to, _ in drawn if to == "[*]"} == {
        *("completed", "stopped", "entered_in_error", "discarded"),
        *(str(state) for one in lives.LIVES for state, events in one.life.items() if not events),
    }


def test_every_state_is_explained() -> None:
    assert set(states.PLAN) == set(plan.Status)
    assert set(states.NOTE) == set(note.NoteStatus)
    for one in lives.LIVES:
        assert set(one.meanings) == set(one.life) == set(type(one.start))


def test_no_state_of_a_life_is_out_of_reach() -> None:
    for one in lives.LIVES:
        reached = {str(one.start)}
        while more := {to for source, to, _ in one.arrows if source in reached} - reached:
            reached |= more
        assert reached == {str(state) for state in one.life}


def test_what_a_link_may_do_is_told_by_its_purpose() -> None:
    told = {row[0].strip("`"): row[6] for row in rows("permissions.md") if len(row) == 8}
    by_purpose = {purpose: {name for name, cell in told.items() if f"`{purpose}`" in cell} for purpose in OPENS}
    assert by_purpose == {purpose: {str(permission)} for purpose, permission in OPENS.items()}
    assert {name for name, cell in told.items() if cell == "each"} == {str(one) for one in PARTNERS_ALONE}
    reads = {row[0].strip("`"): row[-2:] for row in rows("permissions.md") if row[0].strip("`") in set(Compartment)}
    assert reads == {
        "conjoint": ["yes", "yes"],
        "individual_a": ["yes", "-"],
        "individual_b": ["-", "yes"],
        "safety": ["-", "-"],
    }


@pytest.mark.parametrize("code", MEASURES)
def test_the_page_of_a_measure_holds_its_cutoffs_sources_and_examples(code: str) -> None:
    told, known = rows(f"measures/{code}.md"), MEASURES[code]
    for cut in known.cutoffs:
        assert any(f"`{cut.operator} {cut.value:g}`" in cell for row in told for cell in row)
    for example in known.examples:
        (row,) = [row for row in told if row[0] == example.note]
        sheet = score(known, example.answers, example.reasons)
        assert all(f"{round(value, 2):g}" in row[2] for value in sheet.scales.values() if value is not None)
        assert all(code in row[-1] for code in [alert.code for alert in sheet.alerts])
    cited = {cell for row in told for cell in row}
    assert {found.text for found in (*known.sources, *(cut.source for cut in known.cutoffs))} <= cited


@pytest.mark.parametrize("code", PROTOCOLS)
def test_the_page_of_a_protocol_holds_its_stages_rules_and_thresholds(code: str) -> None:
    text, told, known = PAGES[f"protocols/{code}.md"], rows(f"protocols/{code}.md"), PROTOCOLS[code]
    assert all(f"### {stage.number}. {stage.title}\n" in text for stage in known.stages)
    assert {rule.sentence for rule in known.rules} <= {row[-1] for row in told}
    values = {row[0]: row[1] for row in told}
    assert {f"`{name}`": f"{value:g}" for name, value in thresholds_in_force(known).items()}.items() <= values.items()
    assert "{" not in text, "a threshold without its value"
    private = {f"`{field.code}`" for field in known.log_fields if field.privacy == "safety"}
    assert {row[0] for row in told if row[-1] == "care team alone"} == private


def test_a_cell_cannot_break_its_table_and_an_empty_column_is_left_out() -> None:
    assert markdown.table(("a", "b", "c"), [("x|y", "", "two\nlines")]) == "| a | c |\n| --- | --- |\n| x\\|y | two lines |"
    assert markdown.table(("a",), []) == ""
    assert markdown.section("Nothing", markdown.table(("a",), [])) == ""
