"""The operator's commands make clinics, members and integrations whose keys open the door."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from app.cli import cli
from app.core.settings import Settings
from tests.access.connected import PUBLISHED
from tests.access.forged import RSA
from tests.couples.test_couples import new_couple

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the test's record."""
    monkeypatch.setenv("REKINDLE_ENVIRONMENT", "demo")
    monkeypatch.setenv("REKINDLE_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("REKINDLE_KEY_FILE", str(settings.key_file))
    return lambda *words, **more: CliRunner().invoke(cli, list(words), **more)


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


def test_a_password_comes_from_standard_input_and_opens_the_door(run: Run, app: Any, engine_name: str) -> None:
    clinic_id = run("clinic", "create", "Praxis").stdout.strip()
    run("member", "add", "thea", "--role", "therapist", "--clinic", clinic_id)
    weak = run("member", "password", "thea", "--clinic", clinic_id, input="short\n")
    unknown = run("member", "password", "theo", "--clinic", clinic_id, input="rain on the tent roof\n")
    made = run("member", "password", "thea", "--clinic", clinic_id, input="rain on the tent roof\n")
    assert (weak.exit_code, unknown.exit_code, made.exit_code) == (1, 1, 0)
    assert "12" in weak.stderr
    assert "rain" not in made.output + unknown.output
    body = {"password": {"login": "thea", "password": "rain on the tent roof"}}
    named = body if engine_name == "sqlite" else body | {"clinic_id": clinic_id}
    assert TestClient(app).post("/v1/sign-ins", json=named).status_code == 201


def test_a_password_is_never_an_argument(run: Run) -> None:
    assert run("member", "password", "thea", "rain on the tent roof").exit_code == 2


def test_an_integration_with_keys_of_its_own_gets_a_client_id_and_no_key(run: Run, tmp_path: Path) -> None:
    clinic_id = run("clinic", "create", "Praxis").stdout.strip()
    named = ["--clinic", clinic_id]
    (tmp_path / "keys.json").write_text(json.dumps(PUBLISHED), encoding="utf-8")
    given = run("integration", "add", "ehr", "--scope", "couples:read", "--jwks", str(tmp_path / "keys.json"), *named)
    published = run("integration", "add", "bi", "--scope", "couples:read", "--jwks-url", "https://bi.example.org/keys", *named)
    assert [one.stdout.split()[1][:4] for one in (given, published)] == ["rkc_", "rkc_"]
    both = ["--jwks", str(tmp_path / "keys.json"), "--jwks-url", "https://bi.example.org/keys"]
    (tmp_path / "private.json").write_text(json.dumps({"keys": [RSA.as_dict(private=True)]}), encoding="utf-8")
    for wrong in (both, ["--jwks", str(tmp_path / "private.json")], ["--jwks-url", "http://bi.example.org/keys"]):
        refused = run("integration", "add", "no", "--scope", "couples:read", *wrong, *named)
        assert refused.exit_code == 1, wrong
        assert "Traceback" not in refused.stderr


def test_a_providers_name_is_bound_once(run: Run) -> None:
    named = ["--clinic", run("clinic", "create", "Praxis").stdout.strip()]
    run("member", "add", "thea", "--role", "therapist", *named)
    words = ["member", "identity", "thea", "--issuer", "https://id.example.org", "--subject", "7", *named]
    assert [run(*words).exit_code for _ in range(2)] == [0, 1]
    assert run("member", "identity", "theo", *words[3:]).exit_code == 1


def test_a_member_who_is_ended_is_shut_out_and_their_couples_are_with_whom_the_command_named(run: Run, app: Any) -> None:
    named = ["--clinic", run("clinic", "create", "Praxis").stdout.strip()]
    people = [run("member", "add", name, "--role", "therapist", *named).stdout.split() for name in ("thea", "cara", "dora")]
    (thea, key), (cara, hers), (dora, _key) = people
    client = TestClient(app)
    bearer = {"Authorization": f"Bearer {key}"}
    couples = [client.post("/v1/couples", json=new_couple(one), headers=bearer).json()["id"] for one in ("1", "2")]
    refused = run("member", "end", thea, *named)
    assert (refused.exit_code, refused.stderr.count("cpl_")) == (1, 2)
    done = run("member", "end", thea, "--hand-to", cara, "--handover", f"{couples[1]}={dora}", *named)
    assert done.exit_code == 0, done.stderr
    assert f"{couples[0]} is now with {cara}." in done.stdout
    assert f"{couples[1]} is now with {dora}." in done.stdout
    assert client.get("/v1/me", headers=bearer).status_code == 401
    listed = client.get("/v1/couples", headers={"Authorization": f"Bearer {hers}"}).json()["items"]
    assert [couple["id"] for couple in listed] == couples[:1]
    for wrong in (["mem_x"], [cara, "--handover", "cpl_1"], [cara, "--hand-to", "mem_00000000000000000000000000"]):
        assert run("member", "end", *wrong, *named).exit_code == 1


def test_scopes_are_given_one_by_one_or_all_at_once_as_smart_writes_them(run: Run, tmp_path: Path) -> None:
    named = ["--clinic", run("clinic", "create", "Praxis").stdout.strip()]
    (tmp_path / "keys.json").write_text(json.dumps(PUBLISHED), encoding="utf-8")
    (tmp_path / "broken.json").write_text('{"keys": [', encoding="utf-8")
    keys = ["--jwks", str(tmp_path / "keys.json"), *named]
    one = run("integration", "add", "one", "--scope", "system/*.rs", "--scope", "system/QuestionnaireResponse.cu", *keys)
    two = run("integration", "add", "two", "--scopes", "system/Patient.rs system/Observation.rs?category=s|survey", *keys)
    assert [made.stdout.split()[1][:4] for made in (one, two)] == ["rkc_", "rkc_"]
    assert "Did you mean 'system/Patient.rs'?" in run("integration", "add", "no", "--scopes", "system/Patiant.rs", *keys).stderr
    for wrong in (["--scopes", ""], [], ["--scopes", "system/*.rs", "--jwks", str(tmp_path / "broken.json")]):
        refused = run("integration", "add", "no", *wrong, *named)
        assert (refused.exit_code, "Traceback" in refused.stderr) == (1, False), wrong
        assert refused.stderr.strip()
