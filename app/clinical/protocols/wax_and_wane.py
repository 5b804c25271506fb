"""Wax and wane: what stirs is let come and go, so that its going loses its terror."""

from app.clinical.predicates import Both, Is, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import Precondition
from app.clinical.source import Source

_BOOK = Source("Masters & Johnson 1970", "recalled_medium")
_CONSENSUS = Source("Masters & Johnson 1970, and clinical consensus", "recalled_low")
_OURS = Source("Our default; reasonable, untested", "proposal")

_ROUNDS = "Touch until something stirs, pause until it has gone, begin again; three rounds."
_LET_GO = "Whether it comes back does not matter, and nobody tries to make it."
_ALONE = "You may stop at any moment; that is part of the exercise."
_TOGETHER = "Either of you may stop at any moment, without a reason, and that is part of the exercise."

PROTOCOL = Protocol(
    code="wax_and_wane",
    version="1",
    name="Wax and wane",
    sources=(_BOOK,),
    targets=("erectile", "performance_anxiety"),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        Stage(
            1,
            "rehearsal",
            "A rehearsal alone",
            (_ROUNDS, "Notice what you think when it goes, and return to what you feel."),
            (_LET_GO, _ALONE),
            "IT",
            shared_touch=False,
            company="practising_alone",
        ),
        Stage(
            2,
            "come_and_go",
            "Let it come and go, together",
            ("One of you touches, the other attends to what it feels like.", _ROUNDS),
            (_LET_GO, _TOGETHER),
            "IT",
            shared_touch=True,
            ban=("intercourse",),
        ),
        Stage(
            3,
            "containment",
            "The same, resting together",
            ("When both of you wish, rest joined without movement, and let it come and go as before.",),
            (_LET_GO, "Slipping apart is part of it.", _TOGETHER),
            "IT",
            shared_touch=True,
            ban=("movement",),
        ),
    ),
    dose=Dose("practice", (2, 3), "week", (20, 30), None, "Rehearsed alone first; three rounds in each practice.", _BOOK),
    log_fields=(
        LogField("cycles", "integer", "How many rounds of coming and going.", low=0, high=10, asked_of="practising"),
        rating("worry_on_loss", "How worried I was when it went; 0 if it did not go.", required=True, asked_of="practising"),
        LogField("regained", "boolean", "Whether it came back; noted, never asked for.", asked_of="practising"),
    ),
    thresholds=(
        Threshold("occasions_needed", 3, 3, 6, "Occasions in a row for the next stage.", _OURS, whole=True),
        Threshold("worry_advance", 3, 0, 3, "Most worry that allows the next stage.", _OURS),
        Threshold("worry_step_back", 7, 4, 7, "Worry that leads back a stage.", _OURS),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "worried",
            "step_back",
            any_of_last("occasions_needed", Is("worry_on_loss", ">=", "worry_step_back")),
            "The worry was strong: go back to where it was light.",
            role="practising",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("occasions_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to a stage that is done freely.",
        ),
        Rule(
            "uneasy",
            "hold",
            any_of_last(1, Is("worry_on_loss", ">", "worry_advance")),
            "There was some worry last time: stay and repeat.",
            role="practising",
        ),
        Rule(
            "at_ease",
            "advance",
            each_of_last("occasions_needed", Both((Was(("within_rules",)), Is("worry_on_loss", "<=", "worry_advance")))),
            "The last occasions were within the rules and with little worry; whether anything came back is not asked.",
            role="practising",
        ),
        Rule(
            "accompanied",
            "advance",
            each_of_last("occasions_needed", Was(("within_rules",))),
            "The last occasions were within the rules, freely, for the one who accompanies.",
            role="accompanying",
        ),
    ),
    hard_rules=("Getting it back is never required, and nothing is made of it when it comes back.",),
    preconditions=(
        Precondition(
            "new_erectile_problem_checked",
            "If the erectile problem is new, a medical check was made: it can come before heart disease.",
            "medical",
        ),
    ),
    contraindications=(),
    evidence=Evidence("consensus", "Clinical consensus; no controlled trial known.", (_CONSENSUS,)),
)
