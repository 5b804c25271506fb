"""Both partners' changes on one scale, side by side and never averaged."""

from collections import defaultdict

from app.clinical.change import Change
from app.clinical.dyads import divergence, pair_label
from app.outcomes.gathering import Gathered
from app.outcomes.schemas import PairRead


def shown_pairs(found: Gathered) -> list[PairRead]:
    """Every scale on which both partners have a change."""
    latest: defaultdict[tuple[str, str], dict[str, Change]] = defaultdict(dict)
    for (partner_id, measure, scale), track in found.tracks.items():
        if changes := track.changes:
            latest[measure, scale][found.slots[partner_id]] = changes[-1]
    return [_pair(measure, scale, both["a"], both["b"]) for (measure, scale), both in sorted(latest.items()) if len(both) == 2]


def _pair(measure: str, scale: str, a: Change, b: Change) -> PairRead:
    apart = divergence(a, b)
    label = pair_label(a.change_class, b.change_class)
    told = {"divergence_z": apart.z, "diverging": apart.flagged, "divergence_reason": apart.reason}
    return PairRead(measure=measure, scale=scale, label=label, **told)
