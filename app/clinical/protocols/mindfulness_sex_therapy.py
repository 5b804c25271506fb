"""Mindfulness for sex: attention is practised on breath and body first, then on thoughts, on a spark, and on touch."""

from app.clinical.predicates import Is, OnDays, Said, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import Plissit, RedFlag
from app.clinical.source import Source

_GROUP = Source("Brotto & Basson, PubMed 24814472, n = 68 and 49", "read_in_primary")
_EIGHT = Source("Eight-session trial, NCT01690897", "read_in_primary")
_AGAINST_EDUCATION = Source("Mindfulness (n = 70) or sex education (n = 78), doi 10.1037/ccp0000661", "read_in_primary")
_BOTH_BETTER = Source("Both arms of that trial improved", "recalled_medium")
_OURS = Source("Our default; reasonable, untested", "proposal")
_KIND = "When attention has wandered, notice where it went and bring it back kindly; that is the practice, not a mistake."
_ALONE = (
    _KIND,
    "You may stop at any moment: open your eyes, feel your feet on the floor, and leave it for today.",
)
_TOUCH = 6


def _stage(number: int, code: str, title: str, instructions: tuple[str, ...], plissit: Plissit = "SS") -> Stage:
    return Stage(number, code, title, instructions, _ALONE, plissit, shared_touch=False, company="practising_alone")


PROTOCOL = Protocol(
    code="mindfulness_sex_therapy",
    version="1",
    name="Mindfulness for sex",
    sources=(_GROUP, _EIGHT, _AGAINST_EDUCATION),
    targets=("female_interest_arousal", "painful_sex_couple", "performance_anxiety", "body_image"),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        _stage(
            1,
            "breath_or_eating",
            "One breath, one bite",
            ("Sit and follow your breath, or eat one small thing slowly, with all your senses.",),
        ),
        _stage(
            2,
            "body_scan",
            "Through the body",
            ("Lie down and let attention travel from your feet to your head; feel what is there, also where there is little.",),
        ),
        _stage(
            3,
            "body_image",
            "Looking kindly",
            ("Look at yourself, clothed or not, as you choose, and describe what you see without judging it.",),
        ),
        _stage(
            4,
            "thoughts",
            "Thoughts are thoughts",
            ("Notice thoughts about yourself and closeness as they come, call each a thought, and let it pass by.",),
        ),
        _stage(
            5,
            "erotic_cue",
            "Attention to a spark",
            (
                "Call to mind or read something that appeals to you, for a few minutes, then go back to your body.",
                "Feel what is there; much, little and nothing are equally good.",
            ),
            "IT",
        ),
        Stage(
            _TOUCH,
            "partnered_touch",
            "Attention while touching",
            (
                "Touch and be touched in turns, with attention on warmth, pressure and texture.",
                "Say when something is unpleasant; the other changes or stops at once.",
            ),
            (_KIND, "Either of you may stop at any moment, without a reason, and that is part of the exercise."),
            "IT",
            shared_touch=True,
            ban=("intercourse",),
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(5, 7),
        per="week",
        minutes=(10, 60),
        weeks=(4, 8),
        note="Tried as four group meetings of 90 minutes, or eight weekly ones of two hours, with practice at home. "
        "Touch with the partner is rarer, and only when both wish.",
        source=_EIGHT,
    ),
    log_fields=(
        LogField("minutes", "integer", "About how many minutes.", low=0, high=180),
        LogField(
            "practice_type",
            "choice",
            "What I practised.",
            choices=("breath", "eating", "body_scan", "body_image", "thoughts", "erotic_cue", "partnered_touch"),
        ),
        rating("mind_wandering", "How much attention wandered; wandering is part of it."),
        rating("judgement", "How much I judged myself."),
        rating("arousal_awareness", "How much I noticed of what my body felt; noted, never a goal."),
        LogField("dissociated", "boolean", "Whether I felt far away, unreal or outside my body.", required=True),
        LogField("panicked", "boolean", "Whether there was panic.", required=True),
    ),
    thresholds=(
        Threshold("days_needed", 5, 4, 7, "Days practised within those looked back on.", _OURS, whole=True),
        Threshold("days_looked_at", 7, 7, 14, "Days looked back on.", _OURS, whole=True),
        Threshold("recent", 5, 5, 14, "Latest practices looked at for dissociation and panic.", _OURS, whole=True),
        Threshold("touch_needed", 2, 2, 6, "Sessions of touch in a row that complete it.", _OURS, whole=True),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
        Threshold("pain_step_back", 4, 1, 4, "Pain that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "dissociated",
            "step_back",
            any_of_last("recent", Said("dissociated", answer=True)),
            "There was dissociation: go back to a shorter practice with eyes open, and talk about it first.",
        ),
        Rule(
            "panicked",
            "step_back",
            any_of_last("recent", Said("panicked", answer=True)),
            "There was panic: go back to a practice that felt safe.",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("touch_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to practising alone.",
            (_TOUCH,),
        ),
        Rule(
            "pain",
            "step_back",
            any_of_last("touch_needed", Is("pain", ">=", "pain_step_back")),
            "There was pain: touch that hurts is not practised on.",
            (_TOUCH,),
        ),
        Rule(
            "practised",
            "advance",
            OnDays("days_needed", "days_looked_at", Was(("within_rules",))),
            "It was practised on enough days of the week, however attention behaved.",
            (1, 2, 3, 4, 5),
        ),
        Rule(
            "touched_with_attention",
            "advance",
            each_of_last("touch_needed", Was(("within_rules",))),
            "The last sessions of touch were done within the rules.",
            (_TOUCH,),
        ),
    ),
    hard_rules=("Noticing is the whole task: what is noticed, and how much, is never judged.",),
    preconditions=(),
    contraindications=(
        RedFlag("dissociation", "Dissociation, unless the practice is adapted to it.", "mental_health"),
        RedFlag("psychosis", "Psychosis, unless the practice is adapted to it.", "mental_health"),
    ),
    evidence=Evidence(
        "trials",
        "Four sessions did better than a waiting list on desire, arousal, lubrication and satisfaction; distress fell in "
        "both arms. Eight sessions were compared with sex education: both improved.",
        (_GROUP, _AGAINST_EDUCATION, _BOTH_BETTER),
    ),
)
