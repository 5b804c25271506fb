"""Whose view a read is can be asked of every read about couples, and narrows it; writes have none."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.access import actor
from app.access.permissions import OF_SAFETY, Role
from app.access.routes import is_about_couples
from app.core.database import Base, Compartment, PlacedRow, Reach, ShareableRow
from app.core.ids import decode
from app.core.sharing import Kind, Level, Shared
from tests.contract.calls import call
from tests.contract.test_openapi import OPERATIONS
from tests.contract.world import World
from tests.views.looks import looked_by_therapist_for_a
from tests.views.record import HAVE_VIEWS, READS, Record

VIEWS = ("partner_a", "partner_b")


def seen(path: str, view: str) -> str:
    """A path in somebody's view."""
    return f"{path}{'&' if '?' in path else '?'}as={view}"


def test_every_read_about_couples_takes_a_view_and_no_write_does() -> None:
    for name, (method, path, told) in OPERATIONS.items():
        named = [one["name"] for one in told.get("parameters", [])]
        expected = method == "get" and ("{couple_id}" in path or path == "/v1/couples")
        assert ("as" in named) == expected, name
    assert len(HAVE_VIEWS) >= 50
    assert is_about_couples("/couples/{couple_id}/anything")
    assert not is_about_couples("/measures/{code}")


def test_an_unknown_view_is_refused_everywhere(world: World) -> None:
    for name in HAVE_VIEWS:
        found = world.therapist.get(seen(call(name, world.ids).path, "partner_c"))
        assert (found.status_code, found.json()["code"]) == (422, "invalid"), name


def test_the_therapists_view_is_what_one_gets_without_asking(world: World) -> None:
    same = {"X-Request-ID": "the-same"}  # which a problem names
    for name in HAVE_VIEWS - {"read_outcomes", "read_cycle", "read_dyad"}:  # which say when they were read
        path = call(name, world.ids).path
        plain, asked = (world.therapist.get(one, headers=same) for one in (path, seen(path, "therapist")))
        assert (plain.status_code, plain.content) == (asked.status_code, asked.content), name


def test_what_belongs_to_safety_exists_in_no_view_of_a_partner(world: World) -> None:
    absent = world.therapist.get("/v1/couples/cpl_00000000000000000000000000?as=partner_a").json()
    told = {"request_id", "instance"}
    for name in HAVE_VIEWS:
        if READS[name][2]["x-permission"] in {str(permission) for permission in OF_SAFETY}:
            for view in VIEWS:
                found = world.therapist.get(seen(call(name, world.ids).path, view))
                assert found.status_code == 404, name
                assert {k: v for k, v in found.json().items() if k not in told} == {
                    k: v for k, v in absent.items() if k not in told
                }


def test_a_partner_sees_themself_and_not_the_other(world: World) -> None:
    a, b = world.partners
    for view, own, other in (("partner_a", a, b), ("partner_b", b, a)):
        assert world.therapist.get(seen(f"{world.couple}/partners/{own}", view)).status_code == 200
        assert world.therapist.get(seen(f"{world.couple}/partners/{other}", view)).status_code == 404
        listed = world.therapist.get(seen("/v1/couples", view)).json()["items"][0]
        assert [one["id"] for one in listed["partners"]] == [own]
        for noun in ("administrations", "scores", "diagnoses", "framings", "links"):
            assert world.therapist.get(seen(f"{world.couple}/partners/{other}/{noun}", view)).json()["items"] == [], noun


def test_a_draft_and_a_plan_that_was_not_offered_exist_in_no_view_of_a_partner(world: World) -> None:
    draft = world.post(f"{world.couple}/plans", {"concern_id": world.ids["concern_id"], "protocol": "sensate_focus"})["id"]
    running = world.ids["plan_id"]
    note = f"{world.couple}/notes/{world.ids['note_id']}"
    assert world.therapist.get(note).json()["status"] == "draft"
    for view in VIEWS:
        plans = world.therapist.get(seen(f"{world.couple}/plans", view)).json()["items"]
        assert [plan["id"] for plan in plans] == [running]
        assert world.therapist.get(seen(f"{world.couple}/plans/{draft}", view)).status_code == 404
        assert world.therapist.get(seen(f"{world.couple}/plans/{draft}/transitions", view)).status_code == 404
        assert world.therapist.get(seen(note, view)).status_code == 404
        assert world.therapist.get(seen(f"{world.couple}/notes", view)).json()["items"] == []
    world.post(f"{world.couple}/notes/{world.ids['note_id']}/signatures", {"version": 1})
    assert world.therapist.get(seen(note, "partner_a")).status_code == 200


def test_a_cursor_of_one_view_is_none_of_another(world: World) -> None:
    world.post(f"{world.couple}/menus", {})
    path = f"{world.couple}/menus?limit=1"
    cursor = world.therapist.get(path).json()["next_cursor"]
    assert world.therapist.get(f"{path}&cursor={cursor}").status_code == 200
    refused = world.therapist.get(seen(f"{path}&cursor={cursor}", "partner_a"))
    assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid")


def test_an_integration_sees_no_more_in_a_view_than_it_may(world: World) -> None:
    narrow = world.clinic.integration("narrow", {"couples:read"})
    assert narrow.get(seen(f"{world.couple}/outcomes", "partner_a")).status_code == 403
    assert narrow.get(seen(world.couple, "partner_a")).status_code == 200


def placed() -> list[type[Any]]:
    """Every table whose rows lie in a compartment."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, PlacedRow)]


def is_within(reach: Reach, row: Any) -> bool:
    """Whether a reach holds a row, said in another way than the service does."""
    if row.compartment in {str(one) for one in reach.compartments}:
        return True
    if not isinstance(row, ShareableRow) or reach.shared is None or row.compartment != reach.shared.compartment:
        return False
    if getattr(row, "measure_code", None) == "phq9":
        return False
    levels = {str(kind): str(level) for kind, level in reach.shared.levels}
    needed = ["none", "summary", "full"].index(str(row.shared_from))
    return ["none", "summary", "full"].index(levels.get(str(row.kind), "none")) >= needed


SHARED = st.builds(
    lambda compartment, levels: Shared(compartment, frozenset(levels.items())),
    st.sampled_from(["", "individual_a", "individual_b"]),
    st.dictionaries(st.sampled_from(Kind), st.sampled_from(Level)),
)


def test_a_reach_reads_what_it_holds_and_an_empty_one_nothing_whatever_the_table(record: Record) -> None:
    clinic_id, database = record.clinic_id, record.stage.database
    with database.transaction(Reach(clinic_id, frozenset(Compartment))) as session:
        everything = {kind: list(session.scalars(select(kind))) for kind in placed()}
    assert sum(bool(rows) for rows in everything.values()) >= 20
    assert {str(row.compartment) for rows in everything.values() for row in rows} == {str(one) for one in Compartment}

    @settings(max_examples=40)
    @given(st.frozensets(st.sampled_from(Compartment)), st.none() | SHARED)
    def holds(compartments: frozenset[Compartment], shared: Shared | None) -> None:
        reach = Reach(clinic_id, compartments, shared)
        with database.transaction(reach) as session:
            for kind, rows in everything.items():
                other = aliased(kind)
                for query in (select(kind.id), select(other.id)):
                    assert set(session.scalars(query)) == {row.id for row in rows if is_within(reach, row)}, kind

    holds()
    with database.transaction(Reach(clinic_id)) as session:
        assert all(session.scalars(select(kind)).first() is None for kind in placed())


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_reaches_nothing_is_told_nothing_that_lies_in_a_compartment(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    with record.stage.database.transaction(Reach(record.clinic_id, frozenset(Compartment))) as session:
        ids = {str(one) for kind in placed() for one in session.scalars(select(kind.id))}
    hidden = {shown for shown in record.known if str(decode(shown[:3], shown)) in ids}
    asks = [ask for _, ask in looked_by_therapist_for_a(record) if not ask.path.startswith("/p/")]
    asks += [type(ask)(ask.method, ask.path.replace("as=partner_a", "as=therapist"), ask.key) for ask in asks]

    def told_of() -> set[str]:
        answers = zip(asks, record.stage.tell(asks, record.later), strict=True)
        return {one for ask, told in answers for one in hidden if one.encode() in told.body and one not in ask.path}

    assert len(told_of()) > 5  # the control
    monkeypatch.setattr(actor, "COMPARTMENTS", dict.fromkeys(Role, frozenset()))
    assert told_of() == set()
