"""What a resource type is made of here: where its rows come from, how one is drawn, and what it can be searched by."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Protocol

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Select, or_

from app.access.smart import SmartScope, categories
from app.access.work import Work
from app.fhir.ids import Ids
from app.fhir.values import Reference, Span, Text, Token

Value = Token | Reference | Span | Text | str
Query = Select[*tuple[Any, ...]]
Content = dict[str, Any]
"""A resource as JSON, without its type, id and what is said about it, which are put before it when it is sent."""
Written = bytes
"""The same as the text of that JSON, from a mapper that writes it itself because its resources are many."""


@dataclass(frozen=True)
class Drawing:
    """For whom resources are drawn, and what drawing one takes besides its row."""

    work: Work
    base: str
    """Where `/fhir` is, as the outside reaches it."""

    @cached_property
    def ids(self) -> Ids:
        """The clinic's ids."""
        return Ids(self.work.vault)

    @property
    def scopes(self) -> tuple[SmartScope, ...]:
        """What the client may do."""
        return self.work.actor.smart

    @cached_property
    def knows_couples(self) -> bool:
        """Whether the client may know who is whose partner: only with both resources that say it."""
        return all(categories(self.scopes, type_, "r") is None for type_ in ("RelatedPerson", "Group"))

    def reference(self, type_: str, row_id: Any, slot: str = "") -> dict[str, str]:
        """A reference to a resource."""
        return {"reference": f"{type_}/{self.ids.of(type_, row_id, slot)}"}

    def system(self, name: str) -> str:
        """Address of a naming or code system of this service."""
        return f"{self.base}/{name}"


Where = Callable[[Drawing, Any], ColumnElement[bool]]
"""The condition on rows that one value of a search parameter means."""


@dataclass(frozen=True)
class Param:
    """A search parameter."""

    name: str
    type: str
    """`token`, `reference`, `date`, `string` or `uri`: of which kind its values are."""
    where: Callable[[Drawing, Any], Any]
    """What one value means: a condition on rows (`Where`), or whatever a source that has none asks."""
    targets: tuple[str, ...] = ()
    """To which resource types a reference leads."""
    path: str = ""
    """Where the reference stands in the resource, so that `_include` can follow it."""
    says: str = ""
    """What the capability statement says of it."""
    any_of: Callable[[Drawing, Sequence[Any]], ColumnElement[bool]] | None = None
    """The condition that any of several values means, where finding them one by one takes much longer."""

    def condition(self, drawing: Drawing, values: Sequence[Any]) -> ColumnElement[bool]:
        """The condition that any of these values means."""
        return or_(*(self.where(drawing, one) for one in values)) if self.any_of is None else self.any_of(drawing, values)


@dataclass(frozen=True)
class Filter:
    """A search parameter with values, any one of which is enough; or none of which may be, where it is turned round."""

    param: Param
    values: Sequence[Value]
    is_not: bool = False


@dataclass(frozen=True)
class Asked:
    """What is searched for, all of it at once."""

    where: Sequence[Filter] = ()
    ids: Sequence[str] | None = None
    updated: Sequence[Span] = ()
    security: Sequence[Sequence[Token]] = ()
    couples: Sequence[Any] | None = None
    """Only what is of these couples, as far as the source can tell; whoever must be sure looks at what was found, too."""
    sort: str | None = None
    """A name of `sorts`, with `-` before it for the newest first; by id unless told."""


@dataclass(frozen=True)
class Drawn:
    """A resource that was found, and where it stands in the order of the search."""

    drawn: Content | Written
    """The resource, or its JSON."""
    place: tuple[int, float, Any]
    couple_id: Any = None

    @cached_property
    def resource(self) -> dict[str, Any]:
        """The resource."""
        return from_json(self.drawn) if isinstance(self.drawn, bytes) else self.drawn

    @property
    def text(self) -> bytes:
        """Its JSON."""
        return self.drawn if isinstance(self.drawn, bytes) else to_json(self.drawn)


@dataclass(frozen=True)
class Gone:
    """A resource that was shown and is not any more, although its rows are there; the partner, where it was one's."""

    id: str
    couple_id: Any
    partner_id: Any = None


class Source(Protocol):
    """Where the resources of a type come from."""

    @property
    def sorts(self) -> Mapping[str, Any]:
        """What `_sort` may name."""
        ...

    def count(self, drawing: Drawing, type_: str, asked: Asked) -> int:
        """How many there are."""
        ...

    def page(self, drawing: Drawing, type_: str, asked: Asked, after: tuple[int, float, Any] | None, limit: int) -> list[Drawn]:
        """The next of them after a place, in order."""
        ...

    def pages(self, drawing: Drawing, type_: str, asked: Asked, at_once: int) -> Iterator[list[Drawn]]:
        """All of them in order, so many in memory at once."""
        ...


READ: Final = ("read", "vread", "search-type")


@dataclass(frozen=True)
class Resource:
    """A resource type: one file of `app/fhir/resources` each."""

    type: str
    source: Source
    params: tuple[Param, ...] = ()
    interactions: tuple[str, ...] = READ
    of_patients: bool = True
    """Whether each belongs to a patient, and is in a bulk export of patients; what all may use is in it, too."""
    gone: Callable[[Drawing, datetime], Iterable[Gone]] | None = None
    """What was shown once and is not any more although its rows are there, and went since a moment.

    What goes with an erasure is found out by itself; a type from which nothing else ever goes says nothing here.
    """
    says: str = ""
    """What the capability statement says of it: what is in it, and what never is."""

    def param(self, name: str) -> Param | None:
        """The search parameter of a name."""
        return next((one for one in self.params if one.name == name), None)
