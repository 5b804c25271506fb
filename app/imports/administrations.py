"""Administrations with their answers, or with totals where no answers came; scored here, and compared with what came."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isclose
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from app.access.work import Work
from app.errors import Fault
from app.imports.couples import NEW, THERE, Arrival, own_id
from app.imports.locating import Place, Places, RefusedError, body_of, found_at
from app.imports.report import Finding, Weight
from app.imports.spool import Row
from app.imports.values import Value
from app.measures.models import Administration, Score
from app.measures.schemas import LARGEST_BATCH, BatchCreate, BatchItem, ItemDone
from app.measures.service import record_batch

NEAR: Final = 1e-9  # two sums of the same answers differ by less
REASONS: Final = frozenset({"no_activity", "skipped", "declined", "not_asked"})


@dataclass
class Sent:
    """One administration on its way in, with the rows it is made of."""

    arrival: Arrival
    row: Row
    items: list[Row]
    scores: list[Row]
    corrects: str | None
    """The id in the files of what it supersedes."""
    stored: UUID | None = None

    @property
    def name(self) -> str:
        """Its id in the files."""
        return self.row.text("administration_id")


def bring_administrations(work: Work, arrivals: Iterable[Arrival]) -> None:
    """Brings in the administrations of couples: what is corrected before its correction. Raises RefusedError."""
    waiting = [sent for arrival in arrivals for sent in _without_the_lost(arrival, list(_sent(arrival)))]
    known = _here(work, waiting)
    while waiting:
        ready = [sent for sent in waiting if sent.corrects is None or (sent.arrival.couple_id, sent.corrects) in known]
        if not ready:
            told = "No row of `administrations` has this id, or two correct each other."
            raise RefusedError(*(sent.row.told("supersedes_id", "administration_unknown", told) for sent in waiting))
        for first in range(0, len(ready), LARGEST_BATCH):
            _store(work, ready[first : first + LARGEST_BATCH], known)
        waiting = [sent for sent in waiting if sent.stored is None]


def _sent(arrival: Arrival) -> Iterator[Sent]:
    items = _grouped(arrival.bundle.of("items"))
    scores = _grouped(arrival.bundle.of("scores"))
    for row in arrival.bundle.of("administrations"):
        name = row.text("administration_id")
        corrects = row.get("supersedes_id")
        own = items.pop(name, []), scores.pop(name, [])
        yield Sent(arrival, row, *own, None if corrects is None else str(corrects))
    told = "No row of `administrations` has this id."
    strays = [row for rows in (*items.values(), *scores.values()) for row in rows]
    if strays:
        raise RefusedError(*(row.told("administration_id", "administration_unknown", told) for row in strays))


def _without_the_lost(arrival: Arrival, sent: list[Sent]) -> Iterator[Sent]:
    """All but those that were scored elsewhere and then corrected: an export holds the scores of the correction alone."""
    corrected = {one.corrects for one in sent}
    lost = {one.name for one in sent if one.name in corrected and not one.items and not one.scores}
    for one in sent:
        if one.name in lost:
            told = one.row.told(
                "administration_id", "scores_not_there", "It was corrected, and came without answers and scores."
            )
            arrival.differences.append(replace(told, weight=Weight.LEFT))
        else:
            yield replace(one, corrects=None if one.corrects in lost else one.corrects)


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.text("administration_id"), []).append(row)
    return found


def _here(work: Work, sent: Sequence[Sent]) -> dict[tuple[UUID, str], UUID]:
    """Administrations that are here already, by couple and the id of the files.

    Those that came out of this very clinic, and those that came in before and are only corrected by these files.
    """
    couples = {one.arrival.couple_id for one in sent if not one.arrival.is_new}
    names = {one.name for one in sent} | {one.corrects for one in sent if one.corrects is not None}
    own = {row_id: name for name in names if (row_id := own_id("adm", name)) is not None}
    corrected = {one.corrects for one in sent} - {one.name for one in sent}
    if not couples:
        return {}
    query = select(Administration.couple_id, Administration.id, Administration.external_id).where(
        Administration.couple_id.in_(couples), or_(Administration.id.in_(own), Administration.external_id.in_(corrected))
    )
    found = work.session.execute(query).all()
    return {(couple_id, own.get(row_id) or external_id or ""): row_id for couple_id, row_id, external_id in found}


def _store(work: Work, sent: Sequence[Sent], known: dict[tuple[UUID, str], UUID]) -> None:
    for one in sent:
        one.stored = known.get((one.arrival.couple_id, one.name))
    there, new = [one for one in sent if one.stored is not None], [one for one in sent if one.stored is None]
    for one in there:
        one.arrival.count("administrations", THERE)
    if new:
        _record(work, new, known)
    _compare_scores(work, sent)


def _record(work: Work, sent: Sequence[Sent], known: dict[tuple[UUID, str], UUID]) -> None:
    places: dict[str, Place] = {}
    items = []
    for number, one in enumerate(sent):
        own = _places(one)
        places |= {f"/items/{number}{part}": place for part, place in own.items()}
        target = None if one.corrects is None else known[one.arrival.couple_id, one.corrects]
        items.append(body_of(BatchItem, _values(one, target), own))
    done = record_batch(work, BatchCreate(mode="partial", items=items))
    _refuse(done.items, places)
    for one, item in zip(sent, done.items, strict=True):
        assert item.id is not None  # noqa: S101 - none of them was refused
        one.stored = known[one.arrival.couple_id, one.name] = item.id
        one.arrival.count("administrations", THERE if item.existing else NEW)
        one.arrival.done["items", THERE if item.existing else NEW] += len(one.items)


def _refuse(items: Sequence[ItemDone], places: Places) -> None:
    refused = []
    for number, item in enumerate(items):
        if item.problem is not None:
            told = [Fault(one.pointer, one.code, _naming_item(one.pointer, one.detail, places)) for one in item.problem.errors]
            refused += told or [Fault(f"/items/{number}", item.problem.code, item.problem.detail)]
    if refused:
        raise RefusedError(*(found_at(places, fault) for fault in refused))


def _naming_item(pointer: str, detail: str, places: Places) -> str:
    """An item that no row tells of is named in the sentence instead."""
    answers, _, item = pointer.rpartition("/")
    return f"Item {item}: {detail}" if answers.endswith("/answers") and pointer not in places else detail


def _places(sent: Sent) -> Places:
    parts = {
        "": Place(sent.row, columns={"supersedes": "supersedes_id"}),
        "/couple_id": Place(sent.row, "couple_id"),
        "/scores_elsewhere": Place(sent.row),
        "/standard_errors_elsewhere": Place(sent.row),
        "/answers": Place(sent.row, "measure"),
        "/reasons": Place(sent.row, "measure"),
    }
    for row in sent.items:
        item, why = row.get("item"), "answer" if row.get("reason") is None else "reason"
        parts |= {f"/answers/{item}": Place(row, "answer"), f"/reasons/{item}": Place(row, why)}
    for row in sent.scores:
        scale = row.get("scale")
        parts |= {f"/scores_elsewhere/{scale}": Place(row, "value")}
        parts |= {f"/standard_errors_elsewhere/{scale}": Place(row, "standard_error")}
    return parts


def _values(sent: Sent, supersedes: UUID | None) -> dict[str, Any]:
    row = sent.row
    told = {name: row.get(name) for name in ("measure", "language", "answered_at", "recall_ends_on")}
    return {
        **told,
        "couple_id": sent.arrival.couple_id,
        "partner_id": sent.arrival.partner(row),
        "mode": row.get("mode") or "imported",
        "external_id": row.get("external_id") or sent.name,
        "supersedes": supersedes,
        **(_answers(sent.items) if sent.items else _totals(sent)),
    }


def _answers(rows: Sequence[Row]) -> dict[str, Any]:
    given = {str(row.get("item")): _number(row.get("answer")) for row in rows if row.get("answer") is not None}
    reasons = {str(row.get("item")): _reason(row) for row in rows}
    return {"answers": given, "reasons": {item: reason for item, reason in reasons.items() if reason is not None}}


def _reason(row: Row) -> Value:
    """The word in `reason`, which a rule refuses where it is none, or the code that stands in either of the two columns."""
    codes = (row.why("answer"), row.why("reason"))
    return row.get("reason") or next((code for code in codes if code in REASONS), None)


def _totals(sent: Sent) -> dict[str, Any]:
    """Scores that were computed elsewhere; without any there is nothing to store. Raises RefusedError."""
    scores = {row.text("scale"): _number(row.get("value")) for row in sent.scores if row.get("value") is not None}
    if not scores:
        told = "An administration has rows of `items`, or of `scores` where it was scored elsewhere."
        raise RefusedError(sent.row.told("administration_id", "no_answers", told))
    errors = {
        row.text("scale"): _number(row.get("standard_error")) for row in sent.scores if row.get("standard_error") is not None
    }
    return {
        "scores_elsewhere": scores,
        "standard_errors_elsewhere": errors or None,
        "scored_by": sent.row.get("scored_by"),
    }


def _number(value: object) -> float:
    assert isinstance(value, int | float)  # noqa: S101 - the column is one of numbers
    return float(value)


def _compare_scores(work: Work, sent: Sequence[Sent]) -> None:
    """Tells where scores that came beside answers are not what the answers come to here."""
    came = {one.stored: one for one in sent if one.items and one.scores}
    if not came:
        return
    query = select(Score.administration_id, Score.scale, Score.value, Score.reason).where(
        Score.couple_id.in_({one.arrival.couple_id for one in came.values()}), Score.administration_id.in_(list(came))
    )
    here: dict[UUID, dict[str, float | None]] = {}
    for administration_id, scale, value, reason in work.session.execute(query):
        here.setdefault(administration_id, {})[scale] = value if reason is None else None  # as an export tells it
    for stored, one in came.items():
        if stored is not None:
            one.arrival.differences += _differing(one.scores, here.get(stored, {}))


def _differing(rows: Sequence[Row], here: dict[str, float | None]) -> Iterator[Finding]:
    for row in rows:
        scale, came = row.text("scale"), row.get("value")
        if scale not in here:
            yield _told(row, "scale", "The answers give no score of this scale here.")
        elif not _is_same(came, here[scale]):
            yield _told(row, "value", "The answers come to another score here, and that one is kept.")


def _is_same(came: object, here: float | None) -> bool:
    if came is None or here is None:
        return came is None and here is None
    return isclose(_number(came), here, rel_tol=NEAR, abs_tol=NEAR)


def _told(row: Row, column: str, sentence: str) -> Finding:
    return replace(row.told(column, "score_differs", sentence), weight=Weight.DIFFERS)
