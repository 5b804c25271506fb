"""How exports end: after their time, and at once where a couple that may be in them is erased."""

from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from app.core.chores import Chore, Holds
from app.core.database import RecordSession
from app.core.key_models import KeyEpoch
from app.core.locks import wait_for_lock
from app.core.logs import log
from app.exports import files
from app.exports.models import Export
from app.exports.rules import REMEMBERED
from app.ledger.service import chore_at_work
from app.releases.deletion import on_erasure

OPERATION: Final = "end_exports"


def wait_for_erasures(session: RecordSession) -> int:
    """Lets no erasure of the clinic come between this moment and the commit; how often keys of it have changed by now."""
    wait_for_lock(session, _lock(session.reach.clinic_id))
    return int(session.scalars(select(KeyEpoch.changes)).one())


@on_erasure
def destroy_kept(session: RecordSession) -> None:
    """Destroys the keys of all files the clinic keeps, with the commit of the erasure; what is under way begins anew.

    Which exports hold the couple is not looked up: one too many is asked for anew, one too few would outlive an erasure.
    """
    wait_for_lock(session, _lock(session.reach.clinic_id))
    for row in session.scalars(select(Export).where(Export.status.in_(("running", "done"))).with_for_update()):
        if row.status == "done":
            row.status = "expired"
        else:
            row.status, row.leased_until = "queued", None
        row.key = row.result = None
    session.flush()


def end_exports(runtime: Holds, clinic_id: UUID) -> None:
    """Ends what is kept no longer, forgets what ended long ago, and removes every folder that no row holds a key to.

    Folders are listed first: a key is committed before its folder is made, so one that is begun meanwhile is not among them.
    """
    found = _folders(files.clinics_folder(runtime.settings, clinic_id))
    with chore_at_work(runtime, clinic_id, OPERATION) as (session, _vault, now):
        over = (Export.status == "done") & (Export.expires_at <= now)
        for row in session.scalars(select(Export).where(over).with_for_update()):
            row.status, row.key, row.result, row.words = "expired", None, None, None
        ended = or_(
            Export.expires_at <= now - REMEMBERED, (Export.status == "failed") & (Export.finished_at <= now - REMEMBERED)
        )
        for row in session.scalars(select(Export).where(ended)):
            session.delete(row)
        session.flush()
        held = session.execute(select(Export.id, Export.attempt).where(Export.key.is_not(None)))
        kept = {files.folder_of(runtime.settings, clinic_id, export_id, attempt) for export_id, attempt in held}
        session.info.setdefault("after_commit", []).append(partial(_remove, found - kept))


def _folders(path: Path) -> set[Path]:
    """What lies there; nothing where it cannot be looked at, which keeps no key from being destroyed in its time."""
    try:
        return files.folders_in(path)
    except OSError as error:
        log.error("exports_not_listed", error=type(error).__name__)
        return set()


def _remove(folders: set[Path]) -> None:
    for folder in folders:
        files.remove(folder)


ENDING: Final = Chore(OPERATION, timedelta(minutes=5), end_exports)


def _lock(clinic_id: UUID) -> int:
    return int.from_bytes(sha256(b"exports" + clinic_id.bytes).digest()[:7], "big")
