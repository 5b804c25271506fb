"""The record as one caller may see it: crawled through its lists, or kept in step by following its changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.changes.follower import Item, changed
from tests.conftest import Caller

Key = tuple[str, str]
Things = dict[Key, Any]
RECKONED = "outcomes"  # told anew whenever something it is made of changes, and also by the passing of time


def crawl(caller: Caller, couple: str | None = None) -> Things:
    """Everything there is for this caller, or of one couple, by type and id."""
    found: Things = {}
    for path, couple_id in _couples(caller):
        if couple in {None, couple_id}:
            found |= {(kind, thing["id"]): thing for kind, thing in _of_couple(caller, path)}
            found |= {(RECKONED, couple_id): None} if caller.get(f"{path}/outcomes").status_code == 200 else {}
    return found


def _couples(caller: Caller) -> Iterator[tuple[str, str]]:
    for archived in ("false", "true"):
        for couple in _every(caller, f"/v1/couples?archived={archived}"):
            yield f"/v1/couples/{couple['id']}", couple["id"]


def _every(caller: Caller, path: str) -> Iterator[Item]:
    """Every item of a list; of a list that this caller may not read, none."""
    if caller.get(path).status_code == 200:
        yield from caller.every(path)


def _of_couple(caller: Caller, path: str) -> Iterator[tuple[str, Item]]:
    couple = caller.get(path).json()
    yield "couple", couple
    for partner in couple["partners"]:
        own = f"{path}/partners/{partner['id']}"
        yield "partner", caller.get(own).json()
        for kind, noun in (("framing", "framings"), ("diagnosis", "diagnoses"), ("administration", "administrations")):
            yield from ((kind, thing) for thing in _every(caller, f"{own}/{noun}"))
    for kind, noun in (("episode", "episodes"), ("concern", "concerns"), ("plan", "plans"), ("session_note", "notes")):
        yield from (
            (kind, thing) for thing in _every(caller, f"{path}/{noun}") if thing.get("status") != "draft" or kind == "plan"
        )
    for plan in _every(caller, f"{path}/plans"):
        for assignment in _every(caller, f"{path}/plans/{plan['id']}/assignments"):
            yield "assignment", assignment
            under = f"{path}/plans/{plan['id']}/assignments/{assignment['id']}/check-ins"
            yield from (("check_in", check_in) for check_in in _every(caller, under))


@dataclass
class Copy:
    """What a warehouse keeps: it reads again what it is told of, and drops what went, with all that belonged to it."""

    caller: Caller
    since: str | None = None
    things: Things = field(default_factory=dict)
    whose: dict[Key, str] = field(default_factory=dict)

    def follow(self, limit: int = 200) -> list[Item]:
        """Catches up; what it was told."""
        items, self.since = changed(self.caller, self.since, limit)
        for item in items:
            self._take(item)
        return items

    def _take(self, item: Item) -> None:
        key = (item["type"], item["id"])
        if item["op"] == "delete":
            self._drop(key, item["couple_id"])
        elif item["whole"]:
            self._drop(("couple", item["couple_id"]), item["couple_id"])
            for found, thing in crawl(self.caller, item["couple_id"]).items():
                self._keep(found, thing, item["couple_id"])
        else:
            answer = self.caller.get(item["href"])
            if answer.status_code == 200:  # what went in the meantime is told later
                self._keep(key, _one(answer.json(), item), item["couple_id"])

    def _keep(self, key: Key, thing: Any, couple_id: str) -> None:
        self.things[key], self.whose[key] = thing, couple_id

    def _drop(self, key: Key, couple_id: str) -> None:
        kind, went = key
        gone = {key}
        for one, thing in self.things.items():
            is_couples = kind == "couple" and self.whose[one] == couple_id
            is_partners = kind == "partner" and isinstance(thing, dict) and thing.get("partner_id") == went
            gone |= {one} if is_couples or is_partners else set()
        for one in gone:
            self.things.pop(one, None)
            self.whose.pop(one, None)


def _one(body: Any, item: Item) -> Any:
    """The thing itself: of what is read in a list alone, its place there; of what is reckoned, that it is there."""
    if item["type"] == RECKONED:
        return None
    return next(thing for thing in body["items"] if thing["id"] == item["id"]) if "items" in body else body


def without_embedded(things: Things) -> Things:
    """An episode is read with its concerns, which are told of as concerns; the copies are compared by those."""
    return {key: {**thing, "concerns": None} if key[0] == "episode" else thing for key, thing in things.items()}
