"""Bulk exports over HTTP: kick-off at three levels, how far one is, its files, and its end."""

from email.utils import format_datetime

from app.access.streams import Streamed
from app.access.work import Work
from app.exports.ranges import Part
from app.fhir import outcomes
from app.fhir.bulk import service
from app.fhir.bulk.parameters import pairs_of
from app.fhir.routes import FHIR_JSON, PLAIN_JSON, Answer, Call, FhirRouter
from app.ledger.service import Aim

router = FhirRouter()


def _kick_off(work: Work, call: Call, level: str, *, is_posted: bool) -> Answer:
    kickoff = service.Kickoff(
        level=level,
        pairs=(*call.pairs, *(pairs_of(call.resource()) if is_posted and call.body else ())),
        is_posted=is_posted,
        accepts_fhir=FHIR_JSON in call.headers.get("accept", "").lower(),
        preferred=call.preferences,
        group=call.path.get("id"),
    )
    return Answer(outcomes.information("The export was asked for."), 202, {"Content-Location": service.ask(work, kickoff)})


@router.answers("GET", "/$export", Aim.CHANGE)
def export(work: Work, call: Call) -> Answer:
    """Everything the client may read."""
    return _kick_off(work, call, "system", is_posted=False)


@router.answers("POST", "/$export", Aim.CHANGE)
def export_posted(work: Work, call: Call) -> Answer:
    """The same, its parameters in the body."""
    return _kick_off(work, call, "system", is_posted=True)


@router.answers("GET", "/Patient/$export", Aim.CHANGE)
def export_patients(work: Work, call: Call) -> Answer:
    """What is of patients, of all or of some."""
    return _kick_off(work, call, "patient", is_posted=False)


@router.answers("POST", "/Patient/$export", Aim.CHANGE)
def export_patients_posted(work: Work, call: Call) -> Answer:
    """The same, its parameters in the body."""
    return _kick_off(work, call, "patient", is_posted=True)


@router.answers("GET", "/Group/{id}/$export", Aim.CHANGE)
def export_group(work: Work, call: Call) -> Answer:
    """What is of both partners of a couple."""
    return _kick_off(work, call, "group", is_posted=False)


@router.answers("POST", "/Group/{id}/$export", Aim.CHANGE)
def export_group_posted(work: Work, call: Call) -> Answer:
    """The same, its parameters in the body."""
    return _kick_off(work, call, "group", is_posted=True)


@router.answers("GET", "/bulk/{export_id}", Aim.LIST)
def export_status(work: Work, call: Call) -> Answer:
    """How far an export is, and its manifest once it is done."""
    found = service.standing(work, call.path["export_id"])
    if found.failed is not None:
        base = work.settings.address + "/fhir"
        told = outcomes.outcome(found.failed, base, work.session.info["occasion"].request_id)
        return Answer(told, outcomes.status(found.failed))
    if found.manifest is None or found.expires_at is None:
        return Answer(None, 202, {"X-Progress": found.progress or "", "Retry-After": str(found.wait)})
    # A manifest is no resource, so it is plain JSON whatever is accepted.
    headers = {"Expires": format_datetime(found.expires_at, usegmt=True), "Content-Type": PLAIN_JSON}
    return Answer(found.manifest, 200, headers)


@router.answers("DELETE", "/bulk/{export_id}", Aim.LIST)
def end_export(work: Work, call: Call) -> Answer:
    """Ends an export that is under way, or deletes one with its files before its time."""
    service.drop(work, call.path["export_id"])
    return Answer(outcomes.information("The export is ended."), 202)


@router.answers("GET", "/bulk/{export_id}/{name}", Aim.LIST)
def export_file(work: Work, call: Call) -> Streamed:
    """A file, or the part of it that is asked for."""
    part = Part(call.headers.get("range"), call.headers.get("if-range"), call.headers.get("if-none-match"))
    return service.read_file(work, call.path["export_id"], call.path["name"], part)
