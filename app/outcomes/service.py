"""One couple's outcomes within the view that was asked for; a fixed number of queries, whatever the couple's history."""

from uuid import UUID

from app.access.work import Work
from app.clinical.on_track import flags
from app.couples.service import get_couple
from app.outcomes.colour import rules_in_force, shown_colour
from app.outcomes.concerns import read_concerns
from app.outcomes.gathering import Gathered, gather
from app.outcomes.pairs import shown_pairs
from app.outcomes.partners import got_in_the_way, is_shown, shown_adherence, shown_partner, shown_turn_around
from app.outcomes.schemas import FlagRead, OutcomesRead, PlanOutcome
from app.outcomes.seeing import seen_in


def read_outcomes(work: Work, couple_id: UUID) -> OutcomesRead:
    """Both partners' outcomes for the therapist, or what one partner may be shown; the reads themselves are narrowed."""
    get_couple(work, couple_id)
    view = work.seen.view
    found = gather(work, couple_id)
    shown = OutcomesRead(
        couple_id=couple_id,
        view=view,
        as_of=work.now,
        visits=None,
        partners=[shown_partner(partner, found) for partner in found.partners if is_shown(work, partner, found)],
        pairs=[],
        concerns=read_concerns(work, couple_id),
        plans=[
            PlanOutcome(plan_id=plan.id, protocol=plan.protocol, concern=plan.concern, status=plan.status, stage=plan.stage)
            for plan in reversed(found.homework.plans)
            if view == "therapist" or plan.was_offered  # until then it is the therapist's thinking
        ],
        flags=[],
        on_track=None,
    )
    return _for_therapist(work, shown, found) if view == "therapist" else shown


def _for_therapist(work: Work, shown: OutcomesRead, found: Gathered) -> OutcomesRead:
    """Adds what no partner's view holds: both side by side, homework kept, flags; and what only the care team may see."""
    pairs = shown_pairs(found)
    seen = seen_in(found, pairs, [concern.code for concern in shown.concerns if concern.place == "primary"])
    rules = rules_in_force(work.settings)
    raised = flags(seen, rules)
    partners = [
        partner.model_copy(
            update={
                "adherence": shown_adherence(partner.partner_id, found.homework),
                "turn_around": shown_turn_around(work, partner.partner_id, found.homework) if work.sees_safety else None,
                "got_in_the_way": got_in_the_way(partner.partner_id, found.homework),
            }
        )
        for partner in shown.partners
    ]
    return shown.model_copy(
        update={
            "visits": found.visits,
            "partners": partners,
            "pairs": pairs,
            "flags": [
                FlagRead(code=flag.code, colour=flag.colour, sentence=flag.sentence, numbers=dict(flag.numbers))
                for flag in raised
            ],
            "on_track": shown_colour(seen, raised, rules),
        }
    )
