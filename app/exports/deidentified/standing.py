"""The clinic's cohort in its record: settled before an export is made, and again before its files are handed out."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import SystemRandom
from secrets import token_bytes
from uuid import UUID

from sqlalchemy import select

from app.access.actor import Actor
from app.access.models import Clinic
from app.access.permissions import GRANTABLE, MACHINE
from app.access.work import Work
from app.changes.service import couples_changed_since, token_now
from app.core.erasing import restricted_couples
from app.core.ids import new_id
from app.couples.models import Couple, Episode
from app.exports.deidentified.cohort import Cohort, Draw, Sides, next_cohort
from app.exports.deidentified.models import DeidentifiedCohort
from app.exports.deidentified.rules import TooFewCouplesError, TooLittleChangedError
from app.safety.consents import sharing_data


@dataclass(frozen=True)
class Standing:
    """A cohort, and up to when its couples are told of: `seed` draws each couple's own last day."""

    cohort: Cohort
    seed: bytes
    as_of: datetime
    token: str | None
    shown: frozenset[UUID] = frozenset()
    """Couples that were in files: only these hide one that goes."""

    def kept(self) -> dict[str, object]:
        """As JSON."""
        return {
            "batches": [{one.hex: sorted(sides) for one, sides in batch.items()} for batch in self.cohort.batches],
            "out": sorted(one.hex for one in self.cohort.out),
            "seed": self.seed.hex(),
            "as_of": self.as_of.isoformat(),
            "token": self.token,
            "shown": sorted(one.hex for one in self.shown),
        }


def _opened(told: Mapping[str, object]) -> Standing:
    kept = json.loads(json.dumps(told))
    batches = tuple({UUID(one): frozenset(sides) for one, sides in batch.items()} for batch in kept["batches"])
    cohort = Cohort(batches, frozenset(map(UUID, kept["out"])))
    seed, as_of = bytes.fromhex(kept["seed"]), datetime.fromisoformat(kept["as_of"])
    return Standing(cohort, seed, as_of, kept["token"], frozenset(map(UUID, kept["shown"])))


def whole_clinic(work: Work) -> Work:
    """The same, reading all couples of the clinic as software of it would: what comes of it tells of no single one."""
    everyone = Actor(work.actor.clinic_id, work.actor.clinic_id, work.actor.clinic_id, None, GRANTABLE)
    return replace(work, actor=everyone)


def agreeing(work: Work) -> dict[UUID, Sides]:
    """Couples that may be in a de-identified export now, with the partners who agreed. Never let out who."""
    with work.session.reaching(MACHINE):
        in_care = set(work.session.scalars(select(Episode.couple_id).distinct())) - restricted_couples(work.session)
    return {one: sides for one, sides in sharing_data(work).items() if one in in_care}


def all_agree(work: Work, asked: Mapping[UUID, Collection[str]]) -> bool:
    """Whether everybody whose rows are in an export still agrees."""
    agreed = agreeing(work)
    return all(set(sides) <= agreed.get(one, frozenset()) for one, sides in asked.items())


def settle(work: Work, *, anew: bool) -> Standing:
    """The cohort of the export that is to be made; whoever took it back is out from now on.

    `anew` where it is asked for: then couples may join, and what couples brought since counts once enough brought something.
    Raises TooFewCouplesError, TooLittleChangedError.
    """
    work = whole_clinic(work)
    work.session.execute(select(Clinic.clinic_id).with_for_update(key_share=True))  # two at once would make two cohorts
    row = work.session.scalars(select(DeidentifiedCohort)).one_or_none()
    before = None if row is None else _opened(work.vault.open(row, "kept", row.kept))
    settled = _settled(work, before, anew=anew)
    if len(settled.cohort.members) < work.settings.deidentified_fewest_couples:
        raise TooFewCouplesError
    if row is None:
        row = DeidentifiedCohort(clinic_id=work.actor.clinic_id, id=new_id(), settled_at=work.now)
        work.session.add(row)
    row.settled_at, row.kept = work.now, work.vault.seal(row, "kept", settled.kept())
    work.session.flush()
    return settled


def keep_shown(work: Work, couple_ids: Collection[UUID]) -> None:
    """Remembers which couples were in files."""
    row = work.session.scalars(select(DeidentifiedCohort).with_for_update()).one()
    standing = _opened(work.vault.open(row, "kept", row.kept))
    row.kept = work.vault.seal(row, "kept", replace(standing, shown=standing.shown | set(couple_ids)).kept())
    work.session.flush()


def _drawing(shown: frozenset[UUID]) -> Draw:
    """Draws from the couples that files showed, and from the others where these are too few."""

    def draw(among: Sequence[UUID], count: int) -> Sequence[UUID]:
        seen, unseen = [one for one in among if one in shown], [one for one in among if one not in shown]
        chance = SystemRandom()
        first = chance.sample(seen, min(len(seen), count))
        return [*first, *chance.sample(unseen, count - len(first))]

    return draw


def _settled(work: Work, before: Standing | None, *, anew: bool) -> Standing:
    k, agreed = work.settings.deidentified_k, agreeing(work)
    last = Cohort() if before is None else before.cohort
    if not anew:
        agreed = {one: sides for one, sides in agreed.items() if one in last.members}
    cohort = next_cohort(last, agreed, k, _drawing(frozenset() if before is None else before.shown))
    with work.session.reaching(MACHINE):
        there = set(work.session.scalars(select(Couple.id)))
        cohort = replace(cohort, out=cohort.out & there)
        if before is None:
            return Standing(cohort, token_bytes(32), work.now, token_now(work))
        if not anew:
            return replace(before, cohort=cohort)
        changed = len(couples_changed_since(work, before.token or "").keys() & cohort.members.keys())
        if changed >= k or cohort.members.keys() - last.members.keys():
            return replace(before, cohort=cohort, as_of=work.now, token=token_now(work))
    if changed:
        raise TooLittleChangedError
    return replace(before, cohort=cohort)
