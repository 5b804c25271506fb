"""A copy for one partner holds no byte of the other's, whatever the other said, and none that would tell there is more."""

import json
import os
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.core.database import Compartment
from app.releases import contents
from tests.conftest import Caller, Clinic
from tests.notes.records import new_note
from tests.outcomes.test_non_interference import WORLD, Differences, InterferenceError, frame, measure, withdraw
from tests.outcomes.worlds import ID, World, moment
from tests.releases.records import JOINT, authorise, disclosing, prepared, ready, sign
from tests.safety.records import CALM, Pair, done, new_pair

# on each of the two engines; CONTRIBUTING.md tells how to try more
COPIES = int(os.environ.get("REKINDLE_COPIES", "0"))
CANARY = "zq-b-canary"
HASHED = re.compile(r'etag: "[0-9a-f]{32}"')
LATER = moment(hours=3)
PRIVATE = ["frame", "check_in", "note", "addendum", "diagnose", "contact", "flag", "precondition", "clear", "screen", "review"]
PRIVATE += ["authorise", "disclose", "deny", "hold", "release_flag", "measure", "psychotherapy"]


class Told:
    """A couple whose partner B says or is written something marked, in as many ways as there are fields for words."""

    def __init__(self, therapist: Caller, number: str) -> None:
        self.pair = new_pair(therapist, number)
        self.therapist = therapist
        self.marks = 0

    def mark(self) -> str:
        """A word that is nobody else's."""
        self.marks += 1
        return f"{CANARY}-{self.marks}"

    def post(self, path: str, body: object, status: int = 201) -> Any:
        """A POST that has to succeed."""
        return done(self.therapist.post(path, json=body), status)

    def say(self, what: str) -> None:
        """One private act of B."""
        getattr(self, "_" + what)()

    def _frame(self) -> None:
        self.post(self.pair.partner("b") + "/framings", {"concern_id": self.pair.concern_id, "words": self.mark()})

    def _check_in(self) -> None:  # without a plan the words of a check-in stand in a note about B
        self._note()

    def _note(self) -> Any:
        sections = {"data": self.mark(), "assessment": self.mark(), "plan": self.mark()}
        note = self.post(self.pair.path + "/notes", new_note("partner_b", sections=sections))
        path = f"{self.pair.path}/notes/{note['id']}"
        self.post(path + "/signatures", {"version": 1}, 200)
        return path

    def _addendum(self) -> None:
        self.post(self._note() + "/addenda", {"reason": "correction", "text": self.mark()}, 200)

    def _diagnose(self) -> None:
        body = {"system": "icd10cm", "code": "F52.32", "note": self.mark()}
        self.therapist.post(self.pair.partner("b") + "/diagnoses", json=body)

    def _contact(self) -> None:
        path = self.pair.partner("b")
        etag = self.therapist.get(path).headers["ETag"]
        body = {"name": self.mark(), "record_number": f"{self.mark()}-{self.pair.b}"}
        done(self.therapist.patch(path, json=body, headers={"If-Match": etag}), 200)

    def _flag(self) -> None:
        body = {"code": "unprocessed_trauma", "partner_id": self.pair.b, "note": self.mark()}
        self.therapist.post(self.pair.path + "/red-flags", json=body)

    def _precondition(self) -> None:
        body = {"code": "pelvic_examination", "met": True, "partner_id": self.pair.b, "note": self.mark()}
        self.post(self.pair.path + "/precondition-records", body)

    def _clear(self) -> None:
        body = {"decision": "blocked", "blockers": ["coercion_or_violence"], "reason": self.mark()}
        self.therapist.post(self.pair.path + "/clearances", json=body)

    def _screen(self) -> None:
        self.post(self.pair.partner("b") + "/safety-screens", {"taken_alone": True, "answers": CALM | {"5": 5}})

    def _review(self) -> None:
        self._measure()
        for signal in self.therapist.get(self.pair.path + "/safety-signals").json()["items"]:
            self.post(f"{self.pair.path}/safety-signals/{signal['id']}/reviews", {"note": self.mark()}, 200)

    def _authorise(self) -> None:
        sign(self.pair, authorise(self.pair, "b", recipient=self.mark(), purpose=self.mark()), "b")

    def _disclose(self) -> None:
        left = [{"place": place, "kinds": {"session_notes": 3}} for place in ("individual_b", "safety_b")]
        left[1]["kinds"] = {"safety": 2}
        body = disclosing(ground="court_order", recipient=self.mark(), purpose=self.mark(), reference=self.mark(), left=left)
        self.therapist.post(self.pair.path + "/disclosures", json=body)

    def _deny(self) -> None:
        path = self.pair.partner("b") + "/copies"
        path += "/" + self.post(path, {})["id"]
        self.post(path + "/denials", {"ground": "harms_another_mentioned", "reason": self.mark()}, 200)

    def _hold(self) -> None:
        self.post(self.pair.path + "/legal-holds", {"reason": self.mark()})

    def _release_flag(self) -> None:
        body = {"against": "partner_b", "partner_id": self.pair.b, "reason": self.mark()}
        self.post(self.pair.path + "/release-flags", body)

    def _psychotherapy(self) -> None:
        self.post(self.pair.path + "/psychotherapy-notes", {"text": f"What stays with me: {CANARY}."})

    def _measure(self) -> None:
        answers = {str(item): 1 for item in range(1, 9)} | {"9": 2}
        self.post(self.pair.partner("b") + "/administrations", {"measure": "phq9", "answers": answers})

    def seen_by_a(self, machine: Caller) -> Iterator[str]:
        """Three copies for A, from the narrowest to the widest, and what everybody may read of them."""
        a = self.pair.partner("a")
        joint = ready(self.pair, recipient_kind="both_partners", recipient="Both", kinds=JOINT, own={"b": ["measures"]})
        for more in ({}, {"own_safety": True}, {"own_safety": True, "authorisations": [joint]}):
            path, file = prepared(self.pair, "a", **more)
            yield file["json_text"]
            yield file["html_text"]
            done(self.therapist.post(path + "/handovers", json={"form": "html"}), 200)
            yield machine.get(path).text
        for path in (a + "/copies", a + "/disclosures"):
            yield machine.get(path).text
            yield self.therapist.get(path + "?as=partner_a").text


def hits(told: Told, machine: Caller) -> list[str]:
    """Marks of B, and ids of anybody, in what A gets; `pair.b` is the id that a guess would start from."""
    seen = list(told.seen_by_a(machine))
    files = [text for text in seen if "rekindle-file-1" in text or text.startswith("<!doctype")]
    assert len(files) == 6
    found = [text for text in seen if CANARY in text or told.pair.b in text]
    return found + [text for text in files if ID.search(text) or re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)]


def test_a_copy_for_a_holds_no_byte_that_b_said_in_private(clinic: Clinic, therapist: Caller) -> None:
    machine, numbers = clinic.integration(), iter(range(1, 10**6))

    @settings(max_examples=COPIES or 4, derandomize=not COPIES, phases=set(Phase) - {Phase.explain, Phase.shrink})
    @given(st.lists(st.sampled_from(PRIVATE), min_size=4, max_size=12))
    def holds(acts: list[str]) -> None:
        told = Told(therapist, f"c{next(numbers)}")
        for act in acts:
            told.say(act)
        assert hits(told, machine) == []

    holds()
    told = Told(therapist, "all")
    for act in PRIVATE:
        told.say(act)
    assert told.marks > 20
    assert hits(told, machine) == []


def test_a_copy_read_without_compartments_would_be_noticed(
    clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(therapist, "1")
    for act in ("note", "authorise", "addendum"):
        told.say(act)
    monkeypatch.setattr(contents, "compartments_of", lambda *_: frozenset(Compartment))
    assert hits(told, clinic.integration())


def test_a_copy_holds_what_is_the_partners_own_and_the_joint_part_only_with_both_signatures(therapist: Caller) -> None:
    pair = new_pair(therapist)
    for about in ("couple", "partner_a"):
        note = done(therapist.post(pair.path + "/notes", json=new_note(about, sections={"data": f"zq-{about}", "plan": "P"})))
        done(therapist.post(f"{pair.path}/notes/{note['id']}/signatures", json={"version": 1}), 200)
    done(pair.screen("a"))
    _, alone = prepared(pair, "a")
    assert ("zq-partner_a" in alone["json_text"], "zq-couple" in alone["json_text"]) == (True, False)
    assert "Screens" not in alone["html_text"]
    assert "Screens" in prepared(pair, "a", own_safety=True)[1]["html_text"]
    unsigned = sign(pair, authorise(pair, recipient_kind="partner_a", recipient="A"), "a")
    copies = pair.partner("a") + "/copies"
    path = f"{copies}/{done(therapist.post(copies, json={}))['id']}"
    refused = therapist.post(path + "/preparations", json={"authorisations": [unsigned["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (409, "release_not_authorised")
    _, joint = prepared(pair, "a", authorisations=[ready(pair, recipient_kind="partner_a", recipient="A")])
    assert "zq-couple" in joint["json_text"]
    for form in ("json", "html"):
        assert sha256(joint[form + "_text"].encode()).hexdigest() == joint["sha256"][form]


def test_a_copy_is_answered_in_30_days_or_once_30_more_and_a_denial_is_reviewed_by_another(
    clinic: Clinic, therapist: Caller
) -> None:
    pair, machine = new_pair(therapist), clinic.integration()
    path = pair.partner("a") + "/copies"
    made = done(therapist.post(path, json={}))
    path += "/" + made["id"]
    assert (made["due_on"], machine.get(path).json()["status"]) == ("2026-12-22", "in_preparation")
    assert done(therapist.post(path + "/extensions", json={"reason": "R"}), 200)["due_on"] == "2027-01-21"
    assert therapist.post(path + "/extensions", json={"reason": "R"}).json()["code"] == "copy_extended"
    body = {"ground": "endangers_life_or_safety", "reason": "zq-danger"}
    denied = done(therapist.post(path + "/denials", json=body), 200)
    assert denied["denial"] == body
    outside = machine.get(path)
    assert (outside.json()["status"], outside.json()["denial"]) == ("denied", None)
    assert "endanger" not in outside.text
    assert therapist.post(path + "/reviews").json()["code"] == "review_by_another"
    other = clinic.member("second")
    done(therapist.post(pair.path + "/care-team", json={"member_id": other.holder_id}))
    assert done(other.post(path + "/reviews"), 200)["status"] == "requested"
    assert machine.get(path).json()["status"] == "in_preparation"


def test_a_couple_file_holds_exactly_what_was_named_and_leaves_a_row(therapist: Caller) -> None:
    pair = new_pair(therapist)
    for about, day in (
        ("couple", "2026-11-20"),
        ("couple", "2026-10-01"),
        ("partner_a", "2026-11-20"),
        ("partner_b", "2026-11-20"),
    ):
        hours = {"held_on": day, "started_at": f"{day}T17:00:00Z", "ended_at": f"{day}T17:50:00Z"}
        sections = {"data": f"zq-{about}-{day}", "plan": "P"}
        note = done(therapist.post(pair.path + "/notes", json=new_note(about, sections=sections, **hours)))
        done(therapist.post(f"{pair.path}/notes/{note['id']}/signatures", json={"version": 1}), 200)
    named = {"recipient_kind": "court", "recipient": "County court", "purpose": "P", "kinds": ["session_notes"]}
    scope = {"places": ["conjoint", "individual_b"], "from_on": "2026-11-01", "to_on": "2026-11-30", "part_2": True}
    order = {"ground": "court_order", "reference": "Case 1", **named, **scope}
    file = done(therapist.post(pair.path + "/couple-files", json=order), 200)
    assert set(re.findall(r"zq-[a-z_]+-[0-9-]+", file["json_text"])) == {"zq-couple-2026-11-20", "zq-partner_b-2026-11-20"}
    assert "42 CFR part 2" in file["html_text"]
    assert {section["title"] for section in json.loads(file["json_text"])["sections"]} == {"Session notes"}
    rows = therapist.get(pair.path + "/disclosures").json()["items"]
    told = [(row["place"], row["kinds"], row["file_sha256"], row["release_id"]) for row in rows]
    same = (file["sha256"]["json"], file["release_id"])
    assert told == [("conjoint", {"session_notes": 1}, *same), ("individual_b", {"session_notes": 1}, *same)]
    for ground, code in (("subpoena", "privilege_asserted"), ("authorisation", "release_not_authorised")):
        found = therapist.post(pair.path + "/couple-files", json=order | {"ground": ground})
        assert found.json()["code"] == code
    alone = therapist.post(pair.path + "/couple-files", json=order | {"kinds": ["psychotherapy_notes"]})
    assert alone.json()["code"] == "psychotherapy_stands_alone"


def told_to(world: World, path: str, caller: Caller | None = None) -> str:
    """An answer without ids, and without the ETag that is a hash of them."""
    return HASHED.sub("etag", world.masked(world.call(LATER, "GET", path, caller=caller)))


def a_takes_a_copy(world: World, *, joint: bool) -> Iterator[str]:
    """The bytes that A gets, and what is told of them to clinic software and in A's view."""
    ids = world.ids
    pair = Pair(world.therapist, world.couple, ids["a"], ids["b"], {})
    world.call(LATER, "GET", world.couple)
    for which in "ab":  # the same numbers in both worlds, so that the copies can be compared as they are
        etag = {"If-Match": world.therapist.get(pair.partner(which)).headers["ETag"]}
        done(
            world.therapist.patch(pair.partner(which), json={"record_number": f"n-{world.couples}-{which}"}, headers=etag), 200
        )
    named = {"authorisations": [ready(pair, recipient_kind="partner_a", recipient="A")]} if joint else {}
    world.clock.moment = LATER
    path, file = prepared(pair, "a", **named)
    yield file["json_text"]
    yield file["html_text"]
    yield told_to(world, path, world.ehr)
    handed = world.call(LATER, "POST", path + "/handovers", {"form": "json"})
    assert handed.status_code == 200, handed.text
    for noun in ("/copies", "/disclosures"):
        yield told_to(world, pair.partner("a") + noun, world.ehr)
        yield told_to(world, pair.partner("a") + noun + "?as=partner_a")


def compared(pair: tuple[World, World], differences: tuple[Differences, Differences], *, joint: bool) -> None:
    """Plays both worlds and compares what A gets."""
    for world, told in zip(pair, differences, strict=True):
        world.begin()
        told.keep_secrets(world)
        told.act(world)
    first, second = (list(a_takes_a_copy(world, joint=joint)) for world in pair)
    for one, other in zip(first, second, strict=True):
        if one != other:
            raise InterferenceError(f"\n{one}\n\n{other}")


@pytest.mark.timeout(0 if COPIES else 120)
def test_worlds_that_differ_only_in_what_b_keeps_private_give_a_the_same_bytes(worlds: tuple[World, World]) -> None:
    @settings(max_examples=COPIES or 3, derandomize=not COPIES, phases=set(Phase) - {Phase.explain, Phase.shrink})
    @given(st.tuples(WORLD, WORLD), st.booleans())
    def holds(differences: tuple[Differences, Differences], joint: bool) -> None:
        compared(worlds, differences, joint=joint)

    holds()


CALMLY = Differences({"willingness": 6, "pressure": 0, "felt_forced": False, "felt_afraid": False, "log": {}})


def test_a_copy_that_read_the_care_teams_track_of_a_plan_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.homework.tracks.track_of", lambda _: Compartment.SAFETY)
    monkeypatch.setattr("app.releases.contents.PLANS_SHOW", frozenset(Compartment))
    with pytest.raises(InterferenceError):
        compared(worlds, (CALMLY, Differences(CALMLY.answers, [withdraw()])), joint=True)


def test_a_copy_that_let_bs_rows_through_would_be_noticed(worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "whose", lambda _query, _model, _partner: _query)
    monkeypatch.setattr(contents, "compartments_of", lambda *_: frozenset(Compartment))
    with pytest.raises(InterferenceError):
        compared(worlds, (CALMLY, Differences(CALMLY.answers, own=[measure("gmsex", 20), frame("Never.")])), joint=False)
