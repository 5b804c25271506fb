"""A partner can be given a report of who opened their record; nothing of the other's, and nothing of safety, shows in it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.access.permissions import Permission
from app.audit import access_report, rules
from app.core.database import Compartment
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple
from tests.notes.records import new_note
from tests.outcomes.test_non_interference import LATER, NOTHING, PAIRS, SHOWN, WORLD, Differences
from tests.outcomes.worlds import World, moment

READS = {str(permission) for permission in Permission if permission.endswith(":read")}
# Nothing a partner is to be told of: what is kept for safety, and reading that opens no couple's record.
UNREPORTED = {
    *("safety:read", "psychotherapy:read", "audit:read", "access_reports:read", "breach_scope:read"),
    *("releases:read", "erasures:read", "credentials:read"),
    "changes:read",  # ids of what changed, which are then read by their own operations
    "caseload:read",  # a list, and in lists a couple merely appears
    *("catalogue:read", "forms:read", "local_norms:read", "clinic_outcomes:read", "direction_analyses:read"),
    "deidentified:read",  # rows in which nobody is to be found
    *("members:read", "integrations:read", "webhooks:read", "break_glass:read"),
}


def test_every_permission_to_read_is_either_reported_or_known_not_to_be() -> None:
    assert READS <= rules.REPORTED | UNREPORTED
    assert not rules.REPORTED & UNREPORTED


def reported(caller: Caller, couple: dict[str, Any], slot: int = 0, query: str = "") -> Any:
    return caller.get(f"/v1/couples/{couple['id']}/partners/{couple['partners'][slot]['id']}/access-report{query}")


def test_it_names_each_person_once_a_day_in_words_for_a_lay_reader(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    path = f"/v1/couples/{couple['id']}"
    for _ in range(3):
        therapist.get(path)
    clock.turn(days=2)
    clinic.integration("our EHR").get(f"{path}/partners/{couple['partners'][0]['id']}")
    found = reported(therapist, couple).json()
    assert [one["sentence"] for one in found["items"]] == [
        "On 22 November 2026, thea (therapist) opened or added to your record.",
        "On 24 November 2026, our EHR (a program of the clinic) opened or added to your record.",
    ]
    assert [one["sentence"] for one in reported(therapist, couple, 1).json()["items"]] == [
        "On 22 November 2026, thea (therapist) opened or added to your record.",
    ]
    assert reported(therapist, couple, query="?from_on=2026-11-23").json()["items"] == found["items"][1:]
    assert reported(therapist, couple).json() == found  # making it is no look at the record


def test_days_are_those_of_where_the_couple_lives(therapist: Caller, clock: Wristwatch) -> None:
    couple = therapist.post("/v1/couples", json=new_couple(time_zone="Pacific/Auckland")).json()
    clock.moment = datetime.fromisoformat("2026-11-22T12:00:00+00:00")  # one o'clock at night of the 23rd
    therapist.get(f"/v1/couples/{couple['id']}")
    assert [one["on"] for one in reported(therapist, couple).json()["items"]] == ["2026-11-22", "2026-11-23"]


@pytest.mark.parametrize("query", ["?from_on=2026-11-22&to_on=2026-11-21", "?from_on=2020-01-01&to_on=2026-11-21"])
def test_days_in_the_wrong_order_or_too_many_are_refused(therapist: Caller, query: str) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    refused = reported(therapist, couple, query=query)
    assert (refused.status_code, refused.json()["code"]) == (422, "period_invalid")


def reads_of_b_alone(world: World, note: str) -> Iterator[str]:
    """Paths that somebody follows because of B alone, or for safety."""
    partner = world.partner("b")
    yield from (
        f"{partner}{noun}" for noun in ("", "/scores", "/diagnoses", "/framings", "/consents", "/safety-screens", "/links")
    )
    yield from (f"{world.couple}/{noun}" for noun in ("clearances", "safety-signals", "red-flags", "precondition-records"))
    yield from (f"{world.plan}/verdict", f"{world.couple}/notes/{note}", f"{world.couple}/outcomes?as=partner_b")
    yield from (f"{partner}/access-report", "/v1/couples")


def look_at_b(world: World) -> None:
    """A week later the therapist writes a note about B, and looks at all that is B's or for safety, on a day of its own."""
    at = LATER + timedelta(days=7)
    hour = {"started_at": None, "ended_at": None, "held_on": str(at.date())}
    note = world.post(at, f"{world.couple}/notes", new_note("partner_b") | hour)["id"]
    for path in reads_of_b_alone(world, note):
        assert world.call(at, "GET", path).status_code == 200, path


def told(world: World) -> str:
    """What A is given, long after."""
    return world.masked(world.call(SHOWN + timedelta(days=30), "GET", world.partner("a") + "/access-report"))


def play(world: World, differences: Differences, *, look: bool) -> str:
    """One story: what both worlds share, what B does in this one, and whether somebody looks at B alone."""
    world.begin()
    differences.keep_secrets(world)
    differences.act(world)
    world.call(LATER, "GET", world.couple, caller=world.ehr)
    if look:
        look_at_b(world)
    return told(world)


@pytest.mark.timeout(0 if PAIRS else 120)
def test_nothing_of_b_and_nothing_of_safety_shows_in_as_report(worlds: tuple[World, World]) -> None:
    @settings(max_examples=PAIRS or 3, derandomize=not PAIRS, phases=set(Phase) - {Phase.explain})
    @given(WORLD, st.booleans())
    def holds(differences: Differences, both: bool) -> None:
        quiet = play(worlds[0], NOTHING, look=False)
        assert quiet == play(worlds[1], differences if both else NOTHING, look=True)
        assert quiet.count('"sentence"') == 2, "the control: the therapist on the first day, and the program"

    holds()


WIDER = {
    "whatever was done": LedgerEvent.actor_kind.in_(access_report.COUNTED),
    "what was written about either": LedgerEvent.compartment == Compartment.INDIVIDUAL_B,
    "reads for safety": LedgerEvent.purpose == "safety:read",
}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", WIDER)
def test_a_report_that_counted_more_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    narrow = access_report.opens
    monkeypatch.setattr(access_report, "opens", lambda partner: narrow(partner) | WIDER[name])
    assert play(worlds[0], NOTHING, look=False) != play(worlds[1], NOTHING, look=True)


def test_the_other_partners_acts_by_link_do_not_show(worlds: tuple[World, World]) -> None:
    first, second = worlds
    for world in worlds:
        world.begin()
        world.link("b", "stop")
    second.answer(moment(days=3), next(url for _purpose, url in second.links_of("b")), "/stop")
    assert told(first) == told(second)
