"""Puts a de-identified export together from a snapshot: who may be in it, in which classes, under which names."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.core.database import Compartment
from app.exports.columns import Missing
from app.exports.deidentified.changed import Changed
from app.exports.deidentified.cohort import Sides
from app.exports.deidentified.courses import Ends, read_courses
from app.exports.deidentified.rules import TooFewCouplesError, told_in_bands
from app.exports.deidentified.standing import Standing, agreeing, whole_clinic
from app.exports.reading import Places, Reading
from app.exports.tables import tables


@dataclass(frozen=True)
class Deidentified:
    """A reading of the couples that leave, and how they are changed."""

    reading: Reading
    changed: Changed
    sides: Mapping[UUID, Sides]
    left_out: list[dict[str, Any]]


def deidentified(everything: Reading, standing: Standing) -> Deidentified:
    """What may leave of this snapshot. Raises TooFewCouplesError."""
    work = whole_clinic(everything.work)
    agreed = agreeing(work)
    members = {one: sides for one, sides in standing.cohort.members.items() if sides <= agreed.get(one, frozenset())}
    read = Reading(work, released=_places(members))
    settings = work.settings
    ends = Ends(standing.as_of, standing.seed, settings.deidentified_ends_within_days)
    changed = Changed.of(read_courses(read, members, ends), settings.deidentified_k)
    if not changed.in_order:
        raise TooFewCouplesError
    sides = {one: members[one] for one in changed.in_order}
    everyone = [one for page in Reading(work).couples() for one in page]
    told = _left_out(len(everyone), sides, changed)
    return Deidentified(replace(read, since=frozenset(changed.in_order)), changed, sides, told)


def _places(members: Mapping[UUID, Sides]) -> Mapping[str, Places]:
    """By kind: each partner's own where that partner agreed, what belongs to both where both did."""
    places: defaultdict[str, set[UUID]] = defaultdict(set)
    for one, sides in members.items():
        for side in sides:
            places[side].add(one)
        if len(sides) > 1:
            places[str(Compartment.CONJOINT)].add(one)
    return {kind: dict(places) for kind in {table.kind for table in tables().values()}}


def _left_out(couples: int, sides: Mapping[UUID, Sides], changed: Changed) -> list[dict[str, Any]]:
    """In bands: an exact count would tell when one couple more took it back."""
    both = sum(len(each) > 1 for each in sides.values())
    partners = sum(map(len, sides.values()))
    rows = (
        ("conjoint", Missing.WITHHELD_BY_CONSENT, couples - both),
        ("individual", Missing.WITHHELD_BY_CONSENT, 2 * couples - partners),
        ("conjoint", Missing.TOO_RARE, len(changed.classes.left_out)),
    )
    return [{"kind": "all", "of": of, "reason": str(why), "count": told_in_bands(count)} for of, why, count in rows]
