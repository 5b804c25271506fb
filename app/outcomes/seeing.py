"""What flags are raised from, of what was gathered; by the default method alone, so that a colour means one thing."""

from collections.abc import Sequence

from app.clinical.concerns import CONCERNS
from app.clinical.measures import MEASURES
from app.clinical.on_track import Apart, Homework, Planned, Seen
from app.clinical.rabbit_hole import Lost
from app.homework.summary import PlanSummary
from app.outcomes.gathering import Gathered
from app.outcomes.pairs import pairs_in


def seen_in(found: Gathered, primary: Sequence[str], lost: Lost | None) -> Seen:
    """Everything flags are raised from, in this episode of care; `primary` are its primary concerns, `lost` a rabbit hole."""
    plans = [plan for plan in found.homework.plans if plan.episode_id == found.care.episode_id]
    own = {plan.id for plan in plans}
    done = {
        slot: tuple(one.done for one in found.homework.check_ins.get(partner_id, ()) if one.plan_id in own)
        for partner_id, slot in found.slots.items()
    }
    return Seen(
        tracks=tuple(found.tracks.values()),
        homework=tuple(Homework(slot, answers) for slot, answers in done.items()),
        diverging=tuple(
            Apart(MEASURES[pair.a.measure], pair.a.scale, pair.apart.z)
            for pair in pairs_in(found.tracks)
            if pair.apart.flagged and pair.apart.z is not None
        ),
        plans=tuple(planned for plan in plans if (planned := _planned(plan))),
        visits=found.visits,
        open_signals=found.open_signals,
        primary=tuple(code for concern in primary for code in CONCERNS[concern].measures),
        lost=lost,
    )


def _planned(plan: PlanSummary) -> Planned | None:
    """How far a plan has come; one that has not begun has no way behind it, and one that was stopped promises nothing."""
    stages = plan.stages
    if plan.status == "completed":
        return Planned(stages, stages)
    return Planned(plan.stage - 1, stages) if plan.status in {"active", "held", "paused"} else None
