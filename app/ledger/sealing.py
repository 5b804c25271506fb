"""The sealer: gives events that were committed their places in the clinic's tree, each once, in the order of their commits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from app.core.bulk import insert_rows
from app.core.chores import Chore, Holds
from app.core.commit_order import place_in_commit_order, rows_in_commit_order
from app.core.crypto import Vault
from app.core.database import RecordSession, lock_key
from app.ledger.checkpoints import newest_checkpoint, write_checkpoint
from app.ledger.leaves import COLUMNS, NAMES, Salts, commitment, leaf
from app.ledger.merkle import Subtree, Tree, node_hash, peaks_of
from app.ledger.models import LedgerEvent, LedgerLeaf
from app.ledger.service import chore_at_work

BATCH: Final = 1_000
EVERY: Final = timedelta(minutes=1)


class LedgerBrokenError(RuntimeError):
    """The last sealed event is gone: nothing more is sealed over it. `rekindle audit verify` names what was done."""


def seal(runtime: Holds, clinic_id: UUID) -> None:
    """Seals what is settled, some at a time, and signs a checkpoint if the tree grew."""
    some = BATCH
    while some == BATCH:
        with chore_at_work(runtime, clinic_id, "seal_ledger") as (session, vault, _now):
            some = seal_some(session, vault, BATCH)


def seal_some(session: RecordSession, vault: Vault, limit: int) -> int:
    """One batch in this transaction; with the last of them comes the checkpoint. 0 also while another process seals."""
    if not lock_key(session, int.from_bytes(session.reach.clinic_id.bytes[-7:], "big")):
        return 0
    tree, after = standing(session)
    found = rows_in_commit_order(session, LedgerEvent, COLUMNS, after, limit)
    events = [dict(zip(NAMES, row[1:], strict=True)) for row in found]
    insert_rows(session, LedgerLeaf, _leaves(session, vault, tree, events))
    newest = newest_checkpoint(session) if len(found) < limit else None
    if len(found) < limit and tree.size > (newest.size if newest else 0):
        write_checkpoint(session, vault, tree.size, tree.root)
    return len(found)


def _leaves(session: RecordSession, vault: Vault, tree: Tree, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    salts = Salts(session, vault)
    salts.load({event["couple_id"] for event in events})
    made = []
    for event in events:
        number = tree.size
        committed = commitment(salts.make(event["couple_id"]), number, event)
        hashed = leaf(session.reach.clinic_id, number, event, committed)
        row = {"number": number, "event_id": event["id"], "commitment": committed, "leaf": hashed}
        made.append({**row, "subtree": tree.append(hashed)})
    return made


def standing(session: RecordSession) -> tuple[Tree, tuple[int, UUID] | None]:
    """The tree as far as it is sealed, and the place of its last event in the order of commits."""
    last = session.execute(select(LedgerLeaf.number, LedgerLeaf.event_id).order_by(LedgerLeaf.number.desc()).limit(1)).first()
    if last is None:
        return Tree(), None
    size, place = last.number + 1, place_in_commit_order(session, LedgerEvent, last.event_id)
    if place is None:
        raise LedgerBrokenError
    ends = [end - 1 for _begin, end in peaks_of(size)]
    peaks = session.scalars(select(LedgerLeaf.subtree).where(LedgerLeaf.number.in_(ends)).order_by(LedgerLeaf.number))
    return Tree(size, list(peaks)), place


def size_of(session: RecordSession) -> int:
    """How many events are sealed."""
    last: int | None = session.execute(select(func.max(LedgerLeaf.number))).scalar_one()
    return 0 if last is None else last + 1


def proven(session: RecordSession, prove: Callable[[Subtree], list[bytes]]) -> list[bytes]:
    """A proof out of the leaves' rows, in one query: `prove` is tried once without them, to see which it needs."""
    needed: set[int] = set()

    def note(last: int) -> tuple[bytes, bytes]:
        needed.add(last)
        return b"", b""

    prove(_subtrees(note))
    query = select(LedgerLeaf.number, LedgerLeaf.leaf, LedgerLeaf.subtree).where(LedgerLeaf.number.in_(needed))
    kept = {number: (hashed, subtree) for number, hashed, subtree in session.execute(query)}
    return prove(_subtrees(kept.__getitem__))


def _subtrees(kept: Callable[[int], tuple[bytes, bytes]]) -> Subtree:
    """Full subtrees by the number of their last leaf; one that is not kept itself is made from those that end inside it."""

    def subtree(begin: int, end: int) -> bytes:
        size = end - begin
        if size > 1 and end & -end > size:
            middle = begin + size // 2
            return node_hash(subtree(begin, middle), subtree(middle, end))
        return kept(end - 1)[size > 1]

    return subtree


SEALING: Final = Chore("seal_ledger", EVERY, seal)
