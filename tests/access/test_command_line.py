"""The operator's commands make clinics, members and integrations whose keys open the door."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from app.cli import cli
from app.core.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the test's record."""
    monkeypatch.setenv("REKINDLE_ENVIRONMENT", "demo")
    monkeypatch.setenv("REKINDLE_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("REKINDLE_KEY_FILE", str(settings.key_file))
    return lambda *words: CliRunner().invoke(cli, list(words))


def test_the_keys_that_commands_print_open_the_door(run: Run, app: Any, settings: Settings) -> None:
    clinic_id = run("clinic", "create", "Praxis").stdout.strip()
    named = ["--clinic", clinic_id]
    made = {
        "member": run("member", "add", "thea", "--role", "therapist", "--competence", "IT", *named),
        "integration": run("integration", "add", "ehr", "--scope", "couples:read", *named),
    }
    for kind, printed in made.items():
        key = printed.stdout.split()[1]
        found = TestClient(app).get("/v1/me", headers={"Authorization": f"Bearer {key}"})
        assert (found.status_code, found.json()["kind"], found.json()["clinic_id"]) == (200, kind, clinic_id)
    assert settings.key_file.exists()


def test_a_sqlite_file_needs_no_clinic_name_and_takes_no_second_clinic(run: Run, engine_name: str) -> None:
    assert run("clinic", "create", "Praxis").exit_code == 0
    second, unnamed = run("clinic", "create", "Second"), run("member", "add", "thea", "--role", "therapist")
    expected = (1, 0) if engine_name == "sqlite" else (0, 1)
    assert (second.exit_code, unnamed.exit_code) == expected


@pytest.mark.parametrize(
    "words",
    [
        ("integration", "add", "ehr", "--scope", "safety:read"),
        ("integration", "add", "ehr", "--scope", "notes:read"),
        ("integration", "add", "ehr", "--scope", "everything"),
        ("member", "add", "thea", "--role", "therapist", "--competence", "ALL"),
        ("member", "add", "thea", "--role", "god"),
        ("member", "add", "thea", "--role", "therapist", "--clinic", "clinic-1"),
    ],
)
def test_what_may_not_be_given_is_refused_in_words(run: Run, words: tuple[str, ...]) -> None:
    clinic_id = run("clinic", "create", "Praxis").stdout.strip()
    named = () if "--clinic" in words else ("--clinic", clinic_id)
    refused = run(*words, *named)
    assert refused.exit_code in {1, 2}
    assert refused.stderr.strip()
    assert "Traceback" not in refused.stderr


def test_a_name_is_taken_once(run: Run) -> None:
    named = ["--clinic", run("clinic", "create", "Praxis").stdout.strip()]
    assert run("member", "add", "thea", "--role", "therapist", *named).exit_code == 0
    assert run("member", "add", "thea", "--role", "analyst", *named).exit_code == 1
