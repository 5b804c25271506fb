"""A stop works at once, shows late and alike, and nobody outside safety can tell whose it was."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.core.database import Compartment
from app.core.ids import decode
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import CALM_LOG, Course, running
from tests.safety.records import done

Stopper = Callable[[Course, str, Caller], Any]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
ID = re.compile(r"\b[a-z]{3}_[0-7][0-9a-z]{25}\b")
MOVES = ("offers", "activations", "pauses", "resumptions")


def withdraw(course: Course, which: str, caller: Caller) -> Any:
    return course.pair.withdraw(which, course.consents[which], caller)


def leave_therapy(course: Course, which: str, caller: Caller) -> Any:
    return course.pair.withdraw(which, course.consents["therapy " + which], caller)


def _answer(course: Course, which: str, caller: Caller, **telling: Any) -> Any:
    """Both partners check in; one of them tells of it."""
    assignment = course.consents["assignment"]
    answers = [course.check_in(assignment, one, caller, **(telling if one == which else {})) for one in "ab"]
    return [done(answer) for answer in answers]


def press(course: Course, which: str, caller: Caller) -> Any:
    return _answer(course, which, caller, pressure=9)


def force(course: Course, which: str, caller: Caller) -> Any:
    return _answer(course, which, caller, felt_forced=True)


def fear(course: Course, which: str, caller: Caller) -> Any:
    """A check-in that tells of fear."""
    return _answer(course, which, caller, felt_afraid=True)


def ask_to_go_back(course: Course, which: str, caller: Caller) -> Any:
    log = CALM_LOG | {"asks_to_go_back": True, "stopped_early_by_me": True}
    return _answer(course, which, caller, log=log, pressure=7, willingness=0)


STOPPERS = [withdraw, leave_therapy, press, force, ask_to_go_back]


def prepared(therapist: Caller, number: str) -> Course:
    """A running plan with an assignment that both have checked in on, and both in therapy by consent."""
    course = running(therapist, number)
    course.consents["assignment"] = done(course.assign())
    for which in "ab":
        given = course.pair.consent(which, None, kind="therapy", protocol=None)
        course.consents["therapy " + which] = given
    course.practise(course.consents["assignment"], 1)
    return course


@pytest.fixture
def worlds(therapist: Caller) -> tuple[Course, Course]:
    """Two couples alike."""
    return prepared(therapist, "1"), prepared(therapist, "2")


def masked(course: Course, text: str) -> str:
    """The text with moments, and ids by what they are: partner A stays A and partner B stays B."""
    known: dict[str, str] = {course.pair.a: "<partner A>", course.pair.b: "<partner B>"}
    found = ID.sub(lambda match: known.setdefault(match.group(), f"<{len(known)}>"), text)
    found = re.sub(r'"urn:request:[^"]*"|"req_[^"]*"|"[AB]-\d+"', '"<masked>"', found)
    return MOMENT.sub("<moment>", found)


def looked_at(course: Course, ehr: Caller) -> Iterator[str]:
    """Everything a machine account gets to read, and how it is refused."""
    pair, assignment = course.pair, course.consents["assignment"]
    paths = [
        course.path,
        pair.path,
        pair.path + "/plans",
        pair.path + "/episodes",
        course.path + "/transitions",
        course.path + "/assignments",
        f"{course.path}/assignments/{assignment['id']}",
        f"{course.path}/assignments/{assignment['id']}/check-ins",
        *(f"{pair.path}/partners/{one}" for one in (pair.a, pair.b)),
        *(f"{course.path}/{hidden}" for hidden in ("verdict", "advancements")),
        pair.path + "/safety-signals",
    ]
    answers = [ehr.get(path) for path in paths]
    answers += [course.assign(ehr), *(course.move(noun, ehr) for noun in MOVES)]
    for answer in answers:
        yield masked(course, f"{answer.status_code} {answer.headers.get('etag')} {answer.text}")


def told_outside_safety(clinic: Clinic, course: Course) -> list[tuple[Any, ...]]:
    """The changes of this couple in the trail that are not filed under safety."""
    with clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent).where(
            LedgerEvent.couple_id == decode("cpl", course.pair.path.rpartition("/")[2]),
            LedgerEvent.kind != "read",
            (LedgerEvent.compartment.is_(None)) | (LedgerEvent.compartment != Compartment.SAFETY),
        )
        rows = session.scalars(query.order_by(LedgerEvent.id))
        return [(row.operation, row.kind, row.actor_kind, row.compartment, row.subject, row.subject_version) for row in rows]


@pytest.mark.parametrize("stopper", STOPPERS)
def test_nobody_outside_safety_can_tell_whose_stop_it_was(
    worlds: tuple[Course, Course], ehr: Caller, clinic: Clinic, clock: Wristwatch, stopper: Stopper
) -> None:
    answers = [stopper(course, which, ehr) for course, which in zip(worlds, "ab", strict=True)]
    if stopper not in {withdraw, leave_therapy}:  # a receipt of one's own withdrawal names oneself
        assert masked(worlds[0], str(answers[0])) == masked(worlds[1], str(answers[1]))
    first, second = (list(looked_at(course, ehr)) for course in worlds)
    assert first == second
    clock.turn(hours=61)
    first, second = (list(looked_at(course, ehr)) for course in worlds)
    assert first == second
    assert told_outside_safety(clinic, worlds[0]) == told_outside_safety(clinic, worlds[1])
    assert all(course.read(ehr)["status"] == "paused" for course in worlds)


@pytest.mark.parametrize(
    ("stopper", "reason"), [(withdraw, "consent_withdrawn"), (press, "pressure"), (force, "force"), (fear, "fear")]
)
def test_the_therapist_sees_the_truth_at_once_so_the_comparison_would_notice_a_difference(
    worlds: tuple[Course, Course], ehr: Caller, therapist: Caller, stopper: Stopper, reason: str
) -> None:
    for course, which in zip(worlds, "ab", strict=True):
        stopper(course, which, ehr)
        plan, last = course.read(), therapist.get(course.path + "/transitions").json()["items"][-1]
        assert (plan["status"], plan["reason"]) == ("paused", reason)
        assert last["stopped_by"] == (course.pair.a if which == "a" else course.pair.b)
    first, second = (masked(course, therapist.get(course.path + "/transitions").text) for course in worlds)
    assert first != second
    assert first.replace("<partner A>", "<partner B>") == second


def test_a_stop_halts_new_work_at_once_for_everybody(therapist: Caller, ehr: Caller) -> None:
    course = prepared(therapist, "1")
    before = course.read(ehr)
    withdraw(course, "a", ehr)
    assert course.read(ehr) == before
    refused = course.assign(ehr)
    assert (refused.json()["code"], refused.json()["errors"]) == ("plan_cannot_go_on_now", [])
    assert course.assign().json()["code"] == "plan_move_impossible"
    assert course.decide("hold").json()["code"] == "plan_move_impossible"


def test_a_paused_plan_still_takes_check_ins_because_refusing_would_tell(therapist: Caller, ehr: Caller) -> None:
    course = prepared(therapist, "1")
    press(course, "a", ehr)
    for which in "ab":
        done(course.check_in(course.consents["assignment"], which, ehr))
    assert course.reasons().count("pressure") == 1


def test_a_pause_shows_after_its_delay_in_the_therapists_name(therapist: Caller, ehr: Caller, clock: Wristwatch) -> None:
    course = prepared(therapist, "1")
    force(course, "a", ehr)
    clock.turn(hours=11.9)
    assert course.read(ehr)["status"] == "active"
    clock.turn(hours=48.2)
    shown = course.read(ehr)
    assert (shown["status"], shown["reason"], shown["version"]) == ("paused", "paused_by_therapist", 4)
    assert shown["since"] > "2026-11-22T21:00"
    last = ehr.get(course.path + "/transitions").json()["items"][-1]
    assert (last["reason"], last["actor_kind"], last["stopped_by"]) == ("paused_by_therapist", "member", None)


def test_a_pause_by_hand_looks_like_any_other(therapist: Caller, ehr: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    by_hand, withdrawn = prepared(therapist, "1"), prepared(therapist, "2")
    done(by_hand.move("pauses"), 200)
    by_hand.pair.withdraw("b", by_hand.consents["b"], ehr)
    withdraw(withdrawn, "b", ehr)
    for hours in (61, 1):
        assert list(looked_at(by_hand, ehr)) == list(looked_at(withdrawn, ehr))
        clock.turn(hours=hours)
    assert told_outside_safety(clinic, by_hand) == told_outside_safety(clinic, withdrawn)


def test_pausing_what_is_paused_already_is_answered_as_a_pause_always_is(worlds: tuple[Course, Course], ehr: Caller) -> None:
    withdraw(worlds[0], "a", ehr)
    first, second = (course.move("pauses", ehr) for course in worlds)
    assert first.status_code == second.status_code == 200
    assert masked(worlds[0], first.text) == masked(worlds[1], second.text)
    assert worlds[1].read()["status"] == "paused"


def test_a_resumption_before_the_pause_was_shown_shows_with_it(therapist: Caller, ehr: Caller, clock: Wristwatch) -> None:
    course = prepared(therapist, "1")
    before = course.read(ehr)
    withdraw(course, "a", ehr)
    course.pair.consent("a")
    assert done(course.move("resumptions"), 200)["status"] == "active"
    assert course.read(ehr) == before
    done(course.assign(ehr))
    clock.turn(hours=61)
    after = course.read(ehr)
    assert (after["status"], after["version"]) == ("active", before["version"] + 2)
    assert course.reasons(ehr)[-2:] == ["paused_by_therapist", "resumed"]


def test_before_a_pause_is_shown_a_plan_is_moved_as_if_it_went_on(worlds: tuple[Course, Course], ehr: Caller) -> None:
    withdraw(worlds[0], "a", ehr)
    worlds[0].pair.consent("a")
    for noun in ("resumptions", "offers", "activations"):
        first, second = (course.move(noun, ehr) for course in worlds)
        assert first.json()["code"] == "plan_move_impossible"
        assert masked(worlds[0], first.text) == masked(worlds[1], second.text)


def test_a_held_plan_that_was_stopped_and_resumed_in_secret_takes_no_assignment_yet(therapist: Caller, ehr: Caller) -> None:
    course = prepared(therapist, "1")
    done(course.move("holds"), 200)
    withdraw(course, "a", ehr)
    course.pair.consent("a")
    done(course.move("resumptions"), 200)
    assert course.read(ehr)["status"] == "held"
    assert course.assign(ehr).json()["detail"].startswith("The plan is held.")
    done(course.assign())


def test_after_pressure_the_way_back_leads_through_review_and_a_new_clearance(therapist: Caller, ehr: Caller) -> None:
    course = prepared(therapist, "1")
    press(course, "a", ehr)
    refused = course.move("resumptions")
    assert [fault["code"] for fault in refused.json()["errors"]] == ["clearance_overtaken", "signal_open"]
    signal = therapist.get(course.pair.path + "/safety-signals").json()["items"][0]
    path = f"{course.pair.path}/safety-signals/{signal['id']}/reviews"
    reviewed = done(therapist.post(path, json={"note": "Seen alone."}), 200)
    assert (reviewed["review_note"], reviewed["reviewed_by"]) == ("Seen alone.", therapist.holder_id)
    assert done(therapist.post(path, json={"note": "Again."}), 200) == reviewed
    assert [fault["code"] for fault in course.move("resumptions").json()["errors"]] == ["clearance_overtaken"]
    done(course.pair.clear())
    assert done(course.move("resumptions"), 200)["status"] == "active"
    assert course.verdict()["partners"][0]["rule"] == "not_yet"


def test_a_withdrawal_stops_the_plans_of_its_protocol_and_force_stops_all(therapist: Caller, ehr: Caller) -> None:
    course = prepared(therapist, "1")
    body = {"concern_id": course.pair.concern_id, "protocol": "affection_ritual"}
    plan = done(therapist.post(course.pair.path + "/plans", json=body))
    ritual = Course(course.pair, f"{course.pair.path}/plans/{plan['id']}", {})
    for which in "ab":
        course.pair.consent(which, protocol="affection_ritual")
    for noun in ("offers", "activations"):
        done(ritual.move(noun), 200)
    withdraw(course, "a", ehr)
    assert (course.read()["status"], ritual.read()["status"]) == ("paused", "active")
    force(course, "b", ehr)
    assert ritual.read()["status"] == "paused"


def test_taking_back_consent_to_share_data_stops_no_homework(therapist: Caller) -> None:
    course = running(therapist)
    given = course.pair.consent("a", None, kind="data_sharing", protocol=None)
    course.pair.withdraw("a", given)
    assert course.read()["status"] == "active"


def test_a_couples_stop_leaves_other_couples_alone(worlds: tuple[Course, Course], ehr: Caller) -> None:
    force(worlds[0], "a", ehr)
    assert [course.read()["status"] for course in worlds] == ["paused", "active"]


def test_a_second_withdrawal_pauses_nothing_again(therapist: Caller, ehr: Caller) -> None:
    course = running(therapist)
    for _ in range(2):
        withdraw(course, "a", ehr)
    assert course.reasons().count("consent_withdrawn") == 1


def test_whichever_consent_is_named_nothing_of_its_kind_stays_in_force(therapist: Caller, ehr: Caller) -> None:
    course = running(therapist)
    withdraw(course, "a", ehr)
    course.pair.consent("a")
    done(course.move("resumptions"), 200)
    withdraw(course, "a", ehr)
    assert course.read()["status"] == "paused"
