"""The record that every pair of worlds starts from: all there is to be of a couple, of either partner and of both."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from app.access.permissions import Role
from app.access.work import Runtime
from tests.contract.calls import call
from tests.contract.test_openapi import OPERATIONS
from tests.contract.world import World
from tests.notes.records import new_note
from tests.outcomes.records import answers_of
from tests.views.stage import Ask, Stage, Told, Undoable

READS = {name: told for name, told in OPERATIONS.items() if told[0] == "get"}
HAVE_VIEWS = {
    name for name, (_method, _path, told) in READS.items() if any(one["name"] == "as" for one in told.get("parameters", []))
}
# Reads that need something of their own to be there, which changes nothing else of the record.
PREPARED = ("read_opened_couple", "read_inclusion_proof", "read_copy_file")
LINKS: dict[str, dict[str, Any]] = {
    "measure": {"measure": {"code": "gmsex", "language": "en"}},
    "consent": {"consent": {"kind": "therapy", "text_version": "1", "language": "en"}},
    "stop": {},
}


@dataclass
class Record:
    """One couple's whole record on a stage, and everybody's keys."""

    stage: Stage
    clinic_id: UUID
    ids: dict[str, str]
    couple: str
    a: str
    b: str
    keys: dict[str, str]
    began: datetime
    of_a: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    of_b: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    links: dict[str, dict[str, str]] = field(default_factory=lambda: {"a": {}, "b": {}})

    @property
    def said(self) -> datetime:
        """When B does what the other world's B does not."""
        return self.began + timedelta(hours=1)

    @property
    def later(self) -> datetime:
        """When A looks, before any pause is shown."""
        return self.began + timedelta(hours=2)

    @property
    def shown(self) -> datetime:
        """When A looks after a pause is shown."""
        return self.began + timedelta(hours=61)

    @property
    def known(self) -> set[str]:
        """Every id that the record began with."""
        found = {*self.ids.values(), *(one for ids in (*self.of_a.values(), *self.of_b.values()) for one in ids)}
        return {one for one in found if one[3:4] == "_"}

    def partner(self, which: str) -> str:
        """The path of a partner."""
        return f"{self.couple}/partners/{self.a if which == 'a' else self.b}"

    def send(self, path: str, body: object = None, at: datetime | None = None, method: str = "POST", version: int = 0) -> Told:
        """Something done for a partner; without a moment, in private for B, by a member who never had to do with A's part."""
        headers = ((b"if-match", f'"{version}"'.encode()),) if version else ()
        key = None if path.startswith("/p/") else self.keys["scribe" if at is None else "writer"]
        return self.stage.tell([Ask(method, path, key, _sent(body), headers)], at or self.said)[0]

    def done(self, path: str, body: object = None, at: datetime | None = None) -> dict[str, Any]:
        """The same, which has to succeed."""
        told = self.send(path, body, at)
        assert told.status in {200, 201}, (path, told.body)
        found: dict[str, Any] = json.loads(told.body)
        return found

    def read(self, path: str, at: datetime | None = None) -> dict[str, Any]:
        """What the writer reads."""
        told = self.send(path, None, at, "GET")
        assert told.status == 200, (path, told.body)
        found: dict[str, Any] = json.loads(told.body)
        return found


def _sent(body: object) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def begun(world: World, runtime: Runtime) -> Record:
    """The record of the contract's world, with what B has of every kind, and links in both partners' hands."""
    clinic = world.clinic
    for name in PREPARED:
        world.prepare(name)
    settings = runtime.settings.model_copy(update={"pause_delay_hours": (12.0, 12.0), "menu_shown_days": (14.0, 14.0)})
    writer, scribe = clinic.member("writer"), clinic.member("scribe")
    for member in (writer, scribe):
        world.post(f"{world.couple}/care-team", {"member_id": member.holder_id})
    supervisor = clinic.member("supervisor", Role.SUPERVISOR)
    world.post(f"{world.couple}/care-team", {"member_id": supervisor.holder_id})
    keys = {"therapist": world.therapist.key, "ehr": clinic.integration("reader").key}
    keys |= {"scribe": scribe.key, "writer": writer.key, "supervisor": supervisor.key, "administrator": world.administrator.key}
    database = Undoable(settings)
    database.clinic_id = clinic.id
    running = Runtime(settings, database, runtime.cache, clinic.clock)
    stage = Stage(clinic.app, running, database, clinic.clock)
    a, b = world.partners
    record = Record(stage, clinic.id, dict(world.ids), world.couple, a, b, keys, clinic.clock.moment)
    for name, value in world.ids.items():
        if name.endswith("_id"):
            record.of_a[name].append(value)
    _fill(record, world)
    # Every key notes its use now and then: here at the moment of all later looks, so that none of these notes it anew.
    # Who looked at A's record on which day is told to A: so everybody who looks has looked on that day already.
    own = (record.couple, record.partner("a"))
    for at in (record.later, record.shown):
        stage.tell([Ask("GET", path, key) for key in keys.values() if key != keys["scribe"] for path in own], at)
    return record


def _fill(record: Record, world: World) -> None:
    """What B has, a draft beside the running plan, a signed note on each, and links."""
    at = record.began + timedelta(minutes=1)
    of_b = record.of_b
    of_b["partner_id"].append(record.b)
    for measure, total in (("gmsex", 12), ("gmsex", 25), ("phq9", 9)):
        body = {"measure": measure, "answers": answers_of(measure, total)}
        of_b["administration_id"].append(record.done(record.partner("b") + "/administrations", body, at)["id"])
    for which in "ab":
        rated = {"partner_id": getattr(record, which), "severity": 6, "distressed": True}
        record.done(f"{record.couple}/concerns/{record.ids['concern_id']}/ratings", rated, at)
        framed = {"concern_id": record.ids["concern_id"], "words": f"As {which} sees it."}
        record.done(record.partner(which) + "/framings", framed, at)
        for purpose, asks in LINKS.items():
            made = record.done(record.partner(which) + "/links", {"purpose": purpose, "expires_in_hours": 96, **asks}, at)
            record.links[which][purpose] = "/p/" + made["url"].rpartition("/")[2]
            (record.of_a if which == "a" else of_b)["link_id"].append(made["id"])
        note = record.done(f"{record.couple}/notes", new_note(f"partner_{which}"), at)
        record.done(f"{record.couple}/notes/{note['id']}/signatures", {"version": 1}, at)
        (record.of_a if which == "a" else of_b)["note_id"].append(note["id"])
    note = record.done(f"{record.couple}/notes", new_note(), at)
    record.done(f"{record.couple}/notes/{note['id']}/signatures", {"version": 1}, at)
    record.of_a["note_id"].append(note["id"])
    diagnosis = {"system": "icd10cm", "code": "F52.0"}
    of_b["diagnosis_id"].append(record.done(record.partner("b") + "/diagnoses", diagnosis, at)["id"])
    plan = f"{record.couple}/plans/{record.ids['plan_id']}"
    log = {"ban_kept": True, "focus_pct": 50, "anxiety_peak": 3}
    said = {"partner_id": record.b, "done": "within_rules", "mood_before": 4, "mood_after": 6, "pressure": 0, "log": log}
    checked = record.done(f"{plan}/assignments/{record.ids['assignment_id']}/check-ins", said, at)
    of_b["check_in_id"].append(checked["id"])
    body = {"concern_id": record.ids["concern_id"], "protocol": "sensate_focus"}
    of_b["plan_id"].append(record.done(f"{record.couple}/plans", body, at)["id"])
    for noun, name in (("consents", "consent_id"), ("safety-screens", "screen_id")):
        of_b[name] += [item["id"] for item in record.read(f"{record.partner('b')}/{noun}", at)["items"]]
    choice = {"kind": "scores", "level": "none", "told": "in_person"}
    of_b["choice_id"].append(record.done(record.partner("b") + "/sharing-choices", choice, at)["id"])
    record.began += timedelta(minutes=2)
    assert world.clinic.clock.moment < record.said


def paths(record: Record, name: str) -> Iterator[str]:
    """The paths of one read, with every id of this record that it could be asked with, A's first."""
    _method, _path, told = READS[name]
    named = [one["name"] for one in told.get("parameters", []) if one["in"] == "path"]
    choices = [
        list(dict.fromkeys([*record.of_a[one], *record.of_b[one]])) or [record.ids.get(one, "")]
        for one in named
        if one != "link"
    ]
    if "link" in named:
        yield from (link for link in record.links["a"].values())
        return
    for found in product(*choices):
        ids = record.ids | dict(zip([one for one in named if one != "link"], found, strict=True))
        yield call(name, {key: value for key, value in ids.items() if value}).path
