"""Writing over HTTP: create, update, and transactions and batches at the address of the whole."""

from typing import Final

from app.access.work import Work
from app.fhir.routes import PREFIX, Answer, Call, FhirRouter
from app.fhir.writing import service
from app.ledger.service import Aim

router = FhirRouter()
LARGER_BODIES: Final = {PREFIX: 2_097_152, f"{PREFIX}/": 2_097_152}  # 500 responses of 40 items each, with their requests


@router.answers("POST", "", Aim.CHANGE)
@router.answers("POST", "/", Aim.CHANGE)
def bundle(work: Work, call: Call) -> Answer:
    """A transaction or a batch."""
    return service.bundle(work, call)


@router.answers("POST", "/{type}", Aim.CHANGE)
def create(work: Work, call: Call) -> Answer:
    """A response that was not here before, or is if its identifier says so."""
    return service.create(work, call)


@router.answers("PUT", "/{type}/{id}", Aim.CHANGE)
def update(work: Work, call: Call) -> Answer:
    """A correction of a response."""
    return service.update(work, call)
