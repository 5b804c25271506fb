"""Both partners on one scale: each one's change, the pair's label, how far they part, and the difference in desire."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.access.work import Work
from app.clinical.change import Approach, Change
from app.clinical.change_basis import norms_in_force
from app.clinical.dyads import desire_discrepancy, divergence, error_of_one, pair_label
from app.clinical.measure import Measure
from app.clinical.norms import NormSet
from app.core.database import Compartment
from app.couples.models import Partner, Slot
from app.couples.service import get_couple, partners_of
from app.errors import NotFoundError
from app.measures.catalogue_schemas import Citation
from app.measures.change_schemas import PointUsed
from app.measures.changes import ChangeQuery, shown_since_intake, since_intake, understood
from app.measures.series import Point, valid_points
from app.outcomes.dyad_schemas import DesireRead, DivergenceRead, DyadPartner, DyadRead, ErrorBasis

BOTH: Final = frozenset({Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B})


@dataclass(frozen=True)
class Side:
    """One partner's scores and what they come to."""

    partner: Partner
    valid: tuple[Point, ...]
    change: Change

    @property
    def latest(self) -> Point | None:
        """The last score, which may be the first."""
        return self.valid[-1] if self.valid else None


def read_dyad(work: Work, couple_id: UUID, query: ChangeQuery) -> DyadRead:
    """One scale of both partners. Raises NotFoundError for who does not reach both; MeasureUnknownError, InvalidError."""
    get_couple(work, couple_id)
    if not work.session.reach.compartments >= BOTH:
        raise NotFoundError
    measure, approach = understood(work, query)
    a, b = (_side(work, partner, measure, query.scale, approach) for partner in partners_of(work, couple_id))
    apart = divergence(a.change, b.change)
    return DyadRead(
        couple_id=couple_id,
        as_of=work.now,
        measure=measure.code,
        scale=query.scale,
        partners=[_shown(a), _shown(b)],
        label=pair_label(a.change.change_class, b.change.change_class),
        divergence=DivergenceRead.model_validate(apart),
        desire=shown_desire(measure, query.scale, norms_in_force(measure, query.scale, approach.norms), (a.latest, b.latest)),
    )


def _side(work: Work, partner: Partner, measure: Measure, scale: str, approach: Approach) -> Side:
    valid = tuple(valid_points(work, partner.couple_id, partner.id, measure.code, scale))
    return Side(partner, valid, since_intake(measure, scale, valid, approach))


def _shown(side: Side) -> DyadPartner:
    change = shown_since_intake(side.change, side.valid)
    return DyadPartner(partner_id=side.partner.id, slot=Slot(side.partner.slot).value, change=change)


def shown_desire(
    measure: Measure, scale: str, norms: NormSet | None, latest: tuple[Point | None, Point | None]
) -> DesireRead | None:
    """How far A's and B's latest scores are apart, with the error of that; None on a scale that does not tell desire."""
    told = measure.scale(scale)
    if told is None or not told.desire:
        return None
    a, b = latest
    points = {"a": _point(a), "b": _point(b)}
    if a is None or b is None or a.value is None or b.value is None:
        blank = {"signed": None, "absolute": None, "standard_error": None, "basis": None}
        return DesireRead(**points, **blank, reason="too_few_scores")
    error = error_of_one(norms)
    found = desire_discrepancy(a.value, b.value, error, error)
    return DesireRead(
        **points,
        signed=found.signed,
        absolute=found.absolute,
        standard_error=found.standard_error,
        reason=None if error is not None else "indicative_only" if norms else "insufficient_norms",
        basis=norms and _basis(norms),
    )


def _point(latest: Point | None) -> PointUsed | None:
    return None if latest is None else PointUsed.model_validate(latest)


def _basis(norms: NormSet) -> ErrorBasis:
    return ErrorBasis(
        norm_set=norms.code,
        population=norms.population,
        n=norms.n,
        sd=norms.sd,
        reliability=norms.reliability.value,
        reliability_kind=norms.reliability.kind,
        local=norms.local,
        source=Citation.model_validate(norms.source),
    )
