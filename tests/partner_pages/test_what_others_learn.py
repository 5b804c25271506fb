"""What whoever finds a partner's link, and everyone else, could learn or do with it: nothing of what was said."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import Course, running
from tests.partner_pages.records import (
    WELL,
    YES,
    Held,
    administrations,
    ask,
    ask_consent,
    consents,
    of_each_purpose,
    state,
)
from tests.safety.records import done, new_pair

SECRET = "zq-words-of-b-5d1"
ID = re.compile(r"\b[a-z]{3}_[0-9a-z]{26}\b")


def texts(value: Any) -> Iterator[str]:
    """Every string of a document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def named(course: Course) -> None:
    """Both partners have names, and a record number."""
    for which in "ab":
        body = {"name": f"{SECRET}-name-{which}", "pronouns": SECRET}
        done(course.therapist.patch(course.pair.partner(which), json=body, headers={"If-Match": '"1"'}), 200)


def test_no_page_holds_a_name_an_id_or_anything_of_the_other(therapist: Caller) -> None:
    course = running(therapist)
    named(course)
    said = {**WELL, "note": SECRET}
    done(of_each_purpose(course, "b")["check_in"][0].answer(check_in=said), 200)
    for purpose, (held, _fits) in of_each_purpose(course, "a").items():
        page = done(held.read(), 200)
        found = list(texts(page))
        assert not any(SECRET in text or ID.search(text) for text in found), purpose


@pytest.mark.parametrize(("mine", "other"), [("a", "b"), ("b", "a")])
def test_one_partners_link_writes_nothing_of_the_other(therapist: Caller, mine: str, other: str) -> None:
    course = running(therapist)
    before = (administrations(course.pair, other), consents(course.pair, other))
    for purpose, (held, answers) in of_each_purpose(course, mine).items():
        theirs = course.pair.a if other == "a" else course.pair.b
        assert held.answer(**answers, partner_id=theirs).status_code in {404, 422}
        done(held.stop() if purpose == "stop" else held.answer(**answers), 200)
    assert (administrations(course.pair, other), consents(course.pair, other)) == before
    for assignment in done(therapist.get(course.path + "/assignments"), 200)["items"]:
        kept = done(therapist.get(f"{course.path}/assignments/{assignment['id']}/check-ins"), 200)["items"]
        assert {one["partner_id"] for one in kept} <= {course.pair.a if mine == "a" else course.pair.b}


def seen_of(held: Held, answers: dict[str, Any]) -> list[tuple[int, Any]]:
    """Everything a link shows to whoever holds it."""
    found = [held.read(), held.answer(**answers) if answers else held.stop(), held.read()]
    return [
        (one.status_code, {k: v for k, v in one.json().items() if not k.endswith("_at")} if one.is_success else None)
        for one in found
    ]


@pytest.mark.parametrize("secretly", ["nothing", "withdraws", "is_pressed", "answers", "stops"])
def test_pages_of_one_partner_are_the_same_whatever_the_other_does(therapist: Caller, secretly: str) -> None:
    """Two worlds that differ only in what B did: A's pages are those of the world where B did nothing."""
    found = []
    for number, deed in (("1", "nothing"), ("2", secretly)):
        course = running(therapist, number)
        links = of_each_purpose(course, "a")
        _do(course, deed)
        found.append([seen_of(held, answers) for held, answers in links.values()])
    assert found[0] == found[1]


def _do(course: Course, deed: str) -> None:
    theirs = {} if deed in {"nothing", "withdraws"} else of_each_purpose(course, "b")
    match deed:
        case "withdraws":
            course.pair.withdraw("b", course.consents["b"])
        case "is_pressed":
            done(theirs["check_in"][0].answer(check_in={**WELL, "pressure": 9}), 200)
        case "answers":
            for purpose in ("measure", "check_in", "consent"):
                held, answers = theirs[purpose]
                done(held.answer(**answers), 200)
        case "stops":
            done(theirs["stop"][0].stop(), 200)
        case _:
            assert deed == "nothing"


def test_nobody_who_finds_a_consent_link_learns_whether_it_was_answered(therapist: Caller, clinic: Clinic) -> None:
    pair = new_pair(therapist)
    machine = clinic.integration()
    held = ask_consent(pair)
    before = (held.read().content, state(held, pair, "a", machine), state(held, pair, "a"))
    first = held.answer(consent=YES)
    assert (held.read().content, state(held, pair, "a", machine)) == before[:2]
    assert state(held, pair, "a") == "used"
    again = held.answer(consent=YES)
    assert (again.status_code, set(again.json())) == (first.status_code, set(first.json()))
    assert len(consents(pair, "a")) == 1


@pytest.mark.parametrize("by", ["link", "api"])
def test_a_consent_link_found_after_a_no_gives_nothing_back(therapist: Caller, by: str) -> None:
    pair = new_pair(therapist)
    given = pair.consent("a")
    unused, used = ask_consent(pair), ask_consent(pair)
    done(used.answer(consent=YES), 200)
    if by == "link":
        done(ask(pair, "a", "stop").stop(), 200)
    else:
        pair.withdraw("a", given)
    for held in (unused, used):
        done(held.answer(consent=YES), 200)
    assert all(consent["withdrawn_at"] is not None for consent in consents(pair, "a"))


def test_a_stop_before_any_consent_spends_the_links_that_ask_for_one(therapist: Caller) -> None:
    pair = new_pair(therapist)
    asking, theirs = ask_consent(pair), ask_consent(pair, "b")
    done(ask(pair, "a", "stop").stop(), 200)
    done(asking.answer(consent=YES), 200)
    done(theirs.answer(consent=YES), 200)
    assert consents(pair, "a") == []
    assert len(consents(pair, "b")) == 1


def test_a_link_made_after_a_no_asks_anew(therapist: Caller) -> None:
    pair = new_pair(therapist)
    pair.withdraw("a", pair.consent("a"))
    done(ask_consent(pair).answer(consent=YES), 200)
    assert [consent["withdrawn_at"] is None for consent in consents(pair, "a")] == [False, True]


def test_a_stop_shows_to_a_machine_neither_in_the_links_nor_in_the_plan(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    course = running(therapist)
    machine = clinic.integration()
    held = ask(course.pair, "a", "stop")
    paths = [course.path, course.path + "/transitions", *(course.pair.partner(which) + "/links" for which in "ab")]
    before = [machine.get(path).text for path in paths]
    done(held.stop(), 200)
    assert [machine.get(path).text for path in paths] == before
    clock.turn(hours=61)
    assert course.read(machine)["reason"] == "paused_by_therapist"
