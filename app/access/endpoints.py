"""Who am I, over HTTP."""

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.schemas import Me
from app.access.work import Work

router = RecordRouter("Access")


@router.reads("/me", Permission.CATALOGUE_READ)
def read_me(work: Work) -> Me:
    """Read who the service takes you for."""
    actor = work.actor
    return Me(
        clinic_id=actor.clinic_id,
        credential_id=actor.credential_id,
        kind=actor.kind,
        role=actor.role,
        permissions=sorted(actor.permissions),
    )
