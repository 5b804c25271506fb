"""Which form of each measure may be shown today, for what shows the whole catalogue at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, select

from app.access.work import Work
from app.clinical.measures import MEASURES
from app.forms.attestations import licence_of
from app.forms.models import LicenceAttestation, LicenceRevocation, MeasureForm
from app.forms.rules import Licence, is_free, why_not_licensed
from app.forms.service import opened_wording
from app.forms.wording import Wording, built_in


@dataclass(frozen=True)
class ShownForm:
    """What is shown of a measure's wording, which may be nothing, and since when; None is since ever."""

    wording: Wording | None
    since: datetime | None


@dataclass(frozen=True)
class _Attested:
    """A licence, and when it came to hold or ceased to."""

    licence: Licence
    moments: tuple[datetime, ...]


def forms_shown(work: Work, codes: Collection[str]) -> dict[str, ShownForm]:
    """Of each measure the form that the clinic uploaded last and may show today, or else the one that comes with the service.

    Three queries for all.
    """
    licences, uploaded = _licences(work, codes), _uploaded(work, codes)
    found = {code: _shown(work, code, uploaded[code], licences[code]) for code in codes}
    return {code: ShownForm(wording, max(moments, default=None)) for code, (wording, moments) in found.items()}


def _shown(
    work: Work, code: str, uploaded: list[MeasureForm], attested: list[_Attested]
) -> tuple[Wording | None, list[datetime]]:
    measure, today = MEASURES[code], work.now.date()
    licences = [one.licence for one in attested]
    moments = [] if is_free(measure) else [at for one in attested for at in one.moments if at <= work.now]
    moments += [row.uploaded_at for row in uploaded]
    for row in reversed(uploaded):
        is_current = row.measure_version == measure.version
        if is_current and why_not_licensed(measure, licences, row.language, today) is None:
            return opened_wording(work, row), moments
    return built_in(measure), moments


def _uploaded(work: Work, codes: Collection[str]) -> Mapping[str, list[MeasureForm]]:
    """The last edition in each language, in the order they were uploaded."""
    query = select(MeasureForm).where(MeasureForm.measure_code.in_(codes)).order_by(MeasureForm.uploaded_at, MeasureForm.id)
    last = {(row.measure_code, row.language): row for row in work.session.scalars(query)}
    found: defaultdict[str, list[MeasureForm]] = defaultdict(list)
    for row in sorted(last.values(), key=lambda row: (row.uploaded_at, row.id)):
        found[row.measure_code].append(row)
    return found


def _licences(work: Work, codes: Collection[str]) -> Mapping[str, list[_Attested]]:
    of_attestation = and_(
        LicenceRevocation.clinic_id == LicenceAttestation.clinic_id, LicenceRevocation.attestation_id == LicenceAttestation.id
    )
    query: Any = (
        select(LicenceAttestation, LicenceRevocation.revoked_at)
        .outerjoin(LicenceRevocation, of_attestation)
        .where(LicenceAttestation.measure_code.in_(codes))
        .order_by(LicenceAttestation.id)
    )
    found: defaultdict[str, list[_Attested]] = defaultdict(list)
    for row, revoked_at in work.session.execute(query):
        licence = licence_of(row, revoked=revoked_at is not None)
        found[row.measure_code].append(_Attested(licence, tuple(_moments(row, revoked_at))))
    return found


def _moments(row: LicenceAttestation, revoked_at: datetime | None) -> Iterator[datetime]:
    yield row.attested_at
    if revoked_at is not None:
        yield revoked_at
    if row.granted_on is not None:
        yield _midnight(row.granted_on)
    if row.expires_on is not None and row.expires_on < date.max:
        yield _midnight(row.expires_on + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
