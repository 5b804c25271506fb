"""Couples with a course of care to look back on, built through the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import Caller
from tests.homework.records import Course, running
from tests.notes.records import new_note
from tests.safety.records import Pair, done, new_pair

Json = dict[str, Any]
RANGES = {"gmsex": (1, 7), "fsds_r": (0, 4), "phq9": (0, 3), "csi16": (0, 5)}
ITEMS = {"gmsex": 5, "fsds_r": 13, "phq9": 8, "csi16": 16}


def answers_of(measure: str, total: int) -> dict[str, int]:
    """Answers that add up to a total; item 9 of the PHQ-9 stays at zero, because above it it is another story."""
    low, high = RANGES[measure]
    left = total - low * ITEMS[measure]
    found = {}
    for item in range(1, ITEMS[measure] + 1):
        found[str(item)] = low + min(left, high - low)
        left -= min(left, high - low)
    assert left == 0, f"{total} is out of reach of {measure}"
    return found | ({"9": 0} if measure == "phq9" else {})


@dataclass
class Care:
    """A couple in care, with the clock's day as the last one of its story."""

    pair: Pair
    today: datetime

    @property
    def therapist(self) -> Caller:
        """The therapist of the couple."""
        return self.pair.therapist

    def read(self, view: str | None = None, caller: Caller | None = None, more: str = "") -> Json:
        """The couple's outcomes in a view, with more of the query."""
        query = f"?as={view or 'therapist'}&{more}".rstrip("&")
        found: Json = done((caller or self.therapist).get(f"{self.pair.path}/outcomes{query}"), 200)
        return found

    def measure(self, measure: str, a: Sequence[int | None] = (), b: Sequence[int | None] = ()) -> None:
        """Totals of both partners, one a week up to now and kept in one batch; None is an occasion that was skipped."""
        items = [self._item(measure, "a", *told) for told in enumerate(reversed(a))]
        items += [self._item(measure, "b", *told) for told in enumerate(reversed(b))]
        done(self.therapist.post("/v1/administrations/batch", json={"items": items}))

    def _item(self, measure: str, which: str, weeks_ago: int, total: int | None) -> Json:
        given: Json = {"measure": measure}
        if total is None:
            numbers = [str(item) for item in range(1, ITEMS[measure] + 1)]
            given |= {"answers": dict.fromkeys(numbers), "reasons": dict.fromkeys(numbers, "skipped")}
        else:
            given["answers"] = answers_of(measure, total)
        when = (self.today - timedelta(weeks=weeks_ago, minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return self.person(which) | given | {"answered_at": when}

    def person(self, which: str) -> Json:
        """The ids of one partner, as a batch names them."""
        ids = {"couple_id": self.pair.path.rpartition("/")[2]}
        return ids | {"partner_id": self.pair.a if which == "a" else self.pair.b}

    def visits(self, number: int, about: str = "couple") -> None:
        """Signed notes of as many hours."""
        for _ in range(number):
            note = done(self.therapist.post(f"{self.pair.path}/notes", json=new_note(about)))
            path = f"{self.pair.path}/notes/{note['id']}/signatures"
            done(self.therapist.post(path, json={"version": note["version"]}), 200)

    def rate(self, which: str, severity: int, concern_id: str | None = None) -> None:
        """What a concern weighs on one partner now; the primary one unless told otherwise."""
        body = {"partner_id": self.person(which)["partner_id"], "severity": severity, "distressed": severity > 4}
        done(self.therapist.post(f"{self.pair.path}/concerns/{concern_id or self.pair.concern_id}/ratings", json=body))

    def close(self) -> None:
        """Ends the episode."""
        path = f"{self.pair.path}/episodes/{self.pair.episode['id']}/closures"
        done(self.therapist.post(path, json={"reason": "completed"}), 200)

    def colour(self) -> tuple[str, str]:
        """The colour and its sentence."""
        found = self.read()["on_track"]
        return found["colour"], found["sentence"]


def begun(therapist: Caller, today: datetime, concern: str = "desire_discrepancy") -> Care:
    """A couple with an open episode and nothing yet."""
    return Care(new_pair(therapist, concern=concern), today)


def practising(therapist: Caller, today: datetime) -> tuple[Care, Course, Json]:
    """A couple on a running plan, with a fortnight's assignment of four occasions."""
    course = running(therapist)
    return Care(course.pair, today), course, done(course.assign())


def series(outcomes: Json, which: str, measure: str) -> Json:
    """One partner's series on the first scale of a measure."""
    partner = next(one for one in outcomes["partners"] if one["slot"] == which)
    found: Json = next(one for one in partner["series"] if one["measure"] == measure)
    return found


def flag(outcomes: Json, code: str) -> Json:
    """A flag that has to be there."""
    found: Json = next(one for one in outcomes["flags"] if one["code"] == code)
    return found


def codes(outcomes: Json) -> list[str]:
    """What was raised."""
    return [one["code"] for one in outcomes["flags"]]
