"""Use cases of a clinic's thresholds: what its new plans begin with, within the bounds that the protocol sets."""

from sqlalchemy import select

from app.access.work import Work
from app.clinical.protocol import Protocol
from app.clinical.verdict import UNIVERSAL_THRESHOLDS, thresholds_in_force
from app.errors import InvalidError, NotFoundError, StaleVersionError
from app.protocols.models import ClinicThresholds
from app.protocols.rules import without_strangers
from app.protocols.schemas import ClinicThreshold, ThresholdsChange, ThresholdsRead
from app.protocols.service import newest


def read_thresholds(work: Work, code: str) -> ThresholdsRead:
    """The thresholds of the newest version, with what the clinic set. Raises NotFoundError."""
    protocol = _get(work, code)
    return _shown(protocol, _row(work, protocol))


def change_thresholds(work: Work, code: str, version: int, body: ThresholdsChange) -> ThresholdsRead:
    """Sets some, and takes back those that are null; plans that are open keep theirs.

    Raises NotFoundError, StaleVersionError, InvalidError at each value that is out of bounds.
    """
    protocol = _get(work, code)
    row = _row(work, protocol)
    if _version(row) != version:
        raise StaleVersionError
    merged = ({} if row is None else dict(row.thresholds)) | body.thresholds
    wanted = {name: value for name, value in merged.items() if value is not None}
    check_thresholds(protocol, {name: value for name, value in body.thresholds.items() if value is not None})
    if row is None:
        row = ClinicThresholds(protocol=protocol.code, protocol_version=protocol.version)
        work.session.add(row)
    row.thresholds = wanted
    row.set_by_kind, row.set_by, row.set_at = work.actor.kind, work.actor.id, work.now
    work.session.flush()
    return _shown(protocol, row)


def clinic_values(work: Work, protocol: Protocol) -> dict[str, float]:
    """What the clinic set for this version."""
    row = _row(work, protocol)
    return {} if row is None else dict(row.thresholds)


def check_thresholds(protocol: Protocol, wanted: dict[str, float]) -> dict[str, float]:
    """Every threshold in force with these in place; raises InvalidError, which repeats no name that was sent."""
    try:
        return dict(thresholds_in_force(protocol, wanted))
    except InvalidError as error:
        raise InvalidError(faults=without_strangers(error.faults)) from None


def _get(work: Work, code: str) -> Protocol:
    protocol = newest(work, code)
    if protocol is None:
        raise NotFoundError
    return protocol


def _row(work: Work, protocol: Protocol) -> ClinicThresholds | None:
    query = select(ClinicThresholds).where(
        ClinicThresholds.protocol == protocol.code, ClinicThresholds.protocol_version == protocol.version
    )
    return work.session.scalars(query).one_or_none()


def _version(row: ClinicThresholds | None) -> int:
    # What was never set is read, and changed, as version 1.
    return 1 if row is None else row.version + 1


def _shown(protocol: Protocol, row: ClinicThresholds | None) -> ThresholdsRead:
    own = {} if row is None else row.thresholds
    return ThresholdsRead(
        version=_version(row),
        protocol=protocol.code,
        protocol_version=protocol.version,
        thresholds=[
            ClinicThreshold(
                name=one.name,
                value=own.get(one.name, one.value),
                default=one.value,
                low=one.low,
                high=one.high,
                meaning=one.meaning,
                set_by_clinic=one.name in own,
            )
            for one in (*UNIVERSAL_THRESHOLDS, *protocol.thresholds)
        ],
    )
