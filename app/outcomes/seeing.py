"""What flags are raised from, of what was gathered."""

from collections.abc import Sequence

from app.clinical.concerns import CONCERNS
from app.clinical.measures import MEASURES
from app.clinical.on_track import Apart, Homework, Planned, Seen
from app.homework.summary import PlanSummary
from app.outcomes.gathering import Gathered
from app.outcomes.schemas import PairRead


def seen_in(found: Gathered, pairs: Sequence[PairRead], primary: Sequence[str]) -> Seen:
    """Everything flags are raised from; `primary` are the primary concerns."""
    done = {
        slot: tuple(one.done for one in found.homework.check_ins.get(partner_id, ()))
        for partner_id, slot in found.slots.items()
    }
    return Seen(
        tracks=tuple(found.tracks.values()),
        homework=tuple(Homework(slot, answers) for slot, answers in done.items()),
        diverging=tuple(
            Apart(MEASURES[pair.measure], pair.scale, pair.divergence_z)
            for pair in pairs
            if pair.diverging and pair.divergence_z is not None
        ),
        plans=tuple(planned for plan in found.homework.plans if (planned := _planned(plan))),
        visits=found.visits,
        open_signals=found.open_signals,
        primary=tuple(code for concern in primary for code in CONCERNS[concern].measures),
    )


def _planned(plan: PlanSummary) -> Planned | None:
    """How far a plan has come; one that has not begun has no way behind it, and one that was stopped promises nothing."""
    stages = plan.stages
    if plan.status == "completed":
        return Planned(stages, stages)
    return Planned(plan.stage - 1, stages) if plan.status in {"active", "held", "paused"} else None
