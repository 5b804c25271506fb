"""Yes, no, maybe: each answers a list alone, and only what both would like, or might, is ever shown."""

from app.clinical.predicates import Both, Is, Said, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.source import Source

_PRACTICE = Source("Common practice in sex therapy", "recalled_low")
_OURS = Source("Our default; reasonable, untested", "proposal")
_STOP = "Either of you may stop or take your list back at any moment, without a reason."
_LATER = (2, 3, 4)

PROTOCOL = Protocol(
    code="yes_no_maybe_menu",
    version="1",
    name="Menu of yes, no and maybe",
    sources=(_PRACTICE,),
    targets=("mismatch_preferences", "sexual_communication", "routine_boredom", "painful_sex_couple"),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        Stage(
            1,
            "answer_alone",
            "Answer for yourself",
            (
                "Go through the list by yourself and answer yes, no or maybe to each, or leave it open.",
                "Answer for today; you can change any of it later.",
            ),
            (
                "Nobody sees your answers, and a no needs no reason.",
                "You may stop at any moment and leave the rest open.",
            ),
            "LI",
            shared_touch=False,
            company="each_alone",
        ),
        Stage(
            2,
            "overlaps",
            "See what you share",
            (
                "If each of you agrees to it, you are shown some of what both answered with yes or maybe, drawn by chance.",
                "Tell each other what makes you curious about one of them.",
            ),
            ("Do not ask about what is not shown: much is left out by chance, and it stays each one's own.", _STOP),
            "SS",
            shared_touch=False,
        ),
        Stage(
            3,
            "choose_one",
            "Choose one",
            (
                "Choose one thing from what you share, the smallest that appeals to both of you.",
                "Agree on when, on how to begin and on how to end; try it if both still want to then.",
            ),
            ("A yes on the list is not a yes today: ask again, and take the answer as it is.", _STOP),
            "SS",
            shared_touch=True,
        ),
        Stage(
            4,
            "review",
            "Look back",
            ("Each tells how it was and whether it stays on the menu; then keep your lists, or change them.",),
            ("Taking something off again is always fine.", _STOP),
            "LI",
            shared_touch=False,
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(1, 1),
        per="once",
        minutes=None,
        weeks=None,
        note="The lists are looked at anew about every three months.",
        source=_PRACTICE,
    ),
    log_fields=(
        LogField("completed", "boolean", "Whether I have finished my list for now; open answers are fine."),
        LogField("chosen", "text", "What we chose, if I wish to say."),
        rating("how_it_was", "How it was for me; noted, never a goal."),
        LogField("takes_back", "boolean", "Whether I would rather take my list back or leave this for now.", "safety"),
    ),
    thresholds=(
        Threshold("recent", 2, 2, 6, "Latest answers looked at for pressure and for taking back.", _OURS, whole=True),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a step.", _OURS),
    ),
    rules=(
        Rule(
            "taken_back",
            "step_back",
            any_of_last("recent", Said("takes_back", answer=True, silence=False), over="answers"),
            "A partner would rather take the list back; that is enough.",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("recent", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to answering alone.",
        ),
        Rule(
            "unfinished",
            "hold",
            any_of_last(1, Said("completed", answer=False)),
            "A list is not finished yet: there is no hurry.",
            (1,),
        ),
        Rule(
            "not_done",
            "hold",
            any_of_last(1, Was(("not_done",)), over="offers"),
            "This step did not come about: stay, and ask what got in the way.",
        ),
        Rule(
            "list_done",
            "advance",
            each_of_last(1, Both((Was(("within_rules",)), Said("completed", answer=True)))),
            "The list is finished for now.",
            (1,),
        ),
        Rule("step_done", "advance", each_of_last(1, Was(("within_rules",))), "This step was done within the rules.", _LATER),
    ),
    hard_rules=(
        "A no is never shown to the partner and cannot be asked for, counted or worked out.",
        "Nothing is shown before each partner, alone, has agreed to it.",
        "What is shared is a menu and never a promise.",
    ),
    preconditions=(),
    contraindications=(),
    evidence=Evidence("consensus", "Common practice; no controlled trial known.", (_PRACTICE,)),
)
