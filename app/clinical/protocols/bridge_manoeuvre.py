"""Bridge manoeuvre: what feels good by hand is carried over, step by step, into being joined."""

from app.clinical.predicates import AnyOf, AtLeast, Both, Is, Was, any_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.source import Source

_BOOKS = Source("Kaplan 1974, 1987", "recalled_medium")
_CONSENSUS = Source("Kaplan 1974, 1987, and clinical consensus", "recalled_low")
_OURS = Source("Our default; reasonable, untested", "proposal")

_STOP = "Either of you may stop at any moment, without a reason, and that is part of the exercise."
_NOTHING = "Nothing has to come of it, and there is no date by which it should."
_WELCOME = "A hand is always welcome: going without it is never the point."


def _stage(number: int, code: str, title: str, instructions: tuple[str, ...], ban: tuple[str, ...] = ()) -> Stage:
    return Stage(number, code, title, instructions, (_NOTHING, _WELCOME, _STOP), "IT", shared_touch=True, ban=ban)


PROTOCOL = Protocol(
    code="bridge_manoeuvre",
    version="1",
    name="Bridge manoeuvre",
    sources=(_BOOKS,),
    targets=("orgasm_gap", "female_orgasmic", "delayed_ejaculation"),
    participants="together",
    shared_touch=True,
    stages=(
        _stage(
            1,
            "by_hand",
            "By hand, with both of you there",
            ("Touch in the way that is known to feel best, by one's own hand or the other's, until it is familiar together.",),
            ("insertion",),
        ),
        _stage(
            2,
            "by_hand_then_joined",
            "By hand first, then joined",
            (
                "Begin by hand and stay with it as long as it is good.",
                "Then join, if both of you wish to, and see how it feels.",
            ),
        ),
        _stage(
            3,
            "hand_while_joined",
            "By hand while joined",
            ("Once joined, go on by hand all the way, in whatever position leaves room for it.",),
        ),
        _stage(
            4,
            "less_by_hand",
            "A little less by hand",
            (
                "Let the hand rest a little sooner than last time, as far as it stays pleasant.",
                "Take it up again whenever either of you likes.",
            ),
        ),
    ),
    dose=Dose("practice", (1, 3), "week", None, None, "There is no deadline.", _BOOKS),
    log_fields=(
        LogField("minutes", "integer", "About how many minutes.", low=0, high=180),
        rating("satisfaction", "How content I was with the way we did it.", required=True),
        rating("frustration", "How frustrating it was.", required=True),
    ),
    thresholds=(
        Threshold("occasions_needed", 3, 3, 4, "Occasions of those looked back on, for the next stage.", _OURS, whole=True),
        Threshold("occasions_looked_at", 4, 4, 4, "Occasions looked back on.", _OURS, whole=True),
        Threshold("satisfaction_advance", 6, 5, 8, "How content each was on such an occasion.", _OURS),
        Threshold("uneven_occasions", 2, 2, 2, "Other occasions, of those looked back on, that say stay.", _OURS, whole=True),
        Threshold("frustration_step_back", 7, 4, 7, "Frustration that leads back a stage.", _OURS),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "pressure",
            "step_back",
            any_of_last("occasions_looked_at", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to a stage that both can do freely.",
        ),
        Rule(
            "frustrated",
            "step_back",
            any_of_last("occasions_looked_at", Is("frustration", ">=", "frustration_step_back")),
            "It was frustrating: go back to what was good.",
        ),
        Rule(
            "uneven",
            "hold",
            AnyOf(
                (
                    AtLeast("uneven_occasions", "occasions_looked_at", Is("satisfaction", "<", "satisfaction_advance")),
                    AtLeast("uneven_occasions", "occasions_looked_at", Was(("partly", "not_within_rules"))),
                )
            ),
            "The occasions differ from one another: stay, there is no hurry.",
        ),
        Rule(
            "content",
            "advance",
            AtLeast(
                "occasions_needed",
                "occasions_looked_at",
                Both((Was(("within_rules",)), Is("satisfaction", ">=", "satisfaction_advance"))),
            ),
            "Most of the last occasions were within the rules, and content.",
        ),
    ),
    hard_rules=(
        "Orgasm without a hand is never a required end point.",
        "Staying at any stage for good is as good an outcome as the last one.",
    ),
    preconditions=(),
    contraindications=(),
    evidence=Evidence("consensus", "Clinical consensus; no controlled trial known.", (_CONSENSUS,)),
)
