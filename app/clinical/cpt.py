"""US billing codes that a session note may carry: how long each takes, and what a claim tells; hints, never verdicts.

Source: facts 5.9, read in helloalma.com and yung-sidekick.com for 90846 and 90847, recalled for the others. The words are
ours: the code set's own descriptions are the American Medical Association's property.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

For = Literal["couple", "one", "any"]


@dataclass(frozen=True)
class Cpt:
    """What a code is used for: with whom, and from which to which whole minute (None: no limit known)."""

    meaning: str
    used_for: For = "any"
    at_least: int | None = None
    at_most: int | None = None
    adds_to: frozenset[str] | None = None


INDIVIDUAL: Final = frozenset({"90832", "90834", "90837"})
CPT: Final[Mapping[str, Cpt]] = MappingProxyType(
    {
        "90847": Cpt("couple or family therapy with the identified patient", "couple", at_least=26),
        "90846": Cpt("couple or family therapy without the identified patient", at_least=27),
        "90832": Cpt("individual therapy, 30 minutes", "one", at_least=16, at_most=37),
        "90834": Cpt("individual therapy, 45 minutes", "one", at_least=38, at_most=52),
        "90837": Cpt("individual therapy, 60 minutes", "one", at_least=53),
        "90791": Cpt("diagnostic evaluation"),
        "90785": Cpt("interactive complexity, added to another code", adds_to=INDIVIDUAL | {"90791"}),
        "90839": Cpt("crisis"),
        "90840": Cpt("crisis, further time", adds_to=frozenset({"90839"})),
        "96127": Cpt("brief scored instrument, each"),
        "98978": Cpt("remote therapeutic monitoring, device"),
        "98980": Cpt("remote therapeutic monitoring, first time in a month"),
        "98981": Cpt("remote therapeutic monitoring, further time", adds_to=frozenset({"98980"})),
    }
)
POLICY_HOLDER: Final = (
    "A claim names one identified patient with a diagnosis, and the insurer's letter about it goes to the policy-holder: a "
    "sexual diagnosis on one partner's claim tells whoever holds the policy. Agree beforehand, or let them pay themselves."
)


@dataclass(frozen=True)
class Hint:
    """Something to look at before a claim goes out; it never refuses anything."""

    code: str
    sentence: str


def hints(codes: Sequence[str], minutes: int | None, present: int) -> list[Hint]:
    """What to look at in a claim with these codes for an hour of so many minutes with so many partners present."""
    found = [hint for code in codes for hint in _hints_of(code, codes, minutes, present)]
    return [*found, Hint("policy_holder_is_told", POLICY_HOLDER)] if codes else []


def _hints_of(code: str, codes: Sequence[str], minutes: int | None, present: int) -> Iterator[Hint]:
    known = CPT.get(code)
    if known is None:
        yield Hint("code_not_known", f"{code} is not among the codes this service knows rules for; nothing was checked.")
        return
    if minutes is None and (known.at_least or known.at_most):
        yield Hint("length_not_known", f"{code} depends on the minutes, and the hour has no start and end yet.")
    if minutes is not None and known.at_least is not None and minutes < known.at_least:
        yield Hint("too_short", f"{code} is billable from {known.at_least} minutes; this hour lasted {minutes}.")
    if minutes is not None and known.at_most is not None and minutes > known.at_most:
        yield Hint("too_long", f"{code} covers up to {known.at_most} minutes; this hour lasted {minutes}.")
    if known.used_for == "couple" and present < 2:
        yield Hint("partner_missing", f"{code} is for an hour with both partners; one alone takes 90846 or another code.")
    if known.used_for == "one" and present > 1:
        yield Hint("not_a_couple_code", f"{code} is for one person alone and stands in no couple's claim: see 90847.")
    if known.adds_to is not None and not known.adds_to & set(codes):
        told = ", ".join(sorted(known.adds_to))
        yield Hint("adds_to_another", f"{code} is only added to {told}, and never to 90846 or 90847.")
