"""Graded dilators: what is taken in grows by small steps, at the pace and by the hand of the one who practises."""

from app.clinical.predicates import AnyOf, Both, Is, OnDays, Said, Test, Was, any_of_last, each_of_last
from app.clinical.protocol import Dose, Evidence, LogField, Protocol, Rule, Stage, Threshold, rating
from app.clinical.safety import Precondition, RedFlag, blocker
from app.clinical.source import Source

_STANDARD = Source("Standard practice in sex therapy and pelvic physiotherapy", "recalled_medium")
_HANDOUT = Source("Patient handout on dilators (rrmacademy.org, sp-46)", "read_in_secondary")
_META = Source("Maseroli 2018, 43 studies, mostly uncontrolled", "recalled_medium")
_OURS = Source("Our default; reasonable, untested", "proposal")

_FREE = "You may stop at any moment; that is part of the exercise."
_TOGETHER = "Either of you may stop at any moment, without a reason, and that is part of the exercise."
_INVITED = "It happens only at the invitation of the one who practises, who guides every movement and ends it with a word."
_BREATHE = "Breathe slowly and let the belly and the pelvic floor soften before you begin, and whenever they tighten."
_STRETCH = "A feeling of stretch is all right; pain is not: go back to what does not hurt, or end for today."
_SIZES = 4
_WITH_PARTNER = (6, 7, 8)


def _alone(number: int, code: str, title: str, *instructions: str) -> Stage:
    return Stage(
        number,
        code,
        title,
        (*instructions, _BREATHE),
        (_STRETCH, _FREE),
        "IT",
        shared_touch=False,
        ban=("intercourse",),
        company="practising_alone",
    )


def _invited(number: int, code: str, title: str, instruction: str, ban: tuple[str, ...] = ()) -> Stage:
    return Stage(
        number, code, title, (instruction, _BREATHE), (_INVITED, _STRETCH, _TOGETHER), "IT", shared_touch=True, ban=ban
    )


# What counts at every stage: within the rules, for the whole time, with hardly any pain or anxiety, and no bleeding.
_CALM: tuple[Test, ...] = (
    Was(("within_rules",)),
    Said("full_time", answer=True),
    Is("pain", "<=", "pain_advance"),
    Is("anxiety_max", "<=", "anxiety_advance"),
    Said("bleeding", answer=False),
)

PROTOCOL = Protocol(
    code="graded_dilator",
    version="1",
    name="Graded dilators",
    sources=(_STANDARD, _HANDOUT),
    targets=("gpppd", "unconsummated", "painful_sex_couple"),
    participants="alone_then_together",
    shared_touch=True,
    stages=(
        _alone(
            1,
            "breathing",
            "Relaxing and breathing",
            "Lie comfortably, and notice how the pelvic floor drops a little with every breath in.",
        ),
        _alone(
            2,
            "external_touch",
            "Touch from outside",
            "Look with a mirror if you like, and rest a warm hand, then a finger, on the outside until it feels ordinary.",
        ),
        _alone(
            3,
            "finger",
            "A fingertip, then a finger",
            "With lubricant, rest a fingertip at the opening; let it in a little with a breath out, later a whole finger.",
        ),
        _alone(
            _SIZES,
            "sizes",
            "One size after another",
            "Take the smallest size, with lubricant; let it in as far as it goes easily, and let it rest there.",
            "Take the next size when three sessions in a row were calm; a set has four to eight.",
        ),
        _alone(
            5,
            "largest_with_movement",
            "The largest size, with movement",
            "With the largest size of your set resting, begin to move it slowly, a little way.",
        ),
        _invited(
            6,
            "partner_hand",
            "Your partner's finger or hand",
            "If you wish, your partner lends a finger, or holds a size you know well, and your hand guides it.",
            ("intercourse",),
        ),
        _invited(
            7,
            "containment",
            "Contained, without movement",
            "If both of you wish, the one who practises takes the other in as far as is comfortable; rest without movement.",
            ("movement",),
        ),
        _invited(
            8,
            "movement",
            "With movement",
            "If both of you wish, the one who practises moves, slowly, and is still or ends it whenever that is better.",
        ),
    ),
    dose=Dose(
        unit="practice",
        times=(1, 2),
        per="day",
        minutes=(20, 20),
        weeks=None,
        note=(
            "Let it rest in place; no movement at first. Three to four weeks a size in one handout, and a review every month. "
            "Other programmes ask for 5 to 15 minutes on three to five days of the week; agree on a time that is kept easily."
        ),
        source=_HANDOUT,
    ),
    log_fields=(
        LogField("size", "integer", "The size in use; 0 is none.", low=0, high=12, asked_of="practising"),
        LogField("last_size", "boolean", "Whether this is the largest size of my set.", asked_of="practising"),
        LogField("minutes", "integer", "About how many minutes.", low=0, high=120, asked_of="practising"),
        LogField(
            "full_time", "boolean", "Whether I stayed for the time I had set myself.", required=True, asked_of="practising"
        ),
        rating("anxiety_max", "Anxiety at its highest.", required=True, asked_of="practising"),
        rating("muscle_tension", "How tight the pelvic floor was.", asked_of="practising"),
        LogField("lubricant", "boolean", "Whether I used lubricant.", asked_of="practising"),
        LogField("breathing_used", "boolean", "Whether I used the breathing.", asked_of="practising"),
        LogField("bleeding", "boolean", "Whether there was any bleeding.", required=True, asked_of="practising"),
        LogField("invited_by_me", "boolean", "Whether it was I who invited my partner.", "safety", asked_of="practising"),
    ),
    thresholds=(
        Threshold("sessions_needed", 3, 3, 7, "Calm sessions in a row for the next stage or size.", _OURS, whole=True),
        Threshold("pain_advance", 2, 0, 2, "Most pain that allows the next stage or size.", _OURS),
        Threshold("anxiety_advance", 3, 0, 3, "Most anxiety that allows the next stage or size.", _OURS),
        Threshold("pain_step_back", 5, 3, 5, "Pain that leads back a stage.", _OURS),
        Threshold("anxiety_step_back", 7, 4, 7, "Anxiety that leads back a stage.", _OURS),
        Threshold("bleeding_looked_at", 28, 28, 84, "Days looked back on for any bleeding.", _OURS, whole=True),
        Threshold("pressure_step_back", 3, 1, 3, "Pressure by anyone that leads back a stage.", _OURS),
    ),
    rules=(
        Rule(
            "bleeding",
            "stop",
            OnDays(1, "bleeding_looked_at", Said("bleeding", answer=True, silence=False), over="answers"),
            "There was bleeding: stop, and a medical review before anything goes on.",
            role="practising",
        ),
        Rule(
            "pain",
            "step_back",
            any_of_last("sessions_needed", Is("pain", ">=", "pain_step_back")),
            "There was pain: go back to what does not hurt.",
        ),
        Rule(
            "anxious",
            "step_back",
            any_of_last("sessions_needed", Is("anxiety_max", ">=", "anxiety_step_back")),
            "Anxiety was high: go back to what felt safe.",
            role="practising",
        ),
        Rule(
            "pressure",
            "step_back",
            any_of_last("sessions_needed", Is("pressure", ">=", "pressure_step_back")),
            "Pressure was felt: go back to a stage that is done freely.",
        ),
        Rule(
            "not_invited",
            "step_back",
            any_of_last("sessions_needed", Said("invited_by_me", answer=False)),
            "It was not at the invitation of the one who practises: go back to practising alone.",
            stages=_WITH_PARTNER,
            role="practising",
        ),
        Rule(
            "some_pain_or_anxiety",
            "hold",
            AnyOf(
                (
                    any_of_last(1, Is("pain", ">", "pain_advance")),
                    any_of_last(1, Is("anxiety_max", ">", "anxiety_advance")),
                )
            ),
            "There was some pain or anxiety last time: stay with this, or with the size before.",
            role="practising",
        ),
        Rule(
            "next_size",
            "hold",
            each_of_last("sessions_needed", Both((*_CALM, Said("last_size", answer=False)))),
            "The last sessions were calm: take the next size of the set, still at this stage.",
            stages=(_SIZES,),
            role="practising",
        ),
        Rule(
            "calm",
            "advance",
            each_of_last("sessions_needed", Both(_CALM)),
            "The last sessions lasted their full time, calm and with hardly any pain.",
            stages=(1, 2, 3, 5),
            role="practising",
        ),
        Rule(
            "calm_at_the_last_size",
            "advance",
            each_of_last("sessions_needed", Both((*_CALM, Said("last_size", answer=True)))),
            "The last sessions were calm with the largest size of the set.",
            stages=(_SIZES,),
            role="practising",
        ),
        Rule(
            "calm_and_invited",
            "advance",
            each_of_last("sessions_needed", Both((*_CALM, Said("invited_by_me", answer=True)))),
            "The last sessions were by invitation, calm and with hardly any pain.",
            stages=_WITH_PARTNER,
            role="practising",
        ),
        Rule(
            "accompanied",
            "advance",
            each_of_last("sessions_needed", Was(("within_rules",))),
            "The last sessions were within the rules, freely, for the one who accompanies.",
            stages=_WITH_PARTNER,
            role="accompanying",
        ),
    ),
    hard_rules=(
        "A feeling of stretch or pressure in the body is acceptable; pain is not.",
        "Bleeding ends the practice until a doctor has looked.",
        "The partner takes part only by invitation, and never sets the pace.",
    ),
    preconditions=(Precondition("pelvic_examination", "A pelvic examination, with medical clearance documented.", "medical"),),
    contraindications=(
        blocker("unexplained_pain_or_bleeding"),
        blocker("untreated_infection"),
        blocker("recent_surgery_or_birth"),
        RedFlag("trauma_flashbacks", "Flashbacks of a trauma.", "mental_health"),
    ),
    evidence=Evidence(
        "mixed",
        "Treatment of vaginismus, of whatever kind, succeeded in about 79 % over 43 studies, mostly without a comparison: no "
        "figure of dilators alone.",
        (_META,),
    ),
)
