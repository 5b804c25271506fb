"""Who is in the clinic's de-identified exports, so that what changed between any two of them tells of no single couple.

Whoever lays two exports side by side finds the same couples again by their scores, whatever their ids, and so sees who came and
who went. Hence couples come in batches of at least k. When one goes, at once, k - 1 others of its batch go with it, drawn at
random from those that files showed; and what would then be left of a batch goes too where it is fewer than k. So whichever two
exports are compared, of every batch either nobody or at least k came or went.

Nobody comes back: the one that stayed away when the others returned would be known, to whoever kept an older export. That is
the price of a withdrawal, and it is paid by couples who lose nothing by it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

Sides = frozenset[str]
"""The places of the partners who agreed, `individual_a` and `individual_b`."""
Draw = Callable[[Sequence[UUID], int], Sequence[UUID]]
"""Takes so many of these at random."""


@dataclass(frozen=True)
class Cohort:
    """Batches of couples, each with the partners who had agreed when it came, and whoever is out for good."""

    batches: tuple[Mapping[UUID, Sides], ...] = ()
    out: frozenset[UUID] = frozenset()

    @property
    def members(self) -> dict[UUID, Sides]:
        """Everybody who is in it."""
        return {one: sides for batch in self.batches for one, sides in batch.items()}


def next_cohort(last: Cohort, agreed: Mapping[UUID, Sides], k: int, draw: Draw) -> Cohort:
    """The cohort of the next export; `agreed` are all who may be in one now."""
    batches: list[Mapping[UUID, Sides]] = []
    out = set(last.out)
    for batch in last.batches:
        staying = {one: sides for one, sides in batch.items() if sides <= agreed.get(one, frozenset())}
        going = len(batch) - len(staying)
        if going:
            others = set(draw(sorted(staying), min(len(staying), k - 1)))
            staying = {one: sides for one, sides in staying.items() if one not in others}
            staying = staying if len(staying) >= k else {}
            out |= batch.keys() - staying.keys()
        batches += [staying] if staying else []
    coming = agreed.keys() - last.members.keys() - out
    if len(coming) >= k:
        batches.append({one: agreed[one] for one in sorted(coming)})
    return Cohort(tuple(batches), frozenset(out))
