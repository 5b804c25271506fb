"""Episodes of care with their concerns and ratings: opened, rated, settled and closed in the order it happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.work import Work
from app.clinical.concern import Domain
from app.clinical.concerns import CONCERNS
from app.couples.concerns import resolve_concern
from app.couples.episodes import add_concern, close_episode, open_episode, rate_concern
from app.couples.models import Concern, ConcernRating, Couple, Episode
from app.couples.rules import check_not_before
from app.couples.schemas import ConcernCreate, ConcernResolution, EpisodeClose, EpisodeCreate, RatingCreate
from app.imports.couples import MOMENTS, NEW, THERE, Arrival, at
from app.imports.locating import Place, RefusedError, body_of, located
from app.imports.spool import Row

APART: Final = "What belongs to safety is recorded by the care team, and never comes out of a file."


@dataclass
class Course:
    """One episode of the files beside the one it is in the record, with the concerns that are known by now."""

    row: Row
    episode_id: UUID
    closed_on: date | None
    concerns: dict[str, Concern]


def bring_episodes(work: Work, arrival: Arrival) -> None:
    """Brings in what a couple came with, episode by episode. Raises RefusedError."""
    concerns = _by_episode(arrival)
    ratings = _by_concern(arrival)
    here = _episodes(work, arrival)
    for row in sorted(arrival.bundle.of("episodes"), key=_order):
        own = concerns.pop(row.text("episode_id"), [])
        course = _known(work, arrival, row, own, here) or _opened(work, arrival, row, own)
        for concern in own:
            _bring_concern(work, arrival, course, concern)
            for rating in ratings.pop(concern.text("concern_id"), []):
                _bring_rating(work, arrival, course, rating)
            _settle(work, arrival, course, concern)
        _close(work, arrival, course)
    _refuse_strays(concerns, "episode_id", "episode_unknown", "No row of `episodes` has this id.")
    _refuse_strays(ratings, "concern_id", "concern_unknown_here", "No row of `concerns` has this id.")


def _order(row: Row) -> tuple[str, str, str]:
    return row.text("opened_on"), str(row.get("closed_on") or "9999"), row.text("episode_id")


def _by_episode(arrival: Arrival) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in arrival.bundle.of("concerns"):
        known = CONCERNS.get(row.text("concern"))
        if known is not None and known.domain is Domain.SAFETY:
            raise RefusedError(row.told("concern", "safety_apart", APART))
        found.setdefault(row.text("episode_id"), []).append(row)
    return found


def _by_concern(arrival: Arrival) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in sorted(arrival.bundle.of("concern_ratings"), key=lambda row: MOMENTS.validate_python(row.get("rated_at"))):
        found.setdefault(row.text("concern_id"), []).append(row)
    return found


def _refuse_strays(left: dict[str, list[Row]], column: str, code: str, detail: str) -> None:
    strays = [row.told(column, code, detail) for rows in left.values() for row in rows]
    if strays:
        raise RefusedError(*strays)


def _episodes(work: Work, arrival: Arrival) -> list[Episode]:
    if arrival.is_new:
        return []
    query = select(Episode).where(Episode.couple_id == arrival.couple_id).order_by(Episode.opened_on, Episode.id)
    return list(work.session.scalars(query))


def _concerns(work: Work, episode_id: UUID) -> list[Concern]:
    """What an episode began with and what was added; the primary one first, each as it was added."""
    query = select(Concern).where(Concern.episode_id == episode_id).order_by(Concern.is_primary.desc(), Concern.id)
    return list(work.session.scalars(query))


def _known(work: Work, arrival: Arrival, row: Row, own: list[Row], here: list[Episode]) -> Course | None:
    """The episode of the record that began on the same day, if it is not another row's already."""
    found = next((episode for episode in here if episode.opened_on == date.fromisoformat(row.text("opened_on"))), None)
    if found is None:
        return None
    here.remove(found)
    arrival.count("episodes", THERE)
    closed_on, reason = row.get("closed_on"), row.get("close_reason")
    if (
        found.closed_on is not None
        and closed_on is not None
        and (str(found.closed_on), found.close_reason) != (closed_on, reason)
    ):
        arrival.differs(row, "closed_on")
    return Course(row, found.id, found.closed_on, _paired(arrival, own, _concerns(work, found.id)))


def _paired(arrival: Arrival, rows: Iterable[Row], concerns: list[Concern]) -> dict[str, Concern]:
    """Which concern of the record each row is: of the same code, and of the same bearer where there are several."""
    pairs: dict[str, Concern] = {}
    for row in rows:
        same = [concern for concern in concerns if concern.code == row.text("concern")]
        same.sort(key=lambda concern: (concern.bearer != _bearer(row), not concern.is_primary))
        if same:
            concerns.remove(same[0])
            pairs[row.text("concern_id")] = same[0]
            arrival.count("concerns", THERE)
            _compare(arrival, row, same[0])
    return pairs


def _bearer(row: Row) -> object:
    return row.get("bearer") or "relationship"


def _compare(arrival: Arrival, row: Row, concern: Concern) -> None:
    settled = row.get("resolved_on")
    told = {
        "bearer": _bearer(row) == concern.bearer,
        "place": _is_primary(row) == concern.is_primary,
        "contributing_factors": "contributing_factors" not in row.values or _factors(row) == concern.contributing_factors,
        "resolved_on": None in {settled, concern.resolved_on} or settled == str(concern.resolved_on),
    }
    for column, is_same in told.items():
        if not is_same:
            arrival.differs(row, column)


def _factors(row: Row) -> list[str]:
    return str(row.get("contributing_factors") or "").replace(";", " ").split()


def _concern(row: Row) -> ConcernCreate:
    values = {"code": row.get("concern"), "bearer": row.get("bearer"), "contributing_factors": _factors(row)}
    return body_of(ConcernCreate, values, {"": _place(row), "/contributing_factors": Place(row, "contributing_factors")})


def _place(row: Row) -> Place:
    return Place(row, columns={"code": "concern"})


def _is_primary(row: Row) -> bool:
    return row.get("place") == "primary"


def _opened(work: Work, arrival: Arrival, row: Row, own: list[Row]) -> Course:
    """Opens an episode on its primary concern, with those that came with it. Raises RefusedError."""
    primary = [concern for concern in own if _is_primary(concern)]
    if len(primary) != 1:
        told = "An episode has exactly one row of `concerns` with `place` primary."
        raise RefusedError(row.told("episode_id", "one_primary_concern", told))
    others = [concern for concern in own if concern not in primary and concern.get("added_at") is None]
    places = {"": Place(row), "/primary_concern": _place(primary[0])}
    places |= {f"/other_concerns/{number}": _place(concern) for number, concern in enumerate(others)}
    sent = {"opened_on": row.get("opened_on"), "primary_concern": _concern(primary[0])}
    body = body_of(EpisodeCreate, {**sent, "other_concerns": [_concern(other) for other in others]}, places)
    with located(places):
        made = open_episode(work, arrival.couple_id, body)
    arrival.count("episodes", NEW)
    arrival.done["concerns", NEW] += len(others) + 1
    came = zip([*primary, *others], _concerns(work, made.id), strict=True)
    return Course(row, made.id, None, {concern.text("concern_id"): kept for concern, kept in came})


def _bring_concern(work: Work, arrival: Arrival, course: Course, row: Row) -> None:
    """Adds a concern that is not there yet."""
    if row.text("concern_id") in course.concerns:
        return
    places = {"": _place(row)}
    body, moment = _concern(row), at(work, row, "added_at")
    with located(places):
        _check_after_opening(work, arrival, course, row, "added_at")
        made = add_concern(moment, arrival.couple_id, course.episode_id, body)
    course.concerns[row.text("concern_id")] = work.session.scalars(select(Concern).where(Concern.id == made.id)).one()
    arrival.count("concerns", NEW)


def _check_after_opening(work: Work, arrival: Arrival, course: Course, row: Row, column: str) -> None:
    """Raises DaysOutOfOrderError for what is said to have happened before the episode opened."""
    if row.get(column) is None:
        return
    zone = work.session.scalars(select(Couple.time_zone).where(Couple.id == arrival.couple_id)).one()
    day = MOMENTS.validate_python(row.get(column)).astimezone(ZoneInfo(zone)).date()
    check_not_before(day, date.fromisoformat(course.row.text("opened_on")), f"/{column}")


def _bring_rating(work: Work, arrival: Arrival, course: Course, row: Row) -> None:
    """Keeps what one partner said a concern weighed, at the moment it was said."""
    concern, partner_id = course.concerns[row.text("concern_id")], arrival.partner(row)
    if not arrival.is_new and (kept := _rating(work, concern, partner_id, MOMENTS.validate_python(row.get("rated_at")))):
        arrival.count("concern_ratings", THERE)
        for column in ("severity", "distressed"):
            if row.get(column) != getattr(kept, column):
                arrival.differs(row, column)
        return
    places = {"": Place(row)}
    sent = {"partner_id": partner_id, "severity": row.get("severity"), "distressed": row.get("distressed")}
    body, moment = body_of(RatingCreate, sent, places), at(work, row, "rated_at")
    with located(places):
        _check_after_opening(work, arrival, course, row, "rated_at")
        rate_concern(moment, arrival.couple_id, concern.id, body)
    arrival.count("concern_ratings", NEW)


def _rating(work: Work, concern: Concern, partner_id: UUID, rated_at: datetime) -> ConcernRating | None:
    return work.session.scalars(
        select(ConcernRating).where(
            ConcernRating.couple_id == concern.couple_id,
            ConcernRating.concern_id == concern.id,
            ConcernRating.partner_id == partner_id,
            ConcernRating.rated_at == rated_at,
        )
    ).first()


def _settle(work: Work, arrival: Arrival, course: Course, row: Row) -> None:
    """Settles a concern that was settled where it comes from, unless the record has it settled already."""
    concern = course.concerns[row.text("concern_id")]
    if row.get("resolved_on") is None or concern.resolved_on is not None:
        return
    places = {"": Place(row)}
    body = body_of(ConcernResolution, {"resolved_on": row.get("resolved_on")}, places)
    with located(places):
        resolve_concern(work, arrival.couple_id, concern.id, body)


def _close(work: Work, arrival: Arrival, course: Course) -> None:
    """Closes an episode that is closed where it comes from, unless the record has it closed already."""
    row = course.row
    if row.get("closed_on") is None or course.closed_on is not None:
        return
    places = {"": Place(row, columns={"reason": "close_reason"})}
    body = body_of(EpisodeClose, {"closed_on": row.get("closed_on"), "reason": row.get("close_reason")}, places)
    with located(places):
        close_episode(work, arrival.couple_id, course.episode_id, body)
