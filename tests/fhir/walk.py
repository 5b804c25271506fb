"""All that can be asked of FHIR about somebody: every type, every search parameter, every way, made from what there is to find.

Nothing here names a resource type: a type that is added is walked like all others, by the parameters it says it has and the
values that stand in its own resources.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from app.fhir.resource import Param, Resource
from app.fhir.resources import resources
from tests.views.record import Record
from tests.views.stage import Ask, Stage, Told

BUNDLE: Final = re.compile(rb'("resourceType":"Bundle","id":)"[0-9a-f-]{36}"')
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?")
FORM: Final = ((b"content-type", b"application/x-www-form-urlencoded"),)
NOBODY: Final = "0" * 32
MOST_VALUES: Final = 2
MOST_READ: Final = 1
PAGES: Final = 2
Walk = Iterator[tuple[str, Ask]]


class Nameless(Stage):
    """A stage on which bundles have no names of their own, because each is drawn anew."""

    async def _one(self, ask: Ask, at: Any) -> Told:
        told = await super()._one(ask, at)
        return replace(told, body=BUNDLE.sub(rb'\1"<new>"', told.body))


@dataclass(frozen=True)
class Walker:
    """Somebody with a key who asks for all there is."""

    record: Record
    key: str

    def found(self, path: str) -> list[dict[str, Any]]:
        """Resources that a search finds."""
        told = self.record.stage.tell([Ask("GET", path, self.key)], self.record.later)[0]
        if told.status in {403, 404}:  # not for this client, or no such type yet
            return []
        assert told.status == 200, (path, told.body)
        return [entry["resource"] for entry in json.loads(told.body).get("entry", [])]

    def patient(self, which: str) -> str:
        """The id of a partner's Patient."""
        return str(self.found(f"/fhir/Patient?identifier=world-{which}")[0]["id"])

    def asked(self, path: str, **more: Any) -> tuple[str, Ask]:
        """One request, named by its type."""
        return path.split("/")[2].partition("?")[0], Ask("GET", path, self.key, **more)

    def under(self, patient: str) -> Walk:
        """Everything under a Patient, in every way; and what belongs to no patient."""
        for resource in resources().values():
            for number, base in enumerate(bases(resource, patient)):
                yield from self.all_of(resource, base) if number == 0 else [self.asked(f"/fhir/{resource.type}?{base}")]

    def plainly(self, patient: str) -> Walk:
        """The same in one way: each type whole."""
        for resource in resources().values():
            yield from (self.asked(f"/fhir/{resource.type}?{base}&_count=200") for base in bases(resource, patient)[:1])

    def everything(self) -> Walk:
        """Everything of everybody: each type whole, and one of it read."""
        for resource in resources().values():
            yield self.asked(f"/fhir/{resource.type}?_count=200")
            yield from self.reads(self.found(f"/fhir/{resource.type}?_count=200"))

    def all_of(self, resource: Resource, base: str) -> Walk:
        """One search in every way: whole, counted, by pages, sorted, narrowed by each parameter; and what it finds, read."""
        path = f"/fhir/{resource.type}?{base}"
        found = self.found(path + "&_count=200")
        changed = (self.record.said - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        ways = ["_count=200", "_summary=count", f"_lastUpdated=ge{changed}", "_security=SEX"]
        ways += [f"_sort={name}" for one in resource.source.sorts for name in (one, f"-{one}")]
        ways += [f"{one.name}={quote(value)}" for one in resource.params for value in values(one, found)]
        ways += brought(resource) if all(is_of_one(one) for one in found) else []
        yield from (self.asked(f"{path}&{way}") for way in ways)
        name, posted = self.asked(f"/fhir/{resource.type}/_search")
        yield name, replace(posted, method="POST", body=base.encode() or b"_count=50", headers=FORM)
        yield from self.pages(path + "&_count=1")
        yield from self.reads(found)

    def pages(self, path: str) -> Walk:
        """The first pages as their links lead."""
        for _ in range(PAGES):
            ask = self.asked(path)
            yield ask
            told = self.record.stage.tell([ask[1]], self.record.later)[0]
            links = json.loads(told.body).get("link", [])
            path = next((one["url"].partition("//")[2] for one in links if one["relation"] == "next"), "")
            if not path:
                return
            path = "/" + path.partition("/")[2]

    def reads(self, found: Sequence[dict[str, Any]]) -> Walk:
        """Some resources by their ids, by their versions, and by who has them already."""
        for one in found[:MOST_READ]:
            path, version = f"/fhir/{one['resourceType']}/{one['id']}", one["meta"]["versionId"]
            yield self.asked(path)
            yield self.asked(f"{path}/_history/{version}")
            yield self.asked(path, headers=((b"if-none-match", f'W/"{version}"'.encode()),))


def is_of_one(resource: dict[str, Any]) -> bool:
    """Whether a resource belongs to one patient, or to none: what is of two brings along both."""
    return resource["resourceType"] == "Patient" or any(name in resource for name in ("subject", "patient", "for"))


def bases(resource: Resource, patient: str) -> list[str]:
    """The searches that find what is of a patient; all there is, where it is of none."""
    if resource.type == "Patient":
        return [f"_id={patient}"]
    found = [f"{one.name}={patient}" for one in resource.params if "Patient" in one.targets]
    return found or ([] if resource.of_patients else ["_count=200"])


def brought(resource: Resource) -> list[str]:
    """Everything that a search can bring along, at once."""
    led = [f"_include={resource.type}:{one.name}" for one in resource.params if one.path]
    leading = [
        f"_revinclude={other.type}:{one.name}"
        for other in resources().values()
        for one in other.params
        if one.path and resource.type in one.targets
    ]
    return ["&".join(some) for some in (led, leading) if some]


def values(param: Param, found: Sequence[dict[str, Any]]) -> list[str]:
    """Values that a search parameter could have: of its kind, and out of the resources it searches."""
    seen: dict[str, None] = {}
    for one in found:
        seen |= dict.fromkeys(_values(param, {name: inner for name, inner in one.items() if name != "meta"}))
    return sorted(seen)[:MOST_VALUES] or ([] if param.type in {"date", "reference"} else ["a"])


def _values(param: Param, value: Any) -> Iterator[str]:
    """Every value of the parameter's kind, however deep it stands."""
    yield from KINDS[param.type](param, value)
    inners = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    for inner in inners:
        yield from _values(param, inner)


def _tokens(_param: Param, value: Any) -> Iterator[str]:
    match value:
        case bool():
            yield str(value).lower()
        case {"system": system, "code": str(code)} | {"system": system, "value": str(code)}:
            yield f"{system}|{code}"
        case {"code": str(code)} | {"status": str(code)}:
            yield code
        case _:
            pass


def _references(param: Param, value: Any) -> Iterator[str]:
    reference = str(value.get("reference", "")) if isinstance(value, dict) else ""
    if reference.partition("/")[0] in param.targets:
        yield reference


def _days(_param: Param, value: Any) -> Iterator[str]:
    if isinstance(value, str) and DAY.fullmatch(value):
        yield from (f"{prefix}{value[:10]}" for prefix in ("ge", "lt"))


def _words(_param: Param, value: Any) -> Iterator[str]:
    if isinstance(value, str) and (value.isalpha() or value.startswith("http")):
        yield value


KINDS: Final[dict[str, Callable[[Param, Any], Iterator[str]]]] = {
    "token": _tokens,
    "reference": _references,
    "date": _days,
    "string": _words,
    "uri": _words,
}
