"""A sealed value that is moved anywhere else is refused, even where the very same key would open it."""

import os
import random
from collections import Counter
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

import pytest

from app.core.crypto import Owner, SealBrokenError, Vault, key_name, length_prefixed, sealed_columns
from app.core.ids import new_id
from app.core.key_cache import KeySet
from app.core.key_names import KeyName
from app.core.rotation import sealed_tables
from tests.conftest import Clinic
from tests.core.test_rotation import row_of

MOVES = int(os.environ.get("REKINDLE_MOVES", "10000"))
RESPECTS = ("row", "column", "table", "clinic", "couple", "partner", "private file", "format", "generation", "anywhere")


class Placeless(Vault):
    """The control: the same encryption, with the place left out."""

    def _place(self, header: bytes, row: Any, column: str) -> bytes:  # noqa: ARG002 - which is what is tried
        return length_prefixed(header)


@dataclass(frozen=True)
class Spot:
    """A column of a row, and which clinic's vault is asked."""

    clinic: int
    row: Any
    column: str


class Filed:
    """A row as the notes' private file would hold it, whatever else its table is."""

    def __init__(self, row: Any) -> None:
        self.__tablename__ = row.__tablename__
        self.clinic_id, self.id, self.couple_id = row.clinic_id, row.id, row.couple_id
        self.partner_id, self.psychotherapy_file_id = None, new_id()


def spots(clinic: int, clinic_id: Any) -> list[Spot]:
    """Every sealed column of every table, for two couples, in and outside a private file."""
    rows = [row_of(table, clinic_id, couple) for table in sealed_tables() for couple in (new_id(), new_id())]
    rows += [Filed(row) for row in rows if getattr(row, "couple_id", None)]
    return [Spot(clinic, row, column) for row in rows for column in sorted(sealed_columns(row.__tablename__))]


def moved(chance: random.Random, respect: str, spot: Spot, other: Spot, sealed: bytes) -> tuple[Spot, bytes]:
    """The same value somewhere else, in one respect or altogether, or claimed to be of another format or generation."""
    row = copy(spot.row)
    match respect:
        case "row":
            row.id = new_id()
        case "column":
            return Spot(spot.clinic, row, other.column), sealed
        case "table":
            row = Filed(row) if isinstance(row, Filed) else Bare(row)
            row.__tablename__ = other.row.__tablename__
        case "clinic":
            return Spot(1 - spot.clinic, row, spot.column), sealed
        case "couple" | "partner" | "private file":
            row = Bare(row)
            name = {"couple": "couple_id", "partner": "partner_id"}.get(respect, "psychotherapy_file_id")
            setattr(row, name, new_id())
        case "format":
            return spot, bytes([chance.randrange(2, 256)]) + sealed[1:]
        case "generation":
            return spot, sealed[:1] + (1).to_bytes(2, "big") + sealed[3:]
        case _:
            return other, sealed
    return Spot(spot.clinic, row, spot.column), sealed


class Bare:
    """What the vault looks at in a row, to be changed freely."""

    def __init__(self, row: Any) -> None:
        self.__tablename__ = row.__tablename__
        self.clinic_id, self.id = row.clinic_id, row.id
        self.couple_id = getattr(row, "couple_id", None)
        self.partner_id = getattr(row, "partner_id", None)
        self.psychotherapy_file_id = getattr(row, "psychotherapy_file_id", None)


def same(one: Spot, other: Spot) -> bool:
    """Whether nothing was moved after all."""
    of = [
        (s.clinic, s.row.__tablename__, s.row.id, s.column, getattr(s.row, "couple_id", None), key_name(s.row))
        for s in (one, other)
    ]
    return of[0] == of[1]


def everywhere(name: KeyName) -> KeySet:
    """The same key, whoever's it is."""
    assert name
    return KeySet({1: b"k" * 32, 2: b"k" * 32})


def tried(kind: type[Vault], clinics: list[Clinic], moves: int) -> tuple[Counter[str], Counter[str]]:
    """Moves that were refused and moves that opened, by respect; one and the same key opens every place of both clinics."""
    chance = random.Random(7)  # noqa: S311 - which moves are tried is no secret
    with clinics[0].at_desk() as (one, vault), clinics[1].at_desk() as (two, _vault):
        vaults = [kind(session, vault.cache) for session in (one, two)]
        places = [spot for number, clinic in enumerate(clinics) for spot in spots(number, clinic.id)]
        for one_key in vaults:
            one_key._keys = everywhere  # type: ignore[method-assign]  # noqa: SLF001 - so that the place alone decides
        sealed = [vaults[spot.clinic].seal(spot.row, spot.column, str(spot.row.id)) for spot in places]
    refused, opened = Counter[str](), Counter[str]()
    while refused.total() + opened.total() < moves:
        at, respect = chance.randrange(len(places)), chance.choice(RESPECTS)
        spot, value = moved(chance, respect, places[at], chance.choice(places), sealed[at])
        if same(spot, places[at]) and value == sealed[at]:
            assert vaults[spot.clinic].open(spot.row, spot.column, value) == str(places[at].row.id)
            continue
        try:
            vaults[spot.clinic].open(spot.row, spot.column, value)
            opened[respect] += 1
        except SealBrokenError:
            refused[respect] += 1
    return refused, opened


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_every_move_of_a_sealed_value_is_refused(new_clinic: Callable[[], Clinic]) -> None:
    refused, opened = tried(Vault, clinics := [new_clinic(), new_clinic()], MOVES)
    print(f"{refused.total()} moves refused, {opened.total()} opened: {dict(refused)}")  # noqa: T201 - the figure is the point
    assert (refused.total(), opened.total(), set(refused)) == (MOVES, 0, set(RESPECTS))
    refused, opened = tried(Placeless, clinics, 1_000)  # the control: without the place, every move but of the header opens
    assert set(refused) == {"format", "generation"}
    assert set(opened) == set(RESPECTS) - {"format", "generation"}


def test_which_key_a_row_is_under_follows_the_most_private_thing_it_names() -> None:
    row = Bare(type("Row", (), {"__tablename__": "x", "clinic_id": new_id(), "id": new_id()})())
    assert key_name(row) == (Owner.CLINIC, row.clinic_id)
    for column, owner in (
        ("couple_id", Owner.COUPLE),
        ("partner_id", Owner.PARTNER),
        ("psychotherapy_file_id", Owner.PSYCHOTHERAPY),
    ):
        setattr(row, column, new_id())
        assert key_name(row) == (owner, getattr(row, column))
