"""Whatever is done to the rows of a sealed trail is found, and the first bad leaf is named; an untouched trail verifies.

CONTRIBUTING.md tells how to try more.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, select
from sqlalchemy.exc import DBAPIError

from app.ledger.checkpoints import write_checkpoint
from app.ledger.leaves import Salts, commitment, leaf
from app.ledger.merkle import Tree
from app.ledger.models import Checkpoint, LedgerEvent, LedgerLeaf, LedgerSalt
from app.ledger.sealing import standing
from app.ledger.verification import Wrong
from tests.conftest import Caller, Clinic
from tests.ledger.records import CHECKPOINTS, EVENTS, LEAVES, SALTS, Forger, forging, leaves, live, newest, sealed

TRIES: Final = int(os.environ.get("REKINDLE_TAMPERINGS", "500"))  # on each of the two engines
SEED: Final = int(os.environ.get("REKINDLE_SEED", "5"))
CHARACTERS: Final = [chr(code) for code in (9, 10, 11, 13, *range(32, 127), 0x85, 0xE9, 0x2028)]
Where = set[int]


@dataclass
class Attempt:
    """One forger at one trail: `expected` is where the first bad leaf may be found."""

    forger: Forger
    chance: random.Random
    placed: list[UUID]
    checkpoints: list[int]
    outside: str

    @property
    def size(self) -> int:
        """How many events are sealed."""
        return len(self.placed)

    @property
    def sqlite(self) -> bool:
        """Whether events stand in the order of their row numbers."""
        return self.forger.clinic.settings.sqlite_file is not None

    def number(self) -> int:
        """Any leaf."""
        return self.chance.randrange(self.size)

    def first_out_of_order(self) -> int:
        """Where the events as they stand now first differ from how they were sealed."""
        now = self.forger.order()
        return next((n for n in range(self.size) if n >= len(now) or now[n] != self.placed[n]), self.size)


class NothingDoneError(Exception):
    """The forger drew something that changes nothing, or that the database's own keys refuse."""


def other(chance: random.Random, column: Column[Any], value: Any) -> Any:
    """The same value with one bit, byte or character changed."""
    match value:
        case None:
            return {BigInteger: 7, Integer: 7, LargeBinary: b"x"}.get(type(column.type), _of_no_value(column))
        case UUID():
            return UUID(int=value.int ^ 1 << chance.randrange(128))
        case bytes():
            at = chance.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
        case datetime():
            return value + timedelta(microseconds=chance.choice([-1, 1, 1_000, 86_400_000_000]))
        case int():
            return value ^ 1 << chance.randrange(12)
        case _:
            at = chance.randrange(len(value))
            return value[:at] + chance.choice(CHARACTERS) + value[at + 1 :]


def _of_no_value(column: Column[Any]) -> Any:
    return UUID(int=7) if column.name.endswith("_id") else "x"


def change(attempt: Attempt, table: Table, name: str, key: Any) -> None:
    """One byte of one column of one row."""
    column, [of_row] = table.c[name], [table.c.id if "id" in table.c else [*table.primary_key][-1]]
    before = attempt.forger.do(select(column).where(of_row == key)).scalar_one()
    after = other(attempt.chance, column, before)
    if after == before:
        raise NothingDoneError
    attempt.forger.do(table.update().where(of_row == key).values({name: after}))


def change_event(attempt: Attempt) -> Where:
    number, table = attempt.number(), EVENTS
    name = attempt.chance.choice([column.name for column in table.c if column.name != "clinic_id"])
    change(attempt, table, name, attempt.placed[number])
    if name in {"id", "position"}:
        return {min(number, attempt.first_out_of_order())}
    return {number}


def change_leaf(attempt: Attempt) -> Where:
    number = attempt.number()
    name = attempt.chance.choice([column.name for column in LEAVES.c if column.name != "clinic_id"])
    change(attempt, LEAVES, name, number)
    return {number}


def change_checkpoint(attempt: Attempt) -> Where:
    size = attempt.chance.choice(attempt.checkpoints)
    change(attempt, CHECKPOINTS, attempt.chance.choice(["note", "note", "size"]), size)
    sizes = attempt.forger.do(select(Checkpoint.size)).scalars()
    return {one - 1 for one in {*sizes, size} - set(attempt.checkpoints)} | {size - 1}


def delete_event(attempt: Attempt) -> Where:
    number = attempt.number()
    attempt.forger.do(EVENTS.delete().where(LedgerEvent.id == attempt.placed[number]))
    return {number}


def delete_leaf(attempt: Attempt) -> Where:
    number = attempt.number()
    attempt.forger.do(LEAVES.delete().where(LedgerLeaf.number == number))
    return {number}


def delete_both(attempt: Attempt) -> Where:
    number = attempt.number()
    attempt.forger.do(EVENTS.delete().where(LedgerEvent.id == attempt.placed[number]))
    attempt.forger.do(LEAVES.delete().where(LedgerLeaf.number == number))
    return {number}


def event_of(attempt: Attempt, number: int) -> dict[str, Any]:
    found = attempt.forger.do(select(EVENTS).where(LedgerEvent.id == attempt.placed[number]))
    return dict(found.mappings().one())


def insert_event(attempt: Attempt) -> Where:
    number = attempt.number()
    invented = event_of(attempt, number) | {"id": UUID(int=attempt.chance.getrandbits(128))}
    if attempt.sqlite:
        attempt.forger.do("UPDATE ledger_event SET rowid = -rowid - 1 WHERE rowid > :at", at=number)
        attempt.forger.do("UPDATE ledger_event SET rowid = -rowid WHERE rowid < 0")
    attempt.forger.do(EVENTS.insert().values(invented))
    if attempt.sqlite:
        attempt.forger.do("UPDATE ledger_event SET rowid = :at WHERE id = :id", at=number + 1, id=invented["id"].hex)
    found = attempt.first_out_of_order()
    if found == attempt.size:
        raise NothingDoneError  # behind all that is sealed stands what anybody may have written since
    return {found}


def insert_leaf(attempt: Attempt) -> Where:
    taken = attempt.forger.do(select(LEAVES).where(LedgerLeaf.number == attempt.number())).mappings().one()
    at = attempt.chance.choice([-1, attempt.size + 1])
    invented = dict(taken) | {"number": at, "event_id": UUID(int=attempt.chance.getrandbits(128))}
    attempt.forger.do(LEAVES.insert().values(invented))
    return {max(min(at, attempt.size), 0)}


def swap(attempt: Attempt) -> Where:
    """Two events keep their ids and places, and exchange all else."""
    pair = [attempt.number(), attempt.number()]
    first, second = (event_of(attempt, number) for number in pair)
    if pair[0] == pair[1]:
        raise NothingDoneError
    for held, given in ((first, second), (second, first)):
        values = {name: value for name, value in given.items() if name not in {"id", "clinic_id", "position"}}
        attempt.forger.do(EVENTS.update().where(LedgerEvent.id == held["id"]).values(values))
    return {number for number, held, given in ((min(pair), first, second),) if held | {"id": 0} != given | {"id": 0}}


def reorder(attempt: Attempt) -> Where:
    """Two events exchange their places."""
    first, second = sorted((attempt.number(), attempt.number()))
    ids = [attempt.placed[first], attempt.placed[second]]
    if attempt.sqlite:
        for at, event_id in ((-1, ids[0]), (first + 1, ids[1]), (second + 1, ids[0])):
            attempt.forger.do("UPDATE ledger_event SET rowid = :at WHERE id = :id", at=at, id=event_id.hex)
    else:
        places = [event_of(attempt, number)["position"] for number in (second, first)]
        for event_id, position in zip(ids, places, strict=True):
            attempt.forger.do(EVENTS.update().where(LedgerEvent.id == event_id).values(position=position))
    found = attempt.first_out_of_order()
    if first == second or found == attempt.size:
        raise NothingDoneError
    return {found}


def cut(attempt: Attempt, *, checkpoints: bool) -> Where:
    """The last events and their leaves are gone, and perhaps the checkpoints over them."""
    left = attempt.chance.randrange(attempt.size)
    gone = [*attempt.placed[left:], *set(attempt.forger.order()) - set(attempt.placed)]
    attempt.forger.do(EVENTS.delete().where(LedgerEvent.id.in_(gone)))
    attempt.forger.do(LEAVES.delete().where(LedgerLeaf.number >= left))
    if checkpoints:
        attempt.forger.do(CHECKPOINTS.delete().where(Checkpoint.size > left))
    return {left}


def truncate(attempt: Attempt) -> Where:
    return cut(attempt, checkpoints=False)


def roll_back(attempt: Attempt) -> Where:
    return cut(attempt, checkpoints=True)


def forge(attempt: Attempt) -> Where:
    """A signature of one checkpoint under another."""
    one, two = attempt.chance.sample(attempt.checkpoints, 2)
    notes = {row.size: row.note for row in attempt.forger.do(select(Checkpoint.size, Checkpoint.note))}
    forged = notes[one].partition("\n\n")[0] + "\n\n" + notes[two].partition("\n\n")[2]
    attempt.forger.do(CHECKPOINTS.update().where(Checkpoint.size == one).values(note=forged))
    return {one - 1}


TAMPERINGS: Final[tuple[Callable[[Attempt], Where], ...]] = (
    *(change_event, change_event, change_event, change_leaf, change_leaf, change_checkpoint),
    *(delete_event, delete_leaf, delete_both, insert_event, insert_leaf, swap, reorder, truncate, roll_back, forge),
)


@pytest.fixture
def attempt(clinic: Clinic, therapist: Caller) -> Iterator[Attempt]:
    """A trail sealed in three parts, with some events that are not sealed yet."""
    sizes = []
    for number in range(3):
        live(therapist, number)
        sealed(clinic)
        sizes.append(len(leaves(clinic)))
    therapist.get("/v1/couples")
    placed, outside = leaves(clinic), newest(clinic)
    with forging(clinic) as forger:
        yield Attempt(forger, random.Random(SEED), placed, sizes, outside)  # noqa: S311 - a forger's choices are no secret


def test_every_tampering_is_found_at_its_place_and_an_untouched_trail_verifies(attempt: Attempt) -> None:
    done: Counter[str] = Counter()
    while sum(done.values()) < TRIES:
        tamper = attempt.chance.choice(TAMPERINGS)
        with attempt.forger.undone():
            try:
                expected = tamper(attempt)
            except (NothingDoneError, DBAPIError):
                continue
            found = attempt.forger.verify(attempt.outside).finding
            assert found is not None, tamper.__name__
            assert found.number in expected, (tamper.__name__, expected, found)
            assert found.until is None, (tamper.__name__, found)
        done[tamper.__name__] += 1
        if sum(done.values()) % 50 == 0:
            assert attempt.forger.verify(attempt.outside).finding is None, "the control"
    print(f"{sum(done.values())} tamperings found and located:", dict(sorted(done.items())))  # noqa: T201 - the figure
    assert set(done) == {tamper.__name__ for tamper in TAMPERINGS}


@pytest.mark.parametrize(
    ("tamper", "wrong"),
    [
        (delete_event, Wrong.REMOVED),
        (insert_event, Wrong.INSERTED),
        (swap, Wrong.CHANGED),
        (truncate, Wrong.TRUNCATED),
        (roll_back, Wrong.ROLLED_BACK),
        (forge, Wrong.FORGED),
    ],
)
def test_what_was_done_is_named(attempt: Attempt, tamper: Callable[[Attempt], Where], wrong: Wrong) -> None:
    attempt.chance.seed(1)
    with attempt.forger.undone():
        tamper(attempt)
        found = attempt.forger.verify(attempt.outside).finding
        assert found is not None
        assert found.wrong is wrong


class Rewriting:
    """A forger who changes one event and makes the whole tree above it fit again."""

    def __init__(self, attempt: Attempt, *, knows_salts: bool) -> None:
        self.attempt, self.forger, self.knows_salts = attempt, attempt.forger, knows_salts

    def rewrite(self, number: int, **fields: Any) -> None:
        """Changes the event of a leaf, and every leaf and subtree from there on."""
        changed = self.attempt.placed[number]
        self.forger.do(EVENTS.update().where(LedgerEvent.id == changed).values(**fields))
        tree, salts = Tree(), Salts(self.forger.session, self.forger.vault)
        rows = self.forger.do(select(LEAVES).order_by(LedgerLeaf.number)).mappings().all()
        for row, event_id in zip(rows, self.attempt.placed, strict=True):
            event = event_of(self.attempt, row["number"])
            committed = row["commitment"]
            if self.knows_salts and event_id == changed:
                salts.load([event["couple_id"]])
                committed = commitment(salts.make(event["couple_id"]), number, event)
            hashed = leaf(self.forger.clinic.id, row["number"], event, committed)
            made = {"commitment": committed, "leaf": hashed, "subtree": tree.append(hashed)}
            self.forger.do(LEAVES.update().where(LedgerLeaf.number == row["number"]).values(made))

    def sign_again(self) -> None:
        """Puts new checkpoints in the place of those that no longer fit, as only the running service can."""
        self.forger.do(CHECKPOINTS.delete())
        tree, _place = standing(self.forger.session)
        write_checkpoint(self.forger.session, self.forger.vault, tree.size, tree.root)


def test_who_rewrites_the_tree_without_the_keys_is_found_at_the_very_leaf(attempt: Attempt) -> None:
    Rewriting(attempt, knows_salts=False).rewrite(7, actor_id=UUID(int=7))
    found = attempt.forger.verify().finding
    assert found is not None
    assert (found.wrong, found.number, found.until) == (Wrong.CHANGED, 7, None)


def test_who_has_the_keys_but_not_the_signature_is_found_between_two_checkpoints(attempt: Attempt) -> None:
    number = attempt.checkpoints[0] + 1
    Rewriting(attempt, knows_salts=True).rewrite(number, actor_id=UUID(int=7))
    found = attempt.forger.verify().finding
    assert found is not None
    assert (found.wrong, found.number, found.until) == (Wrong.CHANGED, attempt.checkpoints[0], attempt.checkpoints[1] - 1)


def test_who_has_everything_is_found_by_a_checkpoint_kept_elsewhere_and_by_nothing_else(attempt: Attempt) -> None:
    rewriting = Rewriting(attempt, knows_salts=True)
    rewriting.rewrite(7, actor_id=UUID(int=7))
    rewriting.sign_again()
    assert attempt.forger.verify().finding is None  # the control: this is what checkpoints are kept elsewhere for
    found = attempt.forger.verify(attempt.outside).finding
    assert found is not None
    assert (found.wrong, found.number, found.until) == (Wrong.CHANGED, 0, attempt.size - 1)


def test_a_salt_that_is_taken_away_or_an_event_put_under_an_erased_couple_hides_nothing(attempt: Attempt) -> None:
    couples = [event_of(attempt, number)["couple_id"] for number in range(attempt.size)]
    victim, other_couple = list(dict.fromkeys(one for one in couples if one))[:2]
    with attempt.forger.undone():
        attempt.forger.do(SALTS.delete().where(LedgerSalt.couple_id == victim))
        found = attempt.forger.verify().finding
        assert found is not None
        assert (found.wrong, found.number) == (Wrong.REMOVED, couples.index(victim))
    attempt.forger.destroy_key(other_couple)
    number = couples.index(victim)
    moved = EVENTS.update().where(LedgerEvent.id == attempt.placed[number])
    attempt.forger.do(moved.values(couple_id=other_couple, operation="read_couple"))
    found = attempt.forger.verify().finding
    assert found is not None
    assert (found.wrong, found.number) == (Wrong.CHANGED, number)


def test_a_verifier_that_opens_no_commitment_would_miss_it(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt.forger.do(EVENTS.update().where(LedgerEvent.id == attempt.placed[7]).values(operation="nothing"))
    assert attempt.forger.verify().finding is not None
    monkeypatch.setattr(Salts, "get", lambda _self, _couple_id: None)
    monkeypatch.setattr(Salts, "is_erased", lambda _self, _couple_id: True)
    assert attempt.forger.verify().finding is None  # the control
