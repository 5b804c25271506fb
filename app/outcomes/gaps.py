"""The gaps of each partner's answers, from when they answered and what they were asked."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access.work import Work
from app.clinical.gaps import Ask, Gap, gaps
from app.clinical.measures import MEASURES
from app.measures.asks import AskedFor, read_unanswered
from app.measures.series import Series

Days = dict[UUID, dict[str, list[date]]]


def read_gaps(work: Work, couple_id: UUID, series: list[Series], zone: ZoneInfo, *, in_care: bool) -> dict[UUID, list[Gap]]:
    """By partner, for those whose own compartment is within reach; one query."""
    return gaps_in(work, read_unanswered(work, [couple_id]), series, zone, in_care=in_care)


def gaps_in(
    work: Work, unanswered: Iterable[AskedFor], series: list[Series], zone: ZoneInfo, *, in_care: bool
) -> dict[UUID, list[Gap]]:
    """The same, of what one couple was asked and did not answer.

    Of what one partner lets the other see, the scores are all: that the clinic asked and was not answered is no score.
    After care has ended nothing comes round any more.
    """
    today = _day(work.moment, zone)
    asked: defaultdict[UUID, list[Ask]] = defaultdict(list)
    for one in unanswered:
        is_over = one.until <= work.moment
        asked[one.partner_id].append(Ask(one.measure, _day(one.asked_at, zone), _day(one.until, zone), is_over))
    days = _answered(work, series, zone)
    every = {code: measure.rhythm_days for code, measure in MEASURES.items() if measure.rhythm_days}
    return {
        partner_id: gaps(asked[partner_id], days.get(partner_id, {}), every, today if in_care else date.min)
        for partner_id in {*asked, *days}
    }


def _answered(work: Work, series: list[Series], zone: ZoneInfo) -> Days:
    """On which days each partner answered each measure, told by any one of its scales: every scale has every answer."""
    found: Days = {}
    for one in series:
        if one.slot.compartment in work.session.reach.compartments and one.measure not in (
            own := found.setdefault(one.partner_id, {})
        ):
            own[one.measure] = [_day(point.answered_at, zone) for point in one.points]
    return found


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
