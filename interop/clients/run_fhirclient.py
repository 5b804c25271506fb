"""fhirclient (SMART Health IT): the statement and every type as its models of R4 read them, page after page."""

from fhirclient import server
from fhirclient.models import capabilitystatement, fhirelementfactory
from fhirclient.models.fhirsearch import FHIRSearch
from saying import TASK, crawled, trying


class Bearer:
    """What the library calls an authorisation, of a client that has its token already."""

    ready = True

    def can_sign_headers(self) -> bool:
        """It can."""
        return True

    def signed_headers(self, headers: dict[str, str] | None) -> dict[str, str]:
        """The headers with the token."""
        return {**(headers or {}), "Authorization": f"Bearer {TASK['token']}"}


service = server.FHIRServer(None, base_uri=TASK["fhir"])
service.auth = Bearer()
found = crawled()

with trying("statement as a model") as tried:
    statement = capabilitystatement.CapabilityStatement.read_from("metadata", service)
    assert statement.fhirVersion == "4.0.1"
    tried.figures = f"{len(statement.rest[0].resource)} types"

with trying("every type searched page by page as models") as tried:
    count = 0
    for type_, lines in found.items():
        model = type(fhirelementfactory.FHIRElementFactory.instantiate(type_, None))
        search = FHIRSearch(model, {})
        search.params.clear() if hasattr(search.params, "clear") else None
        seen = {one.id for one in search.perform_resources_iter(service) if one.resource_type == type_}
        assert {one["id"] for one in lines} <= seen, type_
        count += len(seen)
    tried.figures = f"{count} resources"

with trying("every resource through its models and out again") as tried:
    count = 0
    for type_, lines in found.items():
        for one in lines:
            model = fhirelementfactory.FHIRElementFactory.instantiate(type_, one)
            assert model.as_json() == one, f"{type_}/{one['id']}"
            count += 1
    tried.figures = f"{count} resources"
