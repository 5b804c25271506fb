"""Clinics whose figures are known, built through the API."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.conftest import Caller
from tests.measures.records import couple, item, totals

Json = dict[str, Any]
# GMSEX totals of both partners, first and latest; None where there is none.
Totals = tuple[int | None, int | None, int | None, int | None]
BETTER, WORSE, SAME = (12, 30), (30, 12), (20, 21)
NUMBERS = count()


def of_both(a: tuple[int, int], b: tuple[int, int]) -> Totals:
    """What both partners said first and last."""
    return (*a, *b)


def treated(therapist: Caller, today: datetime, concern: str, courses: Sequence[Totals], weeks: int = 8) -> list[Json]:
    """Couples with an open episode for this concern, scored `weeks` ago and now."""
    made, items = [], []
    for told in courses:
        of = couple(therapist, f"clinic-{next(NUMBERS)}")
        body = {"primary_concern": {"code": concern}, "opened_on": (today - timedelta(weeks=weeks)).date().isoformat()}
        opened = therapist.post(f"/v1/couples/{of['id']}/episodes", json=body)
        assert opened.status_code == 201, opened.text
        made.append(of | {"episode": opened.json()["id"]})
        for place, total in enumerate(told):
            when = today - timedelta(weeks=0 if place % 2 else weeks, minutes=1)
            at = when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            items += [] if total is None else [item(of, totals(total), place // 2, answered_at=at)]
    for start in range(0, len(items), 400):
        sent = therapist.post("/v1/administrations/batch", json={"items": items[start : start + 400]})
        assert sent.status_code == 201, sent.text
    return made


def close(therapist: Caller, of: Json, reason: str) -> None:
    """Ends the episode of a couple."""
    closed = therapist.post(f"/v1/couples/{of['id']}/episodes/{of['episode']}/closures", json={"reason": reason})
    assert closed.status_code == 200, closed.text


def read(caller: Caller, query: str = "") -> Json:
    """The clinic's figures."""
    found = caller.get(f"/v1/clinic/outcomes{query}")
    assert found.status_code == 200, found.text
    answer: Json = found.json()
    return answer


def line(of: Json, part: str = "measures", **names: Any) -> Json | None:
    """The figures of a group: of all unless told otherwise."""
    wanted = {"concern": None, "protocol": None} | names
    return next((one for one in of[part] if all(one[name] == value for name, value in wanted.items())), None)
