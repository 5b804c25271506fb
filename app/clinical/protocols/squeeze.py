"""Squeeze: stop-start with a firm pressure of the fingers at each pause."""

from dataclasses import replace

from app.clinical.pausing import HARD_RULES, LOG_FIELDS, PRECONDITIONS, RULES, STAGES, THRESHOLDS
from app.clinical.protocol import Dose, Evidence, Protocol, Stage, Threshold
from app.clinical.safety import RedFlag
from app.clinical.source import Source

_BOOK = Source("Masters & Johnson 1970", "recalled_medium")
_SECONDS = Source("A published description (pciholog.com): three to four seconds", "read_in_secondary")
_DOSE = Source(
    "Three to four seconds read in a description; ten to twenty, how often and how long as in textbooks", "recalled_medium"
)
_REVIEW = Source("Kempeneers 2019, review of 27 trials", "read_in_primary")
_ANY_PAIN = Source("Standard description: any pain leads back", "recalled_medium")
_PRESS = "At each pause press firmly with thumb and two fingers, just below the tip, for three or four seconds."
_WAIT = "Then wait about half a minute before you begin again."
_APART = "To pause, slip apart first."
_FIRM = "Firm is enough: it must not hurt, and the one who practises says how firm."
_JOINED = frozenset({"containment", "slow_movement", "free_pace"})


def _with_squeeze(stage: Stage) -> Stage:
    apart = (_APART,) if stage.code in _JOINED else ()
    return replace(stage, instructions=(*stage.instructions, *apart, _PRESS, _WAIT), rules=(_FIRM, *stage.rules))


def _on_any_pain(threshold: Threshold) -> Threshold:
    if threshold.name != "pain_step_back":
        return threshold
    return replace(threshold, value=1, low=1, high=1, meaning="Any pain leads back a stage.", source=_ANY_PAIN)


PROTOCOL = Protocol(
    code="squeeze",
    version="1",
    name="Squeeze",
    sources=(_BOOK, _SECONDS),
    targets=("early_ejaculation",),
    participants="alone_then_together",
    shared_touch=True,
    stages=tuple(_with_squeeze(stage) for stage in STAGES),
    dose=Dose(
        unit="practice",
        times=(3, 3),
        per="week",
        minutes=(15, 15),
        weeks=(6, 12),
        note="As stop-start; at each pause three to four seconds of pressure, in some descriptions up to 10 to 20.",
        source=_DOSE,
    ),
    log_fields=LOG_FIELDS,
    thresholds=tuple(_on_any_pain(threshold) for threshold in THRESHOLDS),
    rules=RULES,
    hard_rules=HARD_RULES,
    preconditions=PRECONDITIONS,
    contraindications=(RedFlag("penile_pain", "Pain of the penis.", "medical"),),
    evidence=Evidence("mixed", "A review of 27 trials found nothing that the squeeze adds to pauses alone.", (_REVIEW,)),
)
