"""Kept figures of many couples, written at once: a clinic's figures are counted from them and from nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from app.caseload.following import rules_of
from app.core.database import Base
from app.core.ids import new_id
from tests.conftest import Clinic

Json = dict[str, Any]
THEN = datetime(2026, 1, 5, 12, tzinfo=UTC)
NEVER = datetime(2099, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Course:
    """One partner's first and latest score and the class between them; without a latest one there is none."""

    first: float
    latest: float | None = None
    change_class: str = "not_classifiable"
    reason: str | None = None

    def values(self) -> Json:
        """Its columns."""
        latest = self.first if self.latest is None else self.latest
        why = "too_few_scores" if self.latest is None else self.reason
        told = {"intake": self.first, "latest": latest, "change_class": self.change_class, "not_why": why}
        return told | {"scores": 1 if self.latest is None else 2}


@dataclass(frozen=True)
class Kept:
    """One couple's rows: courses by slot, the same on every one of `measures`, and whatever else of its standing differs."""

    concern: str = "desire_discrepancy"
    protocol: str | None = None
    courses: Sequence[Course | None] = (None, None)
    measures: Sequence[tuple[str, str, str]] = (("gmsex", "total", "sexual"),)
    standing: Json = field(default_factory=dict)


def keep(clinic: Clinic, couples: Iterable[Kept], start: int = 0) -> None:
    """Writes them past the ledger, and with the first ones that the trail was followed to here."""
    rows: dict[str, list[Json]] = {name: [] for name in ("couple", "partner", "couple_standing", "series_outcome")}
    for number, couple in enumerate(couples, start):
        _rows(rows, clinic, couple, number)
    mark = {"clinic_id": clinic.id, "of_safety": False, "is_filled": True, "rules": rules_of(clinic.settings)}
    rows["followed"] = [] if start else [mark]
    with clinic.at_desk() as (session, _vault):
        for table, values in rows.items():
            if values:
                session.connection().execute(insert(Base.metadata.tables[table]), values)


def _rows(rows: dict[str, list[Json]], clinic: Clinic, couple: Kept, number: int) -> None:
    own = {"clinic_id": clinic.id}
    couple_id, told = new_id(), {"concern": couple.concern, "protocol": couple.protocol}
    rows["couple"].append(own | {"id": couple_id, "version": 1, "time_zone": "Etc/UTC", "created_at": THEN})
    for of_safety in (False, True):
        rows["couple_standing"].append(own | told | _standing(couple, of_safety=of_safety) | {"couple_id": couple_id})
    for slot, course in zip("ab", couple.courses, strict=True):
        partner = {"id": new_id(), "couple_id": couple_id, "slot": slot, "compartment": f"individual_{slot}", "version": 1}
        rows["partner"].append(own | partner | {"record_number": f"{slot}-{number}"})
        for measure, scale, domain in couple.measures if course else ():
            place = {"id": new_id(), "couple_id": couple_id, "partner_id": partner["id"], "compartment": f"individual_{slot}"}
            what = {"measure_code": measure, "scale": scale, "domain": domain, "weeks_followed": 8.0}
            times = {"intake_at": THEN, "latest_at": THEN + timedelta(weeks=8), "weeks_to_improvement": None}
            rows["series_outcome"].append(own | told | place | what | times | (course.values() if course else {}))


def _standing(couple: Kept, *, of_safety: bool) -> Json:
    """A row of an audience; that of the care team says otherwise in everything, so that it would be noticed if it counted."""
    plain: Json = {
        "id": new_id(),
        "of_safety": of_safety,
        "reckoned_at": THEN,
        "fresh_until": NEVER,
        "in_care": True,
        "opened_on": date(2026, 1, 5),
        "closed_on": None,
        "close_reason": None,
        "protocols": [],
        "plan_status": None,
        "urgency": 3,
        "weight": 0.0,
        "rule": "as_expected",
        "last_visit_on": None,
        "visits": 0,
        "shown": b"",
        "within_rules": 0,
        "offered": 0,
        "declined": 0,
        **{f"{domain}_{unit}": None for domain in ("sexual", "relational") for unit in ("weeks", "visits", "weeks_followed")},
    }
    if of_safety:
        safety = {"within_rules": 1, "offered": 9, "sexual_weeks": 1.0, "sexual_visits": 1, "sexual_weeks_followed": 2.0}
        return plain | safety | {"visits": 1, "closed_on": date(2026, 2, 1), "close_reason": "lost_contact"}
    return plain | couple.standing
