"""A sealed value opens in its own place and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.crypto import KeyCache, Owner, SealBrokenError, Vault, length_prefixed
from app.core.database import Reach
from app.core.ids import new_id
from app.core.key_cache import KeySet
from app.core.kms import KeyUnavailableError, LocalKeyFile
from app.main import create_app
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple

COLUMNS = {"red_flag": ("note", "clearing_reason"), "stage_decision": ("numbers", "override_reason")}


@dataclass(frozen=True)
class Place:
    """A row as the vault sees it."""

    clinic_id: UUID
    couple_id: UUID | None
    partner_id: UUID | None
    __tablename__: str
    id: UUID


def places(clinic_id: UUID, vault: Vault) -> list[Place]:
    """Rows of two couples, their partners and the clinic, in two tables; with keys."""
    made = []
    for _ in range(2):
        couple_id, one, other = new_id(), new_id(), new_id()
        vault.create_key(Owner.COUPLE, couple_id)
        for partner_id in (one, other):
            vault.create_key(Owner.PARTNER, partner_id)
        owners = [(couple_id, None), (couple_id, one), (couple_id, other), (None, None)]
        made += [Place(clinic_id, *owner, table, new_id()) for owner in owners for table in COLUMNS]
    return made


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_changed_byte_and_every_shorter_value_is_refused(clinic: Clinic) -> None:
    with clinic.at_desk() as (_session, vault):
        row = places(clinic.id, vault)[0]
        sealed = vault.seal(row, "note", "words")
        broken = [sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in range(len(sealed))]
        broken += [sealed[:length] for length in range(len(sealed))]
        for value in broken:
            with pytest.raises(SealBrokenError, match=r"red_flag\.note"):
                vault.open(row, "note", value)
        assert vault.open(row, "note", sealed) == "words"
        assert vault.open(row, "note", None) is None


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_same_words_never_look_the_same(clinic: Clinic) -> None:
    with clinic.at_desk() as (_session, vault):
        row = places(clinic.id, vault)[0]
        assert len({vault.seal(row, "note", "words") for _ in range(500)}) == 500


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_cached_key_is_no_key_to_another_clinic(new_clinic: Callable[[], Clinic]) -> None:
    mine, theirs = new_clinic(), new_clinic()
    couple_id = new_id()
    cache: KeyCache = mine.app.state.runtime.cache
    row = Place(mine.id, couple_id, None, "red_flag", new_id())
    with mine.at_desk() as (_session, vault):
        vault.create_key(Owner.COUPLE, couple_id)
        sealed = vault.seal(row, "note", "words")
    with mine.at_desk() as (_session, vault):
        assert vault.open(row, "note", sealed) == "words"
    key = cache.get(mine.id, (Owner.COUPLE, couple_id), 0)
    assert key is not None
    assert cache.get(theirs.id, (Owner.COUPLE, couple_id), 0) is None
    with theirs.at_desk() as (_session, vault):
        with pytest.raises(SealBrokenError, match="no data key"):
            vault.open(row, "note", sealed)
        cache.put(theirs.id, (Owner.COUPLE, couple_id), key, 0)  # and even with the very key, the clinic is part of the place
        with pytest.raises(SealBrokenError, match=r"red_flag\.note"):
            vault.open(row, "note", sealed)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_key_is_cached_for_others_only_once_it_is_committed(clinic: Clinic) -> None:
    couple_id = new_id()

    def fail() -> None:
        with clinic.at_desk() as (session, vault):
            vault.create_key(Owner.COUPLE, couple_id)
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert clinic.app.state.runtime.cache.get(clinic.id, (Owner.COUPLE, couple_id), 0) is None


def test_a_missing_key_file_keeps_the_service_from_starting(clinic: Clinic, tmp_path: Path) -> None:
    lost = clinic.settings.model_copy(update={"key_file": tmp_path / "lost" / "rekindle.key"})
    with pytest.raises(KeyUnavailableError):
        create_app(lost, clinic.clock)


def test_with_a_foreign_key_file_nothing_is_read_and_no_word_is_said(clinic: Clinic, therapist: Caller, tmp_path: Path) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    path = f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}"
    LocalKeyFile.create(tmp_path / "foreign.key")
    ours, runtime = clinic.app.state.runtime.cache, clinic.app.state.runtime
    runtime.cache = KeyCache(LocalKeyFile(tmp_path / "foreign.key"), ours.store)
    refused = therapist.get(path)
    assert (refused.status_code, refused.json()["code"]) == (500, "internal")
    assert "Alex" not in refused.text
    runtime.cache = ours
    assert therapist.get(path).json()["name"] == "Alex"


def test_a_wrapped_key_is_bound_to_its_context_and_every_byte(tmp_path: Path) -> None:
    LocalKeyFile.create(tmp_path / "rekindle.key")
    service = LocalKeyFile(tmp_path / "rekindle.key")
    wrapped = service.wrap(b"k" * 32, b"here")
    assert service.unwrap(wrapped, b"here") == service.unwrap(service.rewrap(wrapped, b"here"), b"here") == b"k" * 32
    assert service.health()
    broken: list[tuple[bytes, bytes]] = [(wrapped, b"there"), (b"", b"here")]
    broken += [(wrapped[:length], b"here") for length in range(len(wrapped))]
    broken += [(wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :], b"here") for at in range(len(wrapped))]
    for value, context in broken:
        with pytest.raises(KeyUnavailableError):
            service.unwrap(value, context)


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_two_different_places_never_make_the_same_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_cache_forgets_the_oldest_first(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.key_cache.CACHED_KEYS", 3)
    held = clinic.app.state.runtime.cache
    cache, clinic_id = KeyCache(held.key_service, held.store), new_id()
    names: list[Any] = [(Owner.COUPLE, new_id()) for _ in range(5)]
    for name in names:
        cache.put(clinic_id, name, KeySet({1: b"k" * 32}), 0)
    assert [cache.get(clinic_id, name, 0) is not None for name in names] == [False, False, True, True, True]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_cache_holds_nothing_past_a_change_of_keys_nor_what_was_read_before_it(clinic: Clinic) -> None:
    held = clinic.app.state.runtime.cache
    cache, clinic_id, other = KeyCache(held.key_service, held.store), new_id(), new_id()
    name, keys = (Owner.COUPLE, new_id()), KeySet({1: b"k" * 32})
    cache.put(clinic_id, name, keys, 4)
    cache.put(other, name, keys, 4)
    assert cache.get(clinic_id, name, 4) == keys
    assert cache.get(clinic_id, name, 5) is None
    assert cache.get(clinic_id, name, 4) is None  # a transaction that began before the change asks the store
    cache.put(clinic_id, name, keys, 4)  # and what it read there is not kept
    assert cache.get(clinic_id, name, 5) is None
    assert cache.get(other, name, 4) == keys  # the control: another clinic's keys stay


def test_a_reach_without_a_clinic_opens_nothing(clinic: Clinic) -> None:
    runtime = clinic.app.state.runtime
    with runtime.database.transaction(Reach(UUID(int=0))) as session:
        vault = Vault(session, runtime.cache)
        with pytest.raises(SealBrokenError, match="no data key"):
            vault.tag("cursor", b"x")
