"""Reading resources: one by its id, one version of it, and searches with what they bring along."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from app.access.permissions import Permission
from app.access.smart import categories
from app.access.work import Work
from app.errors import NotAllowedError, NotFoundError
from app.fhir.includes import by_ids, included
from app.fhir.labels import coded
from app.fhir.pages import PARAMETER, read_page, write_page
from app.fhir.queries import Pairs, Search, read_search
from app.fhir.resource import Drawing, Drawn, Resource
from app.fhir.resources import resources
from app.fhir.rows import instant
from app.fhir.rules import InteractionUnknownError, ResourceUnknownError
from app.fhir.values import Reference
from app.ledger.service import about_partner, log_aggregate, log_reads

ALWAYS_SENT: Final = frozenset({"resourceType", "id", "meta"})
SUBSETTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


def resource_of(type_: str, interaction: str) -> Resource:
    """A resource type, if it has an interaction. Raises ResourceUnknownError, InteractionUnknownError."""
    found = resources().get(type_)
    if found is None:
        raise ResourceUnknownError
    if interaction not in found.interactions:
        raise InteractionUnknownError
    return found


def check_scope(work: Work, type_: str, letter: str) -> None:
    """Before anything is looked up. Raises NotAllowedError where no scope of the client says so."""
    work.actor.check(Permission.FHIR)
    if categories(work.actor.smart, type_, letter) == frozenset():
        raise NotAllowedError


def drawing_for(work: Work) -> Drawing:
    """For whom resources are drawn."""
    return Drawing(work, work.settings.address + "/fhir")


def read(work: Work, type_: str, fhir_id: str) -> dict[str, Any]:
    """A resource by its id. Raises ResourceUnknownError, InteractionUnknownError, NotAllowedError, NotFoundError."""
    resource = resource_of(type_, "read")
    check_scope(work, type_, "r")
    drawing = drawing_for(work)
    found = by_ids(drawing, resource, [fhir_id])
    if not found:
        raise NotFoundError
    _tell_whose(drawing, _patient_of(found[0].resource))
    _tell(work, type_, found)
    return found[0].resource


def read_version(work: Work, type_: str, fhir_id: str, version: str) -> dict[str, Any]:
    """A resource as one of its versions said it; only answers keep those they had. Raises what `read` raises."""
    resource = resource_of(type_, "vread")
    check_scope(work, type_, "r")
    found = read(work, type_, fhir_id)
    if found["meta"]["versionId"] == version:
        return found
    earlier = getattr(resource.source, "earlier", None)
    drawn = None if earlier is None else earlier(drawing_for(work), type_, fhir_id, version)
    if drawn is None:
        raise NotFoundError
    return dict(drawn)


def search(work: Work, type_: str, pairs: Pairs, *, is_posted: bool, is_strict: bool = False) -> dict[str, Any]:
    """A page of what a search finds, as a Bundle. Raises what reading a search and following a page raise."""
    resource = resource_of(type_, "search-type")
    check_scope(work, type_, "s")
    drawing = drawing_for(work)
    after, paged = None, [value for name, value in pairs if name == PARAMETER]
    if paged:
        pairs, after = read_page(work, type_, paged[0])
    query = read_search(drawing, resource, pairs, is_strict=is_strict)
    total = resource.source.count(drawing, type_, query.asked)
    found: list[Drawn] = []
    following = None
    if not query.only_total:
        found = resource.source.page(drawing, type_, query.asked, after, query.count + 1)
        if len(found) > query.count:
            found = found[: query.count]
            following = write_page(work, type_, query.pairs, found[-1].place)
    brought = included(drawing, query, found)
    _tell_whose(drawing, _patient_searched(type_, query))
    _tell(work, type_, [*found, *brought])
    here = f"{drawing.base}/{type_}"
    self_link = here + "/_search" if is_posted else here + _asked_again(query.pairs)
    links = [{"relation": "self", "url": self_link if not paged else f"{here}?{PARAMETER}={paged[0]}"}]
    if following is not None:
        links.append({"relation": "next", "url": f"{here}?{PARAMETER}={following}"})
    entries = [_entry(drawing, one, "match", query.elements) for one in found]
    entries += [_entry(drawing, one, "include", None) for one in brought]
    return _bundle(work, total, links, entries)


def _asked_again(pairs: Pairs) -> str:
    return "?" + urlencode(list(pairs), safe="|:,/") if pairs else ""


def _tell_whose(drawing: Drawing, patient: str | None) -> None:
    """The trail of whose record was asked for, where it was one patient's: what they can be told of who looked at it.

    Only what was asked decides, never what was found, so that nothing of the other partner can be read from it.
    """
    partner_id = None if patient is None else drawing.ids.row("Patient", patient)
    if partner_id is not None:
        about_partner(drawing.work.session, partner_id)


def _patient_of(resource: dict[str, Any]) -> str | None:
    """The patient whose a resource is, by whichever name its type calls them."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    for name in ("subject", "patient", "for"):
        type_, _, patient = str(resource.get(name, {}).get("reference", "")).partition("/")
        if type_ == "Patient":
            return patient
    return None


def _patient_searched(type_: str, query: Search) -> str | None:
    """The one patient that a search is about."""
    if type_ == "Patient":
        return query.asked.ids[0] if query.asked.ids and len(query.asked.ids) == 1 else None
    for one in query.asked.where:
        if "Patient" in one.param.targets and len(one.values) == 1 and not one.is_not and isinstance(one.values[0], Reference):
            return one.values[0].id
    return None


def _tell(work: Work, type_: str, found: Sequence[Drawn]) -> None:
    """The trail of what an answer holds: each couple that is in it, by the type it is in it with."""
    by_type: dict[str, set[Any]] = {type_: set()}
    for one in found:
        if one.couple_id is not None:
            by_type.setdefault(one.resource["resourceType"], set()).add(one.couple_id)
    for name, couples in by_type.items():
        log_reads(work.session, name, sorted(couples)) if couples else log_aggregate(work.session, name)


def _entry(drawing: Drawing, one: Drawn, mode: str, elements: frozenset[str] | None) -> dict[str, Any]:
    resource = one.resource if elements is None else subset(one.resource, elements)
    return {
        "fullUrl": f"{drawing.base}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": mode},
    }


def subset(resource: dict[str, Any], elements: frozenset[str]) -> dict[str, Any]:
    """Only some elements of a resource and those without which it is none, marked as not the whole."""
    kept = ALWAYS_SENT | elements | MANDATORY.get(resource["resourceType"], frozenset())
    meta = {**resource["meta"], "tag": [*resource["meta"].get("tag", []), SUBSETTED]}
    return {name: value for name, value in resource.items() if name in kept} | {"meta": meta}


# Elements that R4 has at least one of (cardinality 1.. in the StructureDefinition of the type), at the top of a resource.
MANDATORY: Final = {
    "CarePlan": frozenset({"status", "intent", "subject"}),
    "Condition": frozenset({"subject"}),
    "Consent": frozenset({"status", "scope", "category", "policyRule"}),
    "DocumentReference": frozenset({"status", "content"}),
    "Encounter": frozenset({"status", "class"}),
    "EpisodeOfCare": frozenset({"status", "patient"}),
    "Goal": frozenset({"lifecycleStatus", "description", "subject"}),
    "Group": frozenset({"type", "actual"}),
    "Observation": frozenset({"status", "code"}),
    "Questionnaire": frozenset({"status"}),
    "QuestionnaireResponse": frozenset({"status"}),
    "RelatedPerson": frozenset({"patient"}),
    "Task": frozenset({"status", "intent"}),
}


def _bundle(work: Work, total: int, links: list[dict[str, str]], entries: list[dict[str, Any]]) -> dict[str, Any]:
    held = {label["code"] for entry in entries for label in entry["resource"]["meta"].get("security", ())}
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "meta": {"lastUpdated": instant(work.now), "security": coded(tuple(sorted(held - {"R"})))},
        "type": "searchset",
        "total": total,
        "link": links,
    }
    return bundle | ({"entry": entries} if entries else {})
