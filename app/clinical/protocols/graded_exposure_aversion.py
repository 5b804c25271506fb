"""Graded exposure: steps towards what is avoided, in an order and at a pace that only the avoiding partner sets."""

from app.clinical.predicates import Both, Either, Is, IsShareOf, Said, Was, any_of_last, each_of_last
from app.clinical.protocol import Company, Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import Precondition
from app.clinical.source import Source

_BEHAVIOUR = Source("Behaviour therapy textbooks", "recalled_medium")
_OURS = Source("Our default; reasonable, untested", "proposal")
_HALVES = Source('Our reading of "peak distress halves": within one exposure, from its peak to its end', "proposal")
_PACE = "Only the one who practises chooses the step and says when to go on; nobody else suggests it."
_ALONE = "You may stop at any moment, without a reason; a smaller step next time is a good step."
_STOP = "Either of you may stop at any moment, without a reason, and that is part of the exercise."
# Being watched asks for consent as much as being touched does, so the gate is the same.
_WITH_PARTNER = (4, 5)
_EXPOSURES = (2, 3, 4, 5)


def _stage(number: int, code: str, title: str, instructions: tuple[str, ...], company: Company = "practising_alone") -> Stage:
    rules = (_PACE, _STOP if company == "together" else _ALONE)
    return Stage(number, code, title, instructions, rules, "IT", shared_touch=number in _WITH_PARTNER, company=company)


PROTOCOL = Protocol(
    code="graded_exposure_aversion",
    version="1",
    name="Graded exposure",
    sources=(_BEHAVIOUR,),
    targets=("sexual_aversion", "sexual_aversion_avoidance", "trauma_history"),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        _stage(
            1,
            "own_ladder",
            "Your own ladder",
            (
                "Write down eight to twelve situations you avoid, from the easiest to the hardest.",
                "Beside each note the distress it would bring, from 0 to 10.",
                "What you never want to do does not belong on it.",
            ),
        ),
        _stage(
            2,
            "in_imagination",
            "In imagination",
            (
                "Imagine the lowest step in detail, and stay with it until the distress has eased by about half.",
                "Take the same step again another day before you go to the one above it.",
            ),
        ),
        _stage(
            3,
            "alone",
            "By yourself",
            ("Do the lowest step that you can do by yourself, and stay until the distress has eased by about half.",),
        ),
        _stage(
            4,
            "partner_present",
            "With your partner there",
            (
                "The one who practises takes a step while the other is there, at an agreed distance and without touch.",
                "The other is company: no help, no advice, no praise for going further.",
            ),
            "together",
        ),
        _stage(
            5,
            "partner_touch",
            "Touch, led by the one who practises",
            (
                "The one who practises leads the other's hand, or says where and how, and says when it ends.",
                "Stay until the distress has eased by about half, or stop; both are right.",
            ),
            "together",
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(3, 5),
        per="week",
        minutes=(20, 45),
        weeks=None,
        note="Long enough for distress to ease, with nothing planned straight after it.",
        source=_BEHAVIOUR,
    ),
    log_fields=(
        LogField("step", "integer", "Which step of my ladder it was.", low=1, high=12, asked_of="practising"),
        rating("distress_start", "Distress at the start.", asked_of="practising"),
        rating("distress_peak", "Distress at its highest.", asked_of="practising"),
        rating("distress_end", "Distress at the end.", asked_of="practising"),
        LogField(
            "dissociated",
            "boolean",
            "Whether I felt far away, unreal or outside my body.",
            required=True,
            asked_of="practising",
        ),
        LogField(
            "nightmares", "boolean", "Whether there were nightmares since the last time.", required=True, asked_of="practising"
        ),
        LogField("asks_to_go_back", "boolean", "Whether I would rather go back a step.", "safety"),
    ),
    thresholds=(
        Threshold("exposures_needed", 3, 3, 8, "Exposures in a row for the next stage.", _OURS, whole=True),
        Threshold("distress_light", 3, 0, 3, "Peak distress that counts as light.", _OURS),
        Threshold("eased_to", 0.5, 0.1, 0.5, "Share of its peak that distress has eased to by the end.", _HALVES),
        Threshold("distress_step_back", 8, 5, 8, "Peak distress that leads back a stage.", _OURS),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "dissociated",
            "step_back",
            any_of_last("exposures_needed", Said("dissociated", answer=True)),
            "There was dissociation: go back to a step that stays within reach, and talk about it first.",
            role="practising",
        ),
        Rule(
            "nightmares",
            "step_back",
            any_of_last("exposures_needed", Said("nightmares", answer=True)),
            "There were nightmares: go back, and see what they ask for.",
            role="practising",
        ),
        Rule(
            "too_strong",
            "step_back",
            any_of_last("exposures_needed", Is("distress_peak", ">=", "distress_step_back")),
            "The distress was very strong: the steps are too far apart, go back and put smaller ones between.",
            _EXPOSURES,
            role="practising",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("exposures_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: only the one who practises sets the pace, so go back.",
        ),
        Rule(
            "asked_to_go_back",
            "step_back",
            any_of_last("exposures_needed", Said("asks_to_go_back", answer=True, silence=False), over="answers"),
            "A partner would rather go back a step; that is enough.",
        ),
        Rule(
            "not_eased",
            "hold",
            any_of_last(
                1,
                Both((Is("distress_peak", ">", "distress_light"), IsShareOf("distress_end", ">", "eased_to", "distress_peak"))),
            ),
            "The last time the distress had not eased by half: stay with this step, and give it longer.",
            _EXPOSURES,
            role="practising",
        ),
        Rule("ladder_written", "advance", each_of_last(1, Was(("within_rules",))), "The ladder is written.", (1,)),
        Rule(
            "eased",
            "advance",
            each_of_last(
                "exposures_needed",
                Both(
                    (
                        Was(("within_rules",)),
                        Either(
                            (
                                Is("distress_peak", "<=", "distress_light"),
                                IsShareOf("distress_end", "<=", "eased_to", "distress_peak"),
                            )
                        ),
                    )
                ),
            ),
            "In the last exposures the distress was light, or eased to half of its peak or less.",
            _EXPOSURES,
            role="practising",
        ),
        Rule(
            "kept_company",
            "advance",
            each_of_last("exposures_needed", Was(("within_rules",))),
            "The other partner kept company within the rules.",
            _WITH_PARTNER,
            role="accompanying",
        ),
    ),
    hard_rules=(
        "The pace is set by the avoiding partner alone; the other never asks how far it has come.",
        "What somebody does not want is not on the ladder: exposure is for fear and disgust, never for a no.",
    ),
    preconditions=(
        Precondition("trauma_therapy_in_place", "Trauma therapy is in place where trauma is active.", "mental_health"),
    ),
    contraindications=(),
    evidence=Evidence(
        "indirect",
        "Graded exposure is established for fears in general; no trial of this form for sexual aversion is known to us.",
        (_BEHAVIOUR,),
    ),
)
