"""Simmering: small sparks of everyday are noticed and kept warm, alone, and nothing has to come of them."""

from app.clinical.predicates import Both, Either, Is, OnDays, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import RedFlag
from app.clinical.source import Source

_BOOK = Source("Zilbergeld & Ellison 1980", "recalled_medium")
_NO_TRIAL = Source("No controlled trial known", "recalled_low")
_OURS = Source("Our default; reasonable, untested", "proposal")
_NOTHING_FOLLOWS = "Nothing has to follow from it, now or later."
_STOP = "You may stop or leave a day out whenever you like, without a reason."


def _stage(number: int, code: str, title: str, instructions: tuple[str, ...], *rules: str) -> Stage:
    told = (*rules, _NOTHING_FOLLOWS, _STOP)
    return Stage(number, code, title, instructions, told, "SS", shared_touch=False, company="practising_alone")


PROTOCOL = Protocol(
    code="simmering",
    version="1",
    name="Simmering",
    sources=(_BOOK,),
    targets=("female_interest_arousal", "male_low_desire", "routine_boredom", "desire_discrepancy"),
    participants="alone",
    shared_touch=False,
    stages=(
        _stage(
            1,
            "notice",
            "Notice a small spark",
            (
                "As the day goes by, notice when something stirs a little: a voice, a scent, a line in a book, a memory.",
                "Tell yourself that it was there, and go on with your day.",
            ),
        ),
        _stage(
            2,
            "stay",
            "Stay with it for a minute",
            ("When you notice one, stay with it for about a minute: breathe, and let it be as faint or as clear as it is.",),
            "Do nothing about it; staying is the whole exercise.",
        ),
        _stage(
            3,
            "return",
            "Come back to it",
            ("Choose one spark of the day and call it back two or three times, about a minute each time.",),
            "If it does not come back, that is fine: another one will do, or none.",
        ),
        _stage(
            4,
            "share",
            "Tell one, if you like",
            (
                "If you would like to, tell your partner one of them in a sentence or two.",
                "Keeping them to yourself is just as good a way of doing this step.",
            ),
            "What is told is a gift, not an invitation; it asks nothing of the one who hears it.",
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(1, 3),
        per="day",
        minutes=(1, 5),
        weeks=(2, 4),
        note="A minute here and there is enough; a day left out is not made up for.",
        source=_BOOK,
    ),
    log_fields=(
        LogField("cues_noticed", "integer", "About how many small sparks I noticed.", low=0, high=100),
        LogField("moments", "integer", "How many of them I stayed with.", low=0, high=50, required=True),
        rating("pleasantness", "How pleasant it was; noted, never a goal."),
        LogField("shared", "boolean", "Whether I told my partner one of them; either answer is as good."),
        rating("guilt", "How guilty I felt about it.", required=True),
        rating("intrusive_thoughts", "How much thoughts I did not want came along.", required=True),
    ),
    thresholds=(
        Threshold("days_needed", 10, 7, 21, "Days with a moment for the next step.", _OURS, whole=True),
        Threshold("days_looked_at", 14, 10, 28, "Days looked back on.", _OURS, whole=True),
        Threshold("moments_needed", 1, 1, 3, "Moments that make it a day with one.", _OURS, whole=True),
        Threshold("recent", 3, 3, 14, "Latest days looked at for trouble, or for nothing noticed.", _OURS, whole=True),
        Threshold("trouble_step_back", 6, 3, 6, "Guilt or unwanted thoughts that lead back.", _OURS),
    ),
    rules=(
        Rule(
            "troubled",
            "step_back",
            any_of_last(
                "recent",
                Either((Is("guilt", ">=", "trouble_step_back"), Is("intrusive_thoughts", ">=", "trouble_step_back"))),
            ),
            "Guilt or unwanted thoughts came along strongly: go back to a lighter step, and talk about them first.",
        ),
        Rule(
            "few_sparks",
            "hold",
            each_of_last("recent", Is("moments", "<", "moments_needed")),
            "Lately nothing was there to stay with: keep this step, and look for smaller things.",
        ),
        Rule(
            "simmered",
            "advance",
            OnDays("days_needed", "days_looked_at", Both((Was(("within_rules",)), Is("moments", ">=", "moments_needed")))),
            "On enough days there was a moment to stay with.",
        ),
    ),
    hard_rules=(
        "What is noticed belongs to the one who noticed it: nobody asks for it, and nothing is owed because of it.",
        "How strong a spark was is never the aim.",
    ),
    preconditions=(),
    contraindications=(
        RedFlag("compulsive_behaviour", "Sexual behaviour that is felt as compulsive.", "mental_health"),
        RedFlag("trauma_intrusions", "Intrusive memories of trauma.", "mental_health"),
    ),
    evidence=Evidence("consensus", "A clinicians' exercise; no controlled trial known.", (_BOOK, _NO_TRIAL)),
)
