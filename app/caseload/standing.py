"""Reckons how one couple stands, from the same reads and by the same rules as its outcomes: once for each audience."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.work import Work
from app.caseload.strips import homework_strips, sparklines
from app.clinical.domains import DOMAINS, domain_of
from app.clinical.next_step import NOTHING, OF_RULES, Due, next_step
from app.clinical.on_track import URGENCY, Flag, flags, on_track
from app.clinical.time_to_change import first_reliable_improvement
from app.clinical.track import Look, Track
from app.clinical.weighing import SIGNAL, weight
from app.core.ids import encode
from app.couples.models import Concern, Couple, Episode
from app.homework.decisions import waiting_verdict
from app.homework.showing import next_shown_at
from app.homework.summary import PlanSummary
from app.outcomes.colour import rules_in_force
from app.outcomes.gathering import Gathered, gather
from app.outcomes.partners import shown_adherence
from app.outcomes.seeing import seen_in
from app.outcomes.spent import how_spent, rabbit_hole_rules
from app.safety.service import clearance_ends_at

LATER: Final = timedelta(days=365)  # a couple that time does not change is looked at again all the same
NOT_RECKONED: Final = "not_reckoned"
AGAIN_AFTER: Final = timedelta(hours=1)
WEEK: Final = timedelta(weeks=1)
FIRST: Final = ("weeks", "visits", "weeks_followed")
BETTER: Final = frozenset({"improved", "recovered"})


@dataclass(frozen=True)
class Reckoned:
    """What a couple's kept rows say: the columns of its standing, what of it is sealed, and each series' outcome."""

    columns: dict[str, Any]
    shown: dict[str, Any]
    series: dict[tuple[UUID, str, str], dict[str, Any]]


def not_reckoned(work: Work, _couple_id: UUID) -> Reckoned:
    """The standing of a couple whose record cannot be read just now: it stands where it is seen, and is tried again."""
    unknown = ("opened_on", "closed_on", "close_reason", "concern", "protocol", "plan_status", "last_visit_on")
    times = (f"{domain}_{unit}" for domain in DOMAINS for unit in FIRST)
    columns: dict[str, Any] = {
        "reckoned_at": work.now,
        "fresh_until": work.now + AGAIN_AFTER,
        "in_care": True,
        "protocols": [],
        "urgency": URGENCY.index("amber"),
        "weight": -SIGNAL,
        "rule": NOT_RECKONED,
        **dict.fromkeys((*unknown, *times)),
        **dict.fromkeys(("visits", "within_rules", "offered", "declined"), 0),
    }
    sentence = "The figures of this couple could not be reckoned: open its record, and tell who runs the service."
    shown = {"sentence": sentence, "flags": [NOT_RECKONED], "next_step": vars(NOTHING), "plan": None}
    return Reckoned(columns, shown | {"sparklines": [], "homework": []}, {})


@dataclass(frozen=True)
class Care:
    """The latest episode and where the couple lives."""

    zone: tzinfo
    is_archived: bool
    opened_on: date | None
    closed_on: date | None
    close_reason: str | None
    concern: str | None
    resolved_on: date | None

    @property
    def is_settled(self) -> bool:
        """Whether the primary concern was resolved."""
        return self.resolved_on is not None

    @property
    def is_open(self) -> bool:
        """Whether an episode is open, of a couple archived or not."""
        return self.opened_on is not None and self.closed_on is None

    @property
    def in_care(self) -> bool:
        """Whether the couple stands in the caseload of today."""
        return self.is_open and not self.is_archived


def reckon(work: Work, couple_id: UUID) -> Reckoned:
    """The standing within this work's reach, which is an audience's: all that the care team reads, or all but safety."""
    care = _care(work, couple_id)
    found = gather(work, couple_id)
    rules = rules_in_force(work.settings)
    spent = how_spent(found, care.concern if care.is_open and not care.is_settled else None, rabbit_hole_rules(work.settings))
    seen = seen_in(found, [care.concern] if care.is_open and care.concern else [], spent.lost)
    raised = flags(seen, rules)
    given = on_track(raised, is_judged=any(track.is_classifiable for track in seen.tracks))
    plan = found.homework.plans[-1] if found.homework.plans else None
    due = _due(work, couple_id, care, found, given)
    begun = [one for one in found.homework.plans if one.began_at is not None]
    protocol = begun[-1].protocol if begun else None
    columns: dict[str, Any] = {
        "reckoned_at": work.now,
        "fresh_until": _fresh_until(work, couple_id, care, found, due),
        "in_care": care.in_care,
        "opened_on": care.opened_on,
        "closed_on": care.closed_on,
        "close_reason": care.close_reason,
        "concern": care.concern,
        "protocol": protocol,
        "protocols": list(dict.fromkeys(one.protocol for one in begun)),
        "plan_status": plan.status if plan else None,
        "urgency": URGENCY.index(given.colour),
        "weight": weight(seen, raised, given, rules, due.last_score_on),
        "rule": given.code,
        "last_visit_on": found.own_hours[-1].held_on if found.own_hours else None,
        "visits": found.visits,
        **shown_adherence(found.homework, *found.slots).model_dump(include={"within_rules", "offered", "declined"}),
        **_improvement(found),
    }
    shown = {
        "sentence": given.sentence,
        "flags": list(dict.fromkeys(flag.code for flag in raised)),
        "sparklines": sparklines(found, care.concern, care.zone),
        "homework": homework_strips(found, due.day),
        "next_step": vars(next_step(given, due)),
        "plan": None if plan is None else _plan(plan),
    }
    compartments = {partner.id: partner.compartment for partner in found.partners}
    told = {"concern": care.concern, "protocol": protocol}
    outcomes = {
        place: _outcome(track, track.intake, track.latest) | told | {"compartment": compartments[place[0]]}
        for place, track in found.tracks.items()
        if track.intake and track.latest
    }
    return Reckoned(columns, shown, outcomes)


def _plan(plan: PlanSummary) -> dict[str, Any]:
    told = {name: getattr(plan, name) for name in ("protocol", "status", "stage", "stages")}
    return {"id": encode("pln", plan.id), **told}


def _care(work: Work, couple_id: UUID) -> Care:
    zone, archived_at = work.session.execute(select(Couple.time_zone, Couple.archived_at).where(Couple.id == couple_id)).one()
    primary = (Concern.couple_id == Episode.couple_id) & (Concern.episode_id == Episode.id) & Concern.is_primary
    episode = work.session.execute(
        select(Episode.opened_on, Episode.closed_on, Episode.close_reason, Concern.code, Concern.resolved_on)
        .join(Concern, primary, isouter=True)
        .where(Episode.couple_id == couple_id)
        .order_by(Episode.closed_on.is_(None).desc(), Episode.opened_on.desc(), Episode.id.desc())
        .limit(1)
    ).first()
    return Care(ZoneInfo(zone), archived_at is not None, *(episode or (None,) * 5))


def _due(work: Work, couple_id: UUID, care: Care, found: Gathered, given: Flag) -> Due:
    """What falls due; what the rules say of the stage is asked only where nothing more urgent is suggested."""
    plan = found.homework.plans[-1] if found.homework.plans else None
    ends_at = clearance_ends_at(work, couple_id)
    decides = work.sees_safety and given.code not in OF_RULES and plan is not None and plan.status == "active"
    last = max((look.at for track in found.tracks.values() if (look := track.latest)), default=None)
    return Due(
        day=work.now.astimezone(care.zone).date(),
        in_care=care.in_care,
        plan_status=plan.status if plan else None,
        verdict=waiting_verdict(work, couple_id, plan.id) if plan and decides else None,
        clearance_ends_at=ends_at,
        clearance_ends_on=ends_at and ends_at.astimezone(care.zone).date(),
        last_score_on=last and last.astimezone(care.zone).date(),
        measure_after=timedelta(weeks=work.settings.caseload_measure_weeks),
        tell_of_clearance=timedelta(days=work.settings.caseload_clearance_days),
    )


def _fresh_until(work: Work, couple_id: UUID, care: Care, found: Gathered, due: Due) -> datetime:
    """When time alone may change the row: with the next day, or before it what is hidden showing, a clearance ending."""
    changes_daily = care.in_care or any(window.ends_on >= due.day for window in found.homework.windows)
    midnight = datetime.combine(due.day + timedelta(days=1), time.min, care.zone).astimezone(UTC)
    moments = [midnight if changes_daily else work.now + LATER]
    # for the care team nothing is hidden, and nobody else knows when a clearance ends
    other = due.clearance_ends_at if work.sees_safety else next_shown_at(work, couple_id)
    return min([*moments, *([other] if other is not None and other > work.now else [])])


def _improvement(found: Gathered) -> dict[str, float | int | None]:
    """When either partner was first reliably better on each side of their life."""
    firsts = first_reliable_improvement(list(found.tracks.values()), [hour.began_at for hour in found.own_hours])
    return {f"{domain}_{unit}": getattr(first, unit) for domain, first in firsts.items() for unit in FIRST}


def _outcome(track: Track, intake: Look, latest: Look) -> dict[str, Any]:
    """One series against its first score; without a later one there is no class yet."""
    change = track.change
    better = next((look for look, told in zip(track.scored[1:], track.classes, strict=True) if told in BETTER), None)
    return {
        "domain": domain_of(track.measure, track.scale),
        "intake_at": intake.at,
        "latest_at": latest.at,
        "scores": len(track.scored),
        "intake": intake.value,
        "latest": latest.value,
        "change_class": change.change_class if change else "not_classifiable",
        "not_why": change.reason if change else "too_few_scores",
        "weeks_to_improvement": None if better is None else (better.at - intake.at) / WEEK,
        "weeks_followed": (latest.at - intake.at) / WEEK,
    }
