"""`rekindle audit` shows an operator that the trail is whole, or what is wrong with it, by words and by its exit code."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select
from typer.testing import CliRunner

from app import main
from app.cli import cli
from app.core.database import Database, Reach
from app.core.ids import decode, encode
from app.exports.models import Export
from tests.conftest import Caller, Clinic
from tests.ledger.records import EVENTS, leaves, live, newest, sealed
from tests.served import environment_of

Run = Callable[..., Any]


@pytest.fixture
def run(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in environment_of(clinic.settings).items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(cli, [*words, "--clinic", encode("cln", clinic.id)])


def tampered(clinic: Clinic, number: int) -> None:
    """What only the owner of the tables can do."""
    changed = leaves(clinic)[number]
    with closing(Database(clinic.settings, owner=True)) as database, database.transaction(Reach(clinic.id)) as session:
        if not database.is_postgresql:
            session.connection().exec_driver_sql("DROP TRIGGER ledger_event_no_update")
        session.connection().execute(EVENTS.update().where(EVENTS.c.id == changed).values(operation="nothing"))


def test_a_whole_trail_is_0_and_a_changed_one_is_3_and_names_the_leaf(
    clinic: Clinic, therapist: Caller, run: Run, tmp_path: Path
) -> None:
    live(therapist, 1)
    early = run("audit", "checkpoint")
    assert (early.exit_code, early.stderr) == (1, "nothing is sealed yet: run `rekindle worker --once`\n")
    sealed(clinic)
    printed = run("audit", "checkpoint")
    assert (printed.exit_code, printed.stdout) == (0, newest(clinic))
    kept = tmp_path / "checkpoint.txt"
    kept.write_text(printed.stdout, encoding="utf-8")
    whole = run("audit", "verify", "--against", str(kept))
    assert (whole.exit_code, whole.stderr) == (0, "")
    assert "whole" in whole.stdout
    tampered(clinic, 3)
    found = run("audit", "verify")
    assert found.exit_code == 3
    assert f"changed at leaf 3, event {encode('evt', leaves(clinic)[3])}" in found.stderr


def test_a_file_that_is_no_checkpoint_of_this_clinic_is_1(clinic: Clinic, therapist: Caller, run: Run, tmp_path: Path) -> None:
    live(therapist, 1)
    sealed(clinic)
    for text in ("", newest(clinic).replace("rekindle/ledger/cln_", "rekindle/ledger/cln_x")):
        kept = tmp_path / "checkpoint.txt"
        kept.write_text(text, encoding="utf-8")
        assert run("audit", "verify", "--against", str(kept)).exit_code == 1


def test_rows_that_are_not_what_a_slice_signed_are_named_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        altered = ("nte_7",)

    monkeypatch.setitem(main.SIGNED, "notes", lambda _session, _vault: Found())
    found = run("audit", "verify")
    assert (found.exit_code, found.stderr) == (3, "notes: nte_7 is not what was signed\n")


@pytest.fixture
def _logs_as_before() -> Iterator[None]:
    """The worker sets up its logs, on an error stream that ends with the command."""
    before = logging.getLogger().handlers[:]
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before
    logging.getLogger("uvicorn.access").disabled = False


@pytest.mark.quiet
@pytest.mark.usefixtures("_logs_as_before")
def test_the_worker_does_what_is_due_once(clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_of(clinic.settings).items():
        monkeypatch.setenv(name, value)
    live(therapist, 1)
    asked = clinic.integration().post("/v1/exports", json={"tables": ["couples"]}).json()["id"]
    done = CliRunner().invoke(cli, ["worker", "--once"]).exit_code == 0
    assert done or clinic.app.state.runtime.database.is_postgresql  # where other tests leave clinics, some without their keys
    assert len(leaves(clinic)) > 0
    with clinic.at_desk() as (session, _vault):  # it does not end before what it began beside is made
        assert session.scalars(select(Export.status).where(Export.id == decode("exp", asked))).one() == "done"
