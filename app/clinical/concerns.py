"""The catalogue of concerns, which of them a plan may start from, and which codes may not stand together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from app.clinical.concern import Concern, Domain
from app.clinical.couple_concerns import COUPLE
from app.clinical.diagnosable_concerns import DIAGNOSABLE
from app.clinical.source import Source

__all__ = [
    "CONCERNS",
    "EXCLUDES1",
    "SEXUAL_STARTING_POINTS",
    "Concern",
    "Conflict",
    "Domain",
    "Exclusion",
    "excludes1",
    "in_family",
    "is_starting_point",
    "starting_points",
]

CONCERNS: Mapping[str, Concern] = MappingProxyType({concern.slug: concern for concern in (*DIAGNOSABLE, *COUPLE)})

SEXUAL_STARTING_POINTS: tuple[str, ...] = tuple(
    concern.slug for concern in CONCERNS.values() if concern.domain is Domain.SEXUAL
)

EXCLUDES1_SOURCE = Source("ICD-10-CM tabular list, April 2026 release", "computed")


@dataclass(frozen=True)
class Exclusion:
    """Two code families that never stand on the same claim; `disputed` where the tabular list contradicts itself."""

    first: str
    second: str
    disputed: bool = False


@dataclass(frozen=True)
class Conflict:
    """Two given codes that an exclusion forbids together; a coder may override it with a reason."""

    first: str
    second: str
    rule: str
    disputed: bool
    source: Source = EXCLUDES1_SOURCE


EXCLUDES1: tuple[Exclusion, ...] = (
    Exclusion("F52.0", "R68.82"),
    # N94.1- lists F52.6 as Excludes1, while F52.6 lists N94.1- as Excludes2: the stricter holds by default.
    Exclusion("N94.1-", "F52.6", disputed=True),
    Exclusion("Z63.0", "Z70.-"),
    Exclusion("Z63.0", "Z69.1-"),
)


def is_starting_point(slug: str) -> bool:
    """Whether a plan, and an episode's primary concern, may start from this concern: it must be sexual."""
    concern = CONCERNS.get(slug)
    return concern is not None and concern.domain is Domain.SEXUAL


def starting_points(slug: str) -> tuple[str, ...]:
    """The sexual concerns a plan could start from when this one was named: itself, if it is sexual.

    Empty for a safety concern, which is never a homework target, and for an unknown slug.
    """
    concern = CONCERNS.get(slug)
    if concern is None:
        return ()
    return (slug,) if concern.domain is Domain.SEXUAL else concern.starts_at


def excludes1(codes: Iterable[str], *, strict: bool = True) -> tuple[Conflict, ...]:
    """The pairs of one person's ICD-10-CM codes that may not stand together; `strict` includes the disputed pair."""
    given = tuple(dict.fromkeys(code.strip().upper() for code in codes))
    return tuple(
        Conflict(first, second, f"{rule.first} excludes {rule.second}", rule.disputed)
        for first, second in combinations(given, 2)
        for rule in EXCLUDES1
        if (strict or not rule.disputed) and _forbids(rule, first, second)
    )


def _forbids(rule: Exclusion, one: str, other: str) -> bool:
    return (in_family(one, rule.first) and in_family(other, rule.second)) or (
        in_family(one, rule.second) and in_family(other, rule.first)
    )


def in_family(code: str, family: str) -> bool:
    """Whether an ICD-10-CM code is of a family: `Z70.-` is Z70 and all under it, `Z63.0` that code and its subdivisions."""
    stem = family.rstrip("-").rstrip(".")
    bare = code.rstrip("-").rstrip(".")
    return bare == stem or bare.startswith(stem if "." in stem else f"{stem}.")
