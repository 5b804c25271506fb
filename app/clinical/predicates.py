"""The few sentences that homework rules are built from: tests of one check-in, and windows over the latest ones."""

from dataclasses import dataclass
from typing import Literal

from app.clinical.check_ins import Done, Over

Sign = Literal["<", "<=", ">=", ">"]
# A number of sessions or days: a named threshold, which a clinic may set, or a fixed one.
Amount = str | int


@dataclass(frozen=True)
class Is:
    """A rating or logged number stands to a named threshold."""

    field: str
    sign: Sign
    threshold: str


@dataclass(frozen=True)
class IsShareOf:
    """A rating stands to a named share of another one of the same check-in, as in "half of its peak"."""

    field: str
    sign: Sign
    share: str
    of: str


@dataclass(frozen=True)
class Said:
    """A yes-or-no or choice field was answered with this; `silence` is what no answer counts as, None unknown."""

    field: str
    answer: bool | str
    silence: bool | None = None


@dataclass(frozen=True)
class Was:
    """The session was done in one of these ways."""

    ways: tuple[Done, ...]


@dataclass(frozen=True)
class Both:
    """Every one of these tests passes on the same check-in."""

    tests: tuple["Test", ...]


@dataclass(frozen=True)
class Either:
    """At least one of these tests passes on the same check-in."""

    tests: tuple["Test", ...]


@dataclass(frozen=True)
class AtLeast:
    """A test passes in at least `times` of the last `of_last` sessions (or offers, or answers); fewer are never enough."""

    times: Amount
    of_last: Amount
    test: "Test"
    over: Over = "sessions"


@dataclass(frozen=True)
class OnDays:
    """A test passes on at least `times` different days of the last `of_days`, counted back from the latest check-in."""

    times: Amount
    of_days: Amount
    test: "Test"
    over: Over = "sessions"


@dataclass(frozen=True)
class AllOf:
    """Every one of these conditions holds."""

    conditions: tuple["Predicate", ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of these conditions holds."""

    conditions: tuple["Predicate", ...]


SingleTest = Is | IsShareOf | Said | Was
Test = SingleTest | Both | Either
Predicate = AtLeast | OnDays | AllOf | AnyOf


def each_of_last(amount: Amount, test: Test, over: Over = "sessions") -> AtLeast:
    """The test passes in every one of the last so many, and there are so many."""
    return AtLeast(amount, amount, test, over)


def any_of_last(amount: Amount, test: Test, over: Over = "sessions") -> AtLeast:
    """The test passes in at least one of the last so many."""
    return AtLeast(1, amount, test, over)
