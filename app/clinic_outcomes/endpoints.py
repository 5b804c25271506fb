"""A clinic's figures over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.clinic_outcomes import service as clinic
from app.clinic_outcomes.schemas import By, ClinicOutcomesRead

router = RecordRouter("Outcomes")


@router.reads("/clinic/outcomes", Permission.CLINIC_OUTCOMES_READ)
def read_clinic_outcomes(
    work: Work,
    by: Annotated[
        By | None,
        Query(description="One kind of group; all couples, concerns and protocols unless told.", examples=["concern"]),
    ] = None,
) -> ClinicOutcomesRead:
    """Read what became of a clinic's couples: change by concern, protocol and measure, time to it, drop-out, homework kept.

    Nothing is told of fewer than ten couples, and nothing from which it could be worked out, in this answer or together
    with one along another axis. There are no dates, therapists or single couples to choose, and nobody is ranked.
    """
    return clinic.read_clinic_outcomes(work, by)
