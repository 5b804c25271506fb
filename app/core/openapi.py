"""The OpenAPI document: examples put together from the fields, errors as problem documents only."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.core.problems import MEDIA_TYPE

DESCRIPTION = (
    "Record and outcome service for couples whose problem is sexual. Send `Authorization: Bearer <key>`; every error is a "
    "problem document (RFC 9457) whose `code` is stable; lists are keyset pages; a PATCH or DELETE needs `If-Match`; a POST "
    "may carry an `Idempotency-Key`."
)
Json = dict[str, Any]


def document(app: FastAPI) -> Json:
    """The document of an application, the same for the same code."""
    made = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0", description=DESCRIPTION, routes=app.routes
    )
    schemas: Json = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, schema in schemas.items():
        for field in schema.get("properties", {}).values():
            field.pop("title", None)
            _lift_description(field, field)
            if name.endswith("Change"):
                field.pop("default", None)  # absent leaves what is there
    for path in made["paths"].values():
        for operation in path.values():
            _finish(operation, schemas)
    made["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of a member or an integration: `rk_...`."}
    }
    made["servers"] = [{"url": "/", "description": "This service."}]
    return made


def _finish(operation: Json, schemas: Json) -> None:
    operation.setdefault("security", [])
    body = operation.get("requestBody")
    if body:
        for content in body["content"].values():
            content["example"] = example(content["schema"], schemas)
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status.startswith(("4", "5")) and not _is_oauth(content):
            problem = content.pop("application/json", {"schema": {"$ref": "#/components/schemas/Problem"}})
            shown = example(problem["schema"], schemas)
            code = response.get("x-codes", ["not_found"])[0]
            shown |= {"status": int(status), "code": code, "title": code.replace("_", " ").capitalize()}
            shown |= {"type": f"/problems/{code.replace('_', '-')}", "errors": shown["errors"] if status == "422" else []}
            response["content"] = {MEDIA_TYPE: problem | {"example": shown}}
        elif "application/json" in content and content["application/json"].get("schema"):
            content["application/json"]["example"] = example(content["application/json"]["schema"], schemas)
        response.setdefault("headers", {})["X-Request-ID"] = {
            "description": "The request, for support.",
            "schema": {"type": "string"},
        }
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        schema.pop("title", None)
        _lift_description(schema, parameter)
        if parameter["name"] == "if-match":  # optional to the parser, so that its absence is 428 and not 422
            parameter |= {"required": True, "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'}, "example": '"1"'}


def _is_oauth(content: Json) -> bool:
    """Whether an error has the shape of RFC 6749, as those of the token endpoint alone have."""
    told: str = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    return told.endswith("/TokenRefusal")


def _lift_description(schema: Json, to: Json) -> None:
    """What stands on one side of a union, or inside a parameter's schema, is said where readers look."""
    told = next((part["description"] for part in (schema, *schema.get("anyOf", [])) if "description" in part), None)
    if told:
        to.setdefault("description", told)


def example(schema: Json, schemas: Json) -> Any:
    """An example of a schema: its own if it has one, else put together from its parts."""
    if "examples" in schema:
        return schema["examples"][0]
    if "default" in schema and "$ref" not in schema:
        return schema["default"]
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for joined in ("anyOf", "oneOf", "allOf"):
        if joined in schema:
            return example(next(part for part in schema[joined] if part.get("type") != "null"), schemas)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "array":
        return [example(schema["items"], schemas)] if schema.get("items") else []
    if schema.get("type") == "object":
        return {name: example(field, schemas) for name, field in schema.get("properties", {}).items()}
    return {"string": "text", "integer": 1, "number": 1.0, "boolean": True}.get(schema.get("type", ""))
