"""Why there is no value, from what the record says of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from app.access.work import Work
from app.clinical.gaps import Gap
from app.exports.columns import Missing
from app.measures.asks import AskedFor, read_unanswered

# Of two gaps in one week the one that tells more of the partner.
TELLING_FIRST: Final = (Missing.SKIPPED, Missing.NOT_YET_DUE, Missing.NOT_ASKED)
OF_SCORE: Final = (
    Missing.NOT_ASKED,
    Missing.SKIPPED,
    Missing.DECLINED,
    Missing.NO_ACTIVITY,
    Missing.UNKNOWN,
)
_OWN: Final = frozenset(OF_SCORE) - {Missing.UNKNOWN}


def absence(reason: str | None) -> Missing:
    """The code of why there is no score; what only a scorer can tell, as too few answers, is `unknown` here."""
    return Missing(reason) if reason in _OWN else Missing.UNKNOWN


def most_telling(gaps: Iterable[Gap]) -> Missing:
    """The code of gaps that meet one stretch of time; where nothing is known of an ask, nobody asked."""
    found = {Missing(gap.code) for gap in gaps}
    return next((code for code in TELLING_FIRST if code in found), Missing.NOT_ASKED)


def unanswered_by(work: Work, couple_ids: Collection[UUID]) -> Mapping[UUID, list[AskedFor]]:
    """What each partner of these couples was asked and did not answer."""
    found: defaultdict[UUID, list[AskedFor]] = defaultdict(list)
    for one in read_unanswered(work, couple_ids):
        found[one.partner_id].append(one)
    return found
