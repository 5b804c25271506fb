"""How a member proves who they are, and gets a sign-in for it."""

import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update

from app.access import clients, identities, passwords, sign_ins, tickets
from app.access.models import Clinic, Member, Password, PasswordTry
from app.access.providers import Challenge, Proof, ProviderAwayError
from app.access.schemas import PasswordProof, ProviderProof, SignInBegin, SignInBegun, SignInCreate, SignInMade
from app.access.tokens import TokenRefusedError
from app.access.visit import STRANGER, Visit
from app.core.bulk import insert_rows
from app.core.crypto import Vault
from app.core.database import RecordSession
from app.core.ids import encode, new_id
from app.core.problems import TooManyRequestsError, UnavailableError
from app.core.settings import Provider
from app.errors import Fault, InvalidError, UnauthenticatedError
from app.ledger.service import log_refusal

TRIES_COUNT_FOR: Final = timedelta(minutes=15)


class SignInRefusedError(UnauthenticatedError):
    """What was shown proves nobody: wrong, of nobody, of somebody who left, too old, or shown before."""

    code = "sign_in_refused"
    detail = "This does not sign anybody in."


class ProviderUnavailableError(UnavailableError):
    """The provider does not answer now."""

    code = "provider_unavailable"
    detail = "The provider that signs members in does not answer now. Try again later."


def begin(visit: Visit, body: SignInBegin) -> SignInBegun:
    """Where to send a member who signs in with a provider. Raises InvalidError, ProviderUnavailableError."""
    clinic_id = visit.clinic(body.clinic_id)
    provider = _provider(visit, clinic_id, body.provider, "/provider")
    redirect_uri = _redirect_uri(provider, body.redirect_uri, "/redirect_uri")
    with visit.transaction(clinic_id) as (session, vault):
        _check_clinic(session)
        ticket = tickets.issue(vault, provider.name, redirect_uri, visit.now)
        challenge = tickets.challenge(vault, ticket, provider.name, redirect_uri, visit.now)
    try:
        address = visit.runtime.providers.address(provider, redirect_uri, challenge, fresh=body.fresh)
    except ProviderAwayError:
        raise ProviderUnavailableError from None
    return SignInBegun(authorization_url=address, ticket=ticket, nonce=challenge.nonce, expires_at=visit.now + tickets.LIFE)


def sign_in(visit: Visit, body: SignInCreate) -> SignInMade:
    """A sign-in for whoever proves to be a member. Raises SignInRefusedError, TooManyRequestsError, InvalidError."""
    clinic_id = visit.clinic(body.clinic_id)
    if body.provider is not None:
        return _with_provider(visit, clinic_id, body.provider)
    assert body.password is not None  # noqa: S101 - the schema takes one of two
    return _with_password(visit, clinic_id, body.password)


def _with_provider(visit: Visit, clinic_id: UUID, proof: ProviderProof) -> SignInMade:
    """No transaction is open while the provider is asked. Whatever is wrong with what it says, the answer is the same."""
    provider = _provider(visit, clinic_id, proof.provider, "/provider/provider")
    redirect_uri = _redirect_uri(provider, proof.redirect_uri, "/provider/redirect_uri")
    try:
        with visit.transaction(clinic_id) as (session, vault):
            _check_clinic(session)
            challenge = tickets.challenge(vault, proof.ticket, provider.name, redirect_uri, visit.now)
        proven = _proven(visit, provider, proof, redirect_uri, challenge)
    except ProviderAwayError:
        raise ProviderUnavailableError from None
    except TokenRefusedError:
        proven = None
    with visit.transaction(clinic_id) as (session, _vault):
        member_id = None if proven is None else identities.member_meant(session, provider.issuer, proven.subject)
        until = visit.now + tickets.LIFE * 2
        if proven is not None and member_id is not None:
            visit.known(session, "member", member_id)
            if clients.use_once(session, provider.issuer, proven.nonce, until, visit.now):
                return _opened(visit, session, member_id, "provider", proven.proven_at)
            visit.known(session, STRANGER, None)
        log_refusal(session, "sign_in", member_id)
    raise SignInRefusedError


def _proven(visit: Visit, provider: Provider, proof: ProviderProof, redirect_uri: str, challenge: Challenge) -> Proof:
    """What the provider's ID token proves, once it fits the ticket."""
    token = proof.id_token
    if token is None:
        if not hmac.compare_digest((proof.state or "").encode(), challenge.state.encode()):
            raise TokenRefusedError("state")
        token = visit.runtime.providers.token_for(provider, proof.code or "", redirect_uri, challenge)
    proven = visit.runtime.providers.proof(provider, token, visit.runtime.clock)
    if not hmac.compare_digest(proven.nonce.encode(), challenge.nonce.encode()):
        raise TokenRefusedError("nonce")
    return proven


def _provider(visit: Visit, clinic_id: UUID, name: str, pointer: str) -> Provider:
    provider = visit.runtime.providers.named(name)
    if provider is None or (provider.clinics is not None and encode("cln", clinic_id) not in provider.clinics):
        raise InvalidError(faults=(Fault(pointer, "provider_unknown", "No provider of this name signs members in here."),))
    return provider


def _redirect_uri(provider: Provider, named: str | None, pointer: str) -> str:
    if named is not None and named not in provider.redirect_uris:
        raise InvalidError(faults=(Fault(pointer, "redirect_uri_unknown", "The operator has not listed this address."),))
    return named or provider.redirect_uris[0]


def _check_clinic(session: RecordSession) -> None:
    """No login of a clinic that is none exists, nor any trail to write to."""
    if session.scalars(select(Clinic.clinic_id)).one_or_none() is None:
        raise SignInRefusedError


def _with_password(visit: Visit, clinic_id: UUID, proof: PasswordProof) -> SignInMade:
    """Every refusal takes the same steps, whether or not there is a member of this login: two transactions and one hash."""
    if not visit.settings.password_sign_in:
        raise SignInRefusedError
    with visit.transaction(clinic_id) as (session, vault):
        _check_clinic(session)
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
        return _opened(visit, session, member_id, "password", visit.now)


def _opened(visit: Visit, session: RecordSession, member_id: UUID, method: str, proven_at: datetime | None) -> SignInMade:
    made, token = sign_ins.open_sign_in(
        session, member_id, method=method, proven_at=proven_at, settings=visit.settings, now=visit.now
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
