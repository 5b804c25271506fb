"""Erotic education: a chapter or module a week, read alone or together, so that both know more and can say more."""

from app.clinical.predicates import Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.source import Source

_PRACTICE = Source("Common practice; various books and digital programmes", "recalled_medium")
_REVIEW = Source("Review of digital programmes, doi 10.1038/s41746-022-00670-1", "read_in_primary")
_OURS = Source("Our default; reasonable, untested", "proposal")
_THEMES = (
    ("bodies", "How bodies differ", "how bodies respond, and how much they differ from one another and from day to day"),
    ("desire", "What desire is like", "desire that comes first, desire that comes later, and what helps or hinders each"),
    ("myths", "What is not so", "common beliefs that make people worry, and what is known instead"),
    ("words", "Words for wishes", "saying what one likes, does not like, or is curious about"),
    ("touch", "Touch and senses", "ways of touching and being touched that have no aim"),
    ("wider", "A wider idea of sex", "what else may count as being close, for the two of you"),
)
_RULES = (
    "Read at your own pace; what does not speak to you may be left out.",
    "Nothing has to be tried because it was read.",
    "You may stop or put it away at any moment, without a reason.",
)


def _stage(number: int, code: str, title: str, about: str) -> Stage:
    instructions = (
        f"Choose one chapter or module with your therapist about {about}.",
        "Take a quiet time for it, alone or reading it to each other, and mark one thing that was new or useful.",
    )
    return Stage(number, code, title, instructions, _RULES, "LI", shared_touch=False, company="practising_alone")


PROTOCOL = Protocol(
    code="erotic_education_bibliotherapy",
    version="1",
    name="Erotic education and reading",
    sources=(_PRACTICE, _REVIEW),
    targets=(
        "routine_boredom",
        "sexual_communication",
        "female_interest_arousal",
        "early_ejaculation",
        "female_orgasmic",
        "mismatch_preferences",
        "religious_cultural_guilt",
    ),
    participants="alone_or_together",
    shared_touch=False,
    stages=tuple(_stage(number, *theme) for number, theme in enumerate(_THEMES, start=1)),
    dose=Dose(
        unit="lesson",
        times=(1, 1),
        per="week",
        minutes=None,
        weeks=(6, 8),
        note="One chapter or module; a longer one may take two weeks, and the order of themes is free.",
        source=_PRACTICE,
    ),
    log_fields=(
        LogField("module", "text", "Which chapter or module it was."),
        LogField("minutes", "integer", "About how many minutes.", low=0, high=600),
        rating("usefulness", "How useful it was to me."),
    ),
    thresholds=(Threshold("modules_needed", 1, 1, 4, "Modules done for the next theme.", _OURS, whole=True),),
    rules=(
        Rule(
            "not_done",
            "hold",
            any_of_last(1, Was(("not_done", "partly")), over="offers"),
            "The last module was not finished, which is no matter: stay with it, or choose another.",
        ),
        Rule("module_done", "advance", each_of_last("modules_needed", Was(("within_rules",))), "The module was done."),
    ),
    hard_rules=("Reading is never homework for the other: nobody is made to read, and nobody is tested.",),
    preconditions=(),
    contraindications=(),
    evidence=Evidence(
        "trials",
        "Digital programmes against control, 12 randomised trials, 952 people, high drop-out: women's functioning g = 0.59 and "
        "satisfaction g = 0.90; men's functioning g = 0.18, satisfaction not significant.",
        (_REVIEW,),
    ),
)
