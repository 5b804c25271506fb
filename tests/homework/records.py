"""Couples at work on a plan, built through the API."""

from dataclasses import dataclass
from typing import Any

from tests.conftest import Caller
from tests.safety.records import Pair, done, new_pair

CALM_LOG = {"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2}
WELL = {
    "done": "within_rules",
    "willingness": 6,
    "pressure": 0,
    "mood_before": 4,
    "mood_after": 7,
    "pain": 0,
    "log": CALM_LOG,
}


@dataclass
class Course:
    """A plan of a couple, and the consents it rests on."""

    pair: Pair
    path: str
    consents: dict[str, dict[str, Any]]

    @property
    def therapist(self) -> Caller:
        """The therapist of the couple."""
        return self.pair.therapist

    def read(self, caller: Caller | None = None) -> dict[str, Any]:
        """The plan as somebody sees it."""
        seen: dict[str, Any] = done((caller or self.therapist).get(self.path), 200)
        return seen

    def move(self, noun: str, caller: Caller | None = None) -> Any:
        """A change of the plan's state."""
        return (caller or self.therapist).post(f"{self.path}/{noun}")

    def assign(self, caller: Caller | None = None, **more: Any) -> Any:
        """An assignment of a fortnight."""
        body = {"starts_on": "2026-11-22", "ends_on": "2026-12-05", "occasions": 4, **more}
        return (caller or self.therapist).post(f"{self.path}/assignments", json=body)

    def check_in(self, assignment: dict[str, Any], which: str, caller: Caller | None = None, **more: Any) -> Any:
        """One partner's check-in; all well unless told otherwise."""
        partner_id = self.pair.a if which == "a" else self.pair.b
        path = f"{self.path}/assignments/{assignment['id']}/check-ins"
        return (caller or self.therapist).post(path, json={"partner_id": partner_id, **WELL, **more})

    def practise(self, assignment: dict[str, Any], times: int = 2) -> None:
        """Both partners check in, all well."""
        for _ in range(times):
            for which in "ab":
                done(self.check_in(assignment, which))

    def verdict(self) -> dict[str, Any]:
        """What the rules say now."""
        said: dict[str, Any] = done(self.therapist.get(self.path + "/verdict"), 200)
        return said

    def decide(self, decision: str, **more: Any) -> Any:
        """The therapist's decision on the stage."""
        return self.therapist.post(self.path + "/advancements", json={"decision": decision, **more})

    def reasons(self, caller: Caller | None = None) -> list[str]:
        """Why the plan stood where it stood, step by step, as somebody sees it."""
        steps = done((caller or self.therapist).get(self.path + "/transitions"), 200)["items"]
        return [step["reason"] for step in steps]


def draft(pair: Pair, **more: Any) -> Course:
    """A drafted plan of sensate focus."""
    body = {"concern_id": pair.concern_id, "protocol": "sensate_focus", **more}
    plan = done(pair.therapist.post(pair.path + "/plans", json=body))
    return Course(pair, f"{pair.path}/plans/{plan['id']}", {})


def offered(pair: Pair) -> Course:
    """A plan that waits for its gate."""
    course = draft(pair)
    done(course.move("offers"), 200)
    return course


def running(therapist: Caller, number: str = "1", pair: Pair | None = None) -> Course:
    """An active plan at its first stage, everything in order."""
    pair = pair or new_pair(therapist, number)
    a, b = pair.ready()
    course = offered(pair)
    course.consents = {"a": a, "b": b}
    assert done(course.move("activations"), 200)["status"] == "active"
    return course
