"""Fills an empty record with the invented couples, through the front door and with a clock that runs through their months."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.protocol import LogField, Protocol
from app.clinical.protocols import PROTOCOLS
from app.demo.stories import STORIES, Course, Story

WEEKS: Final = 26
SCREEN_EVERY: Final = 9
NOTE_EVERY: Final = 2
EVERY: Final = {"rekindle_pulse": 1, "gmsex": 2, "csi4": 2, "csi16": 4, "fsds_r": 4, "phq9": 8}
BATCH: Final = 250


class TurnedClock:
    """The time it is while the months go by."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """A little later at every look."""
        self.moment += timedelta(milliseconds=1)
        return self.moment


@dataclass
class Couple:
    """One couple on its way."""

    story: Story
    id: str
    partners: tuple[str, str]
    concern_id: str
    plan_id: str | None = None
    paused: bool = False


class Seeder:
    """The therapist's hand at the API."""

    def __init__(self, client: httpx.AsyncClient, clock: TurnedClock, start: datetime) -> None:
        self._client, self._clock, self._start = client, clock, start
        self._chance = random.Random(2026)  # noqa: S311 - invented answers, the same every time

    async def fill(self) -> int:
        """Every story from intake to today; returns how many couples there are."""
        couples = [await self._intake(story) for story in STORIES]
        for week in range(WEEKS):
            self._clock.moment = self._start + timedelta(weeks=week, hours=2)  # after the intake, which took its time
            for couple in couples:
                await self._week(couple, week)
        self._clock.moment = self._start + timedelta(weeks=WEEKS)
        items = [item for couple in couples for item in self._administrations(couple)]
        for first in range(0, len(items), BATCH):
            await self._post("/v1/administrations/batch", {"items": items[first : first + BATCH]})
        return len(couples)

    async def _post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await self._client.post(path, json=body)
        if answer.status_code >= 300:
            raise RuntimeError(f"{answer.request.method} {path} answered {answer.status_code}: {answer.json().get('code')}")
        found: dict[str, Any] = answer.json()
        return found

    async def _intake(self, story: Story) -> Couple:
        body: dict[str, Any] = {"external_id": story.label, "time_zone": "Europe/Berlin"}
        for slot, name in zip("ab", story.names, strict=True):
            body[f"partner_{slot}"] = {"record_number": f"{story.label}-{slot}", "name": name}
        made = await self._post("/v1/couples", body)
        partners = (made["partners"][0]["id"], made["partners"][1]["id"])
        ratings = [{"partner_id": partner, "severity": 7, "distressed": True} for partner in partners]
        episode = await self._post(
            f"/v1/couples/{made['id']}/episodes",
            {
                "primary_concern": {"code": story.concern, "ratings": ratings},
                "other_concerns": [{"code": story.downstream, "ratings": ratings}],
            },
        )
        couple = Couple(story, made["id"], partners, episode["concerns"][0]["id"])
        await self._clear(couple)
        if story.protocol is not None:
            await self._begin(couple, story.protocol)
        return couple

    async def _clear(self, couple: Couple) -> None:
        today = str(self._clock.moment.date())
        for partner in couple.partners:
            await self._post(
                f"/v1/couples/{couple.id}/partners/{partner}/safety-screens",
                {"measure": "ehits", "taken_alone": True, "answers": {str(item): 1 for item in range(1, 6)}},
            )
        await self._post(
            f"/v1/couples/{couple.id}/clearances",
            {"decision": "cleared", "interviewed_a_on": today, "interviewed_b_on": today},
        )

    async def _begin(self, couple: Couple, protocol: str) -> None:
        for partner in couple.partners:
            await self._post(
                f"/v1/couples/{couple.id}/partners/{partner}/consents",
                {"kind": "homework_stage", "protocol": protocol, "stage": 1, "text_version": "2026-11", "language": "en"},
            )
        plans = f"/v1/couples/{couple.id}/plans"
        plan = await self._post(plans, {"concern_id": couple.concern_id, "protocol": protocol})
        couple.plan_id = plan["id"]
        await self._post(f"{plans}/{plan['id']}/offers")
        await self._post(f"{plans}/{plan['id']}/activations")

    async def _week(self, couple: Couple, week: int) -> None:
        if week and week % SCREEN_EVERY == 0:
            await self._clear(couple)
        if week % NOTE_EVERY == 0:
            await self._write_note(couple)
        if couple.plan_id is not None and not couple.paused:
            await self._homework(couple, week)
        if week % 8 == 0:
            await self._rate(couple, week)

    async def _homework(self, couple: Couple, week: int) -> None:
        story, plan = couple.story, f"/v1/couples/{couple.id}/plans/{couple.plan_id}"
        ends_on = str((self._clock.moment + timedelta(days=6)).date())
        given = await self._post(f"{plan}/assignments", {"ends_on": ends_on, "occasions": 1})
        self._clock.moment += timedelta(days=2)
        for partner, course in zip(couple.partners, (story.a, story.b), strict=True):
            pressed = 8 if story.pressed_in_week == week and partner == couple.partners[1] else 0
            said = self._check_in(PROTOCOLS[str(story.protocol)], course, week, pressed)
            await self._post(f"{plan}/assignments/{given['id']}/check-ins", {"partner_id": partner, **said})
            couple.paused = couple.paused or pressed > 0

    def _check_in(self, protocol: Protocol, course: Course, week: int, pressure: int) -> dict[str, Any]:
        done = course.done[week % len(course.done)]
        if done == "not_done":
            return {"done": done, "obstacles": ["tired"]}
        before = self._chance.choice((3, 4, 4, 5, 6))
        after = min(10, max(0, before + course.lift + self._chance.choice((-2, 0, 0, 1))))
        log = {field.code: value for field in protocol.log_fields if (value := self._logged(field)) is not None}
        said = {"done": done, "willingness": 6, "pressure": pressure, "mood_before": before, "mood_after": after, "pain": 0}
        return {**said, "log": log}

    def _logged(self, field: LogField) -> bool | int | str | None:
        if not field.required:
            return None
        match field.kind:
            case "boolean":
                return True
            case "choice":
                return field.choices[0]
            case "text":
                return "as agreed"
            case _:
                low, high = int(field.low or 0), int(field.high if field.high is not None else 10)
                return low + (high - low) // 2

    async def _rate(self, couple: Couple, week: int) -> None:
        share = week / WEEKS
        for partner, course in zip(couple.partners, (couple.story.a, couple.story.b), strict=True):
            severity = round(10 * (1 - course.level(share)))
            await self._post(
                f"/v1/couples/{couple.id}/concerns/{couple.concern_id}/ratings",
                {"partner_id": partner, "severity": severity, "distressed": severity > 3},
            )

    async def _write_note(self, couple: Couple) -> None:
        ended = self._clock.moment
        minutes = {couple.story.topic: 35, "logistics": 5}
        note = await self._post(
            f"/v1/couples/{couple.id}/notes",
            {
                "about": "couple",
                "held_on": str(ended.date()),
                "started_at": (ended - timedelta(minutes=50)).isoformat(),
                "ended_at": ended.isoformat(),
                "format": "free",
                "sections": {"text": "An invented hour of an invented couple."},
                "attendance": {"partner_a": "present", "partner_b": "present"},
                "minutes_by_topic": minutes,
            },
        )
        await self._post(f"/v1/couples/{couple.id}/notes/{note['id']}/signatures", {"version": note["version"]})

    def _administrations(self, couple: Couple) -> Iterator[dict[str, Any]]:
        for week in range(WEEKS):
            for code, every in EVERY.items():
                for number, course in enumerate((couple.story.a, couple.story.b)):
                    if week % every == 0 and self._chance.random() > 0.06:
                        yield {
                            "couple_id": couple.id,
                            "partner_id": couple.partners[number],
                            "measure": code,
                            "answered_at": (self._start + timedelta(weeks=week, hours=number)).isoformat(),
                            "external_id": f"{couple.story.label}-{number}-{code}-{week}",
                            "answers": self._answers(MEASURES[code], course.level(week / WEEKS)),
                        }

    def _answers(self, measure: Measure, level: float) -> dict[str, float]:
        answers = {}
        for item in measure.items:
            if item.optional or item.safety:
                answers[str(item.number)] = item.low
                continue
            better = measure.direction_of(self._scale_of(measure, item.number))
            share = min(1.0, max(0.0, (level if better >= 0 else 1 - level) + self._chance.uniform(-0.12, 0.12)))
            answers[str(item.number)] = float(round(item.low + share * (item.high - item.low)))
        return answers

    @staticmethod
    def _scale_of(measure: Measure, item: int) -> str:
        return next((scale.code for scale in measure.scales if item in scale.items), "total")
