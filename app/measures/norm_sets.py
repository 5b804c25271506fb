"""Norm sets of the clinic: added with a citation, read, retired, and chosen explicitly in place of a measure's own."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.norms import NormSet, Reliability, ReliabilityKind
from app.clinical.reliable_index import TWO_SIDED_95, s_diff
from app.clinical.source import Source
from app.core.existing import existing
from app.core.ids import decode, encode
from app.core.paging import Page, Pager
from app.errors import Fault, NotFoundError
from app.measures.models import ClinicNormSet
from app.measures.norm_rules import (
    NormSetInvalidError,
    NormSetOfAnotherScaleError,
    NormSetRetiredError,
    NormSetUnknownError,
    check_new,
)
from app.measures.norm_schemas import ClinicNormSetRead, NormReliability, NormSetCreate, NormSetRetirement, ReliabilityOfNorms
from app.measures.rules import find_measure, named, refusal

PREFIX = "nrm"


def add_norm_set(work: Work, body: NormSetCreate) -> ClinicNormSetRead:
    """Keeps norms with their citation. Raises MeasureUnknownError, SafetyScreenApartError, NormSetInvalidError."""
    measure = find_measure(body.measure, "/measure")
    if isinstance(measure, Fault):
        raise refusal([measure])
    return keep(work, measure, body, "cited")


def keep(work: Work, measure: Measure, body: NormSetCreate, origin: str) -> ClinicNormSetRead:
    """Stores a norm set of either origin. Raises NormSetInvalidError."""
    row = _row(work, body, origin)
    row.words = work.vault.seal(row, "words", _words(body))
    if faults := check_new(measure, _norms(work, row)):
        raise NormSetInvalidError(faults=faults)
    work.session.add(row)
    work.session.flush()
    return _shown(work, row)


def _row(work: Work, body: NormSetCreate, origin: str) -> ClinicNormSet:
    return ClinicNormSet(
        clinic_id=work.actor.clinic_id,
        origin=origin,
        measure_code=body.measure,
        scale=body.scale,
        n=body.n,
        sd=body.sd,
        clinical_mean=body.clinical_mean,
        functional_mean=body.functional_mean,
        functional_sd=body.functional_sd,
        reliability=body.reliability.value,
        reliability_kind=body.reliability.kind,
        post_sd=body.post_sd,
        post_reliability=body.post_reliability,
        added_by_kind=work.actor.kind,
        added_by=work.actor.id,
        added_at=work.now,
    )


def _words(body: NormSetCreate) -> dict[str, Any]:
    stable: NormReliability = body.reliability
    own = {"population": body.population, "sd_note": body.sd_note, "citation": body.citation}
    return own | {"gap": stable.gap, "reliability_citation": stable.citation}


def list_norm_sets(work: Work, limit: int, cursor: str | None, measure: str | None) -> Page[ClinicNormSetRead]:
    """A page of the clinic's norm sets, oldest first, retired ones included."""
    pager = Pager(work.vault, limit, cursor, "norm-sets", measure)
    query = select(ClinicNormSet)
    if measure is not None:
        query = query.where(ClinicNormSet.measure_code == measure)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, ClinicNormSet.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_norm_set(work: Work, norm_set_id: UUID) -> ClinicNormSetRead:
    """One norm set of the clinic. Raises NotFoundError."""
    return _shown(work, _get(work, norm_set_id))


def retire_norm_set(work: Work, norm_set_id: UUID, body: NormSetRetirement) -> ClinicNormSetRead:
    """Lets nobody choose it any more; a second retirement changes nothing. Raises NotFoundError."""
    row = _get(work, norm_set_id)
    if row.retired_at is None:
        row.retired_at, row.retired_by_kind, row.retired_by = work.now, work.actor.kind, work.actor.id
        row.retired_because = work.vault.seal(row, "retired_because", body.reason)
        work.session.flush()
    return _shown(work, row)


def choose(work: Work, measure: Measure, scale: str, name: str | None, pointer: str) -> NormSet | None:
    """The norms that were asked for, by code of the catalogue or id; None where none were.

    Raises NormSetUnknownError, NormSetRetiredError, NormSetOfAnotherScaleError at `pointer`.
    """
    if name is None:
        return None
    of, norms = _in_catalogue(measure, name) or _of_clinic(work, name, pointer)
    if (of, norms.scale) != (measure.code, scale):
        raise NormSetOfAnotherScaleError(faults=(named(NormSetOfAnotherScaleError, pointer),))
    return norms


def _in_catalogue(measure: Measure, name: str) -> tuple[str, NormSet] | None:
    """The measure's own norm set of that code; another measure's only to say that it is another's."""
    everyone = (measure, *MEASURES.values())
    return next(((one.code, norms) for one in everyone if (norms := one.norm_set(name)) is not None), None)


def _of_clinic(work: Work, name: str, pointer: str) -> tuple[str, NormSet]:
    try:
        row = _get(work, decode(PREFIX, name))
    except (ValueError, NotFoundError):
        raise NormSetUnknownError(faults=(named(NormSetUnknownError, pointer),)) from None
    if row.retired_at is not None:
        raise NormSetRetiredError(faults=(named(NormSetRetiredError, pointer),))
    return row.measure_code, _norms(work, row)


def _get(work: Work, norm_set_id: UUID) -> ClinicNormSet:
    return existing(work.session, select(ClinicNormSet).where(ClinicNormSet.id == norm_set_id))


def _norms(work: Work, row: ClinicNormSet) -> NormSet:
    """The row as the arithmetic takes it."""
    words = work.vault.open(row, "words", row.words)
    stable = Source(words["reliability_citation"], "as_given")
    kind = cast("ReliabilityKind", row.reliability_kind)
    return NormSet(
        code=encode(PREFIX, row.id),
        scale=row.scale,
        population=words["population"],
        sd=row.sd,
        reliability=Reliability(row.scale, kind, row.reliability, stable, gap=words["gap"] or ""),
        source=Source(words["citation"], "computed" if row.origin == "local" else "as_given"),
        n=row.n,
        sd_note=words["sd_note"] or "",
        clinical_mean=row.clinical_mean,
        functional_mean=row.functional_mean,
        functional_sd=row.functional_sd,
        post_sd=row.post_sd,
        post_reliability=row.post_reliability,
        local=row.origin == "local",
    )


def _shown(work: Work, row: ClinicNormSet) -> ClinicNormSetRead:
    norms = _norms(work, row)
    stable = norms.reliability
    return ClinicNormSetRead(
        id=row.id,
        version=row.version,
        origin=row.origin,
        measure=row.measure_code,
        scale=row.scale,
        population=norms.population,
        n=row.n,
        sd=row.sd,
        sd_note=norms.sd_note or None,
        reliability=ReliabilityOfNorms(
            value=stable.value, kind=stable.kind, gap=stable.gap or None, citation=stable.source.text
        ),
        clinical_mean=row.clinical_mean,
        functional_mean=row.functional_mean,
        functional_sd=row.functional_sd,
        post_sd=row.post_sd,
        post_reliability=row.post_reliability,
        citation=norms.source.text,
        status=norms.status,
        threshold_points=TWO_SIDED_95 * s_diff(norms.sd, stable.value),
        added_by_kind=row.added_by_kind,
        added_at=row.added_at,
        retired_at=row.retired_at,
        retired_because=work.vault.open(row, "retired_because", row.retired_because),
    )
