"""Who am I, and the sign-ins of members, over HTTP."""

from app.access import sign_ins, signing_in
from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.schemas import Me, SignInBegin, SignInBegun, SignInCreate, SignInMade, SignInRead, SignIns
from app.access.signing_in import ProviderUnavailableError, SignInRefusedError
from app.access.visit import Visit
from app.access.work import Work
from app.core.ids import SignInId
from app.errors import NotFoundError

router = RecordRouter("Access")
strangers = RecordRouter("Access", door=None)


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
        proven_at=actor.proven_at,
    )


@strangers.creates("/sign-in-redirects", Permission.SIGN_IN, SignInRefusedError, ProviderUnavailableError)
def begin_sign_in(visit: Visit, body: SignInBegin) -> SignInBegun:
    """Begin to sign in with a provider. The service makes state, nonce and PKCE; a client only redirects."""
    return signing_in.begin(visit, body)


@strangers.creates("/sign-ins", Permission.SIGN_IN, SignInRefusedError, ProviderUnavailableError)
def sign_in(visit: Visit, body: SignInCreate) -> SignInMade:
    """Sign in as a member. The token is told this once, and ends when it is not used for a while."""
    return signing_in.sign_in(visit, body)


@router.reads("/sign-ins", Permission.SIGN_INS)
def list_sign_ins(work: Work) -> SignIns:
    """List your own sign-ins that still open."""
    found = sign_ins.running(work.session, work.actor.id, work.now)
    return SignIns(items=[SignInRead.model_validate(sign_ins.shown(one)) for one in found])


@router.ends("/sign-ins/current", Permission.SIGN_INS, NotFoundError)
def sign_out(work: Work) -> None:
    """Sign out: the token you send opens nothing any more. With a key there is no sign-in to end."""
    sign_ins.end(work.session, work.actor.id, work.actor.credential_id, work.now)


@router.ends("/sign-ins/{sign_in_id}", Permission.SIGN_INS)
def end_sign_in(work: Work, sign_in_id: SignInId) -> None:
    """End one of your own sign-ins, wherever it was begun."""
    sign_ins.end(work.session, work.actor.id, sign_in_id, work.now)
