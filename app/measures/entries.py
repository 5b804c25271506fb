"""One administration on its way in: checked and scored by itself, before the record is asked anything."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.clinical.measure import Measure
from app.clinical.reported import Reported
from app.core.database import Compartment
from app.core.schemas import FUTURE_LEEWAY
from app.errors import Fault
from app.measures.models import Administration
from app.measures.rules import check_content, check_time, find_measure
from app.measures.schemas import AdministrationCreate
from app.measures.scoring import Content, Scored, score_all


@dataclass
class Entry:
    """One administration on its way in; `base` is the JSON Pointer of where it stands in the body."""

    base: str
    couple_id: UUID
    partner_id: UUID
    body: AdministrationCreate
    answered_at: datetime
    compartment: Compartment | None = None
    faults: list[Fault] = field(default_factory=list)
    measure: Measure | None = None
    content: Content = field(default_factory=lambda: Content({}, {}))
    scored: Scored | None = None
    episode_id: UUID | None = None
    recall: tuple[date | None, date] | None = None
    id: UUID | None = None
    stored: Administration | None = None
    twin: "Entry | None" = None

    @property
    def existing(self) -> bool:
        """Whether it was stored before, or comes twice in this batch."""
        return not self.faults and (self.stored is not None or self.twin is not None)

    @property
    def is_new(self) -> bool:
        """Whether it is still to be stored."""
        return not self.faults and not self.existing

    def sealed_content(self) -> dict[str, Any]:
        """What is sealed: exactly what was given."""
        answers = {str(number): answer for number, answer in self.content.answers.items()}
        reasons = {str(number): reason for number, reason in self.content.reasons.items()}
        return {"answers": answers, "reasons": reasons, **_told_elsewhere(self.content.elsewhere)}


def _told_elsewhere(given: Reported | None) -> dict[str, Any]:
    if given is None:
        return {"scores_elsewhere": None}
    errors = dict(given.errors)
    return {"scores_elsewhere": dict(given.scores), "standard_errors_elsewhere": errors, "scored_by": given.scored_by}


def opened_content(sealed: dict[str, Any]) -> Content:
    """What was given, by item number."""
    scores = sealed["scores_elsewhere"]
    return Content(
        {int(number): answer for number, answer in sealed["answers"].items()},
        {int(number): reason for number, reason in sealed["reasons"].items()},
        None if scores is None else Reported(scores, sealed["standard_errors_elsewhere"], sealed["scored_by"]),
    )


def read_answers(given: dict[str, float | None] | None) -> dict[int, float | None]:
    """Answers by item number; JSON's 4.0 is the whole number 4."""
    found: dict[int, float | None] = {}
    for number, answer in (given or {}).items():
        found[int(number)] = int(answer) if answer is not None and answer.is_integer() else answer
    return found


def check_entries(entries: Sequence[Entry], now: datetime) -> None:
    """Checks every entry by itself and scores those without a fault, one measure at a time."""
    by_measure: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        _check_alone(entry, now + FUTURE_LEEWAY)
        if not entry.faults:
            by_measure[entry.body.measure].append(entry)
    for group in by_measure.values():
        measure = group[0].measure
        if measure is not None:
            for entry, scored in zip(group, score_all(measure, [entry.content for entry in group]), strict=True):
                entry.scored = scored


def _check_alone(entry: Entry, latest: datetime) -> None:
    body = entry.body
    measure = find_measure(body.measure, f"{entry.base}/measure")
    if isinstance(measure, Fault):
        entry.faults.append(measure)
        return
    entry.measure = measure
    reasons = {int(number): reason for number, reason in body.reasons.items()}
    elsewhere = body.scores_elsewhere
    reported = None if elsewhere is None else Reported(elsewhere, body.standard_errors_elsewhere or {}, body.scored_by)
    entry.content = Content(read_answers(body.answers), reasons, reported)
    answers = None if body.answers is None else entry.content.answers
    entry.faults += check_time(entry.answered_at, latest, body.recall_ends_on, entry.base)
    entry.faults += check_content(measure, answers, reasons, reported, entry.base)
    entry.faults += _only_with_scores(entry)


def _only_with_scores(entry: Entry) -> list[Fault]:
    if entry.body.scores_elsewhere is not None:
        return []
    about = {"standard_errors_elsewhere": entry.body.standard_errors_elsewhere, "scored_by": entry.body.scored_by}
    sentence = "This is told of `scores_elsewhere`, and only with them."
    return [
        Fault(f"{entry.base}/{name}", "only_with_scores_elsewhere", sentence)
        for name, value in about.items()
        if value is not None
    ]
