"""Vocabularies, and the catalogue of concerns, over HTTP."""

from typing import Annotated

from fastapi import Path, Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.clinical.concern import Domain
from app.core.paging import Page
from app.core.schemas import Code
from app.vocabularies import service
from app.vocabularies.schemas import CatalogueConcern, Vocabulary, VocabularyName

router = RecordRouter("Vocabularies")


@router.reads("/vocabularies", Permission.CATALOGUE_READ)
def list_vocabularies(work: Work) -> Page[VocabularyName]:
    """List the vocabularies that inputs are checked against."""
    return Page(items=service.list_vocabularies(work), next_cursor=None)


@router.reads("/vocabularies/{name}", Permission.CATALOGUE_READ)
def read_vocabulary(
    work: Work,
    name: Annotated[Code, Path(description="Name of the vocabulary.", examples=["concerns"])],
) -> Vocabulary:
    """Read a vocabulary with all its terms, the clinic's own last."""
    return service.read_vocabulary(work, name)


@router.reads("/concerns", Permission.CATALOGUE_READ)
def list_concerns(
    work: Work,
    domain: Annotated[Domain | None, Query(description="Only concerns of this domain.")] = None,
) -> Page[CatalogueConcern]:
    """List the catalogue of concerns with their codes, how sure each is, and where a plan could start."""
    return Page(items=service.list_concerns(work, domain), next_cursor=None)


@router.reads("/concerns/{code}", Permission.CATALOGUE_READ)
def read_catalogue_concern(
    work: Work,
    code: Annotated[Code, Path(description="Code of the concern.", examples=["desire_discrepancy"])],
) -> CatalogueConcern:
    """Read a concern of the catalogue."""
    return service.read_concern(work, code)
