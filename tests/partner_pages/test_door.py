"""What opens and what does not: one answer for every wrong link, one use, one effect, no trace of the link."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.core.limits import Limiter
from app.ledger.models import LedgerEvent
from app.partner_pages.models import PartnerLink
from tests.conftest import Caller, Clinic, Wristwatch
from tests.contract.test_canary import logs
from tests.homework.records import running
from tests.partner_pages.records import (
    GMSEX,
    YES,
    Held,
    administrations,
    ask,
    ask_consent,
    ask_measure,
    consents,
    of_each_purpose,
    state,
)
from tests.safety.records import done, new_pair

KEY = {"Idempotency-Key": "tap-1"}


def told(found: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
    """An answer without what differs between any two."""
    body = {name: value for name, value in found.json().items() if name not in {"request_id", "instance"}}
    return found.status_code, body, {name: value for name, value in found.headers.items() if name != "x-request-id"}


def answers_of(held: Held) -> list[tuple[int, dict[str, Any], dict[str, str]]]:
    """What a link gets for everything one can try with it, well-formed or not."""
    broken = held.client.post(held.path + "/answers", content=b"{", headers={"Content-Type": "application/json"})
    strange = held.client.get(held.path + "?as=partner_b")
    wrong = held.answer(measure={"answers": {"1": "x"}}, consent=YES)
    keyed = held.answer(KEY, measure=GMSEX)
    return [told(one) for one in (held.read(), held.answer(measure=GMSEX), held.stop(), broken, strange, wrong, keyed)]


def mistyped(held: Held) -> Held:
    """The same with one letter changed."""
    letter = "0" if held.path[60] != "0" else "1"
    return Held(held.client, {**held.made, "url": held.path[:60] + letter + held.path[61:]})


def test_every_wrong_link_gets_the_same_answer(therapist: Caller, clock: Wristwatch) -> None:
    pair = new_pair(therapist)
    spent, revoked, unused, expired = (ask_measure(pair, expires_in_hours=hours) for hours in (9, 9, 9, 1))
    done(spent.answer(measure=GMSEX), 200)
    done(therapist.post(f"{pair.partner('a')}/links/{revoked.made['id']}/revocations"), 200)
    clock.turn(hours=2)
    unknown = [Held(unused.client, {"url": "/p/" + path}) for path in ("x", "0" * 92, "z" * 92, "%C3%A9" * 20, "a" * 400)]
    others = [answers_of(held) for held in (spent, revoked, expired, mistyped(unused), *unknown)]
    assert others[0][0][0] == 404
    assert {body["code"] for _status, body, _headers in others[0]} == {"link_not_open"}
    assert all(other == others[0] for other in others)
    assert done(unused.read(), 200)["purpose"] == "measure"


def test_a_link_of_another_clinic_or_with_anothers_secret_opens_nothing(
    therapist: Caller, new_clinic: Callable[[], Clinic]
) -> None:
    one, two = (ask_measure(new_pair(therapist, number)) for number in "12")
    crossed = Held(one.client, {"url": one.path[:46] + two.path[46:]})
    assert crossed.read().json()["code"] == "link_not_open"
    if therapist.app.state.runtime.settings.sqlite_file is None:
        other = ask_measure(new_pair(new_clinic().member("other")))
        moved = Held(one.client, {"url": other.path[:25] + one.path[25:]})
        assert moved.read().json()["code"] == "link_not_open"
        assert done(other.read(), 200)["purpose"] == "measure"


def test_only_a_keyed_hash_of_the_secret_is_kept(therapist: Caller, clinic: Clinic) -> None:
    held = ask_measure(new_pair(therapist))
    secret = held.path[3 + 43 : -6]
    with clinic.at_desk() as (session, vault):
        with session.reaching(frozenset({"individual_a"})):
            row = session.scalars(select(PartnerLink)).one()
        kept = " ".join(str(value) for value in vars(row).values())
        assert row.secret_hash == vault.tag("partner link", row.id.bytes, secret.encode()).hex()
    assert secret not in kept
    assert (
        held.path.rpartition("/")[2]
        not in therapist.get(
            f"/v1/couples/{therapist.get('/v1/couples').json()['items'][0]['id']}/partners/{held.made['partner_id']}/links"
        ).text
    )


def test_a_link_says_neither_who_nor_what_for(therapist: Caller) -> None:
    course = running(therapist)
    paths = [held.path for held, _ in of_each_purpose(course, "a").values()]
    assert all(re.fullmatch(r"/p/[0-9A-Za-z]{92}", path) for path in paths)
    assert len(set(paths)) == len(paths)


def test_the_public_address_goes_before_the_link(clinic: Clinic, therapist: Caller) -> None:
    runtime = clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"public_url": "https://care.example.org"})
    assert ask_measure(new_pair(therapist)).path.startswith("https://care.example.org/p/")


def test_a_double_submit_has_one_effect_and_with_its_key_one_answer(therapist: Caller) -> None:
    pair = new_pair(therapist)
    held = ask_measure(pair)
    first, again = held.answer(KEY, measure=GMSEX), held.answer(KEY, measure=GMSEX)
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert held.answer(measure=GMSEX).status_code == held.answer({"Idempotency-Key": "tap-2"}, measure=GMSEX).status_code == 404
    assert len(administrations(pair, "a")) == 1


def test_answers_at_the_same_moment_have_one_effect(therapist: Caller) -> None:
    pair = new_pair(therapist)
    held = Held(therapist, ask_measure(pair).made)
    with ThreadPoolExecutor(4) as people:
        statuses = sorted(people.map(lambda _: held.answer(measure=GMSEX).status_code, range(4)))
    assert statuses == [200, 404, 404, 404]
    assert len(administrations(pair, "a")) == 1


def test_reading_a_page_spends_nothing(therapist: Caller) -> None:
    held = ask_measure(new_pair(therapist))
    assert held.read().content == held.read().content
    assert held.client.head(held.path).status_code == 200
    done(held.answer(measure=GMSEX), 200)


def test_nothing_of_a_page_is_kept_or_passed_on(therapist: Caller) -> None:
    held = ask_measure(new_pair(therapist))
    for found in (held.read(), held.answer(), held.answer(measure=GMSEX), held.read()):
        headers = found.headers
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert "noindex" in headers["X-Robots-Tag"]
        assert held.path not in found.text
        assert not any(held.path in value for value in headers.values())


def test_the_log_names_the_route_and_never_the_link(therapist: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    held = ask_measure(new_pair(therapist))
    with logs():
        for attempt in (held, mistyped(held)):
            attempt.read()
            attempt.answer()
            attempt.stop()
            attempt.client.delete(attempt.path)
        held.answer(measure=GMSEX)
    written = capfd.readouterr().err
    assert '"route": "/p/{link}/answers"' in written
    assert held.path[3:60] not in written


def test_the_trail_names_the_partner_and_the_link(therapist: Caller, clinic: Clinic) -> None:
    held = ask_measure(new_pair(therapist))
    done(held.answer(measure=GMSEX), 200)
    with clinic.at_desk() as (session, _vault):
        events = session.scalars(select(LedgerEvent).where(LedgerEvent.operation == "answer_partner_page")).all()
    assert {(event.actor_kind, event.subject) for event in events} >= {
        ("partner", "couple"),
        ("partner", "administration"),
        ("partner", "partner_link_use"),
    }
    assert len({event.actor_id for event in events}) == len({event.credential_id for event in events}) == 1


def test_too_many_requests_with_a_link_or_from_one_address_are_stopped(clinic: Clinic, therapist: Caller) -> None:
    held, other = (ask_measure(new_pair(therapist, number)) for number in "12")
    clinic.app.state.runtime.strangers = Limiter(3)
    found = [held.client.get("/p/" + letter * 92).status_code for letter in "abc"]
    assert found == [404, 404, 404]
    assert (other.read().status_code, other.read().json()["code"]) == (429, "too_many_requests")
    elsewhere = TestClient(clinic.app, client=("elsewhere", 1))
    assert [elsewhere.get(held.path).status_code for _ in range(4)] == [200, 200, 200, 429]
    third = TestClient(clinic.app, client=("third", 1))
    assert third.get(held.path).status_code == 429, "a link is counted whoever shows it"
    assert therapist.get("/v1/me").status_code == 200


def test_a_limiter_forgets_minutes_that_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("app.core.limits.time.monotonic", lambda: now[0])
    monkeypatch.setattr("app.core.limits.MANY_WINDOWS", 10)
    limiter = Limiter(5)
    for number in range(30):
        now[0] += 10
        limiter.take(number)
        assert len(limiter._windows) <= 10  # noqa: SLF001 - what must not grow


def test_a_key_is_no_link_and_a_link_is_no_key(therapist: Caller) -> None:
    held = ask_measure(new_pair(therapist))
    assert held.client.get("/v1/me", headers={"Authorization": f"Bearer {held.path[3:]}"}).status_code == 401
    assert held.client.get("/p/" + therapist.key).json()["code"] == "link_not_open"
    assert therapist.get("/p/" + "0" * 92).json()["code"] == "link_not_open"


def test_a_link_does_one_thing_only(therapist: Caller) -> None:
    course = running(therapist)
    links = of_each_purpose(course, "a")
    for purpose, (held, _fits) in links.items():
        for other, (_held, answers) in links.items():
            if other == "stop" and purpose != "stop":
                assert held.stop().json()["code"] == "link_not_open"
            elif other != purpose:
                assert held.answer(**answers).status_code in {404, 422}, (purpose, other)
    assert len(consents(course.pair, "a")) == 1
    assert course.read()["status"] == "active"
    for purpose, (held, answers) in links.items():
        done(held.stop() if purpose == "stop" else held.answer(**answers), 200)


def test_an_integration_makes_only_links_to_what_it_may_do_itself(therapist: Caller, clinic: Clinic) -> None:
    pair = new_pair(therapist)
    narrow = clinic.integration("narrow", {"links:write", "administrations:write"})
    assert ask_measure(pair, caller=narrow).read().status_code == 200
    for body in ({"purpose": "stop"}, {"purpose": "consent", "consent": None}):
        refused = narrow.post(pair.partner("a") + "/links", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"purpose": "measure"}, "link_asks_invalid"),
        ({"purpose": "stop", "measure": {"code": "gmsex"}}, "link_asks_invalid"),
        ({"purpose": "measure", "measure": {"code": "ehits"}}, "safety_screen_apart"),
        ({"purpose": "measure", "measure": {"code": "no_such"}}, "measure_unknown"),
        ({"purpose": "measure", "measure": {"code": "griss"}}, "link_asks_invalid"),
        (
            {"purpose": "consent", "consent": {"kind": "therapy", "stage": 1, "text_version": "1", "language": "en"}},
            "consent_scope_invalid",
        ),
        ({"purpose": "stop", "expires_in_hours": 2161}, "invalid"),
    ],
)
def test_a_link_that_could_not_be_answered_is_not_made(therapist: Caller, body: dict[str, Any], code: str) -> None:
    refused = therapist.post(new_pair(therapist).partner("a") + "/links", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_the_list_says_how_each_link_stands(therapist: Caller, clock: Wristwatch) -> None:
    pair = new_pair(therapist)
    used, revoked, expired, still = (ask_measure(pair, expires_in_hours=hours) for hours in (9, 9, 1, 9))
    done(used.answer(measure=GMSEX), 200)
    done(therapist.post(f"{pair.partner('a')}/links/{revoked.made['id']}/revocations"), 200)
    clock.turn(hours=2)
    found = list(therapist.every(pair.partner("a") + "/links?limit=3"))
    assert [link["state"] for link in found] == ["used", "revoked", "expired", "open"]
    assert [state(held, pair, "a") for held in (used, revoked, expired, still)] == [link["state"] for link in found]
    assert all("url" not in link for link in found)
    assert list(therapist.every(pair.partner("b") + "/links")) == []


def test_a_stop_link_lives_until_it_expires_or_is_revoked(therapist: Caller, clock: Wristwatch) -> None:
    pair = new_pair(therapist)
    brief, revoked = ask(pair, "a", "stop", expires_in_hours=1), ask(pair, "a", "stop")
    done(therapist.post(f"{pair.partner('a')}/links/{revoked.made['id']}/revocations"), 200)
    assert revoked.stop().json()["code"] == "link_not_open"
    done(brief.stop(), 200)
    clock.turn(hours=1)
    assert brief.stop().json()["code"] == "link_not_open"


def test_a_consent_link_expires_too(therapist: Caller, clock: Wristwatch) -> None:
    held = ask_consent(new_pair(therapist))
    done(held.answer(consent=YES), 200)
    clock.turn(hours=169)
    assert told(held.read()) == told(held.client.get("/p/x"))
