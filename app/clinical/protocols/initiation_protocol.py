"""Inviting and answering: clear words to ask with, kind words to say not now with, and turns in asking."""

from app.clinical.predicates import Both, Is, OnDays, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.source import Source

_PRACTICE = Source("Common practice in sex therapy", "recalled_low")
_OURS = Source("Our default; reasonable, untested", "proposal")
_STOP = "Either of you may stop or sit out a turn at any moment, without a reason."
_INVITING = (3,)
_TALKING = (1, 2, 4)


def _stage(number: int, code: str, title: str, instructions: tuple[str, ...], *rules: str) -> Stage:
    return Stage(number, code, title, instructions, (*rules, _STOP), "SS", shared_touch=number in _INVITING)


PROTOCOL = Protocol(
    code="initiation_protocol",
    version="1",
    name="Inviting and answering",
    sources=(_PRACTICE,),
    targets=("initiation_refusal_pattern", "desire_discrepancy"),
    participants="together",
    shared_touch=True,
    stages=(
        _stage(
            1,
            "words_to_invite",
            "Words to invite with",
            (
                "Find words or a sign for an invitation that both of you understand and like.",
                "Say what you would rather not hear, and leave that out from now on.",
            ),
            "An invitation names what you would like, and leaves the answer open.",
        ),
        _stage(
            2,
            "kind_no",
            "Words for not now",
            (
                "Find words for not now that are clear and kind, and that you could both live with hearing.",
                "Whoever says not now may offer something else: a hug, a talk, another day, or nothing at all.",
            ),
            "A not now is answered with thanks, and the matter rests there.",
        ),
        _stage(
            3,
            "turns",
            "Take turns in inviting",
            (
                "Agree on whose turn it is on which days; on your day you may invite, or let it be.",
                "The other answers with yes, not now, or something else; each of these is the exercise done well.",
            ),
            "Nobody is asked twice on one day, and nobody has to give a reason.",
            "After a yes, what you do is open, and may end whenever one of you wishes.",
        ),
        _stage(
            4,
            "review",
            "Look back together",
            ("Each tells what was good to hear and what was not, and which words you keep.",),
            "Speak of the words, not of who said yes or no how many times.",
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(1, 2),
        per="week",
        minutes=None,
        weeks=(4, 4),
        note="Two invitations are the most; fewer, or none, is fine.",
        source=_OURS,
    ),
    log_fields=(
        LogField("invited_by_me", "boolean", "Whether it was I who invited."),
        LogField("answer", "choice", "What the answer was; each is as good.", choices=("yes", "not_now", "other")),
        rating("felt_safe", "How safe I felt to ask, and to answer as I wished.", "safety", required=True),
    ),
    thresholds=(
        Threshold("invitations_needed", 4, 4, 8, "Invitations in a row for looking back.", _OURS, whole=True),
        Threshold("safe_advance", 7, 7, 10, "Safety that both feel on each of them.", _OURS),
        Threshold("safe_step_back", 5, 5, 7, "Safety below which a step back is taken.", _OURS),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a step.", _OURS),
    ),
    rules=(
        Rule(
            "not_safe",
            "step_back",
            any_of_last("invitations_needed", Is("felt_safe", "<", "safe_step_back")),
            "It did not feel safe to ask or to answer freely: go back to the words, and see each partner alone about it.",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("invitations_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to a step where both can answer freely.",
        ),
        Rule(
            "half_safe",
            "hold",
            any_of_last(1, Is("felt_safe", "<", "safe_advance")),
            "It felt only half safe the last time: stay, and make the words kinder.",
        ),
        Rule(
            "too_many",
            "hold",
            OnDays(3, 7, Was(("within_rules", "partly", "not_within_rules"))),
            "There were invitations on more than two days of seven: two are the most, so leave some room.",
            _INVITING,
        ),
        Rule(
            "agreed",
            "advance",
            each_of_last(1, Both((Was(("within_rules",)), Is("felt_safe", ">=", "safe_advance")))),
            "It was talked over, and felt safe.",
            _TALKING,
        ),
        Rule(
            "safe",
            "advance",
            each_of_last("invitations_needed", Both((Was(("within_rules",)), Is("felt_safe", ">=", "safe_advance")))),
            "The last invitations were made and answered within the rules and felt safe, whatever the answers were.",
            _INVITING,
        ),
    ),
    hard_rules=(
        "Not now is as good an answer as yes, and neither is counted.",
        "An invitation is never repeated, bargained over or made up for.",
    ),
    preconditions=(),
    contraindications=(),
    evidence=Evidence("consensus", "Common practice; no controlled trial known.", (_PRACTICE,)),
)
