"""Both partners' changes on one scale, side by side and never averaged."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from app.clinical.change import Change
from app.clinical.dyads import Divergence, divergence, pair_label
from app.clinical.reliable_index import Method
from app.clinical.track import Track
from app.outcomes.schemas import PairRead


@dataclass(frozen=True)
class Pair:
    """The latest change of A and of B on one scale."""

    a: Change
    b: Change

    @cached_property
    def apart(self) -> Divergence:
        """How far the two changes are from each other."""
        return divergence(self.a, self.b)


def pairs_in(tracks: Mapping[tuple[UUID, str, str], Track], method: Method = "jacobson_truax") -> list[Pair]:
    """Every scale on which both partners have a change, judged by a method."""
    latest: defaultdict[tuple[str, str], dict[str, Change]] = defaultdict(dict)
    for (_partner_id, measure, scale), track in tracks.items():
        if change := track.judged_by(method).change:
            latest[measure, scale][track.partner] = change
    return [Pair(both["a"], both["b"]) for _, both in sorted(latest.items()) if len(both) == 2]


def shown_pairs(pairs: Iterable[Pair]) -> list[PairRead]:
    """The pairs as the wire shows them."""
    return [
        PairRead(
            measure=pair.a.measure,
            scale=pair.a.scale,
            label=pair_label(pair.a.change_class, pair.b.change_class),
            divergence_z=pair.apart.z,
            diverging=pair.apart.flagged,
            divergence_reason=pair.apart.reason,
        )
        for pair in pairs
    ]
