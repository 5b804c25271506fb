"""An administrator reads who did something, when and to which couple, and cannot tell one kind of care from another."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.access.permissions import Role
from app.audit import service
from app.core.ids import encode
from app.ledger.checkpoints import read_statement
from app.ledger.merkle import is_included, leaf_hash
from app.ledger.models import LedgerEvent
from app.ledger.sealing import seal
from tests.conftest import ENGINES, Caller, Clinic
from tests.ledger.records import live
from tests.outcomes.acts import KINDS, hand_out_links
from tests.outcomes.test_non_interference import LATER, PAIRS, SAID, SHOWN
from tests.outcomes.worlds import World, moment, stamp
from tests.safety.records import AFRAID

EVENTS = "/v1/audit-events"


@pytest.fixture
def administrator(clinic: Clinic) -> Caller:
    return clinic.member("ada", Role.ADMINISTRATOR)


def test_it_tells_who_read_and_changed_which_couple_and_through_which_request(
    clinic: Clinic, therapist: Caller, administrator: Caller
) -> None:
    couple = live(therapist, 1)
    read = therapist.get(f"/v1/couples/{couple}")
    ehr = clinic.integration()
    ehr.get(f"/v1/couples/{couple}")
    told = list(administrator.every(f"{EVENTS}?couple_id={couple}"))
    assert [(one["who"]["kind"], one["who"]["role"], one["kind"], one["operation"]) for one in told] == [
        *[("member", "therapist", kind, "care") for kind in ("change", "read", "read", "change", "read")],
        ("integration", None, "read", "care"),
    ]
    assert {one["who"]["id"] for one in told} == {therapist.holder_id, ehr.holder_id}
    assert {one["couple_id"] for one in told} == {couple}
    assert told[-2]["request_id"] == read.headers["X-Request-ID"]


def test_what_administrators_may_do_themselves_is_named_and_so_is_reading_the_trail(administrator: Caller) -> None:
    administrator.get(EVENTS)
    told = list(administrator.every(EVENTS))
    assert {one["operation"] for one in told} == {"test", "list_audit_events"}
    assert told[-1]["who"] == {"kind": "member", "id": administrator.holder_id, "role": "administrator"}


def test_the_filters_choose_and_pages_miss_nothing(clinic: Clinic, therapist: Caller, administrator: Caller) -> None:
    other = clinic.member("theo")
    couples = [live(therapist, 1), live(other, 2)]
    ehr = clinic.integration()
    ehr.get("/v1/couples")
    whole = list(administrator.every(EVENTS))
    by_two = list(administrator.every(f"{EVENTS}?limit=2"))
    assert [one["id"] for one in by_two[: len(whole)]] == [one["id"] for one in whole]

    def chosen(query: str) -> list[dict[str, Any]]:
        found = list(administrator.every(f"{EVENTS}?{query}"))
        assert found, query
        return found

    assert {one["who"]["id"] for one in chosen(f"member_id={other.holder_id}")} == {other.holder_id}
    assert {one["couple_id"] for one in chosen(f"member_id={other.holder_id}&kind=change")} == {couples[1]}
    assert {one["who"]["id"] for one in chosen(f"integration_id={ehr.holder_id}")} == {ehr.holder_id}
    assert {one["kind"] for one in chosen("kind=read")} == {"read"}
    at = whole[3]["at"]
    assert all(one["at"] >= at for one in chosen(f"from={at}"))
    assert all(one["at"] < at for one in chosen(f"to={at}"))
    assert administrator.get(f"{EVENTS}?limit=2&cursor=broken").json()["code"] == "cursor_invalid"


def test_nobody_but_an_administrator_reads_it(clinic: Clinic, therapist: Caller) -> None:
    for caller in (therapist, clinic.member("sue", Role.SUPERVISOR), clinic.member("ana", Role.ANALYST), clinic.integration()):
        for path in (EVENTS, "/v1/checkpoints", "/v1/alarms"):
            assert caller.get(path).status_code == 403


def test_a_proof_shows_an_auditor_who_has_a_checkpoint_alone_that_an_event_is_in_it(
    clinic: Clinic, therapist: Caller, administrator: Caller
) -> None:
    live(therapist, 1)
    events = list(administrator.every(EVENTS))
    early = administrator.get(f"{EVENTS}/{events[0]['id']}/inclusion-proof")
    assert (early.status_code, early.json()["code"]) == (409, "not_sealed_yet")
    seal(clinic.app.state.runtime, clinic.id)
    [checkpoint] = administrator.get("/v1/checkpoints").json()["items"]
    root = read_statement(checkpoint["note"]).root
    assert root.hex() == checkpoint["root"]
    for event in events:
        told = administrator.get(f"{EVENTS}/{event['id']}/inclusion-proof").json()
        leaf, proof = leaf_hash(told["leaf"].encode()), [bytes.fromhex(step) for step in told["proof"]]
        assert is_included(leaf, told["number"], checkpoint["size"], proof, root)
        assert told["checkpoint"] == checkpoint["note"]
    unknown = encode("evt", clinic.id)
    assert administrator.get(f"{EVENTS}/{unknown}/inclusion-proof").status_code == 404


# What the list must not betray.


def administrators(world: World) -> Caller:
    world.app.state.runtime = world.runtime
    return world.clinic.member(f"ada-{world.couples}", Role.ADMINISTRATOR)


def told(world: World, caller: Caller) -> str:
    """All that an administrator is told of a couple from the moment the worlds differ, whoever they count as."""
    path = f"{EVENTS}?couple_id={world.ids['couple']}&limit=200&from={stamp(SAID)}"
    until = stamp(SHOWN - timedelta(minutes=1))
    scope = world.call(SHOWN, "GET", f"/v1/breach-scope?from_at={stamp(SAID)}&to_at={until}", caller=caller).json()
    touched = [one for one in scope["couples"] if one.pop("couple_id") == world.ids["couple"]]
    return world.masked(world.call(SHOWN, "GET", path, caller=caller)) + str(touched)


def by_the_care_team(world: World) -> Iterator[tuple[str, object]]:
    """The same moment of work, of many kinds: what it is called, and the body."""
    couple, partner = world.couple, world.partner("b")
    yield f"{partner}/safety-screens", {"taken_alone": True, "answers": AFRAID}
    yield f"{partner}/safety-screens", {"taken_alone": True, "answers": dict.fromkeys(AFRAID, 1)}
    yield f"{partner}/framings", {"concern_id": world.ids["concern"], "words": "It is me."}
    yield f"{couple}/red-flags", {"code": "psychosis"}
    yield f"{couple}/clearances", {"decision": "blocked", "blockers": ["coercion_or_violence"], "reason": "R."}
    yield f"{partner}/consents", {"kind": "therapy", "text_version": "1", "language": "en"}
    yield f"{partner}/links", {"purpose": "stop", "expires_in_hours": 72}


def differing(worlds: tuple[World, World], kinds: range) -> list[int]:
    """Which kinds of work, done in one world, are told otherwise than a screen in the other."""
    first, second = worlds
    first.begin()
    first.post(SAID, *next(by_the_care_team(first)))
    expected = told(first, administrators(first))
    assert '"kind":"change"' in expected
    found = []
    for number in kinds:
        second.begin()
        second.post(SAID, *list(by_the_care_team(second))[number])
        if told(second, administrators(second)) != expected:
            found.append(number)
    return found


def test_that_somebody_was_screened_cannot_be_told_from_any_other_work(worlds: tuple[World, World]) -> None:
    assert differing(worlds, range(1, 7)) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "betrayal",
    [("NAMED", frozenset({"safety:write"})), ("is_told", lambda: LedgerEvent.id.is_not(None))],
    ids=["the name of the operation", "every event"],
)
def test_a_list_that_told_more_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch, betrayal: tuple[str, Any]
) -> None:
    monkeypatch.setattr(service, *betrayal)
    assert differing(worlds, range(2, 3)) == [2]


# Each takes two couples' stories; after a change of what the list tells, try them all: REKINDLE_PAIRS=1
SOME = ("withdraws", "is afraid", "is flagged", "stops by link", "stays silent")


@pytest.mark.parametrize("engine_name", ENGINES if PAIRS else ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", KINDS if PAIRS else SOME)
def test_which_partner_it_was_cannot_be_told(worlds: tuple[World, World], name: str) -> None:
    kind, found = KINDS[name], []
    for world, who in zip(worlds, "ab", strict=True):
        world.begin()
        for which in "ab":
            body = {"kind": "therapy", "text_version": "1", "language": "en"}
            world.ids["therapy " + which] = world.post(moment(minutes=9), world.partner(which) + "/consents", body)["id"]
            hand_out_links(world, which)
        kind.prepare(world)
        for which in "ab":
            if ask := kind.ask(world, which, which == who):
                world.post(SAID, ask.path, ask.body, ask.status, world.stranger if ask.by_link else None)
        kind.follow(world)
        world.call(LATER + timedelta(hours=70), "GET", world.plan)
        found.append(told(world, administrators(world)))
    assert found[0] == found[1]
