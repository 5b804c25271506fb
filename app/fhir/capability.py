"""What the service says of itself: the CapabilityStatement and the discovery document, both made from what there is."""

from typing import Any, Final

from app.access.clients import ALGORITHMS
from app.access.smart import READS, WRITES, WRITTEN
from app.core.health import VERSION
from app.fhir.formats import FHIR_JSON, PLAIN_JSON
from app.fhir.resource import Param, Resource
from app.fhir.resources import resources

DATE: Final = "2026-11-29"
ABSENT: Final = (
    "Not here: SMART App Launch, Subscriptions, CDS Hooks, XML, PATCH, DELETE of resources, chained search, `$everything`. "
    "Psychotherapy notes, safety screens, consents to homework, felt pressure, check-ins and the words of session notes never "
    "leave over FHIR. A filter that a type does not have is refused with 400; an unknown parameter that begins with `_` is "
    "passed over."
)
COMMON: Final = (
    ("_id", "token", "Ids of resources."),
    ("_lastUpdated", "date", "When a resource last changed."),
    ("_security", "token", "Security labels."),
)
BULK_DATA: Final = "http://hl7.org/fhir/uv/bulkdata"
OPERATIONS: Final[dict[str, tuple[str, str]]] = {
    "": ("export", f"{BULK_DATA}/OperationDefinition/export"),
    "Patient": ("export", f"{BULK_DATA}/OperationDefinition/patient-export"),
    "Group": ("export", f"{BULK_DATA}/OperationDefinition/group-export"),
}
"""Operations by the type they are of (empty for the system): name and canonical address of the definition."""
SYSTEM_INTERACTIONS: Final = ("transaction", "batch")
WRITING: Final[dict[str, dict[str, Any]]] = {
    "QuestionnaireResponse": {
        "versioning": "versioned-update",
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
    }
}
"""What the statement says of how a type is written, by type."""


def statement(address: str) -> dict[str, Any]:
    """The CapabilityStatement of the service as it is reached at this address."""
    base = address + "/fhir"
    rest: dict[str, Any] = {
        "mode": "server",
        "documentation": ABSENT,
        "security": _security(address),
        "resource": [_resource(one) for one in resources().values()],
    }
    if SYSTEM_INTERACTIONS:
        rest["interaction"] = [{"code": code} for code in SYSTEM_INTERACTIONS]
    if "" in OPERATIONS:
        rest["operation"] = [_operation("")]
    return {
        "resourceType": "CapabilityStatement",
        "id": "rekindle",
        "url": f"{base}/metadata",
        "version": VERSION,
        "name": "Rekindle",
        "title": "Rekindle: FHIR R4",
        "status": "active",
        "date": DATE,
        "publisher": "Rekindle",
        "description": "Couples in sex therapy and their outcomes, read as FHIR R4; answers to measures can be written back.",
        "kind": "instance",
        "instantiates": [f"{BULK_DATA}/CapabilityStatement/bulk-data"],
        "software": {"name": "Rekindle", "version": VERSION},
        "implementation": {"description": "Rekindle", "url": base},
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON, PLAIN_JSON, "json"],
        "rest": [rest],
    }


def _security(address: str) -> dict[str, Any]:
    oauth = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    return {
        "cors": False,
        "service": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                        "code": "SMART-on-FHIR",
                        "display": "SMART-on-FHIR",
                    }
                ],
                "text": "SMART Backend Services: a client proves itself with its private key (private_key_jwt).",
            }
        ],
        "extension": [{"url": oauth, "extension": [{"url": "token", "valueUri": f"{address}/oauth/token"}]}],
    }


def _resource(resource: Resource) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": resource.type,
        "interaction": [{"code": code} for code in resource.interactions],
        "versioning": "versioned",
        "readHistory": False,
        "updateCreate": False,
        "conditionalRead": "full-support",
        **WRITING.get(resource.type, {}),
        "searchParam": [
            *({"name": name, "type": kind, "documentation": text} for name, kind, text in COMMON),
            *(_param(one) for one in resource.params),
        ],
    }
    if resource.says:
        told["documentation"] = resource.says
    if follows := [f"{resource.type}:{one.name}" for one in resource.params if one.path]:
        told["searchInclude"] = follows
    if followed := _followed(resource.type):
        told["searchRevInclude"] = followed
    if resource.type in OPERATIONS:
        told["operation"] = [_operation(resource.type)]
    return told


def _param(param: Param) -> dict[str, Any]:
    return {"name": param.name, "type": param.type} | ({"documentation": param.says} if param.says else {})


def _followed(type_: str) -> list[str]:
    return [
        f"{one.type}:{param.name}"
        for one in resources().values()
        for param in one.params
        if param.path and type_ in param.targets
    ]


def _operation(type_: str) -> dict[str, Any]:
    name, definition = OPERATIONS[type_]
    return {"name": name, "definition": definition}


def smart_configuration(address: str) -> dict[str, Any]:
    """The discovery document (SMART App Launch 2.2.0), of a service that has Backend Services and no launch.

    Scopes of one category are had besides; `code_challenge_methods_supported` is demanded of every server.
    """
    scopes = ["system/*.rs", "system/*.read", *(f"system/{type_}.{READS}" for type_ in resources())]
    scopes += [f"system/{type_}.{WRITES}" for type_ in sorted(WRITTEN & resources().keys())]
    return {
        "token_endpoint": address + "/oauth/token",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(ALGORITHMS, reverse=True),
        "scopes_supported": scopes,
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }
