"""The time to the first reliable improvement as outcomes show it: of each partner, of either and of both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.clinical.domains import Domain
from app.clinical.time_to_change import First, first_reliable_improvement, of_both, which_first
from app.clinical.track import Track
from app.couples.service import Known
from app.outcomes.gathering import Gathered
from app.outcomes.improvement_schemas import FirstImprovementRead, FirstRead, OrderedRead, PartnerFirsts, SidesRead


def shown_improvement(found: Gathered) -> FirstImprovementRead:
    """Of what was gathered; of this episode of care, as its series and visits are."""
    visits = [visit.began_at for visit in found.own_hours]
    own = [(partner, _tracks_of(partner, found)) for partner in found.partners]
    firsts = [first_reliable_improvement(tracks, visits) for _, tracks in own]
    every = tuple(found.tracks.values())
    return FirstImprovementRead(
        partners=[
            PartnerFirsts(partner_id=partner.id, slot=partner.slot.value, **_ordered(tracks, reached))
            for (partner, tracks), reached in zip(own, firsts, strict=True)
        ],
        either=OrderedRead(**_ordered(every, first_reliable_improvement(every, visits))),
        both=SidesRead(**_sides(_both(firsts, visits))),
    )


def _tracks_of(partner: Known, found: Gathered) -> tuple[Track, ...]:
    return tuple(track for (partner_id, _, _), track in found.tracks.items() if partner_id == partner.id)


def _both(firsts: Sequence[Mapping[Domain, First]], visits: Sequence[datetime]) -> dict[Domain, First]:
    a, b = firsts
    return {domain: of_both(a[domain], b[domain], visits) for domain in a}


def _ordered(tracks: Sequence[Track], firsts: Mapping[Domain, First]) -> dict[str, Any]:
    found = which_first(tracks, firsts)
    return {**_sides(firsts), "order": found.order, "order_reason": found.reason}


def _sides(firsts: Mapping[Domain, First]) -> dict[str, Any]:
    return {domain: _first(first) for domain, first in firsts.items()}


def _first(first: First) -> FirstRead:
    track = first.track
    return FirstRead(
        weeks=_rounded(first.weeks),
        visits=first.visits,
        since=first.since,
        at=first.at,
        slot=track.partner if track else None,
        measure=track.measure.code if track else None,
        scale=track.scale if track else None,
        reason=first.reason,
        weeks_followed=_rounded(first.weeks_followed),
    )


def _rounded(weeks: float | None) -> float | None:
    """To a tenth, which is less than a day."""
    return None if weeks is None else round(weeks, 1)
