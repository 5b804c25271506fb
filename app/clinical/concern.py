"""What a concern is: the couple's problem in the product's words, with its codes as hints."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Domain(StrEnum):
    """Where a concern belongs; only a sexual one may start an episode or a plan."""

    SEXUAL = "sexual"
    RELATIONAL = "relational"
    SAFETY = "safety"


CodeStatus = Literal["verified", "cross_referenced", "recalled_high", "recalled_medium", "recalled_low"]


@dataclass(frozen=True)
class Coded:
    """A code of a classification, and how sure it is that this is the right one."""

    code: str
    status: CodeStatus


@dataclass(frozen=True)
class Concern:
    """A problem a couple brings; codes belong to a person, never to the couple, and a trailing `-` names a family.

    `diagnosable` concerns are disorders or symptoms of one person; the others are the couple's, their codes billing hints.
    `protocols` are those whose targets it is, the usual first ones first. `starts_at` names the sexual concerns that a plan
    could start from instead. `dsm5tr_codes` are those of `icd10cm` under which DSM-5-TR files the disorder.
    """

    slug: str
    name: str
    domain: Domain = Domain.SEXUAL
    diagnosable: bool = False
    dsm5tr: str | None = None
    dsm5tr_codes: tuple[str, ...] = ()
    icd10cm: tuple[str, ...] = ()
    icd11: tuple[Coded, ...] = ()
    snomed: tuple[Coded, ...] = ()
    protocols: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    starts_at: tuple[str, ...] = ()
    note: str = ""
