"""Every operation of the document as a call: path, body and headers, made from its own examples and a record."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.contract.test_openapi import OPERATIONS


@dataclass(frozen=True)
class Call:
    """One request of one operation."""

    operation: str
    method: str
    path: str
    json: Any
    form: dict[str, str] | None
    headers: dict[str, str]
    status: int

    def send(self, caller: Any, **more: Any) -> Any:
        """Sends it as this caller."""
        return caller.request(self.method.upper(), self.path, json=self.json, data=self.form, headers=self.headers | more)


def call(name: str, ids: dict[str, str]) -> Call:
    """The call of an operation in a record; `ids` are path parameters by name, and examples' ids by prefix."""
    method, path, operation = OPERATIONS[name]
    told = operation.get("parameters", [])
    for parameter in told:
        if parameter["in"] == "path":
            value = ids.get(parameter["name"]) or parameter["schema"]["examples"][0]
            path = path.replace("{" + parameter["name"] + "}", value)
    needed = {p["name"]: p["schema"]["examples"][0] for p in told if p["in"] == "query" and p["required"]}
    path += "?" + urlencode(needed) if needed else ""
    contents = operation.get("requestBody", {}).get("content", {})
    content, fields = contents.get("application/json"), contents.get("application/x-www-form-urlencoded")
    body = None if content is None else filled(content["example"], ids)
    form = None if fields is None else {name: ids.get(name, value) for name, value in fields["example"].items()}
    headers = {"If-Match": '"1"'} if any(parameter["name"] == "if-match" for parameter in told) else {}
    status = next(int(code) for code in operation["responses"] if code.startswith("2"))
    return Call(name, method, path, body, form, headers, status)


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A body with the examples' ids replaced by those of the record."""
    match value:
        case dict():
            return {key: filled(inner, ids) for key, inner in value.items()}
        case list():
            return [filled(inner, ids) for inner in value]
        case str() if value[3:4] == "_" and len(value) == 30:
            return ids.get(value[:3], value)
        case _:
            return value
