"""Outcomes over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId
from app.outcomes import service
from app.outcomes.schemas import OutcomesRead, View

router = RecordRouter("Outcomes")


@router.reads("/couples/{couple_id}/outcomes", Permission.OUTCOMES_READ)
def read_outcomes(
    work: Work,
    couple_id: CoupleId,
    view: Annotated[View, Query(alias="as", description="Whose view; enforced where rows are read.")] = "therapist",
) -> OutcomesRead:
    """Read how both partners are doing: series, change with its basis, homework, flags with their sentences."""
    return service.read_outcomes(work, couple_id, view)
