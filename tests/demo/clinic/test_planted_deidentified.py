"""De-identified exports of the invented clinic, and an attacker who tries to find its couples in them."""

import json
from collections import Counter
from typing import Any

import pytest

from app.access.permissions import MACHINE, Role
from app.access.work import Work
from app.core.crypto import Vault
from app.core.database import Reach
from app.exports.deidentified.changed import Changed
from app.exports.deidentified.making import deidentified
from app.exports.deidentified.shape import COUPLES, KEPT
from app.exports.deidentified.standing import settle
from app.exports.deidentified.traits import NAMES, ladders_of
from app.exports.formats import formats
from app.exports.job import make_waiting
from app.exports.reading import reading
from tests.demo.clinic.conftest import PLANTED, Json, Told
from tests.exports.attacker import Files, ids, link, rows, subtract

pytestmark = PLANTED
K = 11
TABLES = sorted([*KEPT, COUPLES])


def ask(told: Told, **more: Any) -> tuple[Json, Files]:
    """A de-identified export that an analyst asked for and fetched."""
    analyst = told.kept.setdefault("analyst", told.clinic.signed_in("analyst", Role.ANALYST))
    answer = analyst.post("/v1/exports", json={"destination": "deidentified", **more})
    assert answer.status_code == 202, answer.text
    make_waiting(told.clinic.app.state.runtime, told.clinic.id)
    found = analyst.get(answer.headers["Location"]).json()
    assert found["status"] == "done", found
    path = answer.headers["Location"]
    return found | {"path": path}, {one["name"]: analyst.get(f"{path}/files/{one['name']}").content for one in found["files"]}


@pytest.fixture(scope="module")
def first(told: Told) -> tuple[Json, Files]:
    return ask(told)


@pytest.fixture(scope="module")
def known(told: Told, first: tuple[Json, Files]) -> list[dict[str, str]]:
    """What somebody knows of every couple that agreed, as the record has it."""
    runtime = told.clinic.app.state.runtime
    assert first
    with runtime.database.transaction(Reach(told.clinic.id, MACHINE)) as session:
        actor = told_actor(told)
        standing = settle(Work(session, actor, Vault(session, runtime.cache), runtime.clock(), runtime.settings), anew=False)
    with reading(runtime, actor, runtime.clock()) as found:
        courses = deidentified(found, standing).changed.courses
    told.kept["courses"] = courses
    return [
        dict(zip(NAMES, (ladder[0] for ladder in ladders_of(one.traits, both=True)), strict=True))
        for one in courses.by_couple.values()
        if one.both
    ]


def told_actor(told: Told) -> Any:
    from app.access.actor import Actor
    from app.access.permissions import GRANTABLE

    return Actor(told.clinic.id, told.clinic.id, told.clinic.id, None, GRANTABLE)


def test_no_class_is_smaller_than_eleven_and_nothing_in_it_is_the_records(told: Told, first: tuple[Json, Files]) -> None:
    found, files = first
    couples = rows(files, "couples")
    assert len(couples) > 20
    assert min(Counter(tuple(row[name] for name in NAMES) for row in couples).values()) >= K
    assert all(rows(files, name) for name in TABLES)
    report = json.loads(files["deidentification.json"])
    assert report["classes"]["smallest"] == "11 to 49"
    assert found["token"] is None
    everything = b"".join(content for name, content in files.items() if name != "codebook.csv")
    for label, couple_id in told.ids.items():
        assert label.encode() not in everything
        assert couple_id.encode() not in everything
    for name in TABLES:
        assert {row["couple_id"] for row in rows(files, name)} <= {row["couple_id"] for row in couples}


def test_whoever_knows_all_about_a_couple_finds_eleven_or_none(first: tuple[Json, Files], known: list[dict[str, str]]) -> None:
    sizes = [len(link(first[1], one)) for one in known]
    assert any(sizes)
    assert all(size == 0 or size >= K for size in sizes)


def test_with_classes_of_one_the_same_attacker_finds_couples(told: Told, known: list[dict[str, str]]) -> None:
    changed = Changed.of(told.kept["courses"], 1)
    runtime = told.clinic.app.state.runtime
    with reading(runtime, told_actor(told), runtime.clock()) as found:
        table = changed.tables([COUPLES])[0]
        files = {"couples-0001.csv": b"".join(formats()["csv"].write(table, table.read(found)))}
    assert any(len(link(files, one)) == 1 for one in known)


def test_two_exports_share_no_id_but_hold_the_same_couples(first: tuple[Json, Files], told: Told) -> None:
    _, again = ask(told)
    assert not {one for one in ids(first[1], TABLES) & ids(again, TABLES) if not one.startswith(".")}
    assert subtract(first[1], again) == (set(), set())


def test_one_partner_who_takes_it_back_is_gone_at_once_and_not_to_be_found_by_subtracting(
    told: Told, first: tuple[Json, Files]
) -> None:
    pair = next(pair for pair in told.year.pairs if pair.number == 0)
    couple = told.therapist.get(f"/v1/couples/{told.ids[pair.label]}").json()
    path = f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}/consents"
    consent = told.therapist.get(path).json()["items"][0]
    assert told.therapist.post(f"{path}/{consent['id']}/withdrawal").status_code in {200, 201}
    gone = told.kept["analyst"].get(f"{first[0]['path']}/files/couples-0001.csv")
    assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")
    answer = told.kept["analyst"].post("/v1/exports", json={"destination": "deidentified"})
    assert (answer.status_code, answer.json()["code"]) == (409, "deidentified_too_few_couples")
