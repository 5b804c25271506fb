"""A caseload says of each couple what its own outcomes say, worst first, to whoever sees the couple, page by page."""

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from app.access.permissions import Role
from app.caseload.schemas import CaseloadPage
from app.core.database import Reach
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import CALM_LOG, Course, running
from tests.outcomes.records import Care
from tests.safety.records import done, new_pair

Json = dict[str, Any]
COLOURS = ("red", "amber", "white", "green")
OUTCOMES = ("within_rules", "not_within_rules", "declined", "not_done")


def caseload(caller: Caller, query: str = "") -> Json:
    """A page, which holds what its schema says."""
    found: Json = done(caller.get(f"/v1/caseload{query}"), 200)
    CaseloadPage.model_validate({"drawn": b"", **found})
    return found


def ids(page: Json) -> list[str]:
    return [item["couple_id"] for item in page["items"]]


def couple_of(care: Care) -> str:
    return care.pair.path.rpartition("/")[2]


def cared_for(therapist: Caller, clock: Wristwatch, number: str, *scores: int, concern: str = "desire_discrepancy") -> Care:
    """A couple of which A answered so, and B never."""
    care = Care(new_pair(therapist, number, concern), clock.moment)
    if scores:
        care.measure("gmsex", a=scores)
    return care


def agrees(caller: Caller) -> None:
    """What stands in the caseload is what the couple's own outcomes say to the same reader."""
    items = [item for in_care in ("true", "false") for item in caseload(caller, f"?in_care={in_care}")["items"]]
    assert len(items) == 2
    for item in items:
        found = done(caller.get(f"/v1/couples/{item['couple_id']}/outcomes"), 200)
        given, plan = found["on_track"], (found["plans"] or [None])[0]
        assert item["current"]
        assert (item["colour"], item["rule"], item["sentence"]) == (given["colour"], given["rule"], given["sentence"])
        assert item["flags"] == list(dict.fromkeys(flag["code"] for flag in found["flags"]))
        assert item["visits"] == found["visits"]
        assert (item["plan"] or {}).items() >= ({"id": plan["plan_id"], "status": plan["status"]} if plan else {}).items()
        drawn = {(line["slot"], line["measure"], line["scale"]): line["points"] for line in item["sparklines"]}
        for partner in found["partners"]:
            for series in partner["series"]:
                if series["measure"] == "gmsex":
                    points = [(point["shown"], point["missing"]) for point in series["points"]][-12:]
                    line = drawn[partner["slot"], "gmsex", series["scale"]]
                    assert [(point["shown"], point["missing"]) for point in line] == points


def acts_on(course: Course, assignment: Json, other: Care, clock: Wristwatch, chance: random.Random) -> list[Callable[[], Any]]:
    """What may happen to one of two couples; whether it succeeds is not what is asked."""
    care = Care(course.pair, clock.moment)

    def say() -> Any:
        told = chance.choice(OUTCOMES)
        log = CALM_LOG if told in {"within_rules", "not_within_rules"} else {}
        return course.check_in(assignment, chance.choice("ab"), done=told, pressure=chance.choice((0, 0, 4, 9)), log=log)

    return [
        say,
        say,
        lambda: care.measure("gmsex", a=[chance.randint(5, 35)], b=[chance.choice((None, 12, 30))]),
        lambda: other.measure("gmsex", a=[chance.randint(5, 35), chance.randint(5, 35)]),
        lambda: other.visits(3),
        lambda: course.move(chance.choice(("pauses", "resumptions", "holds"))),
        lambda: course.pair.withdraw("b", course.consents["b"]),
        lambda: clock.turn(hours=chance.randint(1, 90)),
        lambda: clock.turn(hours=chance.randint(1, 90)),
        lambda: other.therapist.post(f"{other.pair.path}/archival"),
        other.close,
    ]


def test_every_couple_stands_in_the_caseload_as_its_own_outcomes_say_whatever_happened(
    clinic: Clinic, therapist: Caller, clock: Wristwatch, engine_name: str
) -> None:
    chance = random.Random(6)  # noqa: S311 - it chooses what a test does
    ehr = clinic.integration()
    course = running(therapist)
    acts = acts_on(course, done(course.assign()), cared_for(therapist, clock, "2", 20, 21), clock, chance)
    agrees(therapist)
    for act in chance.choices(acts[:-1], k=12 if engine_name == "sqlite" else 5) + acts[-1:]:
        act()
        agrees(chance.choice((therapist, ehr)))


@pytest.fixture
def three(therapist: Caller, clock: Wristwatch) -> list[Care]:
    """Three couples: one well, one reliably worse, one worse still."""
    scores = ((20, 21), (25, 16, 15), (30, 14, 13))
    return [cared_for(therapist, clock, str(number), *told) for number, told in enumerate(scores)]


def test_the_worst_comes_first_with_the_reason_and_one_suggestion(therapist: Caller, three: list[Care]) -> None:
    page = caseload(therapist, "?include=total")
    assert ids(page) == [couple_of(care) for care in reversed(three)]
    assert [item["colour"] for item in page["items"]] == ["red", "red", "green"]
    assert (page["total"], page["colours"]) == (3, {"red": 2, "amber": 0, "white": 0, "green": 1})
    assert [item["next_step"]["code"] for item in page["items"]] == ["review_plan", "review_plan", "begin_plan"]
    assert "reliably worse than at intake" in page["items"][0]["sentence"]
    assert page["items"][0]["partners"] == [{"slot": "a", "record_number": "A-2"}, {"slot": "b", "record_number": "B-2"}]


def test_a_walk_through_pages_meets_every_couple_once_and_its_cursor_fits_no_other_list(
    clinic: Clinic, therapist: Caller, three: list[Care]
) -> None:
    assert [item["couple_id"] for item in therapist.every("/v1/caseload?limit=1")] == ids(caseload(therapist))
    assert len(ids(caseload(therapist))) == len(three)
    first = caseload(therapist, "?limit=1")
    cursor = first["next_cursor"]
    assert caseload(therapist, "?limit=1")["next_cursor"] == cursor
    for elsewhere in (f"?colour=red&cursor={cursor}", f"?cursor={cursor.swapcase()}", "?cursor=eA"):
        assert therapist.get(f"/v1/caseload{elsewhere}").json()["code"] == "cursor_invalid"
    assert clinic.integration().get(f"/v1/caseload?cursor={cursor}").json()["code"] == "cursor_invalid"
    three[2].measure("gmsex", a=[31, 32])  # the couple that ended the page moves back, and its place stays
    rest = ids(caseload(therapist, f"?limit=9&cursor={cursor}"))
    assert rest == [couple_of(three[1]), *sorted((couple_of(three[0]), couple_of(three[2])))]


def test_filters_find_what_they_name_and_refuse_what_does_not_exist(
    clinic: Clinic, therapist: Caller, clock: Wristwatch, three: list[Care]
) -> None:
    pain = cared_for(therapist, clock, "9", concern="low_sex_relationship")
    plan = running(therapist, "8")
    three[0].close()
    for query, found in (
        ("colour=red", [three[2], three[1]]),
        ("rule=deteriorated_twice", [three[2], three[1]]),
        ("concern=low_sex_relationship", [pain]),
        ("in_care=false", [three[0]]),
        ("plan_status=active", [Care(plan.pair, clock.moment)]),
        ("protocol=sensate_focus", [Care(plan.pair, clock.moment)]),
        ("protocol=stop_start", []),
    ):
        assert ids(caseload(therapist, f"?{query}")) == [couple_of(care) for care in found], query
    other = clinic.member("otto")
    assert ids(caseload(therapist, f"?therapist={other.holder_id}")) == []
    assert len(ids(caseload(clinic.integration(), f"?therapist={therapist.holder_id}"))) == 4
    refused = {
        "rule=worst": "filter_unknown",
        "therapist=mem_00000000000000000000000000": "filter_unknown",
        "concern=boredom": "concern_unknown",
        "protocol=talking": "protocol_unknown",
        "colour=blue": "invalid",
        "plan_status=gone": "invalid",
        "couple=1": "invalid",
    }
    assert {query: therapist.get(f"/v1/caseload?{query}").json()["code"] for query in refused} == refused


def test_who_sees_no_couple_has_none_in_the_caseload_and_each_one_shown_leaves_a_trace(
    clinic: Clinic, therapist: Caller, three: list[Care]
) -> None:
    assert ids(caseload(clinic.member("otto"))) == []
    for role in (Role.ADMINISTRATOR, Role.ANALYST):
        assert clinic.member(role, role).get("/v1/caseload").status_code == 403
    assert clinic.integration("narrow", {"outcomes:read"}).get("/v1/caseload").status_code == 403
    supervisor = clinic.member("susan", Role.SUPERVISOR)
    done(therapist.post(f"{three[1].pair.path}/care-team", json={"member_id": supervisor.holder_id}))
    assert ids(caseload(supervisor)) == [couple_of(three[1])]
    told = select(LedgerEvent.couple_id).where(LedgerEvent.operation == "read_caseload", LedgerEvent.kind == "read")
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        before = len(session.execute(told).all())
    caseload(therapist, "?limit=2")
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        assert len(session.execute(told).all()) == before + 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_strip_tells_each_partners_last_occasions_and_what_is_still_open(therapist: Caller, clock: Wristwatch) -> None:
    course = running(therapist)
    assignment = done(course.assign())
    done(course.check_in(assignment, "a"))
    done(course.check_in(assignment, "a", done="declined", log={}))
    item = caseload(therapist)["items"][0]
    assert [strip["occasions"] for strip in item["homework"]] == [["within_rules", "declined", "open", "open"], ["open"] * 4]
    assert (item["plan"]["protocol"], item["plan"]["stage"], item["plan"]["stages"]) == ("sensate_focus", 1, 5)
    clock.turn(days=15)
    item = caseload(therapist)["items"][0]
    assert [strip["occasions"][-1] for strip in item["homework"]] == ["unanswered", "unanswered"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_couples_of_one_colour_are_in_the_order_of_how_far_they_are_past_the_line(therapist: Caller, clock: Wristwatch) -> None:
    falls = (15, 12, 9)
    cares = [cared_for(therapist, clock, str(fall), 30, 30 - fall, 30 - fall) for fall in falls]
    assert ids(caseload(therapist)) == [couple_of(care) for care in cares]
    assert all(one["urgency"] <= two["urgency"] for one, two in pairwise(ranked(caseload(therapist))))


def ranked(page: Json) -> list[Json]:
    return [{"urgency": COLOURS.index(item["colour"])} for item in page["items"]]
