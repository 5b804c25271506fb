"""What stop-start and squeeze share: pausing in time, first alone and then together, until the pace is one's own to choose."""

from app.clinical.predicates import AnyOf, AtLeast, Both, Is, Said, Was, any_of_last
from app.clinical.protocol import LogField, Rule, Stage, Threshold, rating
from app.clinical.safety import Precondition
from app.clinical.source import Source

_OURS = Source("Our default; reasonable, untested", "proposal")
_NO_MORE = Source("Our default; a clinic may ask for less, never for more: this is practice, not a performance", "proposal")

_PAUSE = (
    "Attend to what you feel, and pause well before the point of no return; begin again when the urge has faded.",
    "Pause three times; after the third you need not pause again, whatever comes of it.",
)
_PAUSING = "Pausing is the exercise: needing a pause is never a failure, and a pause too early is better than one too late."
_ALONE = "You may stop at any moment; that is part of the exercise."
_TOGETHER = "Either of you may stop at any moment, without a reason, and that is part of the exercise."
_SAY = "The one who practises says when to pause, in one word agreed before."


def _alone(number: int, code: str, title: str, instruction: str) -> Stage:
    return Stage(
        number,
        code,
        title,
        (instruction, *_PAUSE),
        (_PAUSING, _ALONE),
        "SS",
        shared_touch=False,
        company="practising_alone",
    )


def _together(number: int, code: str, title: str, instruction: str, ban: tuple[str, ...] = ()) -> Stage:
    return Stage(number, code, title, (instruction, *_PAUSE), (_SAY, _PAUSING, _TOGETHER), "SS", shared_touch=True, ban=ban)


STAGES: tuple[Stage, ...] = (
    _alone(1, "alone_dry", "Alone, with a dry hand", "Touch yourself with a dry hand, unhurried."),
    _alone(2, "alone_lubricated", "Alone, with lubricant", "The same with lubricant, which feels closer and stronger."),
    _together(
        3,
        "partner_hand_dry",
        "Your partner's dry hand",
        "One of you practises, lying back; the other lends a dry hand.",
        ("insertion",),
    ),
    _together(
        4,
        "partner_hand_lubricated",
        "Your partner's hand, with lubricant",
        "The same with lubricant on the hand.",
        ("insertion",),
    ),
    _together(
        5,
        "containment",
        "Contained, without movement",
        "The one who accompanies is on top and takes the other in; rest together without movement.",
        ("movement",),
    ),
    _together(
        6,
        "slow_movement",
        "Slow movement",
        "The one on top moves slowly, and is still whenever the other asks for a pause.",
    ),
    _together(7, "free_pace", "A pace of your own", "Choose the pace and the position; pauses stay as welcome as before."),
)

LOG_FIELDS: tuple[LogField, ...] = (
    LogField(
        "minutes", "integer", "Minutes of practice, pauses included.", low=0, high=120, required=True, asked_of="practising"
    ),
    LogField("pauses", "integer", "How often I paused.", low=0, high=30, required=True, asked_of="practising"),
    LogField("time_to_first_pause", "number", "Minutes to the first pause.", low=0, high=120, asked_of="practising"),
    rating("arousal_at_pause", "How near the point of no return I was when I paused.", asked_of="practising"),
    LogField(
        "over_before_pause", "boolean", "Whether it was over before the first pause.", required=True, asked_of="practising"
    ),
    rating(
        "control", "How far the pace was mine to choose: when to pause, when to go on.", required=True, asked_of="practising"
    ),
    LogField(
        "ielt_estimate",
        "number",
        "Minutes from insertion until it was over, if I wish to note them; never a goal.",
        low=0,
        high=120,
        asked_of="practising",
    ),
    rating("distress", "How much the exercise troubled me.", required=True, asked_of="practising"),
    rating(
        "partner_distress",
        "How much the exercise troubled me as the one who accompanies.",
        "safety",
        required=True,
        asked_of="accompanying",
    ),
)

THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("sessions_needed", 3, 3, 4, "Sessions of those looked back on, for the next stage.", _OURS, whole=True),
    Threshold("sessions_looked_at", 4, 4, 4, "Sessions looked back on.", _OURS, whole=True),
    Threshold("minutes_advance", 15, 5, 15, "Minutes of practice, pauses included.", _NO_MORE, whole=True),
    Threshold("pauses_advance", 3, 3, 6, "Most pauses in such a session.", _NO_MORE, whole=True),
    Threshold("control_advance", 6, 4, 6, "How far the pace was one's own to choose.", _NO_MORE),
    Threshold("uneven_sessions", 2, 2, 2, "Sessions below that, of those looked back on, that say stay.", _OURS, whole=True),
    Threshold("early_sessions", 2, 1, 2, "Sessions over before the first pause that lead back a stage.", _OURS, whole=True),
    Threshold("early_looked_at", 3, 3, 3, "Sessions looked back on for it.", _OURS, whole=True),
    Threshold("distress_hold", 7, 4, 7, "Distress that says stay.", _OURS),
    Threshold("pain_step_back", 4, 1, 4, "Pain that leads back a stage.", _OURS),
    Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
)

RULES: tuple[Rule, ...] = (
    Rule(
        "over_before_pause",
        "step_back",
        AtLeast("early_sessions", "early_looked_at", Said("over_before_pause", answer=True)),
        "More than once it was over before the first pause: go back a stage, and pause earlier there.",
        role="practising",
    ),
    Rule(
        "pain",
        "step_back",
        any_of_last("sessions_looked_at", Is("pain", ">=", "pain_step_back")),
        "There was pain: touch that hurts is not practised on.",
    ),
    Rule(
        "pressure",
        "step_back",
        any_of_last("sessions_looked_at", Is("pressure", ">=", "pressure_step_back")),
        "Pressure was felt: go back to a stage that is done freely.",
    ),
    Rule(
        "distressed",
        "hold",
        any_of_last(1, Is("distress", ">=", "distress_hold")),
        "The last session was troubling: stay, and talk about what made it so.",
        role="practising",
    ),
    Rule(
        "partner_distressed",
        "hold",
        any_of_last(1, Is("partner_distress", ">=", "distress_hold")),
        "The last session was troubling to the one who accompanies: stay, and talk about it with each alone.",
        stages=(3, 4, 5, 6, 7),
        role="accompanying",
    ),
    Rule(
        "uneven",
        "hold",
        AnyOf(
            (
                AtLeast("uneven_sessions", "sessions_looked_at", Is("minutes", "<", "minutes_advance")),
                AtLeast("uneven_sessions", "sessions_looked_at", Is("pauses", ">", "pauses_advance")),
                AtLeast("uneven_sessions", "sessions_looked_at", Is("control", "<", "control_advance")),
            )
        ),
        "The sessions differ from one another: stay and repeat.",
        role="practising",
    ),
    Rule(
        "steady",
        "advance",
        AtLeast(
            "sessions_needed",
            "sessions_looked_at",
            Both(
                (
                    Was(("within_rules",)),
                    Is("minutes", ">=", "minutes_advance"),
                    Is("pauses", "<=", "pauses_advance"),
                    Is("control", ">=", "control_advance"),
                )
            ),
        ),
        "Most of the last sessions had their full time with few pauses, at a pace of one's own.",
        role="practising",
    ),
    Rule(
        "accompanied",
        "advance",
        AtLeast("sessions_needed", "sessions_looked_at", Was(("within_rules",))),
        "Most of the last sessions were within the rules, freely, for the one who accompanies.",
        role="accompanying",
    ),
)

HARD_RULES: tuple[str, ...] = (
    "Success is pausing in time; how long anything lasts is never the aim.",
    "Whatever happens after the third pause is neither success nor failure.",
)

PRECONDITIONS: tuple[Precondition, ...] = (
    Precondition(
        "erectile_problem_screened",
        "An erectile problem was asked about first: coming early may be secondary to it.",
        "medical",
    ),
    Precondition("prostate_and_thyroid_considered", "Prostatitis and thyroid disease were considered.", "medical"),
)
