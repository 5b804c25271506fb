"""A search as it comes, pair by pair, read into what it asks for; what would be passed over and matters is refused."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from app.access.smart import categories
from app.errors import Fault, NotAllowedError
from app.fhir import formats
from app.fhir.resource import Asked, Drawing, Filter, Param, Resource, Value
from app.fhir.resources import resources
from app.fhir.rules import SearchTooLongError, SearchUnknownError, SearchValueError
from app.fhir.values import Text, apart, plain, read_reference, read_span, read_token

Pairs = Sequence[tuple[str, str]]
Kind = TypeVar("Kind")
ORDINARY_COUNT: Final = 50
LARGEST_COUNT: Final = 200
MOST_PARAMETERS: Final = 100
MOST_VALUES: Final = 200
LONGEST_SEARCH: Final = 4_000
MODIFIED: Final = re.compile(r"[:.]")  # what ends a name: a modifier or a chain
INCLUDE: Final = re.compile(r"([A-Z][A-Za-z]+):([a-z-]+)(?::([A-Z][A-Za-z]+))?")
# What may be said about the answer, and changes nothing about which resources it holds, is passed over when it is not known.
OF_THE_ANSWER: Final = "_"


@dataclass(frozen=True)
class Include:
    """A reference to follow: from resources of a type, by a parameter, to one type if it says so."""

    type: str
    param: str
    target: str | None = None


@dataclass(frozen=True)
class Search:
    """A whole search."""

    asked: Asked
    count: int = ORDINARY_COUNT
    only_total: bool = False
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    elements: frozenset[str] | None = None
    pairs: tuple[tuple[str, str], ...] = field(default=())
    """What of it was understood, as it came."""


def read_search(drawing: Drawing, resource: Resource, pairs: Pairs, *, is_strict: bool = False) -> Search:
    """The search that pairs of names and values say; a strict one has nothing that would be passed over.

    Raises what reading one raises, see `rules`.
    """
    _check_length(pairs)
    search, asked = Search(Asked()), Asked(where=scoped(drawing, resource))
    for name, value in pairs:
        if name.startswith(OF_THE_ANSWER):
            search, asked, is_known = _special(resource, search, asked, name, value)
        else:
            asked, is_known = replace(asked, where=[*asked.where, _filter(drawing, resource, name, value)]), True
        if is_strict and not is_known and name not in MEANT_ANYWAY:
            raise SearchUnknownError(faults=(_fault(name, "unknown_parameter", SearchUnknownError.detail),))
        if is_known:
            search = replace(search, pairs=(*search.pairs, (name, value)))
    return replace(search, asked=asked)


def _check_length(pairs: Pairs) -> None:
    """What a page's link must be able to hold. Raises SearchTooLongError."""
    is_long = sum(len(name) + len(value) for name, value in pairs) > LONGEST_SEARCH
    if is_long or len(pairs) > MOST_PARAMETERS or any(len(_or(value)) > MOST_VALUES for _name, value in pairs):
        raise SearchTooLongError


def scoped(drawing: Drawing, resource: Resource, letter: str = "s") -> list[Filter]:
    """What the client's scopes narrow every search of a type to."""
    allowed = categories(drawing.scopes, resource.type, letter)
    param = resource.param("category")
    if allowed is None:
        return []
    if param is None:
        raise NotAllowedError  # of one category, in a type that has none
    return [Filter(param, [read_token(one) for one in sorted(allowed)])]


def _special(resource: Resource, search: Search, asked: Asked, name: str, value: str) -> tuple[Search, Asked, bool]:
    """A parameter that every type has, or one about the answer: whether it is known, and the search with it."""
    plain = name.partition(":")[0]
    if name in ABOUT_RESOURCES:
        return search, ABOUT_RESOURCES[name](resource, asked, value), True
    if name in ABOUT_ANSWERS:
        return ABOUT_ANSWERS[name](resource, search, value), asked, True
    if plain in REFUSED or (plain != name and plain in {*ABOUT_RESOURCES, *ABOUT_ANSWERS}):
        raise SearchUnknownError(faults=(_fault(name, "unknown_parameter", SearchUnknownError.detail),))
    return search, asked, False


def _ids(_resource: Resource, asked: Asked, value: str) -> Asked:
    return replace(asked, ids=[one for one in _or(value) if asked.ids is None or one in asked.ids])


def _updated(_resource: Resource, asked: Asked, value: str) -> Asked:
    return replace(asked, updated=[*asked.updated, *_read("_lastUpdated", "date", [value], read_span)])


def _security(_resource: Resource, asked: Asked, value: str) -> Asked:
    return replace(asked, security=[*asked.security, _read("_security", "token", _or(value), read_token)])


def _sorted(resource: Resource, asked: Asked, value: str) -> Asked:
    if value == "_id":
        return replace(asked, sort=None)
    if value.removeprefix("-") not in resource.source.sorts:
        choices = ", ".join(["_id", *(f"{name} or -{name}" for name in resource.source.sorts)])
        raise SearchUnknownError(
            faults=(_fault("_sort", "not_a_choice", f"This resource type is sorted by one of: {choices}."),)
        )
    return replace(asked, sort=value)


def _counted(_resource: Resource, search: Search, value: str) -> Search:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise SearchValueError(faults=(_fault("_count", "wrong_form", "Must be a whole number."),))
    count = min(int(value), LARGEST_COUNT)
    return replace(search, count=count, only_total=search.only_total or count == 0)


def _summed_up(_resource: Resource, search: Search, value: str) -> Search:
    return replace(search, only_total=search.only_total or value == "count")


def _including(resource: Resource, search: Search, value: str) -> Search:
    return replace(search, includes=(*search.includes, _include("_include", value, resource.type)))


def _referring(_resource: Resource, search: Search, value: str) -> Search:
    return replace(search, revincludes=(*search.revincludes, _include("_revinclude", value, None)))


def _elements(_resource: Resource, search: Search, value: str) -> Search:
    return replace(search, elements=(search.elements or frozenset()) | frozenset(_or(value)))


def _format(_resource: Resource, search: Search, value: str) -> Search:
    formats.named(value)
    return search


ABOUT_RESOURCES: Final[dict[str, Callable[[Resource, Asked, str], Asked]]] = {
    "_id": _ids,
    "_lastUpdated": _updated,
    "_security": _security,
    "_sort": _sorted,
}
ABOUT_ANSWERS: Final[dict[str, Callable[[Resource, Search, str], Search]]] = {
    "_count": _counted,
    "_summary": _summed_up,
    "_include": _including,
    "_revinclude": _referring,
    "_elements": _elements,
    "_format": _format,
}
# There is always a total, and how JSON is laid out means nothing: who asks for either is not refused even if strict.
MEANT_ANYWAY: Final = frozenset({"_total", "_pretty"})
# They would narrow what is found; what narrows and is not known is refused, with or without a `_` before it.
REFUSED: Final = frozenset({"_has", "_filter", "_query", "_list", "_content", "_text", "_tag", "_profile", "_source"})


def _filter(drawing: Drawing, resource: Resource, name: str, text: str) -> Filter:
    plain, _, modifier = name.partition(":")
    param = resource.param(plain)
    if param is None or not _takes(param, modifier):
        raise SearchUnknownError(faults=(_fault(name, "unknown_parameter", SearchUnknownError.detail),))
    values = _read(name, param.type, _or(text), lambda one: _value(drawing, param, modifier, one))
    return Filter(param, values, is_not=modifier == "not")


def _read(name: str, kind: str, texts: Sequence[str], read: Callable[[str], Kind]) -> list[Kind]:
    """Values of a parameter. Raises SearchValueError, which says of which parameter it is."""
    try:
        return [read(one) for one in texts]
    except SearchValueError:
        raise SearchValueError(faults=(_fault(name, "wrong_form", f"Must be a {kind}."),)) from None


def _takes(param: Param, modifier: str) -> bool:
    match param.type:
        case "token":
            return modifier in {"", "not"}
        case "string":
            return modifier in {"", "exact", "contains"}
        case "reference":
            return not modifier or modifier in param.targets
        case _:
            return not modifier


def _value(drawing: Drawing, param: Param, modifier: str, text: str) -> Value:
    match param.type:
        case "token":
            return read_token(text)
        case "reference" if param.targets:  # without, it is a canonical address, which whoever searches by it reads
            only = modifier or (param.targets[0] if len(param.targets) == 1 else None)
            return read_reference(text, drawing.base, only)
        case "date":
            return read_span(text)
        case "string":
            if not text:
                raise SearchValueError
            return Text(plain(text), modifier or "starts")
        case _:
            return plain(text)


def _or(text: str) -> list[str]:
    return apart(text, ",")


def _include(name: str, text: str, type_: str | None) -> Include:
    found = INCLUDE.fullmatch(text)
    known = None if found is None else resources().get(found[1])
    param = None if found is None or known is None else known.param(found[2])
    is_followed = param is not None and param.type == "reference" and bool(param.path)
    is_apt = (
        found is not None
        and (type_ is None or found[1] == type_)
        and (not found[3] or found[3] in param.targets if param else False)
    )
    if found is None or not is_followed or not is_apt or ":" in name:
        raise SearchUnknownError(faults=(_fault(name, "not_a_choice", "There is no such reference to follow."),))
    return Include(found[1], found[2], found[3])


def _fault(name: str, code: str, detail: str) -> Fault:
    """What is wrong with a parameter, which is named only if it is one of ours: nothing that was sent is repeated."""
    plain = MODIFIED.split(name, 1)[0]
    ours = {*ABOUT_RESOURCES, *ABOUT_ANSWERS, *REFUSED, *(one.name for each in resources().values() for one in each.params)}
    return Fault(f"/query/{plain if plain in ours else ''}", code, detail)
