"""Directed masturbation: getting to know one's own body alone, then showing a partner what was found."""

from app.clinical.predicates import Both, Is, Said, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import RedFlag
from app.clinical.source import Source

_BOOKS = Source("LoPiccolo & Lobitz 1972; Heiman & LoPiccolo, Becoming Orgasmic", "recalled_medium")
_MINUTES = Source("psychologicalselfhelp.org, chapter 10, for the minutes", "read_in_secondary")
_DOSE = Source(
    "Minutes read at psychologicalselfhelp.org, chapter 10; how often and how long as in textbooks", "recalled_medium"
)
_REVIEW = Source("Nordic review, odds ratio 2.7 (1.55 to 4.69)", "read_in_secondary")
_LIFELONG = Source("Textbooks: best where orgasm was never reached", "recalled_medium")
_OURS = Source("Our default; reasonable, untested", "proposal")

_NO_AIM = "There is nothing to reach; stay with what you notice."
_ALONE = "You may stop at any moment; that is part of the exercise."
_TOGETHER = "Either of you may stop at any moment, without a reason, and that is part of the exercise."
_EXPLORING, _TOUCHING, _SHARING = (1, 2, 3), (4, 5, 6), (7, 8, 9)


def _alone(number: int, code: str, title: str, instruction: str) -> Stage:
    return Stage(number, code, title, (instruction,), (_NO_AIM, _ALONE), "SS", shared_touch=False, company="practising_alone")


def _together(number: int, code: str, title: str, *instructions: str) -> Stage:
    return Stage(number, code, title, instructions, (_NO_AIM, _TOGETHER), "IT", shared_touch=True)


PROTOCOL = Protocol(
    code="directed_masturbation",
    version="1",
    name="Directed masturbation",
    sources=(_BOOKS, _MINUTES),
    targets=("female_orgasmic", "orgasm_gap"),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        _alone(
            1, "looking", "Looking", "In a warm, private place look at your whole body, and with a mirror at your genitals."
        ),
        _alone(2, "exploring", "Exploring by touch", "Explore all of it by touch, curious, without a goal."),
        _alone(3, "finding", "Finding what is sensitive", "Find out where and how touch is pleasant, and where it is not."),
        _alone(4, "staying", "Staying with what is pleasant", "Stay with the touch that is pleasant, by hand, and vary it."),
        _alone(
            5,
            "longer",
            "Longer, stronger, with fantasy",
            "Take more time; let touch grow stronger if you like, and add fantasy, reading or pictures of your own choice.",
        ),
        _alone(6, "vibrator", "With a vibrator", "If you wish, explore with a vibrator, through cloth at first."),
        # Being watched asks for consent as much as being touched does, so the gate is the same.
        _together(
            7,
            "partner_there",
            "With your partner there",
            "Your partner lies close and watches while you do as you do alone; or you take turns.",
        ),
        _together(
            8,
            "guiding",
            "Guiding your partner's hand",
            "Lay your hand on your partner's and show what you found; say what to change as you go.",
        ),
        _together(
            9,
            "joined",
            "Joined, with touch as before",
            "If both of you wish, join in a position that leaves room for a hand or the vibrator, and go on as before.",
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(3, 5),
        per="week",
        minutes=(30, 45),
        weeks=(8, 15),
        note="Time for yourself that nobody interrupts; a day left out is not made up for.",
        source=_DOSE,
    ),
    log_fields=(
        LogField("minutes", "integer", "About how many minutes.", low=0, high=180, asked_of="practising"),
        rating("anxiety", "Anxiety at its highest.", required=True),
        rating("guilt", "How guilty or ashamed I felt."),
        rating("pleasure", "How pleasant the touch was.", asked_of="practising"),
        rating("arousal_max", "How stirred I was at most; noted, never a goal.", asked_of="practising"),
        LogField(
            "orgasm",
            "choice",
            "Whether it came to an orgasm, if I wish to note it; never a goal.",
            choices=("yes", "no", "unsure"),
            asked_of="practising",
        ),
        LogField("flashback", "boolean", "Whether a bad memory came back as if it were now.", "safety", required=True),
        LogField("asks_to_go_back", "boolean", "Whether I would rather go back a step.", "safety"),
    ),
    thresholds=(
        Threshold("sessions_needed", 2, 2, 3, "Sessions in a row for the next stage.", _OURS, whole=True),
        Threshold("anxiety_advance", 3, 0, 3, "Most anxiety that allows the next stage.", _OURS),
        Threshold("pleasure_advance", 5, 3, 5, "How pleasant the touch was, at stages 4 to 6; never to be set higher.", _OURS),
        Threshold("anxiety_step_back", 7, 4, 7, "Anxiety that leads back a stage.", _OURS),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "flashback",
            "step_back",
            any_of_last("sessions_needed", Said("flashback", answer=True)),
            "A bad memory came back: go back to what was safe, and look after that first.",
        ),
        Rule(
            "anxious",
            "step_back",
            any_of_last("sessions_needed", Is("anxiety", ">=", "anxiety_step_back")),
            "Anxiety was high: go back to what felt safe.",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("sessions_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to a stage that is done freely.",
        ),
        Rule(
            "asked_to_go_back",
            "step_back",
            any_of_last("sessions_needed", Said("asks_to_go_back", answer=True, silence=False), over="answers"),
            "A partner would rather go back a stage; that is enough.",
        ),
        Rule(
            "uneasy",
            "hold",
            any_of_last(1, Is("anxiety", ">", "anxiety_advance")),
            "There was some anxiety last time: stay and repeat.",
        ),
        Rule(
            "at_ease",
            "advance",
            each_of_last("sessions_needed", Both((Was(("within_rules",)), Is("anxiety", "<=", "anxiety_advance")))),
            "The last sessions were within the rules, and at ease.",
            stages=(*_EXPLORING, *_SHARING),
        ),
        Rule(
            "pleasant",
            "advance",
            each_of_last("sessions_needed", Both((Was(("within_rules",)), Is("pleasure", ">=", "pleasure_advance")))),
            "The last sessions were within the rules, and the touch was pleasant.",
            stages=_TOUCHING,
            role="practising",
        ),
    ),
    hard_rules=(
        "Orgasm is never the aim of a session and never a condition for the next stage.",
        "From stage 7 on both partners have consented, each alone, before the stage begins.",
    ),
    preconditions=(),
    contraindications=(
        RedFlag("value_objection", "A religious or value objection to it: offer an alternative.", "relationship"),
        RedFlag("trauma_flashbacks", "Flashbacks of a trauma.", "mental_health"),
    ),
    evidence=Evidence(
        "trials",
        "A Nordic review found 2.7 times the odds of improvement (1.55 to 4.69); best where the problem is lifelong.",
        (_REVIEW, _LIFELONG),
    ),
)
