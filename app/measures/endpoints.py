"""The catalogue of measures, administrations, scores and change over HTTP."""

from typing import Annotated

from fastapi import Path, Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.clinical.measures import MEASURES
from app.core.ids import AdministrationId, CoupleId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import Code
from app.couples.rules import CoupleArchivedError
from app.errors import NotFoundError
from app.measures import changes, series, service
from app.measures.catalogue_schemas import MeasureRead, MeasureSummary
from app.measures.change_schemas import ChangeAsked, ChangeFound, ChangeSinceIntake, MethodName
from app.measures.rules import (
    AdministrationDiffersError,
    AdministrationInvalidError,
    AnsweredAfterCareError,
    AnsweredInFutureError,
    BatchRefusedError,
    MeasureUnknownError,
    SafetyScreenApartError,
    SupersededAlreadyError,
)
from app.measures.schemas import (
    AdministrationCreate,
    AdministrationKept,
    AdministrationRead,
    Answered,
    BatchCreate,
    BatchDone,
    ScorePoint,
    Scoring,
)

router = RecordRouter("Measures")
PARTNER = "/couples/{couple_id}/partners/{partner_id}"
LARGEST_BATCH_BYTES = 1_048_576  # 500 items of 40 answers with reasons and ids

MeasureCode = Annotated[Code, Path(description="Measure, by its code in the catalogue.", examples=["gmsex"])]
OfMeasure = Annotated[Code, Query(description="Measure, by its code in the catalogue.", examples=["gmsex"])]
OfScale = Annotated[Code, Query(description="Scale of the measure.", examples=["total"])]


@router.reads("/measures", Permission.CATALOGUE_READ)
def list_measures(work: Work) -> Page[MeasureSummary]:  # noqa: ARG001 - every operation is handed its work
    """List the measures of the catalogue."""
    items = [MeasureSummary.model_validate(measure) for measure in MEASURES.values()]
    return Page(items=items, next_cursor=None)


@router.reads("/measures/{code}", Permission.CATALOGUE_READ)
def read_measure(work: Work, code: MeasureCode) -> MeasureRead:  # noqa: ARG001 - every operation is handed its work
    """Read a measure: how it is checked, scored and read, and what that rests on."""
    return MeasureRead.model_validate(changes.get_measure(code))


@router.creates(
    PARTNER + "/administrations",
    Permission.ADMINISTRATIONS_WRITE,
    AdministrationInvalidError,
    MeasureUnknownError,
    SafetyScreenApartError,
    AnsweredInFutureError,
    SupersededAlreadyError,
    AdministrationDiffersError,
    AnsweredAfterCareError,
    CoupleArchivedError,
)
def record_administration(
    work: Work, couple_id: CoupleId, partner_id: PartnerId, body: AdministrationCreate
) -> AdministrationKept:
    """Store what one partner answered to a measure, and score it."""
    return service.record_administration(work, couple_id, partner_id, body)


@router.reads(PARTNER + "/administrations", Permission.ADMINISTRATIONS_READ, CursorInvalidError)
def list_administrations(  # noqa: PLR0913, PLR0917 - one argument a parameter of the query
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    measure: OfMeasure | None = None,
) -> Page[AdministrationRead]:
    """List one partner's administrations in the order they were recorded, superseded ones included."""
    return service.list_administrations(work, couple_id, partner_id, (limit, cursor), measure)


@router.reads(PARTNER + "/administrations/{administration_id}", Permission.ADMINISTRATIONS_READ)
def read_administration(
    work: Work, couple_id: CoupleId, partner_id: PartnerId, administration_id: AdministrationId
) -> AdministrationRead:
    """Read an administration with its answers as given."""
    return service.read_administration(work, couple_id, partner_id, administration_id)


@router.creates(
    "/administrations/batch",
    Permission.ADMINISTRATIONS_WRITE,
    BatchRefusedError,
    NotFoundError,
    body_bytes=LARGEST_BATCH_BYTES,
)
def record_administrations(work: Work, body: BatchCreate) -> BatchDone:
    """Store up to 500 administrations at once: all or nothing, or each by itself in partial mode.

    An item whose external id was stored with the same content is answered with what is there, so a batch can be sent again.
    A body that does not have the right form at all is refused as a whole in either mode.
    """
    return service.record_batch(work, body)


@router.reads(PARTNER + "/scores", Permission.ADMINISTRATIONS_READ, CursorInvalidError)
def list_scores(  # noqa: PLR0913, PLR0917 - one argument a parameter of the query
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    measure: OfMeasure | None = None,
    scale: OfScale | None = None,
) -> Page[ScorePoint]:
    """List one partner's scores, oldest answers first; gaps stay, superseded administrations are left out."""
    return series.list_scores(work, couple_id, partner_id, (limit, cursor), (measure, scale))


@router.reads(PARTNER + "/change", Permission.ADMINISTRATIONS_READ, MeasureUnknownError)
def read_change(  # noqa: PLR0913, PLR0917 - one argument a parameter of the query
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    measure: OfMeasure,
    scale: OfScale = "total",
    method: Annotated[MethodName, Query()] = "jacobson_truax",
) -> ChangeSinceIntake:
    """Read one partner's latest score against intake, with its class and what that rests on."""
    return changes.read_change(work, couple_id, partner_id, (measure, scale), method)


@router.creates("/scoring/{code}", Permission.SCORING, status=200)
def score_answers(work: Work, code: MeasureCode, body: Answered) -> Scoring:  # noqa: ARG001 - nothing is read or stored
    """Score answers without storing anything."""
    return changes.score_alone(code, body)


@router.creates("/change", Permission.SCORING, MeasureUnknownError, status=200)
def classify_change(work: Work, body: ChangeAsked) -> ChangeFound:  # noqa: ARG001 - nothing is read or stored
    """Classify the change between two scores without storing anything."""
    return changes.change_alone(body)
