"""Norms of a clinic from its own baselines: figures over many partners, from which no single one can be taken out.

Who may ask learns of couples they may not see, so the figure itself has to be safe. Whoever asks again and again could subtract
one answer from the next, and whoever can add or correct an own couple's scores could push a stranger's score in or out. Hence
baselines count in fixed batches of ten, in the order in which each partner's first one was recorded: that order never changes,
whatever is recorded or corrected later. A batch counts only while all ten of its baselines stand, so that between two answers
at least ten come or go together. Mean and spread are rounded to two decimals; a correction that another one replaces stays in
its place. What remains to be seen is that some baseline, nobody knows whose, was corrected, and roughly by how much.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

from sqlalchemy import Select, Subquery, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from app.access.work import Work
from app.clinical.activity import HAIR, lowest_active
from app.clinical.measure import Measure
from app.core.database import Compartment
from app.errors import Fault, InvalidError
from app.ledger.service import log_aggregate
from app.measures.models import Administration, Score
from app.measures.norm_rules import NormSetInvalidError, too_few
from app.measures.norm_schemas import ClinicNormSetRead, LocalNormsAdopt, LocalNormsRead, NormSetCreate
from app.measures.norm_sets import keep

BATCH: Final = 10
OWN: Final = frozenset({Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B})


@dataclass(frozen=True)
class Sums:
    """What the database adds up over whole batches."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """The mean."""
        return self.total / self.n

    @property
    def sd(self) -> float:
        """The standard deviation of a sample."""
        return sqrt(max(0.0, self.squares - self.total * self.mean) / (self.n - 1))


def read_local_norms(work: Work, measure: Measure, scale: str) -> LocalNormsRead:
    """Mean and spread of the clinic's baselines. Raises InvalidError, TooFewBaselinesError."""
    if measure.scale(scale) is None:
        raise InvalidError(faults=(Fault("/query/scale", "unknown_scale", "This measure has no scale of that code."),))
    return _local_norms(work, measure, scale)


def adopt_local_norms(work: Work, measure: Measure, body: LocalNormsAdopt) -> ClinicNormSetRead:
    """Makes them a norm set, labelled as local. Raises InvalidError, NormSetInvalidError, TooFewBaselinesError."""
    if measure.scale(body.scale) is None:
        raise InvalidError(faults=(Fault("/scale", "unknown_scale", "This measure has no scale of that code."),))
    found = _local_norms(work, measure, body.scale)
    if found.sd == 0:
        sentence = "All baselines are alike: without a spread no change can be judged."
        raise NormSetInvalidError(faults=(Fault("/scale", "not_positive", sentence),))
    norms = NormSetCreate(
        measure=measure.code,
        scale=body.scale,
        population="this clinic's own partners at baseline",
        n=found.n,
        sd=found.sd,
        clinical_mean=found.mean,
        reliability=body.reliability,
        citation=found.label,
    )
    return keep(work, measure, norms, "local")


def _local_norms(work: Work, measure: Measure, scale: str) -> LocalNormsRead:
    needed = work.settings.local_norms_from
    log_aggregate(work.session, "local_norms")
    with work.session.reaching(OWN):  # an analyst reaches no compartment; nothing but three sums comes out
        n, total, squares = work.session.execute(_sums(measure, scale)).one()
    sums = Sums(int(n or 0), float(total or 0), float(squares or 0))
    if sums.n < needed:
        raise too_few(needed)
    return LocalNormsRead(
        measure=measure.code,
        scale=scale,
        n=sums.n,
        mean=round(sums.mean, 2),
        sd=round(sums.sd, 2),
        as_of=work.now,
        label=f"local, own baselines, n={sums.n}, as of {work.now.date()}",
    )


def _sums(measure: Measure, scale: str) -> Select[tuple[int | None, Any, Any]]:
    """Number, sum and sum of squares over whole batches, in one query."""
    own = _first_of_each_partner(measure, scale)
    batch = ((func.row_number().over(order_by=own.c.entered) - 1) // BATCH).label("batch")
    placed = select(own.c.value, batch).subquery()
    whole = (
        select(
            func.count(placed.c.value).label("n"),
            func.sum(placed.c.value).label("total"),
            func.sum(placed.c.value * placed.c.value).label("squares"),
        )
        .group_by(placed.c.batch)
        .having(func.count(placed.c.value) == BATCH)
        .subquery()
    )
    return select(func.sum(whole.c.n), func.sum(whole.c.total), func.sum(whole.c.squares))


def _first_of_each_partner(measure: Measure, scale: str) -> Subquery:
    """One row a partner who ever had a baseline: where they stand in line, and the value, null when none stands any more."""
    later = aliased(Administration)
    superseded = case(
        (exists().where(and_(later.clinic_id == Score.clinic_id, later.supersedes_id == Score.administration_id)), 1), else_=0
    )
    usable = (
        select(Score.partner_id, Score.administration_id, Score.answered_at, Score.value, superseded.label("superseded"))
        .join(
            Administration,
            and_(Administration.clinic_id == Score.clinic_id, Administration.id == Score.administration_id),
        )
        .where(
            Score.measure_code == measure.code,
            Score.scale == scale,
            Score.value >= lowest_active(measure, scale) - HAIR,  # from elsewhere comes what only inactivity can give
            Score.prorated.is_(False),
            Administration.validity == "valid",
            Administration.episode_id.is_not(None),
        )
        .subquery()
    )
    own, recorded = usable.c.partner_id, usable.c.administration_id
    by_time = (usable.c.superseded, usable.c.answered_at, recorded)
    ranked = select(
        case((usable.c.superseded == 0, usable.c.value)).label("value"),
        func.first_value(usable.c.administration_id)
        .over(partition_by=own, order_by=usable.c.administration_id)
        .label("entered"),
        func.row_number().over(partition_by=own, order_by=by_time).label("place"),
    ).subquery()
    return select(ranked.c.value, ranked.c.entered).where(ranked.c.place == 1).subquery()
