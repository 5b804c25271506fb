"""What is gone is told as gone, and a mirror that goes on from export to export has at last what a whole one has."""

import os
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from app.access.work import longest_request
from app.core.settings import Settings
from app.fhir.bulk.making import looks_back
from tests.conftest import Caller, Clinic
from tests.fhir.bulk.records import Resources, crawled, deleted, exported, held
from tests.fhir.test_work import signed
from tests.notes.records import new_note
from tests.releases.records import ask_to_erase, ended, shred
from tests.safety.records import Pair, done, new_pair

# on each of the two engines; CONTRIBUTING.md tells how to try more
HISTORIES = int(os.environ.get("REKINDLE_BULK_HISTORIES", "2"))
EVERYTHING = {"system/*.rs"}


def erased(clinic: Clinic, pair: Pair, partner: str | None = None) -> None:
    """The couple, or one partner, is gone."""
    ended(clinic, pair)
    shred(clinic, pair, ask_to_erase(pair, partner))


def since(manifest: dict[str, Any]) -> str:
    """How the next export goes on from one."""
    return f"/fhir/$export?_since={manifest['transactionTime']}"


def test_an_erased_couple_is_gone_resource_by_resource_and_to_no_one_who_could_not_see_it(clinic: Clinic) -> None:
    pair = new_pair(clinic.signed_in("thea"))
    new_pair(pair.therapist, "2")
    ehr = clinic.integration("ehr", EVERYTHING)
    before, first = crawled(ehr), exported(clinic, ehr)
    erased(clinic, pair)
    ehr, some = clinic.integration("later", EVERYTHING), clinic.integration("some", {"system/Organization.rs"})
    after = crawled(ehr)
    gone = before.keys() - after.keys()
    assert len([one for one in gone if one[0] == "Patient"]) == 2
    assert deleted(clinic, ehr, exported(clinic, ehr, since(first))) == gone
    assert deleted(clinic, some, exported(clinic, some, since(first))) == set()
    assert exported(clinic, ehr)["deleted"] == [], "a whole export replaces everything"
    patients = exported(clinic, ehr, f"/fhir/Patient/$export?_type=Patient&_since={first['transactionTime']}")
    assert deleted(clinic, ehr, patients) == {one for one in gone if one[0] == "Patient"}


def test_an_erased_partner_goes_alone_and_the_other_ones_files_tell_nothing_of_it(clinic: Clinic) -> None:
    pair = new_pair(clinic.signed_in("thea"))
    ehr = clinic.integration("ehr", {"system/Patient.rs"})
    before, first = crawled(ehr), exported(clinic, ehr)
    erased(clinic, pair, "b")
    ehr = clinic.integration("later", {"system/Patient.rs"})
    (gone,) = before.keys() - crawled(ehr).keys()
    (left,) = before.keys() - {gone}
    assert deleted(clinic, ehr, exported(clinic, ehr, since(first))) == {gone}
    of_a = exported(clinic, ehr, f"/fhir/Patient/$export?patient={left[1]}&_since={first['transactionTime']}")
    assert of_a["deleted"] == []


def test_who_may_not_know_couples_cannot_ask_nearer_and_nearer_for_the_moment_in_which_two_went(clinic: Clinic) -> None:
    pair = new_pair(clinic.signed_in("thea"))
    before = crawled(clinic.integration("ehr", {"system/Patient.rs"}))
    erased(clinic, pair)
    clinic.clock.turn(minutes=1)
    after = f"/fhir/$export?_type=Patient&_since={clinic.clock.moment:%Y-%m-%dT%H:%M:%SZ}"
    narrow, wide = clinic.integration("narrow", {"system/Patient.rs"}), clinic.integration("wide", EVERYTHING)
    assert deleted(clinic, narrow, exported(clinic, narrow, after)) == before.keys()
    assert deleted(clinic, wide, exported(clinic, wide, after)) == set(), "the control: by the very moment they are not"


def test_hours_that_were_entered_in_error_are_gone_and_nothing_that_was_never_told(clinic: Clinic) -> None:
    """A draft and an hour with one partner alone leave no trace when they are taken back."""
    pair = new_pair(clinic.member("thea"))
    notes = [signed(pair.therapist, pair.path, about) for about in ("couple", "partner_a")]
    notes.append(f"{pair.path}/notes/{done(pair.therapist.post(pair.path + '/notes', json=new_note()))['id']}")
    ehr = clinic.integration("ehr", EVERYTHING)
    before, first = crawled(ehr), exported(clinic, ehr)
    for note in notes:
        pair.therapist.post(f"{note}/retractions", json={"reason": "Of another couple."})
    gone = before.keys() - crawled(ehr).keys()
    assert sorted(type_ for type_, _ in gone) == ["DocumentReference"] * 2 + ["Encounter"] * 2
    assert deleted(clinic, ehr, exported(clinic, ehr, since(first))) == gone


def test_what_was_dated_before_and_committed_after_an_export_is_in_the_next_one(clinic: Clinic) -> None:
    pair = new_pair(clinic.member("thea"))
    ehr, before = clinic.integration("ehr", {"system/Patient.rs"}), clinic.clock.moment
    first = exported(clinic, ehr)
    clinic.clock.moment = before  # as a request that began then and took long has it
    changed = pair.therapist.get(pair.partner("b"))
    body = {"name": "Robin Another"}
    done(pair.therapist.patch(pair.partner("b"), json=body, headers={"If-Match": changed.headers["ETag"]}), 200)
    clinic.clock.moment = before + timedelta(seconds=30)
    found = held(clinic, ehr, exported(clinic, ehr, since(first)))
    assert "Robin Another" in {one["name"][0]["text"] for one in found.values()}
    assert datetime.fromisoformat(first["transactionTime"]) <= before - looks_back(clinic.settings) + timedelta(seconds=30)


def test_a_request_that_takes_longer_than_exports_look_back_changes_nothing_and_can_be_sent_again(clinic: Clinic) -> None:
    pair, runtime = new_pair(clinic.member("thea")), clinic.app.state.runtime
    named = {"name": "Robin Another"}, {"If-Match": pair.therapist.get(pair.partner("b")).headers["ETag"]}

    def dawdle(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE partner"):
            time.sleep(0.3)

    event.listen(runtime.database.engine, "before_cursor_execute", dawdle)
    runtime.longest_request = timedelta(seconds=0.25)
    try:
        late = pair.therapist.patch(pair.partner("b"), json=named[0], headers=named[1])
    finally:
        event.remove(runtime.database.engine, "before_cursor_execute", dawdle)
        runtime.longest_request = longest_request(clinic.settings)
    assert (late.status_code, late.json()["code"], "Retry-After" in late.headers) == (503, "unavailable", True)
    assert pair.therapist.get(pair.partner("b")).json()["name"] == "Robin"
    done(pair.therapist.patch(pair.partner("b"), json=named[0], headers=named[1]), 200)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@given(seconds=st.floats(0.001, 600))
def test_exports_look_back_further_than_a_request_and_its_commit_may_take(settings: Settings, seconds: float) -> None:
    slow = settings.model_copy(update={"statement_seconds": seconds})
    assert looks_back(slow) >= longest_request(slow) + timedelta(seconds=seconds)
    assert longest_request(slow) >= timedelta(seconds=4 * seconds), "a statement that is allowed is not in vain"


class History:
    """A mirror that was filled once and then goes on, beside a clinic in which something happens again and again."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.number = clinic, 0
        self.pairs: list[Pair] = []
        self.therapist = clinic.signed_in("thea")
        self.mirror: Resources = {}
        self.last: dict[str, Any] | None = None

    def client(self) -> Caller:
        """Software whose key has not run out."""
        self.number += 1
        return self.clinic.integration(f"ehr-{self.number}", EVERYTHING)

    def happen(self, what: str, which: int) -> None:
        """Something happens."""
        if what == "come" or not self.pairs:
            self.number += 1
            self.pairs.append(new_pair(self.clinic.sign_in_again(self.therapist.holder_id), str(self.number)))
            return
        pair = self.pairs[which % len(self.pairs)]
        pair.therapist = self.clinic.sign_in_again(self.therapist.holder_id)
        if what == "rename":
            path = pair.partner("ab"[which % 2])
            tag = pair.therapist.get(path).headers["ETag"]
            done(pair.therapist.patch(path, json={"name": f"N{which}"}, headers={"If-Match": tag}), 200)
        else:
            self.pairs.remove(pair)
            erased(self.clinic, pair, None if what == "erase" else what)

    def go_on(self) -> None:
        """The mirror takes what is new and drops what is gone."""
        client = self.client()
        manifest = exported(self.clinic, client, "/fhir/$export" if self.last is None else since(self.last))
        for one in deleted(self.clinic, client, manifest):
            self.mirror.pop(one, None)
        self.mirror |= held(self.clinic, client, manifest)
        self.last = manifest


STORY = st.lists(
    st.tuples(st.sampled_from(["come", "come", "rename", "erase", "a", "b"]), st.integers(0, 9), st.booleans()),
    min_size=3,
    max_size=6,
)


@given(story=STORY)
@settings(max_examples=HISTORIES)
def test_a_mirror_that_goes_on_has_what_a_whole_export_has(new_clinic: Any, engine_name: str, story: Any) -> None:
    history = told(new_clinic, engine_name)
    for what, which, is_followed in story:
        history.happen(what, which)
        if is_followed:
            history.go_on()
    history.go_on()
    client = history.client()
    assert history.mirror == held(history.clinic, client, exported(history.clinic, client)) == crawled(client)


TOLD: dict[Any, History] = {}


def told(new_clinic: Any, engine_name: str) -> History:
    """A new clinic for each story on PostgreSQL; SQLite has one, in which the stories go on."""
    if engine_name == "postgresql" or new_clinic not in TOLD:
        TOLD.clear()
        TOLD[new_clinic] = History(new_clinic())
    return TOLD[new_clinic]
