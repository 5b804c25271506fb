"""One couple's story over HTTP, from intake to first outcome, told line by line."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.clinical.measures import MEASURES

Say = Callable[[str], object]


class Tour:
    """A therapist's first months with one couple, every step a request."""

    def __init__(self, client: httpx.Client, say: Say) -> None:
        self._client, self._say = client, say
        self._couple = ""
        self._partners: list[str] = []

    def walk(self) -> dict[str, Any]:
        """Walks the story and returns the couple's outcomes; a step that is refused ends it with a RuntimeError."""
        concern = self._intake()
        self._protect()
        plan = self._plan(concern)
        self._practise(plan)
        self._measure()
        self._write()
        return self._ask("GET", f"/v1/couples/{self._couple}/outcomes")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None, expect: int | None = None) -> dict[str, Any]:
        answer = self._client.request(method, path, json=body)
        good = answer.status_code == expect if expect else answer.is_success
        if not good:
            raise RuntimeError(f"{method} {path} answered {answer.status_code} {answer.json().get('code', '')}")
        found: dict[str, Any] = answer.json()
        return found

    def _intake(self) -> str:
        number = secrets.token_hex(3)
        partners = {f"partner_{slot}": {"record_number": f"tour-{number}-{slot}"} for slot in "ab"}
        couple = self._ask("POST", "/v1/couples", {"external_id": f"tour-{number}", **partners})
        self._couple, self._partners = couple["id"], [partner["id"] for partner in couple["partners"]]
        self._say(f"A couple comes in: {self._couple}.")
        episodes = f"/v1/couples/{self._couple}/episodes"
        refused = self._ask("POST", episodes, {"primary_concern": {"code": "relationship_distress"}}, expect=422)
        self._say(f"  starting from relationship distress is refused: {refused['code']}.")
        ratings = [{"partner_id": partner, "severity": 8, "distressed": True} for partner in self._partners]
        episode = self._ask(
            "POST",
            episodes,
            {
                "opened_on": str(datetime.now(UTC).date() - timedelta(days=60)),
                "primary_concern": {"code": "desire_discrepancy", "ratings": ratings},
                "other_concerns": [{"code": "relationship_distress"}],
            },
        )
        self._say("  the episode opens on desire discrepancy; relationship distress hangs downstream.")
        concern: str = episode["concerns"][0]["id"]
        return concern

    def _protect(self) -> None:
        for partner in self._partners:
            answers = {str(item): 1 for item in range(1, 6)}
            screens = f"/v1/couples/{self._couple}/partners/{partner}/safety-screens"
            self._ask("POST", screens, {"measure": "ehits", "taken_alone": True, "answers": answers})
        self._say("Each partner is screened alone.")
        today = str(datetime.now(UTC).date())
        days = {"interviewed_a_on": today, "interviewed_b_on": today}
        self._ask("POST", f"/v1/couples/{self._couple}/clearances", {"decision": "cleared", **days})
        self._say("The therapist has seen each of them alone and records clearance.")

    def _plan(self, concern: str) -> str:
        plans = f"/v1/couples/{self._couple}/plans"
        plan = self._ask("POST", plans, {"concern_id": concern, "protocol": "sensate_focus"})
        self._ask("POST", f"{plans}/{plan['id']}/offers")
        refused = self._ask("POST", f"{plans}/{plan['id']}/activations", expect=409)
        self._say(f"Sensate focus is offered; it cannot start before both consent: {refused['code']}.")
        for partner in self._partners:
            consent = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": 1, "text_version": "2026-11"}
            path = f"/v1/couples/{self._couple}/partners/{partner}/consents"
            self._ask("POST", path, {**consent, "language": "en"})
        active = self._ask("POST", f"{plans}/{plan['id']}/activations")
        self._say(f"Each consents to stage 1, asked alone; the plan is {active['status']}.")
        found: str = plan["id"]
        return found

    def _practise(self, plan: str) -> None:
        path = f"/v1/couples/{self._couple}/plans/{plan}"
        ends_on = str(datetime.now(UTC).date() + timedelta(days=7))
        given = self._ask("POST", f"{path}/assignments", {"ends_on": ends_on, "occasions": 2})
        said: dict[str, Any] = {
            "done": "within_rules",
            "willingness": 6,
            "pressure": 0,
            "mood_before": 4,
            "mood_after": 7,
            "pain": 0,
        }
        said["log"] = {"ban_kept": True, "focus_pct": 65, "anxiety_peak": 2}
        for seconds in (1, 0):  # a moment apart: an occasion lies in the window that begins today
            at = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
            for partner in self._partners:
                check_in = {"partner_id": partner, "occurred_at": at, **said}
                self._ask("POST", f"{path}/assignments/{given['id']}/check-ins", check_in)
        verdict = self._ask("GET", f"{path}/verdict")
        self._say(f"Both check in twice, separately. The rules say: {verdict['verdict']}. {verdict['partners'][0]['sentence']}")

    def _measure(self) -> None:
        items = []
        for week, level in ((8, 3), (4, 4), (0, 6)):
            at = (datetime.now(UTC) - timedelta(weeks=week)).isoformat()
            answers = {str(item.number): level for item in MEASURES["gmsex"].items}
            common = {"couple_id": self._couple, "measure": "gmsex", "answered_at": at, "answers": answers}
            items += [{"partner_id": partner, **common} for partner in self._partners]
        self._ask("POST", "/v1/administrations/batch", {"items": items})
        self._say("Both answered the measure of sexual satisfaction three times in eight weeks.")

    def _write(self) -> None:
        notes = f"/v1/couples/{self._couple}/notes"
        ended = datetime.now(UTC)
        note = self._ask(
            "POST",
            notes,
            {
                "about": "couple",
                "held_on": str(ended.date()),
                "started_at": (ended - timedelta(minutes=50)).isoformat(),
                "ended_at": ended.isoformat(),
                "format": "free",
                "sections": {"text": "They laughed about the wet towel."},
                "attendance": {"partner_a": "present", "partner_b": "present"},
                "minutes_by_topic": {"sexual_concern": 30, "homework": 15},
            },
        )
        signed = self._ask("POST", f"{notes}/{note['id']}/signatures", {"version": note["version"]})
        self._say(f"The hour is written down and {signed['status']}.")


def told(outcomes: dict[str, Any]) -> list[str]:
    """A couple's outcomes in lines for people."""
    lines = [f"Outcomes of {outcomes['couple_id']} ({outcomes['on_track']['colour']}): {outcomes['on_track']['sentence']}"]
    for partner in outcomes["partners"]:
        lines.append(f"  Partner {partner['slot'].upper()}")
        for series in partner["series"]:
            change = series["change"]
            if change is None:
                continue
            threshold = change["threshold_points"]
            basis = f"{change['basis']['method']}, {change['basis']['status']}"
            needed = f"needs {threshold:.1f} points" if threshold else f"{change['reason']}"
            name = series["name"] if series["scale"] == "total" else f"{series['name']}, {series['scale']}"
            lines.append(f"    {name}: {change['intake']:g} -> {change['latest']:g}  {change['class']} ({needed}; {basis})")
        if partner["adherence"]:
            kept = partner["adherence"]
            lines.append(f"    homework within the rules: {kept['within_rules']} of {kept['offered']}")
        if partner["turn_around"]:
            turned = partner["turn_around"]
            rate = "too few to say" if turned["rate"] is None else f"{turned['better']} of {turned['n']} ({turned['rate']:.0%})"
            lines.append(f"    evenings that turned: {rate}")
    lines += [f"  {pair['measure']}, {pair['scale']}: {pair['label']}" for pair in outcomes["pairs"]]
    lines += [f"  {flag['colour']}: {flag['sentence']}" for flag in outcomes["flags"]]
    return lines
