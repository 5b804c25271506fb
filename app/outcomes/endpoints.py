"""Outcomes over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId
from app.core.schemas import Code, Day
from app.couples.rules import DayInFutureError
from app.measures.change_schemas import MethodName
from app.measures.changes import ChangeQuery
from app.measures.norm_rules import CHOOSING, CHOSEN
from app.measures.rules import MeasureUnknownError
from app.outcomes import cycle, dyad, service
from app.outcomes.cycle_schemas import CycleRead
from app.outcomes.dyad_schemas import DyadRead
from app.outcomes.schemas import OutcomesRead

router = RecordRouter("Outcomes")
AS_OF = (
    "A past day where the couple lives: outcomes as they stood when it ended, as the record knows it today, with what was"
    " entered late and what was corrected. Today unless told otherwise."
)


@router.reads("/couples/{couple_id}/outcomes", Permission.OUTCOMES_READ, DayInFutureError)
def read_outcomes(
    work: Work,
    couple_id: CoupleId,
    as_of: Annotated[Day | None, Query(description=AS_OF, examples=["2026-11-22"])] = None,
    method: Annotated[MethodName, Query()] = "jacobson_truax",
) -> OutcomesRead:
    """Read how both partners are doing: series, change with its basis, homework, flags with their sentences.

    Of a past day it tells what had happened by then, as the record knows it today.
    """
    return service.read_outcomes(work, couple_id, as_of, method)


@router.reads("/couples/{couple_id}/outcomes/cycle", Permission.OUTCOMES_READ, DayInFutureError)
def read_cycle(
    work: Work,
    couple_id: CoupleId,
    as_of: Annotated[Day | None, Query(description=AS_OF, examples=["2026-11-22"])] = None,
) -> CycleRead:
    """Read what followed what in each partner's weeks, both ways side by side, from the weekly pulse.

    Under 8 pairs of adjacent weeks nothing is shown, under 20 no correlation, under 80 no p. Nothing is reckoned while a plan
    is paused, and of no day on which one was.
    """
    return cycle.read_cycle(work, couple_id, as_of)


@router.reads("/couples/{couple_id}/dyad", Permission.OUTCOMES_READ, MeasureUnknownError, *CHOOSING)
def read_dyad(  # noqa: PLR0913, PLR0917 - one argument a parameter of the query
    work: Work,
    couple_id: CoupleId,
    measure: Annotated[Code, Query(description="Measure, by its code in the catalogue.", examples=["gmsex"])],
    scale: Annotated[Code, Query(description="Scale of the measure.", examples=["total"])] = "total",
    method: Annotated[MethodName, Query()] = "jacobson_truax",
    norms: Annotated[Code | None, Query(description=CHOSEN, examples=["dres_three_months"])] = None,
) -> DyadRead:
    """Read both partners side by side on one scale: each one's change, the pair's label, divergence and desire discrepancy.

    They are never averaged. It holds both partners' answers, so there is no partner's view of it.
    """
    return dyad.read_dyad(work, couple_id, ChangeQuery(measure, scale, method, norms))
