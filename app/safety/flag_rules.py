"""Which red flags and preconditions keep a protocol from running; pure decisions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from app.clinical.gates import forbidding
from app.clinical.protocol import Protocol
from app.errors import ConflictError, Fault, InvalidError


class RedFlagUnknownError(InvalidError):
    """No protocol and no universal blocker has a flag of that code."""

    code = "red_flag_unknown"
    detail = "This flag is not one of `GET /v1/vocabularies/red_flags`."


class RedFlagIsOpenError(ConflictError):
    """The same flag, about the same, waits to be cleared already."""

    code = "red_flag_is_open"
    detail = "This flag is open already, about the same partner or the couple."


class PreconditionUnknownError(InvalidError):
    """No protocol has a precondition of that code."""

    code = "precondition_unknown"
    detail = "This precondition is not one of `GET /v1/vocabularies/preconditions`."


class ExpiryInvalidError(InvalidError):
    """What is not met cannot run out, and nothing runs out before it was found."""

    code = "expiry_invalid"
    detail = "Only what is met may expire, on the day it was found or later."


_BOTH: Final = 2


@dataclass(frozen=True)
class Finding:
    """The latest record of one precondition, about one partner or the couple (None)."""

    code: str
    about: UUID | None
    met: bool
    expires_on: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is met on this day; the day of expiry still counts."""
        return self.met and (self.expires_on is None or day <= self.expires_on)


def check_expiry(found_on: date, expires_on: date | None, *, met: bool) -> None:
    """Raises ExpiryInvalidError."""
    if expires_on is not None and (not met or expires_on < found_on):
        raise ExpiryInvalidError(faults=(Fault("/expires_on", "expiry_invalid", ExpiryInvalidError.detail),))


def latest(records: Iterable[Finding]) -> tuple[Finding, ...]:
    """The last of each precondition and whom it is about; `records` come oldest first."""
    found: Mapping[tuple[str, UUID | None], Finding] = {(record.code, record.about): record for record in records}
    return tuple(found.values())


def flag_faults(protocol: Protocol, open_codes: Iterable[str], *, shared_touch: bool, together: bool) -> Iterator[Fault]:
    """One for each open flag that forbids this exercise; whom it is about does not matter, both are in the room."""
    for code in sorted(forbidding(protocol, shared_touch=shared_touch, together=together) & set(open_codes)):
        yield Fault("", "red_flag_open", f"The red flag `{code}` is open: clear it, with a reason, once it no longer holds.")


def precondition_faults(
    protocol: Protocol, findings: Sequence[Finding], practising: UUID | None, today: date
) -> Iterator[Fault]:
    """One for each precondition that is not recorded as met.

    It has to be met of the couple or of the one who practises; where nobody practises apart, of the couple or of each
    partner. A record of the same that is not met closes the gate whomever it is about, as it pauses what runs: otherwise
    what goes on again would tell whose it was. One that has run out is none.
    """
    for one in protocol.preconditions:
        same = [finding for finding in findings if finding.code == one.code]
        denied = any(not finding.met for finding in same)
        concerning = {None, practising} if practising else {finding.about for finding in same}
        met_of = {finding.about for finding in same if finding.about in concerning and finding.holds_on(today)}
        if denied or not (None in met_of or practising in met_of or len(met_of) == _BOTH):
            yield Fault("", "precondition_missing", f"`{one.code}` is not recorded as met: record it once it is.")
