"""Leads a made-up couple through twelve weeks of sensate focus: python sensate_focus_course.py (key in REKINDLE_KEY).

The key is a therapist's. Both partners practise and check in apart. Three weeks are repeated, one leads a step back, in one
a partner takes their consent back and the plan pauses. Against a server the weeks pass at once; the project's own test turns
its clock between them.
"""

import argparse
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

Json = dict[str, Any]
Wait = Callable[[int], object]
CALM = {"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2}
WELL = {"done": "within_rules", "willingness": 6, "pressure": 0, "mood_before": 4, "mood_after": 7, "pain": 0, "log": CALM}
ANXIOUS = WELL | {"mood_after": 4, "log": CALM | {"focus_pct": 30, "anxiety_peak": 8}}
RESTLESS = WELL | {"log": CALM | {"focus_pct": 40, "anxiety_peak": 4}}
DECLINED = {"done": "declined"}
MISSED = {"done": "not_done", "obstacles": ["travel"]}
# What A and B say of the two practices of each week; in the sixth A takes the consent back, and the seventh is free.
WEEKS: dict[int, tuple[Sequence[Json], Sequence[Json]]] = {
    1: ((WELL, WELL), (DECLINED, WELL)),
    2: ((WELL, WELL), (WELL, WELL)),
    3: ((WELL, WELL), (ANXIOUS, ANXIOUS)),
    4: ((WELL, WELL), (WELL, WELL)),
    5: ((WELL, WELL), (WELL, WELL)),
    6: ((WELL,), (WELL,)),
    7: ((), ()),
    8: ((WELL, WELL), (WELL, WELL)),
    9: ((WELL, MISSED), (WELL, MISSED)),
    10: ((WELL, WELL), (WELL, WELL)),
    11: ((WELL, RESTLESS), (WELL, WELL)),
    12: ((WELL, WELL), (WELL, WELL)),
}
WITHDRAWN_IN, FREE = 6, 7


class Course:
    """One couple's way through the protocol."""

    def __init__(self, client: httpx.Client, wait: Wait, now: Callable[[], datetime]) -> None:
        self.client, self.wait, self.now = client, wait, now
        numbers = {f"partner_{slot}": {"record_number": f"course-{secrets.token_hex(4)}-{slot}"} for slot in "ab"}
        couple = self.post("/v1/couples", numbers | {"time_zone": "UTC"})
        self.couple = f"/v1/couples/{couple['id']}"
        self.ids = {partner["slot"]: partner["id"] for partner in couple["partners"]}
        episode = self.post(f"{self.couple}/episodes", {"primary_concern": {"code": "desire_discrepancy"}})
        self.concern_id = episode["concerns"][0]["id"]
        self.consents: dict[tuple[str, int], str] = {}

    def post(self, path: str, body: Json | None = None) -> Json:
        """A request that has to succeed."""
        told: Json = self.client.post(path, json=body).raise_for_status().json()
        return told

    def begin(self) -> None:
        """Each partner is screened and seen alone, cleared, and asked alone; then the plan starts."""
        for slot in "ab":
            answers = dict.fromkeys(map(str, range(1, 6)), 1)
            self.post(f"{self.couple}/partners/{self.ids[slot]}/safety-screens", {"taken_alone": True, "answers": answers})
        self.clear()
        plan = self.post(f"{self.couple}/plans", {"concern_id": self.concern_id, "protocol": "sensate_focus"})
        self.plan = f"{self.couple}/plans/{plan['id']}"
        self.ask_both(1)
        for noun in ("offers", "activations"):
            self.post(f"{self.plan}/{noun}")

    def clear(self) -> None:
        """The therapist has spoken with each alone; a clearance lasts twelve weeks, and a plan that outlives it pauses."""
        today = str(self.now().date())
        interviews = {"interviewed_a_on": today, "interviewed_b_on": today}
        self.post(f"{self.couple}/clearances", {"decision": "cleared", **interviews})

    def ask_both(self, stage: int) -> None:
        """Consent to a stage, each partner alone; a consent in force is not asked for twice."""
        for slot in "ab":
            if (slot, stage) not in self.consents:
                said = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": stage}
                path = f"{self.couple}/partners/{self.ids[slot]}/consents"
                self.consents[slot, stage] = self.post(path, said | {"text_version": "1", "language": "en"})["id"]

    def week(self, number: int) -> str:
        """A week from the assignment to the decision, in a line."""
        stage = self.stage()
        if number == FREE:
            self.clear()
            self.wait(7)
            return f"week {number}: the plan waits; the therapist speaks with each of them alone"
        if number == FREE + 1:
            self.ask_both(stage)
            self.post(f"{self.plan}/resumptions")
        last = str((self.now() + timedelta(days=7)).date())
        assignment = self.post(f"{self.plan}/assignments", {"ends_on": last, "occasions": 2})
        for practice in zip(*WEEKS[number], strict=True):
            self.wait(2)
            for slot, said in zip("ab", practice, strict=True):
                self.post(f"{self.plan}/assignments/{assignment['id']}/check-ins", {"partner_id": self.ids[slot], **said})
        if number == WITHDRAWN_IN:
            return f"week {number}, stage {stage}: {self.withdraw('a', stage)}"
        self.wait(3)
        return f"week {number}, stage {stage}: {self.decide(stage)}"

    def stage(self) -> int:
        """The stage the plan stands at."""
        return int(self.client.get(self.plan).raise_for_status().json()["stage"])

    def withdraw(self, slot: str, stage: int) -> str:
        """A partner takes their consent back: the plan pauses at once, and tells the couple nothing of whose it was."""
        consent_id = self.consents.pop((slot, stage))
        self.post(f"{self.couple}/partners/{self.ids[slot]}/consents/{consent_id}/withdrawals")
        self.wait(5)
        return str(self.client.get(self.plan).raise_for_status().json()["status"])

    def decide(self, stage: int) -> str:
        """The therapist follows the verdict; another stage is asked for before it is given."""
        verdict = self.client.get(f"{self.plan}/verdict").raise_for_status().json()
        if verdict["verdict"] == "advance" and not verdict["completes"]:
            self.ask_both(stage + 1)
        self.post(f"{self.plan}/advancements", {"decision": verdict["verdict"]})
        return f"{verdict['verdict']} ({', '.join(partner['rule'] for partner in verdict['partners'])})"


def run(client: httpx.Client, wait: Wait, now: Callable[[], datetime]) -> Course:
    """The whole course, a line a week."""
    course = Course(client, wait, now)
    course.begin()
    for number in WEEKS:
        print(course.week(number))
    print(client.get(course.plan).raise_for_status().json()["status"])
    return course


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default=os.environ.get("REKINDLE_KEY", ""))
    given = parser.parse_args()
    with httpx.Client(base_url=given.base_url, headers={"Authorization": f"Bearer {given.key}"}, timeout=60) as session:
        run(session, lambda _days: None, lambda: datetime.now(UTC))
