"""Two worlds with the same people and the same clock, apart in everything else, for tests that compare what they answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.access.work import Runtime
from tests.client import Client
from tests.conftest import Caller, Clinic, Wristwatch
from tests.notes.records import new_note
from tests.outcomes.records import answers_of
from tests.safety.records import CALM, done

Json = dict[str, Any]
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ID = re.compile(r"\b[a-z]{3}_[0-7][0-9a-z]{25}\b")
# what hangs on the ids: a note's hash is one over them
MOVING = re.compile(r'"req_[^"]*"|"urn:request:[^"]*"|"w\d+-\d+-[ab]"|(?<="content_sha256":)"[0-9a-f]{64}"')
HEADERS = ("etag", "last-modified", "content-length", "location", "link", "retry-after", "cache-control")


def moment(**after: float) -> datetime:
    """A moment of the story."""
    return START + timedelta(**after)


@dataclass
class World:
    """One of the two: its runtime, its clinic, and one couple at a time."""

    name: str
    app: Any
    runtime: Runtime
    clock: Wristwatch
    clinic: Clinic
    therapist: Caller
    ehr: Caller
    stranger: Client
    couples: int = 0
    ids: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str, str]] = field(default_factory=list)

    def call(self, at: datetime, method: str, path: str, body: object = None, caller: Client | None = None) -> Any:
        """One request at exactly this moment, as the therapist unless told otherwise."""
        self.app.state.runtime = self.runtime
        self.clock.moment = at - timedelta(milliseconds=1)
        return (caller or self.therapist).request(method, path, json=body)

    def post(self, at: datetime, path: str, body: object = None, status: int = 201, caller: Client | None = None) -> Json:
        """A POST that has to succeed."""
        told: Json = done(self.call(at, "POST", path, body, caller), status)
        return told

    @property
    def couple(self) -> str:
        """The path of the couple."""
        return f"/v1/couples/{self.ids['couple']}"

    @property
    def plan(self) -> str:
        """The path of the plan."""
        return f"{self.couple}/plans/{self.ids['plan']}"

    @property
    def check_ins(self) -> str:
        """The path of the assignment's check-ins."""
        return f"{self.plan}/assignments/{self.ids['assignment']}/check-ins"

    @property
    def menu(self) -> str:
        """The path of the menu."""
        return f"{self.couple}/menus/{self.ids['menu']}"

    def partner(self, which: str) -> str:
        """The path of a partner."""
        return f"{self.couple}/partners/{self.ids[which]}"

    def begin(self) -> None:
        """What both worlds share: a couple on a running plan, and what A has said so far."""
        self.couples, self.links = self.couples + 1, []
        numbers = {f"partner_{slot}": {"record_number": f"{self.name}-{self.couples}-{slot}"} for slot in "ab"}
        couple = self.post(moment(), "/v1/couples", numbers)
        self.ids = {"couple": couple["id"], "a": couple["partners"][0]["id"], "b": couple["partners"][1]["id"]}
        rated = [{"partner_id": self.ids["a"], "severity": 7, "distressed": True}]
        concern = {"code": "desire_discrepancy", "ratings": rated}
        episode = self.post(moment(minutes=1), f"{self.couple}/episodes", {"primary_concern": concern})
        self.ids |= {"episode": episode["id"], "concern": episode["concerns"][0]["id"]}
        self._run_a_plan()
        self._measure_a()
        self._talk()

    def _run_a_plan(self) -> None:
        for which in "ab":
            self.post(moment(minutes=2), self.partner(which) + "/safety-screens", {"taken_alone": True, "answers": CALM})
        self.clear(moment(minutes=3))
        for which in "ab":
            self.ids["consent " + which] = self.consent(moment(minutes=4), which)["id"]
        plan = {"concern_id": self.ids["concern"], "protocol": "sensate_focus"}
        self.ids["plan"] = self.post(moment(minutes=5), f"{self.couple}/plans", plan)["id"]
        for noun in ("offers", "activations"):
            self.post(moment(minutes=6), f"{self.plan}/{noun}", status=200)
        week = {"ends_on": "2026-11-29", "occasions": 2}
        self.ids["assignment"] = self.post(moment(minutes=7), f"{self.plan}/assignments", week)["id"]

    def _measure_a(self) -> None:
        person = {"couple_id": self.ids["couple"], "partner_id": self.ids["a"], "measure": "gmsex"}
        weeks = ((3, 25), (2, 16), (1, 15))
        items = [
            person | {"answers": answers_of("gmsex", total), "answered_at": stamp(moment(weeks=-ago))} for ago, total in weeks
        ]
        self.post(moment(minutes=8), "/v1/administrations/batch", {"items": items})

    def _talk(self) -> None:
        """An hour past the concern: without a plan under way it is flagged, so a pause that showed would show in this too."""
        hour = new_note(minutes_by_topic={"communication": 40, "homework": 10})
        note = self.post(moment(minutes=8), f"{self.couple}/notes", hour)
        self.post(moment(minutes=8), f"{self.couple}/notes/{note['id']}/signatures", {"version": 1}, status=200)

    def clear(self, at: datetime, **more: Any) -> None:
        """A clearance after both interviews."""
        days = {"interviewed_a_on": "2026-11-22", "interviewed_b_on": "2026-11-22"}
        self.post(at, f"{self.couple}/clearances", {"decision": "cleared", "reason": "Seen alone.", **days, **more})

    def consent(self, at: datetime, which: str) -> Json:
        """A consent to the stage."""
        body = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": 1, "text_version": "1", "language": "en"}
        return self.post(at, self.partner(which) + "/consents", body)

    def link(self, which: str, purpose: str, **asks: object) -> str:
        """The address of a new link for a partner; also kept, to be read by whoever compares."""
        body = {"purpose": purpose, "expires_in_hours": 72, **asks}
        url = str(self.post(moment(minutes=10), self.partner(which) + "/links", body)["url"])
        self.links.append((which, purpose, url))
        return url

    def links_of(self, *which: str) -> Iterator[tuple[str, str]]:
        """Purpose and address of the links in some partners' hands."""
        return ((purpose, url) for whose, purpose, url in self.links if whose in which)

    def answer(self, at: datetime, url: str, path: str = "", body: object = None) -> Any:
        """What somebody is answered who holds a link and sends no key."""
        return self.call(at, "GET" if not path else "POST", url + path, body, self.stranger)

    def masked(self, answer: Any) -> str:
        """An answer with its status, headers and body; ids by the order of their appearance, moments as they are."""
        known: dict[str, str] = {}
        headers = [f"{name}: {answer.headers.get(name)}" for name in HEADERS]
        text = MOVING.sub('"<moving>"', "\n".join([str(answer.status_code), *headers, answer.text]))
        return ID.sub(lambda found: known.setdefault(found.group(), f"<{found.group()[:3]} {len(known)}>"), text)


def stamp(at: datetime) -> str:
    """A moment as it is sent."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seen_by_a(world: World, at: datetime) -> Iterator[str]:
    """All that A, and everyone acting for A, gets of the outcomes, and of A's own record."""
    for caller in (world.therapist, world.ehr):
        for day in ("", "&as_of=2026-11-21", "&as_of=2026-11-22"):
            yield world.masked(world.call(at, "GET", f"{world.couple}/outcomes?as=partner_a{day}", caller=caller))
    for query in ("", "&topic=sexual_concern", "&status=locked"):
        yield world.masked(world.call(at, "GET", f"{world.couple}/notes?as=partner_a{query}"))
    for path in (world.partner("a") + noun for noun in ("", "/scores", "/diagnoses", "/framings")):
        yield world.masked(world.call(at, "GET", path, caller=world.ehr))


def seen_by_machine(world: World, at: datetime) -> Iterator[str]:
    """All that an integration gets, apart from notes and safety, which no machine account may ask for."""
    own = (world.couple, world.plan, world.partner("b"), world.check_ins)
    paths = [*own, f"{world.plan}/transitions", f"{world.plan}/assignments"]
    paths += [f"{world.partner('b')}/{noun}" for noun in ("scores", "diagnoses", "framings")]
    paths += [
        f"{world.couple}/{noun}"
        for noun in (
            "dyad?measure=gmsex",
            "outcomes",
            "outcomes?as=partner_b",
            "outcomes?as_of=2026-11-21",
            "plans",
            "episodes",
        )
    ]
    for path in paths:
        yield world.masked(world.call(at, "GET", path, caller=world.ehr))
