"""Vocabularies over HTTP."""

from typing import Annotated

from fastapi import Path

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.paging import Page
from app.core.schemas import Code
from app.vocabularies import service
from app.vocabularies.schemas import Vocabulary, VocabularyName

router = RecordRouter("Vocabularies")


@router.reads("/vocabularies", Permission.CATALOGUE_READ)
def list_vocabularies(work: Work) -> Page[VocabularyName]:  # noqa: ARG001 - the door has checked the caller; the answer is the same for all
    """List the vocabularies that inputs are checked against."""
    return Page(items=service.list_vocabularies(), next_cursor=None)


@router.reads("/vocabularies/{name}", Permission.CATALOGUE_READ)
def read_vocabulary(
    work: Work,  # noqa: ARG001 - the door has checked the caller; the answer is the same for all
    name: Annotated[Code, Path(description="Name of the vocabulary.", examples=["concerns"])],
) -> Vocabulary:
    """Read a vocabulary with all its terms."""
    return service.read_vocabulary(name)
