"""What a bulk export is of: read from how it is asked for, checked, and kept until it is made."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import select

from app.access.smart import SmartScope, categories
from app.couples.models import Couple, Partner
from app.couples.service import visible_to
from app.errors import Fault, NotAllowedError, NotFoundError
from app.fhir.bulk.rules import ELEMENT, FORMATS, BulkParameterError, queries_in, read_instant
from app.fhir.queries import ABOUT_ANSWERS, Pairs, Search, read_search
from app.fhir.resource import Drawing, Resource
from app.fhir.resources import resources
from app.fhir.rules import SearchUnknownError, SearchValueError
from app.fhir.values import read_reference

PATHS: Final = {"system": "/$export", "patient": "/Patient/$export", "group": "/Group/{group}/$export"}
OF_COUPLES: Final = ("RelatedPerson", "Group")
MOST_PATIENTS: Final = 1_000
MOST_FILTERS: Final = 50
NO_SUCH_TYPE: Final = "A resource type that was asked for is not here, or not within the client's scopes, and was passed over."
NO_SUCH_PARAMETER: Final = "A parameter that is not known here was passed over."
NO_PATIENTS_HERE: Final = "`patient` is for the export of patients, `Patient/$export`, and was passed over."
NO_SUCH_PATIENT: Final = "A patient who was asked for is not here, and was passed over."


@dataclass(frozen=True)
class Order:
    """What was asked for: addresses and ids as the client knows them, so that nothing is lost on the way."""

    level: str
    request: str
    types: tuple[str, ...]
    since: str | None = None
    filters: tuple[tuple[str, str], ...] = ()
    elements: tuple[str, ...] = ()
    patients: tuple[str, ...] | None = None
    group: str | None = None
    passed_over: tuple[str, ...] = ()

    @classmethod
    def kept(cls, words: dict[str, Any]) -> Self:
        """As it was kept."""
        found = {name: tuple(value) if isinstance(value, list) else value for name, value in words.items()}
        return cls(**found | {"filters": tuple((type_, query) for type_, query in words["filters"])})

    @property
    def keepable(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def may_have(scopes: Sequence[SmartScope], type_: str) -> bool:
    """Whether scopes hold reading and searching resources of a type."""
    return all(categories(scopes, type_, letter) != frozenset() for letter in "rs")


def knows_couples(scopes: Sequence[SmartScope]) -> bool:
    """Whether who is whose partner may be known: without it there is no export of a couple."""
    return all(categories(scopes, type_, letter) is None for type_ in OF_COUPLES for letter in "rs")


def allowed_types(scopes: Sequence[SmartScope], level: str) -> tuple[str, ...]:
    """Of which types a client may have anything at all, before anything is read of what it asks. Raises NotAllowedError."""
    found = tuple(type_ for type_ in resources() if may_have(scopes, type_))
    if not found or (level == "group" and not knows_couples(scopes)):
        raise NotAllowedError
    return found


@dataclass
class OrderReading:
    """An order being read: what is wrong with it is refused at the end, or passed over where the client asked for that."""

    drawing: Drawing
    level: str
    allowed: tuple[str, ...]
    is_lenient: bool
    group: str | None = None
    faults: list[Fault] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def read(self, pairs: Pairs, *, is_posted: bool) -> Order:
        """The order that pairs of names and values say. Raises NotFoundError, NotAllowedError, BulkParameterError."""
        couple_id = None if self.group is None else couple_of(self.drawing, self.group)
        named: dict[str, list[str]] = {}
        for name, value in pairs:
            if name in READ and (name != "patient" or self.level != "system"):
                named.setdefault(name, []).append(value)
            elif name == "patient":
                self._over(name, "unknown_parameter", NO_PATIENTS_HERE)
            else:
                self._over(name, "unknown_parameter", NO_SUCH_PARAMETER)
        types = self._types(named.get("_type"))
        order = Order(
            level=self.level,
            request=self._request(pairs, is_posted=is_posted),
            types=types,
            since=self._since(named.get("_since", [])),
            filters=self._filters(named.get("_typeFilter", []), types),
            elements=self._elements(named.get("_elements", [])),
            patients=self._patients(named.get("patient"), couple_id),
            group=self.group,
        )
        for value in named.get("_outputFormat", []):
            if value.replace(" ", "+").lower() not in FORMATS:
                self._fault("_outputFormat", "not_a_choice", "Files are written as application/fhir+ndjson.")
        if self.faults:
            raise BulkParameterError(faults=tuple(self.faults))
        return Order(**{**vars(order), "passed_over": tuple(dict.fromkeys(self.passed_over))})

    def _request(self, pairs: Pairs, *, is_posted: bool) -> str:
        path = self.drawing.base + PATHS[self.level].format(group=self.group)
        return path if is_posted or not pairs else f"{path}?{urlencode(list(pairs), safe=',/:')}"

    def _types(self, values: list[str] | None) -> tuple[str, ...]:
        if values is None:
            return self.allowed
        asked = dict.fromkeys(one for value in values for one in value.split(","))
        for one in asked:
            if one not in resources():
                self._over("_type", "not_a_choice", NO_SUCH_TYPE)
            elif one not in self.allowed:
                if not self.is_lenient:
                    raise NotAllowedError
                self.passed_over.append(NO_SUCH_TYPE)
        found = tuple(one for one in self.allowed if one in asked)
        if not found and not self.faults:
            if resources().keys() & asked.keys():
                raise NotAllowedError
            self._fault("_type", "not_a_choice", "None of the resource types that were asked for is here.")
        return found

    def _since(self, values: list[str]) -> str | None:
        for value in values:
            moment = read_instant(value)
            if moment is None:
                self._fault("_since", "wrong_form", "Must be one instant, with seconds and a zone.")
            elif moment > self.drawing.work.now:
                self._fault("_since", "out_of_range", "Must not lie in the future.")
        if len(values) > 1:
            self._fault("_since", "too_many", "Must be one instant, with seconds and a zone.")
        return values[0] if values else None

    def _filters(self, values: list[str], types: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        found = [one for value in values for one in queries_in(value)]
        for type_, query in found[:MOST_FILTERS]:
            if type_ not in types:
                self._fault("_typeFilter", "not_a_choice", "Must be queries of types that are exported.")
                continue
            try:
                read_filter(self.drawing, resources()[type_], query)
            except (SearchUnknownError, SearchValueError) as error:
                self._fault("_typeFilter", error.code, error.sentence)
        if len(found) > MOST_FILTERS:
            self._fault("_typeFilter", "too_many", f"Too many: at most {MOST_FILTERS}.")
        return tuple(found)

    def _elements(self, values: list[str]) -> tuple[str, ...]:
        found = tuple(one for value in values for one in value.split(","))
        if not all(ELEMENT.fullmatch(one) for one in found):
            self._fault("_elements", "wrong_form", "Must be names of elements at the top of a resource, as `Patient.name`.")
        return found

    def _patients(self, values: list[str] | None, couple_id: UUID | None) -> tuple[str, ...] | None:
        if values is None:
            return None
        asked = list(dict.fromkeys(one for value in values for one in value.split(",")))
        if len(asked) > MOST_PATIENTS:
            self._fault("patient", "too_many", f"Too many: at most {MOST_PATIENTS}.")
            return ()
        try:
            ids = [read_reference(one, self.drawing.base, "Patient").id for one in asked]
        except SearchValueError:
            self._fault("patient", "wrong_form", "Must be references to patients.")
            return ()
        there = partners_of(self.drawing, ids)
        known = tuple(one for one in ids if one in there and couple_id in {None, there[one][1]})
        if len(known) < len(ids):
            self._over("patient", "not_a_choice", NO_SUCH_PATIENT)
        return known

    def _over(self, name: str, code: str, sentence: str) -> None:
        if self.is_lenient:
            self.passed_over.append(sentence)
        else:
            self._fault(name, code, sentence.removesuffix(", and was passed over.").removesuffix(" was passed over.") + ".")

    def _fault(self, name: str, code: str, detail: str) -> None:
        self.faults.append(Fault(f"/query/{name if name in READ else ''}", code, detail))


READ: Final = frozenset({"_outputFormat", "_since", "_type", "_typeFilter", "_elements", "patient"})
# What is about an answer and not about which resources it holds has no place in a filter (Bulk Data, `_typeFilter`).
NOT_IN_A_FILTER: Final = frozenset({*ABOUT_ANSWERS, "_sort"})


def read_filter(drawing: Drawing, resource: Resource, query: str) -> Search:
    """One query of `_typeFilter`. Raises SearchUnknownError, SearchValueError."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not pairs or any(name in NOT_IN_A_FILTER for name, _value in pairs):
        raise SearchUnknownError
    return read_search(drawing, resource, pairs)


def couple_of(drawing: Drawing, group: str) -> UUID:
    """The couple that a Group shows. Raises NotFoundError."""
    work, row_id = drawing.work, drawing.ids.row("Group", group)
    found = select(Couple.id).where(Couple.id == row_id, visible_to(work))
    couple_id = None if row_id is None else work.session.scalars(found).one_or_none()
    if couple_id is None:
        raise NotFoundError
    return couple_id


def partners_of(drawing: Drawing, patients: Sequence[str]) -> dict[str, tuple[UUID, UUID]]:
    """The partners that Patients show, and their couples; of those who are there."""
    rows = {row_id: one for one in patients if (row_id := drawing.ids.row("Patient", one)) is not None}
    visible = Partner.couple_id.in_(select(Couple.id).where(visible_to(drawing.work)))
    query = select(Partner.id, Partner.couple_id).where(Partner.id.in_(rows), Partner.erased_at.is_(None), visible)
    return {rows[row.id]: (row.id, row.couple_id) for row in drawing.work.session.execute(query)}
