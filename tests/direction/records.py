"""Made-up panels in which x comes first, as a panel to send and as a clinic's weekly pulses."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app.direction.job import analyse_waiting
from tests.conftest import Caller, Clinic
from tests.measures.records import couple, item, send

ANALYSES = "/v1/clinic/direction-analyses"
Json = dict[str, Any]
COLUMNS = ["unit", "occasion", "x", "y"]


def series(chance: random.Random, occasions: int, lead: float) -> Iterator[tuple[float, float]]:
    """One person's x and y around their own levels; `lead` of x's last deviation goes into y's next."""
    level = chance.gauss(0, 1)
    other = 0.5 * level + chance.gauss(0, 0.8)
    x = y = 0.0
    for _ in range(occasions + 5):
        x, y = 0.3 * x + chance.gauss(0, 1), 0.2 * y + lead * x + chance.gauss(0, 1)
        yield level + x, other + y


def panel(units: int, occasions: int, lead: float = 0.5, seed: int = 1, partners: str = "") -> Json:
    """A panel to send; with `partners` "ab" of couples."""
    chance, rows = random.Random(seed), []  # noqa: S311 - made-up numbers, no secret
    for unit in range(units):
        for partner in partners or [None]:
            for occasion, (x, y) in enumerate(list(series(chance, occasions, lead))[5:], start=1):
                rows.append([f"u{unit}", occasion, round(x, 4), round(y, 4), *([partner] if partner else [])])
    return {"columns": [*COLUMNS, *(["partner"] if partners else [])], "rows": rows}


def as_csv(sent: Json) -> str:
    """The same as CSV."""
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in [sent["columns"], *sent["rows"]])


def pulse(x: float, y: float) -> Json:
    """Answers to the weekly pulse with these two first, as whole numbers from 0 to 10."""
    told = {1: x, 2: y}
    return {str(number): min(10, max(0, round(5 + 1.5 * told.get(number, 0.0)))) for number in range(1, 7)}


def pulses(caller: Caller, couples: list[Json], weeks: range, begun: datetime) -> None:
    """Both partners of each couple answer the pulse in each of these weeks, as one batch after the other."""
    items = []
    for number, of in enumerate(couples):
        for slot in (0, 1):
            chance = random.Random(f"{number} {slot}")  # noqa: S311 - the same
            told = list(series(chance, weeks.stop, 0.6))[5:]
            for week in weeks:
                answered_at = (begun + timedelta(days=7 * week, hours=number % 5)).strftime("%Y-%m-%dT%H:%M:%SZ")
                items.append(item(of, pulse(*told[week]), slot, answered_at=answered_at) | {"measure": "rekindle_pulse"})
    for first in range(0, len(items), 500):
        sent = send(caller, *items[first : first + 500])
        assert sent.status_code == 201, sent.text


def couples_of(caller: Caller, number: int) -> list[Json]:
    """So many couples."""
    return [couple(caller, f"direction-{place}") for place in range(number)]


def ask(clinic: Clinic, caller: Caller, **body: Any) -> Json:
    """Asks, has the chore done, and reads what came of it."""
    made = caller.post(ANALYSES, json=body)
    assert made.status_code == 202, made.text
    analyse_waiting(clinic.app.state.runtime, clinic.id)
    found: Json = caller.get(made.headers["Location"]).json()
    return found
