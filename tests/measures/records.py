"""Couples and administrations of these tests, made through the API."""

from typing import Any

from httpx2 import Response

from tests.conftest import Caller

GMSEX = {"1": 4, "2": 5, "3": 3, "4": 4, "5": 6}
PHQ9 = dict.fromkeys([str(number) for number in range(1, 10)], 0)
Json = dict[str, Any]


def couple(caller: Caller, number: str = "1") -> Json:
    """A couple in care."""
    body = {"partner_a": {"record_number": f"A-{number}"}, "partner_b": {"record_number": f"B-{number}"}}
    made: Json = caller.post("/v1/couples", json=body).json()
    return made


def path(of: Json, slot: int = 0) -> str:
    """The address of partner A, or of B with slot 1."""
    return f"/v1/couples/{of['id']}/partners/{of['partners'][slot]['id']}"


def administer(caller: Caller, of: Json, answers: Json | None = None, slot: int = 0, **more: Any) -> Response:
    """Sends one administration; of GMSEX unless told otherwise."""
    body = {"measure": "gmsex", "answers": GMSEX if answers is None else answers, **more}
    return caller.post(f"{path(of, slot)}/administrations", json=body)


def item(of: Json, answers: Json | None = None, slot: int = 0, **more: Any) -> Json:
    """One administration of a batch."""
    ids = {"couple_id": of["id"], "partner_id": of["partners"][slot]["id"]}
    return {**ids, "measure": "gmsex", "answers": GMSEX if answers is None else answers, **more}


def send(caller: Caller, *items: Json, **more: Any) -> Response:
    """Sends a batch."""
    return caller.post("/v1/administrations/batch", json={"items": list(items), **more})


def scores(caller: Caller, of: Json, slot: int = 0, query: str = "") -> list[Json]:
    """One partner's scores, oldest first."""
    found: list[Json] = caller.get(f"{path(of, slot)}/scores{query}").json()["items"]
    return found


def totals(points: int) -> Json:
    """GMSEX answers with this total."""
    low, extra = divmod(points, 5)
    return {str(number): low + (number <= extra) for number in range(1, 6)}


def in_care(caller: Caller, number: str) -> Json:
    """A couple with an open episode."""
    made = couple(caller, number)
    opened = caller.post(f"/v1/couples/{made['id']}/episodes", json={"primary_concern": {"code": "desire_discrepancy"}})
    assert opened.status_code == 201, opened.text
    return made


def baselines(caller: Caller, *points: int, start: int = 0) -> list[Json]:
    """As many partners with these GMSEX totals as their first score, two a couple, recorded in this order."""
    couples = [in_care(caller, f"base-{start + number}") for number in range((len(points) + 1) // 2)]
    items = [item(couples[place // 2], totals(total), place % 2) for place, total in enumerate(points)]
    sent = send(caller, *items)
    assert sent.status_code == 201, sent.text
    return couples
