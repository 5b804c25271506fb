"""What a diagnosis of a person may be, what may stand beside it, and how its status goes on; pure decisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from app.clinical.concerns import CONCERNS, Conflict, excludes1
from app.clinical.diagnosis_codes import Flaw, System, flaw_of, flaw_of_link
from app.couples.rules import find_concern
from app.errors import ConflictError, Fault, InvalidError

Status = Literal["provisional", "confirmed", "refuted", "resolved"]
ACTIVE: Final[frozenset[Status]] = frozenset({"provisional", "confirmed"})
# A refuted or resolved one comes back when it turns out otherwise, or when it returns.
NEXT: Final[Mapping[Status, tuple[Status, ...]]] = {
    "provisional": ("confirmed", "refuted", "resolved"),
    "confirmed": ("refuted", "resolved"),
    "refuted": ("provisional", "confirmed"),
    "resolved": ("provisional", "confirmed"),
}
ICD10CM_SYSTEMS: Final = ("icd10cm", "dsm5tr")


class DiagnosisCodeInvalidError(InvalidError):
    """The code is none of its coding system, or does not fit the concern it is filed under."""

    code = "diagnosis_code_invalid"
    detail = "This is not a code that a diagnosis can have in its coding system."


class CodeNotBillableError(InvalidError):
    """The code is a category."""

    code = "code_not_billable"
    detail = "ICD-10-CM codes a diagnosis by its most detailed code, not by a category."


class DiagnosisRecordedError(ConflictError):
    """The same diagnosis of the same person is active."""

    code = "diagnosis_already_recorded"
    detail = "This partner has an active diagnosis with this code. Change that one."


class ExcludesOneError(ConflictError):
    """ICD-10-CM keeps two active diagnoses of one person apart."""

    code = "icd10cm_excludes1"
    detail = (
        "ICD-10-CM does not let this code stand beside another active diagnosis of this partner. Resolve or refute the other,"
        " or send `exclusion_override` with the coder's reason."
    )


class StatusUnreachableError(ConflictError):
    """A diagnosis does not go from its status to the one asked for."""

    code = "diagnosis_status_unreachable"
    detail = "A diagnosis with this status cannot get the one asked for."


@dataclass(frozen=True)
class Coding:
    """One diagnosis of a person, as far as codes are compared."""

    id: UUID
    system: str
    code: str


@dataclass(frozen=True)
class Excluded:
    """Two diagnoses of one person that ICD-10-CM keeps apart."""

    one: Coding
    other: Coding
    conflict: Conflict


def check_code(system: System, code: str, concern: str | None) -> None:
    """Raises CodeNotBillableError, or DiagnosisCodeInvalidError with the rule the code breaks; ConcernUnknownError."""
    if concern is not None:
        find_concern(concern, "/concern")
    _refuse(flaw_of(system, code), "/code")
    check_link(system, code, concern)


def check_link(system: System, code: str, concern: str | None) -> None:
    """Raises DiagnosisCodeInvalidError where the catalogue files the code under other concerns only."""
    if concern is not None:
        find_concern(concern, "/concern")
        _refuse(flaw_of_link(system, code, concern), "/concern")


def check_kept_apart(concern: str | None, *, kept: bool) -> None:
    """Raises DiagnosisCodeInvalidError when a diagnosis that others may have read would come to tell of violence."""
    if concern is not None and CONCERNS[concern].domain == "safety" and not kept:
        sentence = "What tells of violence is for the care team alone from the start: refute this diagnosis and record it anew."
        raise DiagnosisCodeInvalidError(faults=(Fault("/concern", "for_the_care_team", sentence),))


def _refuse(flaw: Flaw | None, pointer: str) -> None:
    if flaw is None:
        return
    faults = (Fault(pointer, flaw.code, flaw.sentence),)
    raise (
        CodeNotBillableError(faults=faults)
        if flaw.code == CodeNotBillableError.code
        else DiagnosisCodeInvalidError(faults=faults)
    )


def exclusions_of(coding: Coding, others: Iterable[Coding]) -> list[Excluded]:
    """Which of the other active diagnoses of the same person ICD-10-CM keeps apart from this one.

    The disputed pair counts: the tabular list contradicts itself there, and the stricter reading holds.
    """
    return [
        Excluded(coding, other, conflict)
        for other in others
        if other.id != coding.id and coding.system in ICD10CM_SYSTEMS and other.system in ICD10CM_SYSTEMS
        for conflict in excludes1((coding.code, other.code))
    ]


def check_exclusions(found: Sequence[Excluded], *, overridden: bool) -> None:
    """Raises ExcludesOneError naming each rule and both codes, unless a coder gave a reason."""
    if found and not overridden:
        raise ExcludesOneError(faults=tuple(Fault("/code", ExcludesOneError.code, _told(pair)) for pair in found))


def _told(pair: Excluded) -> str:
    disputed = " The tabular list contradicts itself here; the stricter reading holds." if pair.conflict.disputed else ""
    return f"{pair.conflict.rule}: {pair.one.code} and {pair.other.code} may not both be active.{disputed}"


def check_not_recorded(coding: Coding, others: Iterable[Coding]) -> None:
    """Raises DiagnosisRecordedError when the same code of the same system is active."""
    if any((other.system, other.code) == (coding.system, coding.code) for other in others if other.id != coding.id):
        raise DiagnosisRecordedError


def check_status(now: Status, asked: Status) -> None:
    """Raises StatusUnreachableError with what is possible."""
    if asked not in NEXT[now]:
        raise StatusUnreachableError(f"A diagnosis that is {now} can become: {', '.join(NEXT[now])}.")
