"""The clinic's own scores for an analysis: read so that no couple can be taken out of what comes of it.

Who may ask learns of couples they may not see, and may ask again after one of them brought something new. So two answers about
the same two scales rest either on the very same scores, or on scores to which at least ten couples brought something new. The
first reads all there is and remembers the last administration that could count, the cut, and a digest of what did. The next
reads up to the same cut, until ten couples have brought something after it; and where that would no longer be the same scores,
because a couple was erased or restricted since, it gives no figures until ten have.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, or_, select

from app.access.models import Clinic
from app.core.database import Compartment, RecordSession
from app.core.erasing import restricted_couples
from app.core.ids import new_id
from app.couples.models import Couple, Partner
from app.direction.models import DirectionAnalysis
from app.direction.occasions import Answer, Weeks
from app.ledger.service import log_aggregate
from app.measures.models import Administration, Score

OWN: Final = frozenset({Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B})
AT_ONCE: Final = 1_000
Named = tuple[str, str]


@dataclass(frozen=True)
class Gathered:
    """What may be analysed; `weeks` is None while figures would tell what changed of fewer couples than they may."""

    weeks: Weeks | None
    cut: UUID
    as_of: datetime
    digest: str


def scales_of(x: Named, y: Named) -> str:
    """Two scales as one word, whichever is which: turned round they give the same figures."""
    return " ".join(sorted((".".join(x), ".".join(y))))


def gather(session: RecordSession, x: Named, y: Named, renewed_by: int, now: datetime) -> Gathered:
    """Reads both scales of every couple, up to the cut that stands or to a new one; the session reaches both partners' own."""
    session.execute(select(Clinic.clinic_id).with_for_update(key_share=True))  # two at once would make two cuts
    log_aggregate(session, "direction_analysis")
    before = _standing_cut(session, scales_of(x, y))
    if before is None or _couples_since(session, (x, y), before.cut) >= renewed_by:
        cut, as_of = new_id(), now
    else:
        cut, as_of = before.cut, before.as_of
    weeks, seen = Weeks(), sha256()
    weeks.take(_answers(session, x, y, cut, seen))
    digest = seen.hexdigest()
    is_the_same = before is None or before.cut != cut or before.digest == digest
    return Gathered(weeks if is_the_same else None, cut, as_of, digest)


@dataclass(frozen=True)
class Cut:
    """Where the analysis before this one ended."""

    cut: UUID
    as_of: datetime
    digest: str


def _standing_cut(session: RecordSession, scales: str) -> Cut | None:
    query: Select[*tuple[Any, ...]] = (
        select(DirectionAnalysis.cut, DirectionAnalysis.as_of, DirectionAnalysis.rows_digest)
        .where(DirectionAnalysis.scales == scales, DirectionAnalysis.cut.is_not(None))
        .order_by(DirectionAnalysis.cut.desc())
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else Cut(found.cut, found.as_of, found.rows_digest)


def _counting(scales: Sequence[Named]) -> tuple[Any, ...]:
    """Conditions on the scores of these scales that may count."""
    of_these = or_(*(and_(Score.measure_code == measure, Score.scale == scale) for measure, scale in scales))
    return of_these, Score.value.is_not(None), Score.reason.is_(None)


def _couples_since(session: RecordSession, scales: Sequence[Named], cut: UUID) -> int:
    """How many couples brought a score that counts after the cut."""
    within = and_(
        Score.clinic_id == Administration.clinic_id,
        Score.couple_id == Administration.couple_id,
        Score.administration_id == Administration.id,
    )
    query = select(Administration.couple_id).join(Score, within).where(Administration.id > cut, *_counting(scales)).distinct()
    return len(set(session.scalars(query)) - restricted_couples(session))


def _answers(session: RecordSession, x: Named, y: Named, cut: UUID, seen: Any) -> Iterator[Answer]:
    """Every score up to the cut that nothing up to the cut supersedes, couple by couple, oldest first; `seen` digests which."""
    zones: dict[str, ZoneInfo] = {}
    restricted, superseded = restricted_couples(session), _superseded(session, cut)
    for row in session.execute(_query(x, y).execution_options(yield_per=AT_ONCE)):
        if row.administration_id > cut or row.administration_id in superseded or row.couple_id in restricted:
            continue
        seen.update(row.id.bytes)
        if row.time_zone not in zones:
            zones[row.time_zone] = ZoneInfo(row.time_zone)
        yield Answer(
            couple=row.couple_id,
            partner="a" if row.compartment == Compartment.INDIVIDUAL_A else "b",
            series="x" if (row.measure_code, row.scale) == x else "y",
            on=row.answered_at.astimezone(zones[row.time_zone]).date(),
            value=row.value,
        )


def _superseded(session: RecordSession, cut: UUID) -> set[UUID]:
    """Administrations that were corrected by then; few, so that they are quicker kept in mind than looked for row by row."""
    corrections = select(Administration.supersedes_id, Administration.id).where(Administration.supersedes_id.is_not(None))
    return {corrected for corrected, by in session.execute(corrections) if corrected is not None and by <= cut}


def _query(x: Named, y: Named) -> Select[*tuple[Any, ...]]:
    """By way of the partners, so that an index leads to the scores of just these scales."""
    columns = (Score.id, Score.couple_id, Score.compartment, Score.measure_code, Score.scale, Score.answered_at, Score.value)
    whose = and_(Score.clinic_id == Partner.clinic_id, Score.couple_id == Partner.couple_id, Score.partner_id == Partner.id)
    return (
        select(*columns, Score.administration_id, Couple.time_zone)
        .select_from(Partner)
        .join(Couple, and_(Couple.clinic_id == Partner.clinic_id, Couple.id == Partner.couple_id))
        .join(Score, whose)
        .where(*_counting((x, y)))
        .order_by(Score.couple_id, Score.answered_at, Score.id)
    )
