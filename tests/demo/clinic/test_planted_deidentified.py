"""De-identified exports of the invented clinic, and an attacker who tries to find its couples in them."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from app.access.actor import Actor
from app.access.permissions import GRANTABLE, MACHINE, Role
from app.access.work import Work
from app.core.crypto import Vault
from app.core.database import Reach
from app.core.ids import encode
from app.exports.deidentified.changed import Changed
from app.exports.deidentified.cohort import Cohort, next_cohort
from app.exports.deidentified.courses import Courses
from app.exports.deidentified.making import deidentified
from app.exports.deidentified.shape import COUPLES, KEPT
from app.exports.deidentified.standing import Standing, settle
from app.exports.deidentified.traits import NAMES, ladders_of
from app.exports.formats import formats
from app.exports.job import make_waiting
from app.exports.reading import Reading, reading
from tests.conftest import Caller
from tests.demo.clinic.conftest import PLANTED, Json, Told
from tests.exports.attacker import Files, ids, link, rows, subtract

pytestmark = PLANTED
K = 11
HOMEWORK = {"plans", "assignments", "stages", "check_ins", "check_in_logs"}
TABLES = sorted([*KEPT, COUPLES])


@dataclass(frozen=True)
class Attacked:
    """What an analyst was given, one after the other, and what is true."""

    found: Json
    first: Files
    again: Files
    after: Files
    courses: Courses
    standing: Standing
    gone: Any

    @property
    def known(self) -> list[dict[str, str]]:
        """What somebody knows of every couple of which both agreed."""
        both = [one for one in self.courses.by_couple.values() if one.both]
        return [dict(zip(NAMES, (rungs[0] for rungs in ladders_of(one.traits, both=True)), strict=True)) for one in both]


def everything(told: Told) -> Actor:
    """Software of the clinic."""
    return Actor(told.clinic.id, told.clinic.id, told.clinic.id, None, GRANTABLE)


def ask(told: Told, analyst: Caller) -> tuple[Json, Files]:
    """A de-identified export that an analyst asked for and fetched."""
    answer = analyst.post("/v1/exports", json={"destination": "deidentified"})
    assert answer.status_code == 202, answer.text
    make_waiting(told.clinic.app.state.runtime, told.clinic.id)
    path = answer.headers["Location"]
    found = analyst.get(path).json()
    assert found["status"] == "done", found
    return found | {"path": path}, {one["name"]: analyst.get(f"{path}/files/{one['name']}").content for one in found["files"]}


def written(changed: Changed, found: Reading, *names: str) -> Files:
    """Some tables of an export that nobody asked for over HTTP."""
    form = formats()["csv"]
    return {f"{one.name}-0001.csv": b"".join(form.write(one, one.read(found))) for one in changed.tables(names)}


@pytest.fixture(scope="session")
def attacked(told: Told) -> Attacked:
    """Two exports, and then one partner takes it back; all at once, because nobody who went comes back."""
    analyst, runtime = told.clinic.signed_in("analyst", Role.ANALYST), told.clinic.app.state.runtime
    found, first = ask(told, analyst)
    _, again = ask(told, analyst)
    with runtime.database.transaction(Reach(told.clinic.id, MACHINE)) as session:
        work = Work(session, everything(told), Vault(session, runtime.cache), runtime.clock(), runtime.settings)
        standing = settle(work, anew=False)
    with reading(runtime, everything(told), runtime.clock()) as read:
        changed = deidentified(read, standing).changed
    courses = changed.courses
    couple = told.therapist.get(f"/v1/couples/{encode('cpl', changed.in_order[0])}").json()
    path = f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}/consents"
    consent = told.therapist.get(path).json()["items"][0]
    assert told.therapist.post(f"{path}/{consent['id']}/withdrawals").status_code in {200, 201}
    gone = analyst.get(f"{found['path']}/files/couples-0001.csv")
    _, after = ask(told, analyst)
    return Attacked(found, first, again, after, courses, standing, gone)


def test_no_class_is_smaller_than_eleven_and_nothing_in_it_is_the_records(told: Told, attacked: Attacked) -> None:
    couples = rows(attacked.first, "couples")
    assert len(couples) > 20
    assert min(Counter(tuple(row[name] for name in NAMES) for row in couples).values()) >= K
    protocols = {row["protocol"] for row in couples if not row["protocol"].startswith(".")}
    assert {name for name in TABLES if not rows(attacked.first, name)} == (set() if protocols else HOMEWORK)
    assert json.loads(attacked.first["deidentification.json"])["classes"]["smallest"] == "11 to 49"
    assert attacked.found["token"] is None
    told_of = b"".join(content for name, content in attacked.first.items() if name != "codebook.csv")
    for label, couple_id in told.ids.items():
        assert label.encode() not in told_of
        assert couple_id.encode() not in told_of
    for name in TABLES:
        assert {row["couple_id"] for row in rows(attacked.first, name)} <= {row["couple_id"] for row in couples}


def test_whoever_knows_all_about_a_couple_finds_eleven_or_none(attacked: Attacked) -> None:
    sizes = [len(link(attacked.first, one)) for one in attacked.known]
    assert any(sizes)
    assert all(size == 0 or size >= K for size in sizes)


def test_with_classes_of_one_the_same_attacker_finds_couples(told: Told, attacked: Attacked) -> None:
    runtime = told.clinic.app.state.runtime
    with reading(runtime, everything(told), runtime.clock()) as read:
        files = written(Changed.of(attacked.courses, 1), read, *TABLES)
    assert all(rows(files, name) for name in TABLES)
    assert any(len(link(files, one)) == 1 for one in attacked.known)


def test_two_exports_share_no_id_but_hold_the_same_couples(attacked: Attacked) -> None:
    shared = ids(attacked.first, TABLES) & ids(attacked.again, TABLES)
    assert {one for one in shared if not one.startswith(".")} == set()
    assert subtract(attacked.first, attacked.again) == (set(), set())


def test_whoever_takes_it_back_is_not_to_be_found_by_subtracting_but_would_be_without_the_others(
    told: Told, attacked: Attacked
) -> None:
    members = attacked.standing.cohort.members
    one = next(one for one, course in attacked.courses.by_couple.items() if course.both)
    left = {couple_id: sides for couple_id, sides in members.items() if couple_id != one}
    guarded = next_cohort(attacked.standing.cohort, left, K, lambda among, count: among[:count])

    def of(cohort: Mapping[UUID, Any]) -> Files:
        standing = replace(attacked.standing, cohort=Cohort((cohort,)))
        by_couple = {couple_id: attacked.courses.by_couple[couple_id] for couple_id in standing.cohort.members}
        with reading(runtime, everything(told), runtime.clock()) as read:
            return written(Changed.of(replace(attacked.courses, by_couple=by_couple), 1), read, "scores")

    runtime = told.clinic.app.state.runtime
    before = of({couple_id: sides for couple_id, sides in members.items() if couple_id in attacked.courses.by_couple})
    assert len(subtract(before, of({c: s for c, s in left.items() if c in attacked.courses.by_couple}))[0]) == 1
    there = {c: s for c, s in guarded.members.items() if c in attacked.courses.by_couple}
    assert len(subtract(before, of(there))[0]) >= K


def test_once_somebody_took_it_back_no_older_file_is_handed_out_and_the_next_lacks_eleven(attacked: Attacked) -> None:
    assert (attacked.gone.status_code, attacked.gone.json()["code"]) == (404, "export_gone")
    assert len(subtract(attacked.first, attacked.after)[0]) >= K
