"""How a member proves who they are, and gets a sign-in for it."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update

from app.access import passwords, sign_ins
from app.access.models import Clinic, Member, Password, PasswordTry
from app.access.schemas import PasswordProof, SignInCreate, SignInMade
from app.access.visit import Visit
from app.core.bulk import insert_rows
from app.core.crypto import Vault
from app.core.database import RecordSession
from app.core.ids import new_id
from app.core.problems import TooManyRequestsError
from app.errors import UnauthenticatedError
from app.ledger.service import log_refusal

TRIES_COUNT_FOR: Final = timedelta(minutes=15)


class SignInRefusedError(UnauthenticatedError):
    """What was shown proves nobody: wrong, of nobody, of somebody who left, too old, or shown before."""

    code = "sign_in_refused"
    detail = "This does not sign anybody in."


def sign_in(visit: Visit, body: SignInCreate) -> SignInMade:
    """A sign-in for whoever proves to be a member. Raises SignInRefusedError, TooManyRequestsError, InvalidError."""
    clinic_id = visit.clinic(body.clinic_id)
    return _with_password(visit, clinic_id, body.password)


def _with_password(visit: Visit, clinic_id: UUID, proof: PasswordProof) -> SignInMade:
    """Every refusal takes the same steps, whether or not there is a member of this login: two transactions and one hash."""
    if not visit.settings.password_sign_in:
        raise SignInRefusedError
    with visit.transaction(clinic_id) as (session, vault):
        if session.scalars(select(Clinic.clinic_id)).one_or_none() is None:
            raise SignInRefusedError  # no login of that clinic exists, nor any trail of it to write to
        tag = _tag(vault, proof.login)
        heard = _may_try(visit, session, tag)
        member_id, kept = _password_of(session, proof.login)
    if not heard:
        raise TooManyRequestsError
    if not passwords.is_right(proof.password, kept) or member_id is None or kept is None:
        with visit.transaction(clinic_id) as (session, _vault):
            log_refusal(session, "sign_in", member_id)
        raise SignInRefusedError
    with visit.transaction(clinic_id, "member", member_id) as (session, _vault):
        session.execute(delete(PasswordTry).where(PasswordTry.login_tag == tag))
        if passwords.is_outdated(kept):
            renewed = passwords.hash_of(proof.password)
            session.execute(update(Password).where(Password.member_id == member_id).values(password_hash=renewed))
        return _opened(visit, session, member_id, "password")


def _opened(visit: Visit, session: RecordSession, member_id: UUID, method: str) -> SignInMade:
    made, token = sign_ins.open_sign_in(
        session, member_id, method=method, proven_at=visit.now, settings=visit.settings, now=visit.now
    )
    return SignInMade.model_validate(sign_ins.shown(made) | {"token": token})


def _may_try(visit: Visit, session: RecordSession, tag: str) -> bool:
    """Notes the try before it is heard, so that many at once count as many. Past the limit none is noted or heard."""
    session.execute(delete(PasswordTry).where(PasswordTry.tried_at < visit.now - TRIES_COUNT_FOR))
    before = session.execute(select(func.count()).select_from(PasswordTry).where(PasswordTry.login_tag == tag)).scalar_one()
    if before >= visit.settings.password_tries:
        return False
    insert_rows(session, PasswordTry, [{"id": new_id(), "login_tag": tag, "tried_at": visit.now}])
    return True


def _password_of(session: RecordSession, login: str) -> tuple[UUID | None, str | None]:
    found = session.execute(
        select(Member.id, Password.password_hash)
        .outerjoin(Password, Password.member_id == Member.id)
        .where(Member.login == login, Member.ended_at.is_(None))
    ).one_or_none()
    return (found.id, found.password_hash) if found else (None, None)


def _tag(vault: Vault, login: str) -> str:
    return vault.tag("password try", login.encode()).hex()
