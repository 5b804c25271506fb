"""Stop-start: pausing in time is practised, first alone and then together, until the pace is one's own to choose."""

from app.clinical.pausing import HARD_RULES, LOG_FIELDS, PRECONDITIONS, RULES, STAGES, THRESHOLDS
from app.clinical.protocol import Dose, Evidence, Protocol
from app.clinical.source import Source

_BOOKS = Source("Semans 1956; Kaplan 1974", "recalled_medium")
_REVIEW = Source("Systematic review of behavioural therapies for early ejaculation (PMC4599555)", "read_in_primary")
_TRIAL = Source("Trial in PLOS One (0283091): six sessions of 45 minutes, one every two weeks", "read_in_primary")

PROTOCOL = Protocol(
    code="stop_start",
    version="1",
    name="Stop-start",
    sources=(_BOOKS, _REVIEW),
    targets=("early_ejaculation",),
    participants="alone_then_together",
    shared_touch=True,
    stages=STAGES,
    dose=Dose(
        unit="practice",
        times=(3, 3),
        per="week",
        minutes=(15, 15),
        weeks=(6, 12),
        note="Fifteen minutes with three pauses in each. One trial gave six sessions of 45 minutes, one every two weeks.",
        source=_BOOKS,
    ),
    log_fields=LOG_FIELDS,
    thresholds=THRESHOLDS,
    rules=RULES,
    hard_rules=HARD_RULES,
    preconditions=PRECONDITIONS,
    contraindications=(),
    evidence=Evidence(
        "mixed",
        "Behavioural therapies for early ejaculation: ten randomised trials, 521 men, unclear risk of bias. Against a waiting "
        "list two of four trials gained 7 to 9 minutes and two found none; added to drugs it was half a minute to one.",
        (_REVIEW, _TRIAL),
    ),
)
