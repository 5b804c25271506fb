"""The catalogue of measures, administrations, scores and change over HTTP."""

from typing import Annotated

from fastapi import Path, Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.clinical.measures import MEASURES
from app.core.ids import AdministrationId, CoupleId, NormSetId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import Code
from app.couples.rules import CoupleArchivedError
from app.errors import NotFoundError
from app.measures import baselines, changes, norm_sets, series, service
from app.measures.catalogue_schemas import MeasureRead, MeasureSummary
from app.measures.change_schemas import ChangeAsked, ChangeFound, ChangeSinceIntake, MethodName
from app.measures.norm_rules import (
    CHOOSING,
    CHOSEN,
    NormSetInvalidError,
    TooFewBaselinesError,
)
from app.measures.norm_schemas import (
    ClinicNormSetRead,
    LocalNormsAdopt,
    LocalNormsRead,
    NormSetCreate,
    NormSetRetirement,
)
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
ChosenNorms = Annotated[Code, Query(description=CHOSEN, examples=["dres_three_months"])]


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


@router.reads(PARTNER + "/change", Permission.ADMINISTRATIONS_READ, MeasureUnknownError, *CHOOSING)
def read_change(  # noqa: PLR0913, PLR0917 - one argument a parameter of the query
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    measure: OfMeasure,
    scale: OfScale = "total",
    method: Annotated[MethodName, Query()] = "jacobson_truax",
    norms: ChosenNorms | None = None,
) -> ChangeSinceIntake:
    """Read one partner's latest score against intake, with its class and what that rests on."""
    return changes.read_change(work, couple_id, partner_id, changes.ChangeQuery(measure, scale, method, norms))


@router.creates("/scoring/{code}", Permission.SCORING, status=200)
def score_answers(work: Work, code: MeasureCode, body: Answered) -> Scoring:  # noqa: ARG001 - nothing is read or stored
    """Score answers without storing anything."""
    return changes.score_alone(code, body)


@router.creates("/change", Permission.SCORING, MeasureUnknownError, *CHOOSING, status=200)
def classify_change(work: Work, body: ChangeAsked) -> ChangeFound:
    """Classify the change between two scores without storing anything."""
    return changes.change_alone(work, body)


@router.creates("/norm-sets", Permission.NORM_SETS_WRITE, MeasureUnknownError, SafetyScreenApartError, NormSetInvalidError)
def add_norm_set(work: Work, body: NormSetCreate) -> ClinicNormSetRead:
    """Add norms with their citation, to be chosen explicitly; they are never edited, a wrong set is retired."""
    return norm_sets.add_norm_set(work, body)


@router.reads("/norm-sets", Permission.CATALOGUE_READ, CursorInvalidError)
def list_norm_sets(
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    measure: OfMeasure | None = None,
) -> Page[ClinicNormSetRead]:
    """List the clinic's own norm sets, oldest first, retired ones included; published ones stand in the catalogue."""
    return norm_sets.list_norm_sets(work, limit, cursor, measure)


@router.reads("/norm-sets/{norm_set_id}", Permission.CATALOGUE_READ)
def read_norm_set(work: Work, norm_set_id: NormSetId) -> ClinicNormSetRead:
    """Read a norm set of the clinic."""
    return norm_sets.read_norm_set(work, norm_set_id)


@router.creates("/norm-sets/{norm_set_id}/retirements", Permission.NORM_SETS_WRITE, status=200)
def retire_norm_set(work: Work, norm_set_id: NormSetId, body: NormSetRetirement) -> ClinicNormSetRead:
    """Retire a norm set: it can still be read, and no longer chosen."""
    return norm_sets.retire_norm_set(work, norm_set_id, body)


@router.reads("/measures/{code}/local-norms", Permission.LOCAL_NORMS_READ, TooFewBaselinesError)
def read_local_norms(work: Work, code: MeasureCode, scale: OfScale = "total") -> LocalNormsRead:
    """Read mean and spread of the clinic's own baselines, once there are enough.

    A baseline is a partner's first standing, valid and not prorated score within an episode of care; each partner counts once.
    Baselines count in fixed batches of ten in the order they were first recorded, and figures are rounded to two decimals, so
    that no single partner's score can be found by subtracting one answer from another.
    """
    return baselines.read_local_norms(work, changes.get_measure(code), scale)


@router.creates("/measures/{code}/local-norms", Permission.NORM_SETS_WRITE, TooFewBaselinesError, NormSetInvalidError)
def adopt_local_norms(work: Work, code: MeasureCode, body: LocalNormsAdopt) -> ClinicNormSetRead:
    """Make the clinic's own baselines a norm set, labelled as local; you bring the reliability with its citation."""
    return baselines.adopt_local_norms(work, changes.get_measure(code), body)
