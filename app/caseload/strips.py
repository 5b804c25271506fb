"""What a caseload draws of a couple in a line: a few last scores, and what became of the last homework occasions."""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any, Final
from uuid import UUID

from app.clinical.concerns import CONCERNS
from app.clinical.domains import domain_of
from app.clinical.measures import MEASURES
from app.homework.summary import CheckInSummary, Window
from app.measures.series import Point, Series
from app.outcomes.gathering import Gathered

POINTS: Final = 12
OCCASIONS: Final = 8
PULSE: Final = "rekindle_pulse"
PULSE_SCALES: Final = ("sexual_satisfaction", "relationship_satisfaction")


def sparklines(found: Gathered, concern: str | None, zone: tzinfo) -> list[dict[str, Any]]:
    """Each partner's last points on what the primary concern is measured with, and on the pulse's two satisfactions."""
    return [_line(one, found.slots[one.partner_id], zone) for one in _drawn(found.series, concern)]


def _drawn(series: Sequence[Series], concern: str | None) -> list[Series]:
    """Of each partner: the first of the concern's measures that was given, on its first scale, and the pulse."""
    measures = CONCERNS[concern].measures if concern else ()
    by_place = {(one.partner_id, one.measure, one.scale): one for one in series}
    drawn = []
    for partner_id in dict.fromkeys(one.partner_id for one in series):
        places = [(partner_id, code, MEASURES[code].scales[0].code) for code in measures if code in MEASURES]
        given = [by_place[place] for place in places if place in by_place]
        drawn += given[:1]
        drawn += [by_place[place] for scale in PULSE_SCALES if (place := (partner_id, PULSE, scale)) in by_place]
    return list(dict.fromkeys(drawn))


def _line(one: Series, slot: str, zone: tzinfo) -> dict[str, Any]:
    measure = MEASURES[one.measure]
    scale = measure.scale(one.scale)
    low, high = (scale.low, scale.high) if scale else (0.0, 0.0)
    flipped = measure.direction_of(one.scale) == -1
    return {
        "slot": slot,
        "measure": one.measure,
        "scale": one.scale,
        "domain": domain_of(measure, one.scale),
        "low": low,
        "high": high,
        "points": [_point(point, low + high if flipped else None, zone) for point in one.points[-POINTS:]],
    }


def _point(point: Point, turned_at: float | None, zone: tzinfo) -> dict[str, Any]:
    """A score turned so that up is better; one that is withheld or may not be read is a gap."""
    value = None if point.reason is not None else point.value
    shown = value if value is None or turned_at is None else turned_at - value
    return {"on": point.answered_at.astimezone(zone).date().isoformat(), "shown": shown, "missing": point.reason}


def homework_strips(found: Gathered, today: date) -> list[dict[str, Any]]:
    """What became of each partner's last occasions, oldest first; `open` are those that are still to come."""
    homework = found.homework
    return [
        {"slot": slot, "occasions": _occasions(homework.windows, homework.check_ins.get(partner_id, ()), today)}
        for partner_id, slot in found.slots.items()
        if partner_id in homework.offered
    ]


def _occasions(windows: Sequence[Window], answers: Sequence[CheckInSummary], today: date) -> list[str]:
    """By window, answers first: what a pause took away was never offered, and what nobody answered in time stays so."""
    answered: Mapping[UUID, list[str]] = {window.id: [] for window in windows}
    for answer in answers:
        answered[answer.assignment_id].append(answer.done)
    told: list[str] = []
    for window in windows:
        left = 0 if window.was_cut_short else max(0, window.occasions - len(answered[window.id]))
        told += [*answered[window.id], *["open" if window.ends_on >= today else "unanswered"] * left]
    return told[-OCCASIONS:]
