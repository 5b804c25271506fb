"""Sensate focus: graded touch for its own sake, with intercourse off the table until both want it otherwise."""

from app.clinical.predicates import AnyOf, AtLeast, Both, Is, Said, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import RedFlag
from app.clinical.source import Source

_BOOKS = Source("Masters & Johnson 1970; Weiner & Avery-Clark 2014, 2017", "recalled_medium")
_INITIATION = Source(
    "Weiner & Avery-Clark in a published chapter: anticipation or desire is not needed to start", "read_in_secondary"
)
_OURS = Source("Our default; reasonable, untested", "proposal")
_FIFTY = Source("Our default; a 50 % rule is also used in print", "proposal")

_BAN = ("intercourse", "oral sex", "stimulating oneself or the partner to release")
_TOUCH = (
    "Attend to temperature, pressure and texture, and bring attention back to them when it wanders.",
    "Touch for your own interest, not to please or to arouse.",
    "You need not look forward to it or feel desire to begin; willing is enough.",
)
_TURNS = "Take turns of equal length; the one who is touched only says what is unpleasant."
_STOP = "Either of you may stop at any moment, without a reason, and that is part of the exercise."


# What containment is must not stand among what is off limits: whoever keeps to the stage could not say that they did.
_CONTAINMENT = 5
_BAN_AT_LAST = ("intercourse beyond resting and slow movement", *_BAN[1:])


def _stage(number: int, code: str, title: str, instructions: tuple[str, ...], rules: tuple[str, ...]) -> Stage:
    ban = _BAN_AT_LAST if number == _CONTAINMENT else _BAN
    # The first stage may be given as a specific suggestion; the later ones are intensive therapy.
    return Stage(number, code, title, (*instructions, *_TOUCH), (*rules, _STOP), "SS" if number == 1 else "IT", True, ban)


PROTOCOL = Protocol(
    code="sensate_focus",
    version="1",
    name="Sensate focus",
    sources=(_BOOKS, _INITIATION),
    targets=(
        "performance_anxiety",
        "erectile",
        "female_interest_arousal",
        "male_low_desire",
        "female_orgasmic",
        "delayed_ejaculation",
        "early_ejaculation",
        "desire_discrepancy",
        "low_sex_relationship",
        "sexual_aversion_avoidance",
        "unconsummated",
    ),
    participants="together",
    shared_touch=True,
    stages=(
        _stage(
            1,
            "non_genital",
            "Touch without breasts and genitals",
            ("One of you touches, the other is touched, then you change.",),
            (_TURNS, "Breasts and genitals are off limits."),
        ),
        _stage(
            2,
            "genitals_included",
            "Touch with breasts and genitals included",
            ("Still one at a time and without a goal; lay your hand on the other's to guide it.",),
            (_TURNS, "No one tries to bring about arousal."),
        ),
        _stage(
            3,
            "mutual",
            "Touching each other at the same time",
            ("Now both touch and are touched; lotion is welcome.",),
            ("When attention goes to performing, return to taking turns.",),
        ),
        _stage(
            4,
            "genital_contact",
            "Genitals touching, without insertion",
            ("Lie or sit so that your genitals touch, and stay with what you feel.",),
            ("No insertion.",),
        ),
        _stage(
            _CONTAINMENT,
            "containment",
            "Containment, first still, then with slow movement",
            ("Rest together without movement; later move slowly, and pause whenever one of you wishes.",),
            ("What was off limits changes only when both have agreed with the therapist.",),
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(2, 3),
        per="week",
        minutes=(30, 60),
        weeks=None,
        note=(
            "Equal turns of 15 to 30 minutes, in private, not when tired or after a heavy meal; at least one or two weeks "
            "a stage; the whole course about 10 to 20 therapy hours. The original was daily in a fortnight's intensive."
        ),
        source=_BOOKS,
    ),
    log_fields=(
        LogField("initiated_by_me", "boolean", "Whether I was the one who began."),
        LogField("minutes_each", "integer", "Minutes of each turn.", low=0, high=180),
        LogField("ban_kept", "boolean", "Whether what was off limits stayed so.", required=True),
        LogField("focus_pct", "integer", "How much of the time attention was on the touch.", low=0, high=100, required=True),
        rating("anxiety_pre", "Anxiety before."),
        rating("anxiety_peak", "Anxiety at its highest.", required=True),
        rating("anxiety_post", "Anxiety after."),
        rating("enjoyment", "How pleasant it was; noted, never a goal."),
        LogField("stopped_early_by_me", "boolean", "Whether I ended it early.", "safety"),
        LogField("asks_to_go_back", "boolean", "Whether I would rather go back a step.", "safety"),
    ),
    thresholds=(
        Threshold(
            "sessions_needed",
            2,
            2,
            6,
            "Sessions in a row for the next stage.",
            _OURS,
            whole=True,
        ),
        Threshold("focus_advance", 50, 50, 100, "Share of the time with attention on the touch, in percent.", _FIFTY),
        Threshold("anxiety_advance", 3, 0, 3, "Highest peak anxiety that allows the next stage.", _OURS),
        Threshold("anxiety_step_back", 7, 4, 7, "Peak anxiety that, twice, leads back a stage.", _OURS),
        Threshold("pain_step_back", 4, 1, 4, "Pain that leads back a stage.", _OURS),
        Threshold("pressure_advance", 0, 0, 0, "Pressure that allows the next stage.", _OURS),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "anxious_twice",
            "step_back",
            AtLeast(2, "sessions_needed", Is("anxiety_peak", ">=", "anxiety_step_back")),
            "Anxiety was high in two sessions: go back to a stage that felt safe.",
        ),
        Rule(
            "ban_broken",
            "step_back",
            any_of_last("sessions_needed", Said("ban_kept", answer=False)),
            "What was off limits did not stay so: the earlier stage makes the limits clear again.",
        ),
        Rule(
            "pain",
            "step_back",
            any_of_last("sessions_needed", Is("pain", ">=", "pain_step_back")),
            "There was pain: touch that hurts is not practised on.",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("sessions_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to a stage that both can do freely.",
        ),
        Rule(
            "asked_to_go_back",
            "step_back",
            any_of_last("sessions_needed", Said("asks_to_go_back", answer=True, silence=False), over="answers"),
            "A partner would rather go back a stage; that is enough.",
        ),
        Rule(
            "unsettled",
            "hold",
            AnyOf(
                (
                    any_of_last(1, Is("focus_pct", "<", "focus_advance")),
                    any_of_last(1, Is("anxiety_peak", ">", "anxiety_advance")),
                )
            ),
            "Attention or calm was not there in the last session: stay and repeat.",
        ),
        Rule(
            "session_missed",
            "hold",
            any_of_last("sessions_needed", Was(("not_done",)), over="offers"),
            "A session did not come about: stay, and ask what got in the way.",
        ),
        Rule(
            "settled",
            "advance",
            each_of_last(
                "sessions_needed",
                Both(
                    (
                        Was(("within_rules",)),
                        Said("ban_kept", answer=True),
                        Is("focus_pct", ">=", "focus_advance"),
                        Is("anxiety_peak", "<=", "anxiety_advance"),
                        Is("pressure", "<=", "pressure_advance"),
                    )
                ),
            ),
            "The last sessions were done within the rules, attentive, calm and without pressure.",
        ),
    ),
    hard_rules=(
        "The ban holds until both partners, each alone, have consented to the stage that lifts it.",
        "Arousal, orgasm and intercourse are never the aim and never counted.",
        "Partners alternate in beginning.",
    ),
    preconditions=(),
    contraindications=(
        RedFlag("open_hostility", "High open hostility between the partners.", "relationship"),
        RedFlag("unprocessed_trauma", "Severe unprocessed trauma: adapt it, solo first.", "mental_health"),
    ),
    evidence=Evidence(
        "mixed",
        "Part of most packages tried in trials, so its own share is not known; about 85 % of 115 sexologists asked use it.",
        (Source("Weiner 2014, survey of 115 sexologists", "read_in_secondary"),),
    ),
)
