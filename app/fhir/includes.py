"""What a search brings along: what its resources refer to, and what refers to them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from app.access.smart import categories
from app.fhir.queries import Include, Search, scoped
from app.fhir.resource import Asked, Drawing, Drawn, Filter, Resource
from app.fhir.resources import resources
from app.fhir.rules import IncludesTooManyError
from app.fhir.values import Reference

MOST_INCLUDED: Final = 1_000


def by_ids(drawing: Drawing, resource: Resource, ids: Sequence[str]) -> list[Drawn]:
    """Resources of a type by their ids, as far as the client may read them."""
    asked = Asked(where=scoped(drawing, resource, "r"), ids=ids)
    return resource.source.page(drawing, resource.type, asked, None, len(ids))


def included(drawing: Drawing, query: Search, found: Sequence[Drawn]) -> list[Drawn]:
    """What a page's references lead to, and what refers to its resources: only of types the client may read.

    Raises IncludesTooManyError.
    """
    shown = {_name(one) for one in found}
    brought = {_name(one): one for one in (*_led_to(drawing, query, found), *_leading_here(drawing, query, found))}
    if len(brought) > MOST_INCLUDED:
        raise IncludesTooManyError
    return [one for name, one in brought.items() if name not in shown]


def _name(one: Drawn) -> tuple[str, str]:
    return one.resource["resourceType"], one.resource["id"]


def _led_to(drawing: Drawing, query: Search, found: Sequence[Drawn]) -> Iterator[Drawn]:
    wanted: dict[str, set[str]] = {}
    for include in query.includes:
        for one in found:
            for type_, fhir_id in _references(one, include):
                wanted.setdefault(type_, set()).add(fhir_id)
    for type_, ids in sorted(wanted.items()):
        if _may(drawing, type_, "r"):
            yield from by_ids(drawing, resources()[type_], sorted(ids))


def _leading_here(drawing: Drawing, query: Search, found: Sequence[Drawn]) -> Iterator[Drawn]:
    for include in query.revincludes:
        if found and _may(drawing, include.type, "s"):
            yield from _referring(drawing, include, found)


def _references(one: Drawn, include: Include) -> Iterable[tuple[str, str]]:
    param = resources()[include.type].param(include.param)
    at: list[Any] = [one.resource]
    for step in param.path.split(".") if param else ():
        at = [inner for each in at for inner in _inside(each.get(step))]
    for each in at:
        type_, _, fhir_id = str(each.get("reference", "")).partition("/")
        if type_ in resources() and include.target in {None, type_} and param and type_ in param.targets:
            yield type_, fhir_id


def _inside(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _referring(drawing: Drawing, include: Include, found: Sequence[Drawn]) -> list[Drawn]:
    resource = resources()[include.type]
    param = resource.param(include.param)
    leads = [
        Reference(one.resource["resourceType"], one.resource["id"])
        for one in found
        if param and one.resource["resourceType"] in param.targets and include.target in {None, one.resource["resourceType"]}
    ]
    if param is None or not leads:
        return []
    asked = Asked(where=[*scoped(drawing, resource), Filter(param, leads)])
    return resource.source.page(drawing, resource.type, asked, None, MOST_INCLUDED + 1)


def _may(drawing: Drawing, type_: str, letter: str) -> bool:
    return categories(drawing.scopes, type_, letter) != frozenset()
