"""The change feed over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.changes import service as changes
from app.changes.schemas import ChangesRead, Since, Wait
from app.changes.tokens import StartAnewError
from app.core.paging import CursorInvalidError, Limit

router = RecordRouter("Changes")


@router.reads("/changes", Permission.CHANGES_READ, CursorInvalidError, StartAnewError)
def read_changes(
    work: Work,
    since: Annotated[Since | None, Query()] = None,
    limit: Annotated[Limit, Query()] = 100,
    wait: Annotated[Wait, Query()] = 0,
) -> ChangesRead:
    """Follow what changes in the record, in the order of its commits: what to read again, and what went.

    Whoever asks again with the token of the answer before misses nothing, whatever was committed in between. It tells of what
    you may read and no more; when that changes, the token is refused, and you start anew. `limit` counts what happened: one
    thing that happened can change two or three.
    """
    return changes.read_changes(work, since, limit, wait)
