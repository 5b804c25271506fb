"""The key store: apart from the record, each clinic's keys its own, and stored before a row needs them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from pydantic import ValidationError

from app.core.crypto import Owner
from app.core.database import CommitUnknownError, Database
from app.core.ids import decode, new_id
from app.core.key_store import KeyStore
from app.core.settings import Settings
from tests.conftest import Caller, Clinic
from tests.core.test_bad_input import stored
from tests.core.test_row_level_security import verb
from tests.couples.test_couples import new_couple


def keys_of(clinic: Clinic) -> int:
    """How many wrapped keys the clinic has."""
    return len(clinic.app.state.runtime.cache.store.all(clinic.id))


def test_a_couple_has_a_key_each_and_one_together_in_the_store_and_none_in_the_record(
    clinic: Clinic, therapist: Caller
) -> None:
    assert therapist.post("/v1/couples", json=new_couple()).status_code == 201
    held = clinic.app.state.runtime.cache.store.all(clinic.id)
    assert sorted(key.owner for key in held) == ["clinic", "couple", "fingerprint", "partner", "partner"]
    assert [key.owner for key in held if key.wrapped_by.startswith("file:")] == [Owner.CLINIC]
    with clinic.app.state.runtime.database.engine.connect() as connection:
        assert not connection.dialect.has_table(connection, "data_key")


def test_without_the_key_store_nothing_is_written(clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored(clinic)

    def fail(*_told: object) -> None:
        raise CommitUnknownError

    with monkeypatch.context() as away:
        away.setattr(KeyStore, "add", fail)
        refused = therapist.post("/v1/couples", json=new_couple())
        assert (refused.status_code, refused.json()["code"]) == (503, "commit_unknown")
    assert stored(clinic) == before
    assert therapist.post("/v1/couples", json=new_couple()).status_code == 201  # the control


def test_a_record_that_fails_to_commit_leaves_a_key_too_many_and_no_row_without_one(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, rows = keys_of(clinic), stored(clinic)

    def fail() -> None:
        with clinic.at_desk() as (session, vault):
            vault.create_key(Owner.COUPLE, new_id())
            monkeypatch.setattr(session, "commit", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (keys_of(clinic), stored(clinic)) == (before + 1, rows)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_key_store_may_not_lie_in_the_folder_of_the_record(settings: Settings) -> None:
    assert settings.sqlite_file is not None
    beside = f"sqlite:///{settings.sqlite_file.parent / 'keys.db'}"
    with pytest.raises(ValidationError, match="key store may not lie"):
        Settings(database_url=settings.database_url, key_file=settings.key_file, key_store_url=beside)


def test_the_store_is_its_own_file_with_a_default_beside_the_key_file_or_its_own_schema() -> None:
    lite = Settings.model_validate({"key_file": "/k/rekindle.key"})
    assert lite.key_store_address() == "sqlite:////k/store/wrapped-keys.db"
    assert lite.shred_ledger_file == Path("/k/shredded.jsonl")
    big: dict[str, Any] = {
        "database_url": "postgresql+psycopg://s@localhost/r",
        "owner_database_url": "postgresql+psycopg://o@localhost/r",
    }
    assert Settings.model_validate(big).key_store_address(owner=True) == big["owner_database_url"]
    apart = {"key_store_url": "postgresql+psycopg://s@keys.example/k"}
    with pytest.raises(ValidationError, match="TLS"):
        Settings.model_validate(big | apart)


@pytest.fixture
def pair(new_clinic: Callable[[], Clinic]) -> tuple[Clinic, Clinic]:
    """Two clinics with a couple each, and a destroyed key each."""
    from tests.core.test_shredding import destroy, partner_of  # noqa: PLC0415 - its fixtures are not for this module

    made = new_clinic(), new_clinic()
    for clinic in made:
        couple = clinic.member("thea").post("/v1/couples", json=new_couple()).json()
        destroy(clinic, partner_of(couple)[1])
    return made


def outcome(settings: Settings, within: UUID | None, statement: str) -> str:
    """What the service's role is told in the key store: `rows`, `nothing` or an SQLSTATE."""
    address = settings.database_url.get_secret_value().replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        connection.execute(f"SET LOCAL search_path = rekindle_keys; SET LOCAL app.clinic_id = '{within or ''}'".encode())
        try:
            done = connection.execute(statement.encode())
            reached = done.fetchone()[0] if done.description else done.rowcount  # type: ignore[index]  # count(*) gives a row
        except psycopg.Error as error:
            connection.rollback()
            return error.sqlstate or ""
        connection.rollback()
    return "rows" if reached else "nothing"


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_row_level_security_keeps_clinics_keys_apart_in_the_store_too(pair: tuple[Clinic, Clinic]) -> None:
    mine, theirs = pair
    insert = "INSERT INTO data_key SELECT '{}'::uuid, owner, '{}'::uuid, 9, wrapped, wrapped_by, made_at FROM data_key LIMIT 1"
    for table, append_only in (("data_key", False), ("tombstone", True)):
        for name in ("select", "update", "delete"):
            refused = append_only and name != "select"
            statement = verb_in(table, name, theirs.id)
            assert outcome(mine.settings, mine.id, statement) == ("42501" if refused else "nothing"), (table, name)
            assert outcome(mine.settings, None, statement) == ("42501" if refused else "nothing"), (table, name)
            assert outcome(mine.settings, theirs.id, statement) == ("42501" if refused else "rows"), (
                table,
                name,
            )  # the control
        assert outcome(mine.settings, mine.id, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY") == "42501"
    assert outcome(mine.settings, mine.id, insert.format(theirs.id, new_id())) == "42501"
    assert outcome(mine.settings, mine.id, insert.format(mine.id, new_id())) == "rows"  # the control


def verb_in(table: str, name: str, clinic_id: UUID) -> str:
    """A statement on one clinic's rows."""
    return verb(table, name, clinic_id)


def test_a_stolen_key_store_opens_nothing_in_another_clinic_or_place(
    new_clinic: Callable[[], Clinic], engine_name: str
) -> None:
    mine = new_clinic()
    therapist = mine.member("thea")
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    store = mine.app.state.runtime.cache.store
    one, other = (decode("prt", partner["id"]) for partner in couple["partners"])
    keys = {key.owner_id: key for key in store.all(mine.id)}
    store.rewrap(mine.id, keys[one], keys[other].wrapped, keys[other].wrapped_by)  # B's key put in A's place
    mine.app.state.runtime.cache._held.clear()  # noqa: SLF001 - a process that starts anew
    path = f"/v1/couples/{couple['id']}/partners"
    assert therapist.get(f"{path}/{couple['partners'][0]['id']}").json()["code"] == "internal"
    assert therapist.get(f"{path}/{couple['partners'][1]['id']}").status_code == 200
    assert engine_name


def test_the_service_does_not_start_on_a_key_store_of_another_version(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.main import UnsafeError, check_safe  # noqa: PLC0415 - beside its one use

    database = Database(clinic.settings)
    check_safe(database, clinic.app.state.runtime.cache, production=False)
    assert clinic.anonymous().get("/readyz").status_code == 200
    monkeypatch.setattr("app.main.KEY_STORE_HEAD", "k9999")
    with pytest.raises(UnsafeError, match="key store"):
        check_safe(database, clinic.app.state.runtime.cache, production=False)
    assert clinic.anonymous().get("/readyz").status_code == 503
    database.close()
