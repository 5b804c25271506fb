"""When a form may be kept and shown, decided without a database; each refusal has a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

from app.clinical.measure import LicenceTier, Measure
from app.errors import ConflictError, Fault, InvalidError

FREE_TIERS: Final[frozenset[LicenceTier]] = frozenset({"own", "A_free_reproduce"})
STILL: Final = "Answers and totals are still accepted."

WhyNot = Literal["not_attested", "other_language", "not_yet_granted", "expired", "revoked"]
NOT_LICENSED: Final[Mapping[WhyNot, str]] = MappingProxyType(
    {
        "not_attested": "Nobody has attested a licence for this measure's wording.",
        "other_language": "The attested licence does not cover this language.",
        "not_yet_granted": "The attested licence begins on a later day.",
        "expired": "The attested licence has ended.",
        "revoked": "The attestation of the licence was revoked.",
    }
)


class FormInvalidError(InvalidError):
    """The form does not fit the measure, or cannot be read."""

    code = "form_invalid"
    detail = "This form does not fit the measure; `errors` names each fault. Nothing was stored."


class FormNotPossibleError(ConflictError):
    """The measure has no items here, so there is nothing to show."""

    code = "form_not_possible"
    detail = f"This measure is answered and scored elsewhere and takes no form here. {STILL}"


class LicenceNotAttestedError(ConflictError):
    """Wording of somebody else's, without a licence that holds today."""

    code = "licence_not_attested"
    detail = "This wording needs a licence that holds today: attest it at `/v1/measures/{code}/licence-attestations` first."


class FormNotLicensedError(ConflictError):
    """There is a form, and no licence lets it be shown today."""

    code = "form_not_licensed"
    detail = f"No attested licence lets this form be shown today. {STILL}"


class FormOutdatedError(ConflictError):
    """The form was made for another version of the measure."""

    code = "form_outdated"
    detail = f"This form was made for another version of the measure: upload it anew. {STILL}"


class AttestationPeriodError(InvalidError):
    """A licence that can never hold."""

    code = "attestation_period_invalid"
    detail = "A licence ends on or after the day it begins, and not before today."


class AttestationRevokedError(ConflictError):
    """An attestation is revoked once."""

    code = "attestation_revoked"
    detail = "This attestation was revoked already."


@dataclass(frozen=True)
class Licence:
    """What was attested of one licence, as far as it decides: both days are included, and none means no such limit."""

    languages: tuple[str, ...] | None
    granted_on: date | None
    expires_on: date | None
    revoked: bool = False

    def why_not(self, language: str, today: date) -> WhyNot | None:
        """Why this licence does not cover a language today; None when it does."""
        if self.revoked:
            return "revoked"
        if self.languages is not None and not any(covers(wide, language) for wide in self.languages):
            return "other_language"
        return self._out_of_time(today)

    def holds(self, today: date) -> bool:
        """Whether it holds today for the languages it covers."""
        return not self.revoked and self._out_of_time(today) is None

    def _out_of_time(self, today: date) -> WhyNot | None:
        if self.expires_on is not None and today > self.expires_on:
            return "expired"
        if self.granted_on is not None and today < self.granted_on:
            return "not_yet_granted"
        return None


def is_free(measure: Measure) -> bool:
    """Whether anyone may show the wording of this measure."""
    return measure.licence_tier in FREE_TIERS


def why_not_licensed(measure: Measure, licences: Sequence[Licence], language: str, today: date) -> WhyNot | None:
    """Why no licence lets this wording be shown today; None when one does, else the last attested one's reason."""
    if is_free(measure):
        return None
    reasons = [licence.why_not(language, today) for licence in licences]
    if not reasons:
        return "not_attested"
    return None if None in reasons else reasons[-1]


def check_licensed(measure: Measure, licences: Sequence[Licence], language: str, today: date) -> None:
    """Raises FormNotLicensedError, with the reason as its one fault."""
    why = why_not_licensed(measure, licences, language, today)
    if why is not None:
        raise FormNotLicensedError(f"{NOT_LICENSED[why]} {STILL}", (Fault("", why, NOT_LICENSED[why]),))


def covers(wide: str, language: str) -> bool:
    """Whether a language range covers a tag: `en` covers `en-GB` (RFC 4647, basic filtering)."""
    return language == wide or language.startswith(wide + "-")


def canonical(tag: str) -> str:
    """A language tag as RFC 5646 writes it: `EN-gb` is `en-GB`, `ZH-hant` is `zh-Hant`."""
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    match len(part):
        case 2:
            return part.upper()
        case 4 if part.isalpha():
            return part.title()
        case _:
            return part.lower()


def check_period(granted_on: date | None, expires_on: date | None, today: date) -> None:
    """Raises AttestationPeriodError for a licence that has ended already, or ends before it begins."""
    if expires_on is not None and expires_on < max(today, granted_on or today):
        fault = Fault("/expires_on", "attestation_period_invalid", AttestationPeriodError.detail)
        raise AttestationPeriodError(faults=(fault,))
