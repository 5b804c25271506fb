"""What the conjoint hours went to, whether past the sexual concern, and the rabbit hole that may come of it."""

from dataclasses import dataclass

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


def rabbit_hole_rules(settings: Settings) -> RabbitHoleRules:
    """The rule's numbers as this service was set up."""
    return RabbitHoleRules(settings.rabbit_hole_visits, settings.rabbit_hole_share, settings.rabbit_hole_topics)


def how_spent(found: Gathered, concern: str | None, rules: RabbitHoleRules) -> HowSpent:
    """What was gathered, as far as it belongs to this episode of care.

    `concern` is the primary one of the open episode, None where there is none or it was resolved.
    """
    hours = (Hour(visit.held_on, visit.began_at, visit.minutes_by_topic, visit.length_minutes) for visit in found.own_hours)
    primary = None if concern is None else CONCERNS[concern].measures
    return HowSpent(
        hours=in_order(hours, rules),
        primary=primary,
        asked=() if primary is None else watched(found.tracks.values(), primary),
        plans=tuple(plan.status for plan in found.homework.plans if plan.episode_id == found.care.episode_id),
        rules=rules,
    )


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
