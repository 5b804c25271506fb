"""Pelvic floor training: finding the muscles, then strengthening them or learning to let them go."""

from app.clinical.predicates import Both, Is, OnDays, Was, any_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold
from app.clinical.safety import Precondition, RedFlag
from app.clinical.source import Source

_KEGEL = Source("Kegel; practice of pelvic physiotherapy", "recalled_medium")
_REVIEW = Source("Systematic review of behavioural therapies for early ejaculation (PMC4599555)", "read_in_primary")
_OURS = Source("Our default; reasonable, untested", "proposal")
_NO_PAIN = Source("Our default: pain is a reason to stop and look, whatever its strength", "proposal")

_STOP = "You may stop at any moment; a day left out is not made up for."
_PAIN = "Nothing may hurt; when it does, end for today and say so."


def _stage(number: int, code: str, title: str, *instructions: str) -> Stage:
    return Stage(number, code, title, instructions, (_PAIN, _STOP), "SS", shared_touch=False, company="practising_alone")


PROTOCOL = Protocol(
    code="pelvic_floor_training",
    version="1",
    name="Pelvic floor training",
    sources=(_KEGEL,),
    targets=("early_ejaculation", "erectile", "female_orgasmic", "gpppd"),
    participants="alone",
    shared_touch=False,
    stages=(
        _stage(
            1,
            "finding",
            "Finding the muscles",
            "Draw up gently as if to hold back wind, let go completely, and feel the difference; belly and buttocks stay soft.",
            "If you practise letting go: only follow the breath, and feel the floor drop as you breathe in.",
        ),
        _stage(
            2,
            "short_holds",
            "Short holds",
            "Draw up for one or two seconds, and rest as long.",
            "If you practise letting go: breathe in and let the floor drop, a breath or two at a time.",
        ),
        _stage(
            3,
            "long_holds",
            "Long holds",
            "Draw up for up to six, later ten seconds, and rest as long.",
            "If you practise letting go: stay open and soft for up to ten seconds, and rest.",
        ),
        _stage(
            4,
            "in_daily_life",
            "In daily life",
            "Use it where it helps: before coughing or lifting, and when you are close to someone.",
            "If you practise letting go: let the floor drop whenever you notice it has tightened.",
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(1, 1),
        per="day",
        minutes=None,
        weeks=(12, 12),
        note="Three sets a day of 8 to 12, held for up to 6 to 10 seconds, with rests as long as the holds.",
        source=_KEGEL,
    ),
    log_fields=(
        LogField("variant", "choice", "Which variant I practised.", choices=("strengthening", "letting_go"), required=True),
        LogField("sets", "integer", "How many sets today.", low=0, high=10, required=True),
        LogField("hold_seconds", "integer", "Seconds of the longest hold.", low=0, high=30),
    ),
    thresholds=(
        Threshold("days_needed", 10, 10, 14, "Full days, of those looked back on, for the next stage.", _OURS, whole=True),
        Threshold("days_looked_at", 14, 14, 14, "Days looked back on.", _OURS, whole=True),
        Threshold("sets_a_day", 3, 1, 3, "Sets that make a full day.", _KEGEL, whole=True),
        Threshold("partial_days", 5, 5, 5, "Days done in part, of those looked back on, that say stay.", _OURS, whole=True),
        Threshold("pain_advance", 0, 0, 0, "Pain that allows the next stage: none.", _NO_PAIN),
    ),
    rules=(
        Rule(
            "pain",
            "step_back",
            any_of_last("days_looked_at", Is("pain", ">", "pain_advance")),
            "There was pelvic pain: go back a stage, and let a physiotherapist look.",
        ),
        Rule(
            "partial",
            "hold",
            OnDays("partial_days", "days_looked_at", Is("sets", "<", "sets_a_day")),
            "On many days there were fewer sets: stay, and agree on what fits into the day.",
        ),
        Rule(
            "kept",
            "advance",
            OnDays(
                "days_needed",
                "days_looked_at",
                Both((Was(("within_rules",)), Is("sets", ">=", "sets_a_day"), Is("pain", "<=", "pain_advance"))),
            ),
            "All sets were done on most days, without pain.",
        ),
    ),
    hard_rules=("With genito-pelvic pain or a tight floor only letting go is practised, and a physiotherapist sees to it.",),
    preconditions=(
        Precondition(
            "pelvic_floor_assessed",
            "The floor was assessed and the variant chosen; with pain or a tight floor a physiotherapist is involved.",
            "medical",
        ),
    ),
    contraindications=(
        RedFlag(
            "strengthening_a_tight_floor",
            "The strengthening variant with an overactive pelvic floor or pelvic pain; letting go is not forbidden by this.",
            "medical",
        ),
    ),
    evidence=Evidence(
        "mixed",
        "Practice of physiotherapy; in early ejaculation it was among the treatments of a systematic review.",
        (_KEGEL, _REVIEW),
    ),
)
