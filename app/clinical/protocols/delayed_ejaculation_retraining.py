"""Retraining in delayed ejaculation: other ways of touch are learnt alone, and shared step by step."""

from app.clinical.predicates import AtLeast, Both, Is, Was, any_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import Precondition
from app.clinical.source import Source

_AUTHORS = Source("Perelman; Apfelbaum", "recalled_medium")
_CONSENSUS = Source("Perelman; Apfelbaum; clinical consensus", "recalled_low")
_OURS = Source("Our default; reasonable, untested", "proposal")
_STRICTER = Source("Our default; stricter than the 7 at which every plan pauses anyway", "proposal")

_NO_WORK = "It is not work: when it becomes effort, slow down or end it."
_ALONE = "You may stop at any moment; that is part of the exercise."
_TOGETHER = "Either of you may stop at any moment, without a reason, and that is part of the exercise."


def _alone(number: int, code: str, title: str, instruction: str) -> Stage:
    return Stage(number, code, title, (instruction,), (_NO_WORK, _ALONE), "IT", shared_touch=False, company="practising_alone")


def _together(number: int, code: str, title: str, *instructions: str) -> Stage:
    return Stage(number, code, title, instructions, (_NO_WORK, _TOGETHER), "IT", shared_touch=True)


PROTOCOL = Protocol(
    code="delayed_ejaculation_retraining",
    version="1",
    name="Retraining in delayed ejaculation",
    sources=(_AUTHORS,),
    targets=("delayed_ejaculation",),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        _alone(
            1,
            "another_way",
            "Another way of touch",
            "Touch yourself in a way unlike your usual one: lighter, slower, with the other hand or in another position.",
        ),
        _alone(
            2,
            "less_often",
            "Less often alone",
            "Leave more days free of touching yourself than you are used to, and keep to the new way on the others.",
        ),
        # Being watched asks for consent as much as being touched does, so the gate is the same.
        _together(3, "partner_there", "With your partner there", "One of you practises in the new way, the other lies close."),
        _together(
            4,
            "partner_touches",
            "Your partner's touch",
            "The other takes over for a while, guided by hand or word, and gives back whenever asked.",
        ),
        _together(
            5,
            "bridge",
            "From hand to being joined",
            "Begin by hand; if both of you wish, join when it feels close, and go back to the hand whenever you like.",
        ),
    ),
    dose=Dose("practice", (2, 3), "week", None, (8, 12), "Nothing is made up for.", _AUTHORS),
    log_fields=(
        LogField(
            "style",
            "choice",
            "How I touched.",
            choices=("as_before", "lighter", "slower", "other_hand", "other_position", "other"),
            asked_of="practising",
        ),
        LogField("minutes", "integer", "About how many minutes.", low=0, high=180, asked_of="practising"),
        rating("arousal_max", "How stirred I was at most; noted, never a goal.", asked_of="practising"),
        rating("effort", "How much it was like work.", required=True),
    ),
    thresholds=(
        Threshold("occasions_needed", 3, 3, 4, "Occasions of those looked back on, for the next stage.", _OURS, whole=True),
        Threshold("occasions_looked_at", 4, 4, 4, "Occasions looked back on.", _OURS, whole=True),
        Threshold("uneven_occasions", 2, 2, 2, "Other occasions, of those looked back on, that say stay.", _OURS, whole=True),
        Threshold("effort_step_back", 7, 4, 7, "Effort that leads back a stage.", _OURS),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _STRICTER),
    ),
    rules=(
        Rule(
            "effortful",
            "step_back",
            any_of_last("occasions_looked_at", Is("effort", ">=", "effort_step_back")),
            "It was hard work: go back to what was easy.",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("occasions_looked_at", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to a stage that is done freely.",
        ),
        Rule(
            "uneven",
            "hold",
            AtLeast("uneven_occasions", "occasions_looked_at", Was(("partly", "not_within_rules"))),
            "The occasions differ from one another: stay and repeat.",
        ),
        Rule(
            "kept",
            "advance",
            AtLeast(
                "occasions_needed",
                "occasions_looked_at",
                Both((Was(("within_rules",)), Is("effort", "<", "effort_step_back"))),
            ),
            "Most of the last occasions were within the rules, and no hard work.",
        ),
    ),
    hard_rules=("Ejaculation is never the aim of an occasion and never a condition for the next stage.",),
    preconditions=(
        Precondition(
            "medication_reviewed",
            "Medication was reviewed for what delays ejaculation: SSRIs, opioids, antipsychotics, alpha-blockers.",
            "medical",
        ),
    ),
    contraindications=(),
    evidence=Evidence("consensus", "Clinical consensus; no controlled trial known.", (_CONSENSUS,)),
)
