"""SMART scopes of machine accounts (SMART App Launch 2.2.0): which FHIR resources, what may be done, and of which category."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# The FHIR resources there are; `app/fhir/resources` holds one file for each.
TYPES: Final = (
    "CarePlan",
    "Condition",
    "Consent",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "Goal",
    "Group",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "Task",
)
EVERY_TYPE: Final = "*"
NONE: Final = ""  # of no category at all
READS: Final = "rs"
# Written back is what partners answered, and nothing else; only a scope that names the resource carries it.
WRITTEN: Final = frozenset({"QuestionnaireResponse"})
WRITES: Final = "cu"
V1: Final = {"read": "rs", "write": "cud", "*": "cruds"}
# A category is a token as a search has it, `code`, `system|code`, `|code` or `system|`: one, and no other parameter after it.
PART: Final = r"[!#-%'-+\--\[\]-{}~]"
CATEGORY: Final = rf"{PART}+(?:\|{PART}*)?|\|{PART}+"
FORM: Final = re.compile(rf"system/(\*|[A-Z][A-Za-z]{{1,39}})\.(read|write|\*|c?r?u?d?s?)(?:\?category=({CATEGORY}))?")
LONGEST: Final = 160
CATEGORISED: Final = frozenset({"CarePlan", "Condition", "DocumentReference", "Observation"})


@dataclass(frozen=True)
class SmartScope:
    """What may be done (letters of `cruds`) with resources of one type, or of each; of one category, if it names one."""

    type: str
    letters: frozenset[str]
    category: str | None = None

    def __str__(self) -> str:
        letters = "".join(letter for letter in "cruds" if letter in self.letters)
        return f"system/{self.type}.{letters}" + (f"?category={self.category}" if self.category else "")


def read_scope(text: str) -> SmartScope | None:
    """The scope that a text says, by either version of SMART; None for what says none."""
    found = FORM.fullmatch(text)
    if found is None or not found[2] or len(text) > LONGEST:
        return None
    scope = SmartScope(found[1], frozenset(V1.get(found[2], found[2])), found[3])
    if scope.type != EVERY_TYPE and scope.type not in TYPES:
        return None
    return None if scope.category and scope.type not in CATEGORISED else scope


def is_smart(text: str) -> bool:
    """Whether it is written as a scope for machines is, of whichever type of FHIR."""
    return FORM.fullmatch(text) is not None


def is_grantable(text: str) -> bool:
    """Whether an integration can hold it: reading, and of what is written back creating and changing, named."""
    scope = read_scope(text)
    if scope is None:
        return False
    may = frozenset(READS + WRITES) if scope.type in WRITTEN and scope.category is None else frozenset(READS)
    return scope.letters <= may


def suggestions() -> frozenset[str]:
    """What whoever mistypes a scope may have meant."""
    every = {f"system/{type_}.{letters}" for type_ in (EVERY_TYPE, *TYPES) for letters in (READS, "read")}
    return frozenset(every | {f"system/{type_}.{WRITES}" for type_ in WRITTEN})


def scopes_among(texts: Iterable[str]) -> tuple[SmartScope, ...]:
    """The SMART scopes among all that an integration or a token holds."""
    return tuple(scope for text in sorted(texts) if (scope := read_scope(text)) is not None)


def narrowed_to(asked: SmartScope, held: Iterable[SmartScope]) -> list[SmartScope]:
    """What is granted of a scope that is asked for: as much of it as is held, said as shortly as can be; it may be nothing.

    Creating and changing are never handed out by a scope for every type, nor by one that asks for more than both.
    """
    found: list[SmartScope] = []
    for one in held:
        if EVERY_TYPE not in {asked.type, one.type} and asked.type != one.type:
            continue
        type_ = one.type if asked.type == EVERY_TYPE else asked.type
        letters = asked.letters & one.letters
        if asked.type == EVERY_TYPE or "d" in asked.letters:
            letters &= frozenset(READS)
        category = _common(asked.category, one.category)
        if letters and category != NONE and (category is None or type_ in CATEGORISED):
            found.append(SmartScope(type_, letters, category))
    return gathered(found)


def gathered(scopes: Iterable[SmartScope]) -> list[SmartScope]:
    """The same scopes, each type and category once, without those that another one says already."""
    letters: dict[tuple[str, str | None], frozenset[str]] = {}
    for one in scopes:
        place = one.type, one.category
        letters[place] = letters.get(place, frozenset()) | one.letters
    every = [SmartScope(type_, may, category) for (type_, category), may in letters.items()]
    return [one for one in every if not any(_says(other, one) for other in every if other != one)]


def _says(wide: SmartScope, narrow: SmartScope) -> bool:
    is_of_it = wide.type in {EVERY_TYPE, narrow.type} and wide.category in {None, narrow.category}
    return is_of_it and narrow.letters <= wide.letters


def _common(one: str | None, other: str | None) -> str | None:
    """What two categories both mean; None is any. Without a system a code means that of any, a system without one all of it."""
    if one is None or other is None:
        return one or other
    parts = [text.rpartition("|") for text in (one, other)]
    systems = {system for system, bar, _code in parts if bar}
    codes = {code for _system, _bar, code in parts if code}
    if len(systems) > 1 or len(codes) > 1:
        return NONE
    code = "".join(codes)
    return f"{systems.pop()}|{code}" if systems else code


def categories(scopes: Iterable[SmartScope], type_: str, letter: str) -> frozenset[str] | None:
    """Of which categories resources of a type may be had; None is of every one, and an empty set is none at all."""
    found: set[str] = set()
    for scope in scopes:
        if letter in scope.letters and scope.type in {EVERY_TYPE, type_}:
            if scope.category is None:
                return None
            found.add(scope.category)
    return frozenset(found)
