"""Settings that would expose the record are refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.kms import KeyUnavailableError, LocalKeyFile
from app.core.settings import Settings

APART = {"database_url": "sqlite:///data/rekindle.db", "key_file": "keys/rekindle.key"}


def test_the_defaults_are_loopback_production_and_a_key_apart_from_the_database() -> None:
    settings = Settings()
    assert (settings.host, settings.environment, settings.tls_terminated) == ("127.0.0.1", "production", False)
    assert settings.sqlite_file is not None
    assert settings.sqlite_file.parent != settings.key_file.parent


REFUSED = {
    "a public bind without TLS in front": {"host": "0.0.0.0"},  # noqa: S104 - which is what is refused
    "a public IPv6 bind": {"host": "::"},
    "a key beside the database": {"key_file": "data/rekindle.key"},
    "a key beside the database by another name": {"key_file": "keys/../data/rekindle.key"},
    "a remote database without TLS": {"database_url": "postgresql+psycopg://service@db.example/rekindle"},
    "TLS that may be dropped": {"database_url": "postgresql+psycopg://service@db.example/rekindle?sslmode=prefer"},
    "a second host without TLS": {"database_url": "postgresql+psycopg://service@localhost,db.example/rekindle"},
    "an unknown setting": {"hots": "127.0.0.1"},
    "an injected role": {"service_role": "x; DROP TABLE couple"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_expose_the_record_is_refused(what: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(APART | REFUSED[what])


def test_a_public_bind_is_taken_once_tls_in_front_is_declared() -> None:
    assert Settings.model_validate(APART | {"host": "0.0.0.0", "tls_terminated": True}).host == "0.0.0.0"  # noqa: S104 - declared
    safe = "postgresql+psycopg://service@db.example/rekindle?sslmode=verify-full"
    assert Settings.model_validate({"database_url": safe}).sqlite_file is None


def test_the_address_of_the_database_with_its_password_is_never_shown() -> None:
    settings = Settings.model_validate({"database_url": "postgresql+psycopg://service:hunter2@127.0.0.1/rekindle"})
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys" / "rekindle.key"
    LocalKeyFile.create(file)
    LocalKeyFile(file)
    file.chmod(mode)
    with pytest.raises(KeyUnavailableError, match="read by others"):
        LocalKeyFile(file)


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', '{"keys": [{"id": "a", "key": "AAAA"}]}', "\x00", "[]"])
def test_a_broken_key_file_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rekindle.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyUnavailableError):
        LocalKeyFile(file)


def test_a_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "rekindle.key"
    LocalKeyFile.create(file)
    first = file.read_bytes()
    LocalKeyFile.create(file)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (first, 0o600)


def test_serve_says_what_is_wrong_in_one_sentence_and_no_secret(tmp_path: Path) -> None:
    address = "postgresql+psycopg://service:hunter2@db.example/rekindle"
    environment = {**os.environ, "REKINDLE_DATABASE_URL": address, "REKINDLE_KEY_FILE": str(tmp_path / "k")}
    run = subprocess.run(
        [sys.executable, "-m", "app", "serve"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert "sslmode=verify-full" in run.stderr
    assert "hunter2" not in run.stderr
    assert "Traceback" not in run.stderr


def test_a_topic_that_no_note_has_is_refused_instead_of_never_counting() -> None:
    assert Settings().rabbit_hole_topics == ("communication", "logistics")
    assert Settings(rabbit_hole_topics=("relationship",)).rabbit_hole_topics == ("relationship",)
    with pytest.raises(ValidationError, match="REKINDLE_RABBIT_HOLE_TOPICS needs topics of notes: sexual_concern, homework"):
        Settings(rabbit_hole_topics=("comunication",))
