"""Willingness and responsive desire: starting from neutral, for a reason of one's own, with a stop agreed beforehand."""

from app.clinical.predicates import AtLeast, Both, Either, Is, OnDays, Said, Was, any_of_last, each_of_last
from app.clinical.protocol import Company, Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import RedFlag
from app.clinical.source import Source

_MODEL = Source("Basson 2000, 2001; dual-control model, Bancroft & Janssen", "recalled_medium")
_DIARY = Source("Diary studies of sex in its daily relational context: mood was better the day after", "read_in_primary")
_AVOIDANCE = Source("Impett, Peplau & Gable 2005; Muise, Impett & Desmarais 2013", "recalled_high")
_OURS = Source("Our default; reasonable, untested", "proposal")
_LEAVE = "You may stop or skip this whenever you like, without a reason."
_STOP = "Either of you may stop at any moment, without a reason, and that is part of the exercise."
_ALONE = (1, 2)
_TRIAL = (4,)


def _stage(number: int, code: str, title: str, instructions: tuple[str, ...], rule: str, *more: str) -> Stage:
    company: Company = "each_alone" if number in _ALONE else "together"
    rules = (rule, *more, _LEAVE if number in _ALONE else _STOP)
    touch = number in _TRIAL
    return Stage(number, code, title, instructions, rules, "IT" if touch else "SS", shared_touch=touch, company=company)


PROTOCOL = Protocol(
    code="willingness_responsive_desire",
    version="1",
    name="Willingness and responsive desire",
    sources=(_MODEL, _AVOIDANCE),
    targets=("female_interest_arousal", "male_low_desire", "desire_discrepancy"),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        _stage(
            1,
            "accelerators_and_brakes",
            "What opens you, and what closes you",
            ("Write two lists for yourself: what makes closeness easier for you, and what puts you off or slows you down.",),
            "The lists are yours; what you show of them is up to you.",
        ),
        _stage(
            2,
            "own_reasons",
            "Reasons of your own",
            (
                "Write down what you yourself would gain from being close: warmth, play, rest, feeling wanted.",
                "Strike out what is only there to keep the peace, to avoid guilt or to please.",
            ),
            "No reason of your own today is an answer too.",
        ),
        _stage(
            3,
            "context",
            "A setting that is good enough",
            (
                "Tell each other one thing that would help you and one that would not.",
                "Agree on a time, a place and how to begin.",
            ),
            "Each of you names what you like; nobody has to explain a brake.",
        ),
        _stage(
            4,
            "neutral_start",
            "Begin from neutral, with a stop agreed",
            (
                "Ask yourself alone whether you are willing; you need not want anything yet, neutral is enough.",
                "If both of you are, begin with touch you both like, in the setting you agreed on.",
                "After about ten minutes stop. Each says whether to end or to go on; unless both say go on, you end there.",
            ),
            "Begin only when you are willing and free of pressure; otherwise say not today, which costs nothing.",
            "Ending at the stop is doing it right, however it felt.",
        ),
        _stage(
            5,
            "review",
            "Look back together",
            ("Each tells what helped and what did not, and whether you would like to keep beginning this way.",),
            "Leaving it is as good an outcome as keeping it.",
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(1, 1),
        per="week",
        minutes=(10, 10),
        weeks=(4, 6),
        note="At most one neutral start, with a stop after about ten minutes; none is owed.",
        source=_OURS,
    ),
    log_fields=(
        rating("wanting_before", "How much I wanted it before; neutral is fine."),
        rating("wanting_during", "How much I wanted it on the way."),
        LogField("stopped_at_min", "integer", "After about how many minutes we stopped.", low=0, high=120),
        rating("glad_i_did", "The day after: how glad I am that we did.", "safety"),
        LogField("out_of_duty", "boolean", "Whether I began mainly to keep the peace, to avoid guilt or to please.", "safety"),
    ),
    thresholds=(
        Threshold("trials_needed", 3, 3, 6, "Neutral starts in a row before looking back.", _OURS, whole=True),
        Threshold("glad_advance", 6, 6, 10, "Gladness the day after, on each of them.", _OURS),
        Threshold("glad_step_back", 4, 4, 6, "Gladness below which, twice, the neutral start is left.", _OURS),
        Threshold("willing_to_begin", 5, 5, 10, "Willingness needed to begin.", _OURS),
        Threshold("pressure_to_begin", 1, 0, 1, "Highest pressure with which to begin.", _OURS),
        Threshold("pain_step_back", 4, 1, 4, "Pain that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "begun_against_the_rule",
            "step_back",
            any_of_last(
                "trials_needed", Either((Is("willingness", "<", "willing_to_begin"), Is("pressure", ">", "pressure_to_begin")))
            ),
            "It was begun with too little willingness or with pressure: go back to the setting, and see each alone about it.",
            _TRIAL,
        ),
        Rule(
            "out_of_duty",
            "step_back",
            any_of_last("trials_needed", Said("out_of_duty", answer=True, silence=False)),
            "It was begun out of duty or to avoid something: that does harm, so go back to reasons of one's own.",
            _TRIAL,
        ),
        Rule(
            "not_glad_twice",
            "step_back",
            AtLeast(2, "trials_needed", Is("glad_i_did", "<", "glad_step_back")),
            "Twice there was little gladness the day after: leave the neutral start.",
            _TRIAL,
        ),
        Rule(
            "pain",
            "step_back",
            any_of_last("trials_needed", Is("pain", ">=", "pain_step_back")),
            "There was pain: touch that hurts is not practised on.",
            _TRIAL,
        ),
        Rule(
            "too_many",
            "hold",
            OnDays(2, 7, Was(("within_rules", "partly", "not_within_rules"))),
            "There was more than one within seven days: one is the most, so slow down.",
            _TRIAL,
        ),
        Rule(
            "half_glad",
            "hold",
            any_of_last(1, Is("glad_i_did", "<", "glad_advance")),
            "The last one left little gladness the day after: stay, and change something in the setting.",
            _TRIAL,
        ),
        Rule("step_done", "advance", each_of_last(1, Was(("within_rules",))), "This step was done.", (1, 2, 3, 5)),
        Rule(
            "glad",
            "advance",
            each_of_last(
                "trials_needed",
                Both(
                    (
                        Was(("within_rules",)),
                        Is("glad_i_did", ">=", "glad_advance"),
                        Is("willingness", ">=", "willing_to_begin"),
                        Is("pressure", "<=", "pressure_to_begin"),
                    )
                ),
            ),
            "The last neutral starts were willing, free of pressure, within the rules, and looked back on gladly.",
            _TRIAL,
        ),
    ),
    hard_rules=(
        "Begin only with willingness of 5 or more and pressure of 1 or less, each answering alone.",
        "At the agreed stop either of you may end; unless both want to go on, it ends.",
        "Willing is not the same as persuaded: a not today is never asked about twice.",
    ),
    preconditions=(),
    contraindications=(
        RedFlag("avoidance_or_duty", "Avoiding conflict, or duty, is the main reason to begin.", "safety"),
        RedFlag("pain_with_touch", "Pain with sexual touch.", "medical"),
        RedFlag("unprocessed_trauma", "Severe unprocessed trauma: adapt it, solo first.", "mental_health"),
    ),
    evidence=Evidence(
        "indirect",
        "The model describes; the neutral start itself was not tried. In diaries mood was better the day after; "
        "what was begun to avoid conflict or guilt went with worse.",
        (_MODEL, _DIARY, _AVOIDANCE),
    ),
)
