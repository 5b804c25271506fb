"""What the conjoint hours went to, whether past the sexual concern, and the rabbit hole that may come of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Final
from uuid import UUID

from sqlalchemy import Row, select

from app.access.past import Past
from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.clinical.rabbit_hole import (
    RUNNING,
    Hour,
    Lost,
    RabbitHoleRules,
    Spent,
    in_order,
    last_class,
    latest_run,
    lost,
    standing_of,
    watched,
)
from app.clinical.track import Track
from app.core.settings import Settings
from app.couples.models import Episode
from app.outcomes.gathering import Gathered
from app.outcomes.spent_schemas import AskedRead, ConcernStanding, HoursRead, RabbitHoleRule, SpentRead


@dataclass(frozen=True)
class HowSpent:
    """The hours of the episode of care, and what its primary concern is judged by; no measures without an open one."""

    hours: tuple[Hour, ...]
    primary: tuple[str, ...] | None
    asked: tuple[Track, ...]
    plans: tuple[str, ...]
    rules: RabbitHoleRules

    @property
    def run(self) -> Spent:
        """The last hours in a row past the concern."""
        return latest_run(self.hours, self.rules)

    @property
    def lost(self) -> Lost | None:
        """The rabbit hole, if they are in one; without an open primary concern there is nothing to be kept from."""
        return None if self.primary is None else lost(self.run, self.asked, self.primary, self.plans, self.rules)


@dataclass(frozen=True)
class Care:
    """The episode that is looked at, and the last day of those that had ended when it began: they are another story."""

    episode_id: UUID | None
    earlier_ended: date | None


NO_CARE: Final = Care(None, None)


def rabbit_hole_rules(settings: Settings) -> RabbitHoleRules:
    """The rule's numbers as this service was set up."""
    return RabbitHoleRules(settings.rabbit_hole_visits, settings.rabbit_hole_share, settings.rabbit_hole_topics)


def how_spent(work: Work, couple_id: UUID, found: Gathered, concern: str | None) -> HowSpent:
    """What was gathered, as far as it belongs to this episode of care; one query.

    `concern` is the primary one of the open episode, None where there is none or it was resolved.
    """
    return spent_in(
        read_care_of_each(work, [couple_id]).get(couple_id, NO_CARE), found, concern, rabbit_hole_rules(work.settings)
    )


def spent_in(care: Care, found: Gathered, concern: str | None, rules: RabbitHoleRules) -> HowSpent:
    """The same, of an episode of care that was read already."""
    hours = (
        Hour(visit.held_on, visit.began_at, visit.minutes_by_topic, visit.length_minutes)
        for visit in found.hours
        if care.earlier_ended is None or visit.held_on > care.earlier_ended
    )
    primary = None if concern is None else CONCERNS[concern].measures
    return HowSpent(
        hours=in_order(hours, rules),
        primary=primary,
        asked=() if primary is None else watched(found.tracks.values(), primary),
        plans=tuple(plan.status for plan in found.homework.plans if plan.episode_id == care.episode_id),
        rules=rules,
    )


def read_care_of_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, Care]:
    """The open episode, or the last one; where one was entered late and they overlap, the later one, as for concerns."""
    rows = work.session.execute(
        select(Episode.couple_id, Episode.opened_on, Episode.id, Episode.closed_on)
        .where(Episode.couple_id.in_(couple_ids), work.has_happened(Episode.opened_on))
        .order_by(Episode.couple_id)
    )
    return {couple_id: _care(list(own), work.past) for couple_id, own in groupby(rows, itemgetter(0))}


def _care(rows: Sequence[Row[UUID, date, UUID, date | None]], past: Past | None) -> Care:
    closed = {row.id: row.closed_on for row in rows if row.closed_on and not (past and row.closed_on > past.day)}
    latest = max(rows, key=lambda row: (row.id not in closed, row.opened_on, row.id))
    earlier = (day for episode_id, day in closed.items() if episode_id != latest.id and day <= latest.opened_on)
    return Care(latest.id, max(earlier, default=None))


def shown_spent(found: HowSpent) -> SpentRead:
    """As the wire shows it."""
    rules, everything = found.rules, Spent(found.hours)
    return SpentRead(
        total=_hours(everything, rules),
        untold=len(everything.hours) - len(everything.told),
        last=_hours(Spent(everything.told[-rules.visits :]), rules),
        in_a_row=_hours(found.run, rules),
        concern=None if found.primary is None else _concern(found.asked, found.primary),
        plan_is_active=RUNNING in found.plans,
        rule=RabbitHoleRule(
            visits=rules.visits,
            share=rules.share,
            topics=list(rules.topics),
            source=rules.source.text,
            grade=rules.source.grade,
        ),
    )


def _hours(spent: Spent, rules: RabbitHoleRules) -> HoursRead:
    return HoursRead(
        visits=len(spent.hours),
        first_on=spent.hours[0].on if spent.hours else None,
        last_on=spent.hours[-1].on if spent.hours else None,
        minutes_held=sum(hour.length for hour in spent.hours),
        minutes_by_topic=dict(spent.minutes),
        share=spent.share(rules),
    )


def _concern(asked: tuple[Track, ...], primary: tuple[str, ...]) -> ConcernStanding:
    return ConcernStanding(
        standing=standing_of(asked),
        by_own_measures=any(track.measure.code in primary for track in asked),
        series=[
            AskedRead(
                slot=track.partner,
                measure=track.measure.code,
                scale=track.scale,
                change_class=last_class(track) or "not_classifiable",
                latest_at=track.scored[-1].at,
            )
            for track in asked
        ],
    )
