"""Affection ritual: small daily touch that is not sexual and leads nowhere else."""

from app.clinical.predicates import Both, Is, OnDays, Was, any_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import Plissit, RedFlag
from app.clinical.source import Source

_PRACTICE = Source("Common practice in sex therapy", "recalled_medium")
_AFTER_SEX = Source("Muise, Giang & Impett 2014, affection after sex, n = 335 and 101 couples", "read_in_primary")
_OURS = Source("Our default; reasonable, untested", "proposal")
_ENOUGH = "It stays affection: nobody takes it further, and nobody waits for it to go further."
_FREE = "Either of you may leave it out today, without a reason."


def _stage(number: int, code: str, title: str, instruction: str, plissit: Plissit) -> Stage:
    return Stage(number, code, title, (instruction,), (_ENOUGH, _FREE), plissit, shared_touch=True, ban=("sexual touch",))


PROTOCOL = Protocol(
    code="affection_ritual",
    version="1",
    name="Affection ritual",
    sources=(_PRACTICE, _AFTER_SEX),
    targets=("low_sex_relationship", "postpartum", "after_infidelity", "desire_discrepancy"),
    participants="together",
    shared_touch=True,
    stages=(
        _stage(1, "greeting_and_parting", "Touch when you meet and part", "Greet and part with a touch you both like.", "LI"),
        _stage(2, "hugging", "Hug until both relax", "Hold each other until you feel both bodies ease, 5 to 10 minutes.", "SS"),
        _stage(3, "evening_closeness", "Closeness in the evening", "Lie or sit close in the evening; leave it there.", "SS"),
        Stage(
            4,
            "affection_after_sex",
            "Affection after sex",
            ("If you were intimate, stay close for a while afterwards.",),
            ("It follows only what both of you wanted anyway; there is nothing to bring about for its sake.", _FREE),
            "SS",
            shared_touch=True,
        ),
    ),
    dose=Dose(
        unit="affection",
        times=(1, 1),
        per="day",
        minutes=(1, 15),
        weeks=None,
        note="A minute is enough; a day left out is not made up for.",
        source=_PRACTICE,
    ),
    log_fields=(
        LogField("minutes", "integer", "About how many minutes.", low=0, high=180),
        rating("escalation_pressure", "How much I felt it was meant to lead further.", "safety", required=True),
        rating("warmth", "How warm it felt."),
    ),
    thresholds=(
        Threshold("days_needed", 10, 5, 14, "Days kept, out of those looked back on, for the next stage.", _OURS, whole=True),
        Threshold("days_looked_at", 14, 7, 28, "Days looked back on.", _OURS, whole=True),
        Threshold("escalation_advance", 0, 0, 0, "Pressure to go further that allows the next stage.", _OURS),
        Threshold("escalation_step_back", 3, 1, 3, "Pressure to go further that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "escalation",
            "step_back",
            any_of_last("days_needed", Is("escalation_pressure", ">=", "escalation_step_back")),
            "It was felt as meant to lead further: go back to a form that clearly is not.",
        ),
        Rule(
            "some_pressure",
            "hold",
            any_of_last("days_needed", Is("escalation_pressure", ">", "escalation_advance")),
            "A little pressure to go further was felt: stay until it is gone.",
        ),
        Rule(
            "kept",
            "advance",
            OnDays(
                "days_needed",
                "days_looked_at",
                Both((Was(("within_rules",)), Is("escalation_pressure", "<=", "escalation_advance"))),
            ),
            "Affection was kept on most days, and nobody felt it was meant to lead further.",
        ),
    ),
    hard_rules=(
        "Not sexual by rule: what is affection is never used to begin something else.",
        "No day is owed, and none is made up for.",
    ),
    preconditions=(),
    contraindications=(RedFlag("touch_unsafe", "Touch by the partner feels unsafe to either of them.", "safety"),),
    evidence=Evidence(
        "indirect",
        "Longer and better affection after sex goes with higher sexual and relationship satisfaction, also three months on.",
        (_AFTER_SEX,),
    ),
)
