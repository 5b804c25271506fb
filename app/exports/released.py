"""What may leave the clinic for one recipient: what the couples' running authorisations cover, seen to and not flagged.

Whatever is not covered, for whatever reason, looks the same: it is not there, and it is counted only where it is many.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.access.work import Work
from app.core.database import Compartment
from app.core.erasing import restricted_couples
from app.couples.models import Partner
from app.disclosures.models import Authorisation, ReleaseFlag
from app.disclosures.rules import Ground, Standing
from app.disclosures.service import EVERYTHING, Recipient, Release, Signed, disclose, signed
from app.exports.columns import Missing
from app.exports.reading import Places, Reading
from app.exports.rules import told_count
from app.exports.table import Row, Table

CONJOINT: Final = str(Compartment.CONJOINT)
SIDES: Final = (str(Compartment.INDIVIDUAL_A), str(Compartment.INDIVIDUAL_B))
PLACES: Final = (CONJOINT, *SIDES)
Reached = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Covered:
    """What of one couple may leave, kinds by place, and the authorisations that say so."""

    reaches: Reached
    authorisations: tuple[UUID, ...]


def covered(work: Work, recipient: Recipient, couple_ids: Collection[UUID], kinds: Collection[str]) -> dict[UUID, Covered]:
    """By couple, what of these kinds may leave for the recipient now; couples of which nothing may are not there."""
    found: dict[UUID, Covered] = {}
    restricted = restricted_couples(work.session)
    with work.session.reaching(EVERYTHING):
        candidates = _candidates(work, recipient, set(couple_ids) - restricted)
        flagged = set(work.session.scalars(_flagged(candidates)))
    for couple_id, rows in sorted(candidates.items()):
        carried = [one for one in signed(work, couple_id, rows) if _carries(one, recipient)]
        reaches = _together(carried, frozenset(kinds))
        if couple_id not in flagged and reaches:
            found[couple_id] = Covered(reaches, tuple(one.row.id for one in carried))
    return found


def _candidates(work: Work, recipient: Recipient, couple_ids: set[UUID]) -> dict[UUID, list[Authorisation]]:
    """Authorisations by couple that could carry it: of all days, because rows of an export are not told apart by their day."""
    query = select(Authorisation).where(
        Authorisation.recipient_kind == recipient.kind,
        Authorisation.ended_at.is_(None),
        Authorisation.expires_at > work.now,
        Authorisation.from_on.is_(None),
        Authorisation.to_on.is_(None),
    )
    by_couple: dict[UUID, list[Authorisation]] = defaultdict(list)
    for row in work.session.scalars(query.order_by(Authorisation.id)):
        if row.couple_id in couple_ids:
            by_couple[row.couple_id].append(row)
    return by_couple


def _flagged(couple_ids: Collection[UUID]) -> Any:
    against: ColumnElement[bool] = ReleaseFlag.against == "everyone"
    return select(ReleaseFlag.couple_id).where(ReleaseFlag.lifted_at.is_(None), against, ReleaseFlag.couple_id.in_(couple_ids))


def _carries(one: Signed, recipient: Recipient) -> bool:
    return one.standing is Standing.RUNNING and one.seen_to and recipient.is_meant_by(one.row.recipient_kind, one.recipient)


def _together(carried: Sequence[Signed], kinds: frozenset[str]) -> Reached:
    reaches: dict[str, frozenset[str]] = {}
    for one in carried:
        for place, named in one.reaches.items():
            if place in PLACES and named & kinds:
                reaches[place] = reaches.get(place, frozenset()) | (named & kinds)
    return reaches


def places_of(found: Mapping[UUID, Covered]) -> dict[str, Places]:
    """The same by kind and place, as a reading asks."""
    places: dict[str, dict[str, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for couple_id, one in found.items():
        for place, kinds in one.reaches.items():
            for kind in kinds:
                places[kind][place].add(couple_id)
    return {kind: dict(by_place) for kind, by_place in places.items()}


def left_out(couples: int, kinds: Collection[str], places: Mapping[str, Places]) -> list[dict[str, Any]]:
    """What is not in it, by kind: couples whose common rows are not covered, and partners whose own are not."""
    told = []
    for kind in sorted(kinds):
        of = places.get(kind, {})
        both, own = len(of.get(CONJOINT, ())), sum(len(of.get(side, ())) for side in SIDES)
        for whose, count in (("conjoint", couples - both), ("individual", 2 * couples - own)):
            told.append({"kind": kind, "of": whose, "reason": str(Missing.WITHHELD_BY_CONSENT), "count": told_count(count)})
    return told


@dataclass
class Counting:
    """Counts what leaves, by couple, place and kind, as the rows go by."""

    found: Mapping[UUID, Covered]
    sides: Mapping[UUID, str]
    left: dict[UUID, dict[str, Counter[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))

    @classmethod
    def of(cls, reading: Reading, found: Mapping[UUID, Covered]) -> "Counting":
        """With the place of each partner."""
        rows = reading.work.session.execute(select(Partner.id, Partner.couple_id, Partner.compartment))
        return cls(found, {partner_id: str(place) for partner_id, couple_id, place in rows if couple_id in found})

    def counted(self, table: Table) -> Table:
        """The same table, counted; row by row, so that nothing leaves that is not counted."""
        names = [column.name for column in table.columns]
        couple_at = names.index("couple_id")
        partner_at = names.index("partner_id") if "partner_id" in names else None
        is_of_both = any(name.endswith(("_a", "_b")) for name in names)

        def read(reading: Reading) -> Iterator[Sequence[Row]]:
            for page in table.read(reading):
                for row in page:
                    for place in self._places(table.kind, row, couple_at, partner_at, is_of_both=is_of_both):
                        self.left[row[couple_at]][place][table.kind] += 1
                yield page

        return replace(table, read=read, straight=None)

    def _places(self, kind: str, row: Row, couple_at: int, partner_at: int | None, *, is_of_both: bool) -> Sequence[str]:
        if partner_at is not None and isinstance(row[partner_at], UUID):
            place = self.sides[row[partner_at]]
            is_bare = Missing.WITHHELD_BY_CONSENT in row and kind not in self.found[row[couple_at]].reaches.get(place, ())
            return () if is_bare else (place,)  # that there are two partners, with nothing of this one, is no release
        if not is_of_both:
            return (CONJOINT,)
        reaches = self.found[row[couple_at]].reaches
        return [place for place in PLACES if kind in reaches.get(place, ())]


def disclose_all(work: Work, recipient: Recipient, purpose: str, counting: Counting) -> None:
    """Keeps what left of each couple, one release a couple. Raises what a release raises when it is not covered any more."""
    for couple_id in sorted(counting.left):
        one = counting.found[couple_id]
        release = Release(couple_id, Ground.AUTHORISATION, recipient, purpose, one.reaches, authorisations=one.authorisations)
        disclose(work, release, counting.left[couple_id])


def still_covered(work: Work, recipient: Recipient, rests_on: Mapping[UUID, frozenset[UUID]], kinds: Collection[str]) -> bool:
    """Whether every authorisation that an export left under still carries it."""
    found = covered(work, recipient, rests_on, kinds)
    return all(couple_id in found and asked <= set(found[couple_id].authorisations) for couple_id, asked in rests_on.items())
