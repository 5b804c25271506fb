"""Erasure: refused while the law asks to keep, stopped by every hold, and when it comes, everything is gone."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core.canonical import canonical
from app.core.crypto import SealBrokenError, Vault
from app.core.database import Base, Compartment, RecordSession
from app.core.ids import decode
from app.core.signing import Signature, is_signed
from app.couples.models import Partner
from app.homework.models import CheckIn, PrivateAnswer
from app.ledger.sealing import seal
from app.releases.deletion import KEPT
from app.releases.rules import ERASURE, Erased, OfErasure, Steps, erasure_stands
from tests.conftest import Clinic
from tests.contract.world import World
from tests.homework.records import CALM_LOG
from tests.ledger.records import verified
from tests.releases.records import ask_to_erase, couple_id, disclosing, ended, lived, pair_of, prepared, ready, shred
from tests.safety.records import Pair, done, new_pair

# on each of the two engines; CONTRIBUTING.md tells how to try more
LIVES = int(os.environ.get("REKINDLE_ERASURES", "0"))


def rows_of(clinic: Clinic, where: Callable[[Any], Any]) -> dict[str, int]:
    """How many rows of each table a condition finds, whatever their compartment; tables it does not fit are left out."""
    found: dict[str, int] = {}
    with clinic.at_desk() as (session, _vault):
        for table in Base.metadata.sorted_tables:
            condition = where(table)
            if condition is not None and table.name not in KEPT:
                count = len(session.connection().execute(select(table.c.clinic_id).where(condition)).all())
                found |= {table.name: count} if count else {}
    return found


def of_couple(pair: Pair) -> Callable[[Any], Any]:
    ids = decode("cpl", couple_id(pair))
    return lambda table: table.c.couple_id == ids if "couple_id" in table.c else None


def of_partner(partner: str) -> Callable[[Any], Any]:
    return lambda table: table.c.partner_id == decode("prt", partner) if "partner_id" in table.c else None


def reads(pair: Pair) -> Iterator[str]:
    """Paths below the couple."""
    yield pair.path
    nouns = (
        "notes",
        "plans",
        "episodes",
        "outcomes",
        "authorisations",
        "disclosures",
        "clearances",
        "retention",
        "legal-holds",
    )
    yield from (f"{pair.path}/{noun}" for noun in nouns)
    for which in "ab":
        own = ("", "/scores", "/diagnoses", "/framings", "/copies", "/disclosures", "/links", "/consents")
        yield from (pair.partner(which) + noun for noun in own)


def test_after_the_erasure_of_a_couple_nothing_of_it_is_there_and_the_proof_verifies(world: World) -> None:
    clinic, pair = world.clinic, lived(world)
    seal(clinic.app.state.runtime, clinic.id)
    other = new_pair(pair.therapist, "other")
    untouched = pair.therapist.get(other.path).text
    before = rows_of(clinic, of_couple(pair))
    assert {"session_note", "score", "private_answer", "plan_transition", "disclosure"} <= set(before) | {"disclosure"}
    office = clinic.member("office", role="administrator")  # type: ignore[arg-type]  # the name of the role
    assert couple_id(pair) in office.get("/v1/retention-due?limit=200").text
    erasure = ask_to_erase(pair)
    key = {"Idempotency-Key": "before-the-end"}
    done(pair.therapist.post(pair.path + "/authorisations", headers=key, json=AUTHORISATION), 201)
    therapist = shred(clinic, pair, erasure)
    assert rows_of(clinic, of_couple(pair)) == {}
    absent = therapist.get("/v1/couples/cpl_00000000000000000000000000")
    for path in reads(pair):
        found = therapist.get(path)
        assert (found.status_code, found.json()["code"]) == (404, absent.json()["code"]), path
    assert therapist.post(pair.path + "/authorisations", headers=key, json=AUTHORISATION).status_code == 404
    assert couple_id(pair) not in therapist.get("/v1/couples?limit=200").text + office.get("/v1/retention-due?limit=200").text
    assert therapist.get(other.path).text == untouched
    told = done(therapist.get(erasure), 200)
    assert (told["status"], told["kept_until"]) == ("shredded", None)
    proof = done(therapist.get(erasure + "/proof"), 200)
    kinds = [key.partition(" ")[0] for key in proof["tombstone"]["keys"]]
    assert kinds == ["couple", "partner", "partner", "psychotherapy"]
    assert proof["tombstone"]["rows"] >= sum(before.values())
    keys, signature = {UUID(proof["key_id"]): bytes.fromhex(proof["public_key"])}, bytes.fromhex(proof["signature"])
    assert is_signed(keys, canonical(proof["tombstone"]), Signature(UUID(proof["key_id"]), signature))
    altered = canonical(proof["tombstone"] | {"rows": 1})
    assert not is_signed(keys, altered, Signature(UUID(proof["key_id"]), signature))  # the control
    assert therapist.post(erasure + "/shreddings").json()["code"] == "erasure_not_now"
    seal(clinic.app.state.runtime, clinic.id)
    ledger = verified(clinic)
    assert ledger.finding is None
    assert ledger.erased > 0


AUTHORISATION = {
    "recipient_kind": "lawyer",
    "recipient": "R",
    "purpose": "P",
    "kinds": ["session_notes"],
    "expires_at": "2035-01-01T00:00:00Z",
}


def test_the_erasure_of_one_partner_leaves_the_other_and_what_is_both_partners(world: World) -> None:
    clinic, pair = world.clinic, lived(world)
    kept = [pair.path + "/notes", pair.path + "/episodes", pair.partner("b") + "/diagnoses", pair.partner("b")]
    prepared(pair, "b")
    ready(pair, "a", expires_at="2035-01-01T00:00:00Z")  # an authorisation of their own, which the care team has seen to
    before = {path: pair.therapist.get(path).text for path in kept}
    assert rows_of(clinic, of_partner(pair.a))
    therapist = shred(clinic, pair, ask_to_erase(pair, "a"))
    assert rows_of(clinic, of_partner(pair.a)) == {}
    assert {path: therapist.get(path).text for path in kept} == before
    assert therapist.get(pair.partner("a")).status_code == 404
    assert [one["slot"] for one in therapist.get(pair.path).json()["partners"]] == ["b"]
    assert therapist.post(pair.partner("a") + "/copies", json={}).status_code == 404
    assert therapist.get(pair.path + "/outcomes").status_code == 200
    with clinic.at_desk() as (session, vault):
        check_key_is_gone(session, vault, decode("prt", pair.a))


def check_key_is_gone(session: RecordSession, vault: Vault, partner_id: UUID) -> None:
    """Nothing can be sealed or opened under the partner's key any more."""
    with session.reaching(frozenset(Compartment)):
        partner = session.scalars(select(Partner).where(Partner.id == partner_id)).one()
        assert (partner.person, partner.record_number.startswith("erased-")) == (None, True)
        with pytest.raises(SealBrokenError):
            vault.seal(partner, "person", {})


def test_an_erasure_is_refused_with_the_day_until_which_the_law_asks_to_keep(clinic: Clinic) -> None:
    pair = new_pair(clinic.signed_in("theo"))
    path = ask_to_erase(pair)
    assert done(pair.therapist.get(path), 200)["kept_until"] is None  # care goes on
    done(pair.therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/closures", json={"reason": "completed"}), 200)
    done(pair.therapist.post(pair.path + "/retention", json={"jurisdictions": ["US-CA", "DE"]}), 200)
    refused = done(pair.therapist.post(path + "/refusals"), 200)
    assert (refused["status"], refused["kept_until"]) == ("refused", "2036-11-22")
    assert pair.therapist.post(path + "/confirmations").json()["code"] == "erasure_not_now"
    again = {"couple_id": couple_id(pair), "ground": "retention_over", "asked_by": "clinic"}
    assert pair.therapist.post("/v1/erasures", json=again).json()["code"] == "erasure_not_now"


def test_one_partner_alone_cannot_erase_what_is_both_partners_or_the_others(clinic: Clinic) -> None:
    pair = new_pair(clinic.signed_in("theo"))
    for more in ({"asked_by": "partner_a"}, {"asked_by": "partner_a", "partner_id": pair.b}, {"asked_by": "clinic"}):
        body = {"couple_id": couple_id(pair), "ground": "partner_request", **more}
        found = pair.therapist.post("/v1/erasures", json=body)
        assert (found.status_code, found.json()["code"]) == (422, "erasure_needs_both")


def test_a_restriction_deletes_at_once_what_rests_on_consent_and_keeps_the_rest(world: World) -> None:
    pair = pair_of(world)
    check_ins = f"{world.plan}/assignments/{world.ids['assignment_id']}/check-ins"
    said = {"partner_id": pair.b, "done": "within_rules", "note": "zq-words", "log": CALM_LOG}
    done(world.therapist.post(check_ins, json=said))
    world.prove()
    assert world.therapist.post(world.erasure + "/restrictions").json()["code"] == "legal_hold"
    done(world.therapist.post(f"{world.couple}/legal-holds/{world.ids['hold_id']}/liftings", json={"reason": "R"}), 200)
    restricted = done(world.therapist.post(world.erasure + "/restrictions"), 200)
    assert restricted["status"] == "restricted"
    assert "zq-words" not in world.therapist.get(check_ins).text
    rows = rows_of(world.clinic, of_couple(pair))
    assert not {"partner_link", "partner_link_use"} & set(rows)
    assert {CheckIn.__tablename__, PrivateAnswer.__tablename__, "session_note"} <= set(rows)
    assert world.therapist.post(world.couple + "/notes", json={}).status_code in {409, 422}


def test_both_steps_need_a_recent_sign_in_and_a_day_between_them(clinic: Clinic) -> None:
    pair = ended(clinic, new_pair(clinic.signed_in("theo")))
    path = ask_to_erase(pair)
    assert done(pair.therapist.get(path), 200)["status"] == "due"
    clinic.clock.turn(minutes=6)
    assert pair.therapist.post(path + "/confirmations").json()["code"] == "step_up_required"
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    assert pair.therapist.post(path + "/shreddings").json()["code"] == "erasure_not_now"
    done(pair.therapist.post(path + "/confirmations"), 200)
    assert pair.therapist.post(path + "/shreddings").json()["code"] == "erasure_not_now"
    clinic.clock.turn(hours=24)
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    clinic.clock.turn(minutes=6)
    assert pair.therapist.post(path + "/shreddings").json()["code"] == "step_up_required"
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    assert done(pair.therapist.post(path + "/shreddings"), 200)["status"] == "shredded"


STEPS = ("hold", "lift", "confirmations", "shreddings", "restrictions", "day", "disclose")


@pytest.mark.timeout(0 if LIVES else 120)
def test_a_hold_always_wins_whatever_came_before_it(clinic: Clinic) -> None:
    numbers, theo = iter(range(10**6)), clinic.signed_in("theo")

    @settings(max_examples=LIVES or 2, derandomize=not LIVES, phases=set(Phase) - {Phase.explain})
    @given(st.lists(st.sampled_from(STEPS), min_size=3, max_size=7))
    def holds(steps: list[str]) -> None:
        theo_now = clinic.sign_in_again(theo.holder_id)
        pair = ended(clinic, new_pair(theo_now, f"h{next(numbers)}"))
        path, standing = ask_to_erase(pair), set[str]()
        for step in ("hold", *steps):
            answered = take(clinic, pair, path, step, standing)
            if standing and step in {"confirmations", "shreddings", "restrictions"}:
                assert (answered.status_code, answered.json()["code"]) == (409, "legal_hold"), steps
            if standing:
                assert pair.therapist.get(path).json()["status"] == "held"
                assert pair.therapist.get(pair.path).status_code == 200
        if not standing and pair.therapist.get(pair.path).status_code == 200:  # the control: without a hold it can be done
            shred(clinic, pair, path) if pair.therapist.get(path).json()["status"] == "due" else None

    holds()


def take(clinic: Clinic, pair: Pair, path: str, step: str, standing: set[str]) -> Any:
    """One step, and which holds stand after it."""
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    found: Any = None
    match step:
        case "hold":
            found = pair.therapist.post(pair.path + "/legal-holds", json={"reason": "R"})
            standing |= {found.json()["id"]} if found.status_code == 201 else set()
        case "lift" if standing:
            hold = standing.pop()
            found = pair.therapist.post(f"{pair.path}/legal-holds/{hold}/liftings", json={"reason": "R"})
            assert found.status_code == 200
        case "day" | "lift":
            clinic.clock.turn(hours=25)
            pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
        case "disclose":
            found = pair.therapist.post(pair.path + "/disclosures", json=disclosing(ground="subpoena"))
        case _:
            found = pair.therapist.post(f"{path}/{step}")
    return found


MAYBE = st.none() | st.datetimes()


@given(st.builds(Steps, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE), st.booleans(), st.booleans())
def test_where_an_erasure_stands_nothing_is_destroyed_under_a_hold_or_before_its_day(
    steps: Steps, held: bool, over: bool
) -> None:
    standing = erasure_stands(steps, held=held, over=over)
    if OfErasure.SHRED in ERASURE[standing]:
        assert over
        assert not held
        assert steps.confirmed_at is not None
    assert held <= (standing in {Erased.HELD, Erased.SHREDDED, Erased.REFUSED, Erased.WITHDRAWN})


def delete_scores(world: World) -> None:
    """What a service that was taken over might try, erasure or not."""
    on_sqlite = world.clinic.settings.sqlite_file is not None
    statement = text("DELETE FROM score") if on_sqlite else text("SELECT erase_rows('score', CAST(:id AS uuid))")
    named = {} if on_sqlite else {"id": str(UUID(int=decode("ers", world.ids["erasure_id"]).int))}
    with world.clinic.at_desk() as (session, _vault):
        session.connection().execute(statement, named)


def test_without_a_running_erasure_the_database_deletes_no_append_only_row(world: World) -> None:
    with pytest.raises(DBAPIError, match=r"append-only|no erasure deletes this now"):
        delete_scores(world)
    pair = pair_of(world)
    assert rows_of(world.clinic, of_couple(pair))["score"] > 0
