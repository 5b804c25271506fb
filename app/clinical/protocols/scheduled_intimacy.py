"""Scheduled intimacy: a protected time for two, with a menu that always includes only talking."""

from app.clinical.predicates import Both, Is, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import RedFlag
from app.clinical.source import Source

_PRACTICE = Source("Common practice in sex therapy", "recalled_medium")
_OURS = Source("Our default; reasonable, untested", "proposal")
_TRIAL = Source("Loewenstein et al. 2015, J Econ Behav Organ, 64 couples randomised", "read_in_secondary")
_PLATEAU = Source("Muise, Schimmack & Impett 2016: well-being flattens at about one occasion in seven days", "read_in_primary")
_DECLINE = "Either of you may decline or move the time, without a reason and at no cost; nothing is made up for later."

PROTOCOL = Protocol(
    code="scheduled_intimacy",
    version="1",
    name="Scheduled intimacy",
    sources=(_PRACTICE, _TRIAL),
    targets=("low_sex_relationship", "desire_discrepancy", "initiation_refusal_pattern", "postpartum"),
    participants="together",
    shared_touch=True,
    stages=(
        Stage(
            1,
            "protected_time",
            "A protected time, and a menu",
            (
                "Agree on a time in the week that belongs to the two of you, half an hour to an hour.",
                "Write a menu of what you might do then; only talking is always on it.",
            ),
            (_DECLINE, "What happens in that time is chosen then, from the menu."),
            "SS",
            shared_touch=True,
        ),
        Stage(
            2,
            "alternate_planning",
            "Take turns in planning",
            ("One plans this time, the other the next: the place, the mood, a suggestion from the menu.",),
            (_DECLINE, "A plan is an offer, not a promise."),
            "SS",
            shared_touch=True,
        ),
        Stage(
            3,
            "erotic_options",
            "Add erotic options you both want",
            ("Add to the menu what both of you would like to have on it; what one does not want stays off.",),
            (_DECLINE, "The menu still includes only talking."),
            "SS",
            shared_touch=True,
        ),
    ),
    dose=Dose(
        unit="protected_time",
        times=(1, 1),
        per="week",
        minutes=(30, 60),
        weeks=None,
        note="The time together is agreed; what is done in it is not.",
        source=_PRACTICE,
    ),
    log_fields=(
        LogField("rescheduled", "boolean", "Whether the time was moved; that is as good as keeping it."),
        LogField("by_me", "boolean", "Whether it was I who moved or declined it.", "safety"),
        LogField(
            "activity",
            "choice",
            "What we chose from the menu, if you wish to say.",
            choices=("talk", "affection", "massage", "erotic", "other"),
        ),
        rating("connection", "How connected I felt.", required=True),
    ),
    thresholds=(
        Threshold("occasions_needed", 4, 2, 12, "Kept occasions in a row for the next stage.", _OURS, whole=True),
        Threshold("connection_advance", 5, 0, 10, "Connection that both feel on each of them.", _OURS),
        Threshold("declines_in_a_row", 2, 2, 4, "Declines in a row that ask what they mean.", _OURS, whole=True),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "declined_in_a_row",
            "step_back",
            each_of_last("declines_in_a_row", Was(("declined",)), over="answers"),
            "The time was declined more than once: talk about what that says, make the menu smaller, and never catch up.",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("occasions_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: make the menu smaller until both can choose freely.",
        ),
        Rule(
            "declined_once",
            "hold",
            any_of_last(1, Was(("declined",)), over="answers"),
            "The last time was declined, which is as good an answer as any: stay as you are.",
        ),
        Rule(
            "connected",
            "advance",
            each_of_last("occasions_needed", Both((Was(("within_rules",)), Is("connection", ">=", "connection_advance")))),
            "The last occasions were kept, and connection was felt on each.",
        ),
    ),
    hard_rules=(
        "No target is set for how often a couple has intercourse, and none is reported.",
        "A declined time is never made up for.",
    ),
    preconditions=(),
    contraindications=(RedFlag("duty_or_avoidance", "One partner would agree only to keep the peace.", "safety"),),
    evidence=Evidence(
        "indirect",
        "No trial of scheduling itself. Told to double intercourse, couples in a trial had lower mood and less desire.",
        (_TRIAL, _PLATEAU),
    ),
)
