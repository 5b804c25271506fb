"""What changes is told once, arrives signed, and is sent again until it arrives or has had its time."""

import json
import socket
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from standardwebhooks import Webhook

from app.core import outbound
from app.core.ids import decode
from app.ledger.models import Alarm
from app.webhooks import sending
from app.webhooks.couriers import COURIERS
from app.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from app.webhooks.relay import forget
from app.webhooks.rules import LONGEST_JITTER, WAITS
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple
from tests.peer import Answer, slowly
from tests.safety.records import done
from tests.webhooks.records import DELIVERIES, ENDPOINTS, PATH, Hooks, taken


def opened(therapist: Caller, *numbers: int) -> list[str]:
    """New couples."""
    return [done(therapist.post("/v1/couples", json=new_couple(str(number))))["id"] for number in numbers]


def test_a_change_arrives_once_signed_as_the_standards_own_library_checks_it(
    hooks: Hooks, ehr: Caller, therapist: Caller
) -> None:
    hooks.be_now()
    endpoint = hooks.endpoint(hooks.clinic.integration("of now"))
    (couple,) = opened(hooks.clinic.member("theo"), 1)
    (arrived,) = hooks.pass_on(endpoint)
    told = Webhook(endpoint["secret"]).verify(arrived.body, arrived.headers)
    assert (told["type"], told["data"], set(told)) == ("couple.changed", {"id": couple}, {"type", "timestamp", "data"})
    assert (arrived.headers["host"], arrived.headers["content-type"]) == (f"localhost:{hooks.away.port}", "application/json")
    assert hooks.pass_on(endpoint) == []
    assert ehr.holder_id != therapist.holder_id


def test_nothing_of_before_an_endpoint_was_added_or_enabled_is_told(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    opened(therapist, 1, 2)
    endpoint = hooks.endpoint(ehr)
    assert hooks.pass_on(endpoint) == []
    path = f"{ENDPOINTS}/{endpoint['id']}"
    done(ehr.patch(path, json={"enabled": False}, headers={"If-Match": '"1"'}), 200)
    opened(therapist, 3)
    assert hooks.pass_on(endpoint) == []
    done(ehr.patch(path, json={"enabled": True}, headers={"If-Match": '"2"'}), 200)
    assert hooks.pass_on(endpoint) == []
    (couple,) = opened(therapist, 4)
    assert [one.told for one in hooks.pass_on(endpoint)] == [("couple.changed", couple)]


def test_several_changes_of_one_thing_are_told_together_and_each_endpoint_hears_of_its_types(
    hooks: Hooks, ehr: Caller, therapist: Caller
) -> None:
    couples, episodes = hooks.endpoint(ehr), hooks.endpoint(ehr, ["episode.changed", "concern.changed"])
    (couple,) = opened(therapist, 1)
    for version, zone in ((1, "Europe/Paris"), (2, "Europe/Rome")):
        headers = {"If-Match": f'"{version}"'}
        done(therapist.patch(f"/v1/couples/{couple}", json={"time_zone": zone}, headers=headers), 200)
    episode = done(therapist.post(f"/v1/couples/{couple}/episodes", json={"primary_concern": {"code": "desire_discrepancy"}}))
    assert [one.told for one in hooks.pass_on(couples)] == [("couple.changed", couple)]
    told = {one.told for one in hooks.pass_on(episodes)}
    assert told == {("episode.changed", episode["id"]), ("concern.changed", episode["concerns"][0]["id"])}


def test_what_is_refused_is_sent_again_with_the_same_id_in_growing_waits_and_then_dead(
    hooks: Hooks, ehr: Caller, therapist: Caller
) -> None:
    hooks.runtime.settings = hooks.runtime.settings.model_copy(update={"webhook_failing_days": 30.0})
    endpoint = hooks.endpoint(ehr)
    opened(therapist, 1)
    hooks.answers(503)
    attempts = hooks.pass_on(endpoint)
    for wait in WAITS:
        (waits,) = hooks.log(ehr)
        assert (waits["status"], waits["outcome"], waits["answer_status"]) == ("waiting", "refused", 503)
        hooks.clinic.clock.turn(seconds=wait.total_seconds() - 1)
        assert hooks.pass_on(endpoint) == []
        hooks.clinic.clock.turn(seconds=wait.total_seconds() * LONGEST_JITTER + 2)
        attempts += hooks.pass_on(endpoint)
    assert len(attempts) == len(WAITS) + 1
    assert len({one.id for one in attempts}) == len({one.body for one in attempts}) == 1
    assert len({one.headers["webhook-signature"] for one in attempts}) == len(attempts)  # each says when it was made
    (dead,) = hooks.log(ehr, status="dead")
    assert (dead["attempts"], dead["next_attempt_at"], dead["id"]) == (10, None, attempts[0].id)
    hooks.clinic.clock.turn(days=2)
    assert hooks.pass_on(endpoint) == []


def test_what_is_dead_or_was_delivered_is_sent_once_more_when_asked_for(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    endpoint = hooks.endpoint(ehr)
    opened(therapist, 1)
    (first,) = hooks.pass_on(endpoint)
    path = f"{DELIVERIES}/{first.id}/redeliveries"
    assert done(ehr.post(path), 200)["status"] == "waiting"
    (again,) = hooks.pass_on(endpoint)
    assert (again.id, again.body) == (first.id, first.body)
    (told,) = hooks.log(ehr)
    assert (told["status"], told["attempts"], told["outcome"], told["answer_status"]) == ("delivered", 2, "arrived", 204)


def test_an_endpoint_that_says_it_is_gone_is_disabled_and_what_waited_is_dead(
    hooks: Hooks, ehr: Caller, therapist: Caller
) -> None:
    endpoint = hooks.endpoint(ehr)
    opened(therapist, 1, 2, 3)
    hooks.answers(410)
    assert len(hooks.pass_on(endpoint)) == 1
    read = done(ehr.get(f"{ENDPOINTS}/{endpoint['id']}"), 200)
    assert (read["enabled"], read["disabled_for"]) == (False, "gone")
    assert {(one["status"], one["outcome"]) for one in hooks.log(ehr)} == {("dead", "gone"), ("dead", "withheld")}
    opened(therapist, 4)
    assert hooks.pass_on(endpoint) == []
    assert ehr.post(f"{DELIVERIES}/{hooks.log(ehr)[0]['id']}/redeliveries").json()["code"] == "webhook_endpoint_disabled"
    with hooks.clinic.at_desk() as (session, _vault):
        assert session.scalars(select(Alarm.code)).all() == ["webhook_endpoint_gone"]


def test_an_endpoint_where_nothing_arrives_for_days_is_disabled_with_an_alarm_and_one_that_recovers_is_not(
    hooks: Hooks, ehr: Caller, therapist: Caller
) -> None:
    endpoint, path = hooks.endpoint(ehr), ""
    path = f"{ENDPOINTS}/{endpoint['id']}"

    def fail(number: int) -> None:
        opened(therapist, number)
        hooks.answers(500)
        hooks.pass_on(endpoint)

    fail(1)
    assert ehr.get(path).json()["failing_since"] is not None
    hooks.clinic.clock.turn(days=4)
    hooks.answers(200)
    assert hooks.pass_on(endpoint)
    assert ehr.get(path).json()["failing_since"] is None
    fail(2)
    hooks.clinic.clock.turn(days=4, hours=23)
    fail(3)
    assert ehr.get(path).json()["enabled"]
    hooks.clinic.clock.turn(hours=2)
    fail(4)
    read = ehr.get(path).json()
    assert (read["enabled"], read["disabled_for"], read["version"]) == (False, "failing", 2)
    with hooks.clinic.at_desk() as (session, _vault):
        assert session.scalars(select(Alarm.code)).all() == ["webhook_endpoint_failing"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_answer_that_leads_elsewhere_or_never_ends_moves_nothing(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    endpoint = hooks.endpoint(ehr)
    opened(therapist, 1)
    hooks.away.says("/inside", {})
    hooks.answers(307, {"Location": hooks.away.address + "/inside"})
    assert len(hooks.pass_on(endpoint)) == 1
    assert (hooks.away.count("/inside"), hooks.log(ehr)[0]["outcome"]) == (0, "refused")
    hooks.answers(200, {}, b"x" * 2_000_000)
    hooks.clinic.clock.turn(minutes=1)
    assert len(hooks.pass_on(endpoint)) == 1
    assert hooks.log(ehr)[0]["status"] == "delivered"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_log_never_tells_what_lies_inside_the_network(
    hooks: Hooks, ehr: Caller, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    (open_port,) = {hooks.away.port}
    endpoint = hooks.endpoint(ehr)
    hooks.runtime.settings = hooks.runtime.settings.model_copy(update={"webhook_hosts": ()})
    told = set()
    for number, (host, address) in enumerate(
        [("localhost", None), ("nowhere.example", "127.0.0.1"), ("far.example", "10.0.0.1")]
    ):
        url = f"https://{host}:8443/hook" if address else hooks.url
        with hooks.clinic.at_desk() as (session, vault):
            row = session.get(WebhookEndpoint, (hooks.clinic.id, decode("whe", endpoint["id"])))
            row.url = vault.seal(row, "url", url)  # as if it had been taken before
        opened(therapist, number)
        if address:
            found = [(2, 1, 6, "", (address, open_port))]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, found=found, **_more: found)
        hooks.pass_on(endpoint)
        told |= {(one["outcome"], one["answer_status"]) for one in hooks.log(ehr)}
        hooks.clinic.clock.turn(seconds=1)
    assert told == {("unreachable", None)}
    assert hooks.away.asked == []


def test_what_was_being_sent_when_its_process_ended_is_sent_again_under_its_id(
    hooks: Hooks, ehr: Caller, therapist: Caller
) -> None:
    endpoint = hooks.endpoint(ehr)
    endpoint_id = decode("whe", endpoint["id"])
    opened(therapist, 1)
    hooks.tell()
    left = sending.take(hooks.runtime, hooks.clinic.id, endpoint_id)  # a process that is killed right after it
    assert left is not None
    assert hooks.pass_on(endpoint) == []  # it may still be at it
    hooks.clinic.clock.turn(seconds=sending.LEASE.total_seconds() + 1)
    (arrived,) = hooks.pass_on(endpoint)
    assert arrived.id == left.headers["webhook-id"]
    sending.record(hooks.runtime, hooks.clinic.id, left, sending.Outcome("refused", 500))  # one that comes back late
    assert hooks.log(ehr)[0]["status"] == "delivered"


def test_of_many_processes_at_once_each_delivery_is_sent_by_one(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    endpoint = hooks.endpoint(ehr)
    couples = opened(therapist, *range(8))
    threads = [threading.Thread(target=hooks.pass_on, args=(endpoint,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.told[1] for one in hooks.arrived()) == sorted(couples)
    assert {one["attempts"] for one in hooks.log(ehr)} == {1}


def test_a_slow_receiver_holds_no_connection_and_keeps_no_other_waiting(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    slow, quick = hooks.endpoint(ehr), hooks.endpoint(ehr, url=hooks.away.address + "/quick")
    asked, release = threading.Event(), threading.Event()

    def wait(_body: bytes) -> Answer:
        asked.set()
        release.wait(8)
        return 204, {}, b""

    hooks.away.answers |= {PATH: wait, "/quick": taken}
    opened(therapist, 1)
    hooks.relay()
    assert asked.wait(5)
    until = time.monotonic() + 5
    while hooks.runtime.database.engine.pool.checkedout() and time.monotonic() < until:
        time.sleep(0.01)
    assert hooks.runtime.database.engine.pool.checkedout() == 0
    opened(therapist, 2)  # everybody else works on
    while hooks.away.count("/quick") < 2 and time.monotonic() < until:
        hooks.relay()
        time.sleep(0.02)
    assert (hooks.away.count("/quick"), hooks.away.count(PATH)) == (2, 1)
    release.set()
    COURIERS.wait(10)
    assert len(hooks.log(ehr, endpoint_id=slow["id"], status="delivered")) == 2
    assert len(hooks.log(ehr, endpoint_id=quick["id"], status="delivered")) == 2


def test_one_that_answers_too_late_is_tried_again(
    hooks: Hooks, ehr: Caller, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "WHOLE_SECONDS", 0.2)
    endpoint = hooks.endpoint(ehr)
    hooks.away.answers[PATH] = slowly(0.6)
    opened(therapist, 1)
    hooks.pass_on(endpoint)
    assert [(one["status"], one["outcome"]) for one in hooks.log(ehr)] == [("waiting", "timed_out")]


def test_what_an_integration_may_no_longer_read_it_is_no_longer_told(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    endpoint, desk = hooks.endpoint(ehr), hooks.administrator()
    opened(therapist, 1)
    hooks.tell()
    own = f"/v1/integrations/{ehr.holder_id}"
    kept = ["webhooks:read", "homework:read"]
    done(desk.patch(own, json={"scopes": kept}, headers={"If-Match": '"1"'}), 200)
    opened(therapist, 2)
    assert hooks.pass_on(endpoint) == []
    assert [(one["status"], one["outcome"]) for one in hooks.log(ehr)] == [("dead", "withheld")]
    done(desk.patch(own, json={"scopes": [*kept, "couples:read"]}, headers={"If-Match": '"2"'}), 200)
    opened(therapist, 3)
    assert len(hooks.pass_on(endpoint)) == 1
    opened(therapist, 4)
    hooks.tell()
    done(desk.post(own + "/endings"), 200)
    opened(therapist, 5)
    assert hooks.pass_on(endpoint) == []


def test_a_ping_is_like_any_delivery_and_whoever_asks_chooses_nothing_of_it(hooks: Hooks, ehr: Caller) -> None:
    endpoint = hooks.endpoint(ehr)
    path = f"{ENDPOINTS}/{endpoint['id']}/pings"
    assert ehr.post(path, json={"headers": {"authorization": "x"}}, headers={"webhook-id": "mine"}).status_code in {201, 422}
    done(ehr.post(path, headers={"webhook-id": "mine", "x-evil": "1"}))
    for arrived in hooks.pass_on(endpoint):
        assert arrived.told == ("ping", endpoint["id"])
        assert arrived.id.startswith("whd_")
        assert "x-evil" not in arrived.headers
        assert set(arrived.headers) == {
            *("host", "accept", "accept-encoding", "content-type", "content-length", "user-agent"),
            *("webhook-id", "webhook-timestamp", "webhook-signature"),
        }


def test_old_and_new_secrets_both_check_a_delivery_while_they_overlap(hooks: Hooks) -> None:
    hooks.be_now()
    ehr, therapist = hooks.clinic.integration("of now"), hooks.clinic.member("theo")
    endpoint = hooks.endpoint(ehr)
    second = done(ehr.post(f"{ENDPOINTS}/{endpoint['id']}/secrets", json={"overlap_hours": 1}))
    opened(therapist, 1)
    (arrived,) = hooks.pass_on(endpoint)
    for secret in (endpoint["secret"], second["secret"]):
        assert Webhook(secret).verify(arrived.body, arrived.headers) == json.loads(arrived.body)
    hooks.clinic.clock.turn(hours=1)
    opened(therapist, 2)
    (later,) = hooks.pass_on(endpoint)
    assert len(later.headers["webhook-signature"].split(" ")) == 1


def test_what_came_to_an_end_long_ago_and_secrets_that_expired_are_forgotten(
    hooks: Hooks, ehr: Caller, therapist: Caller
) -> None:
    endpoint = hooks.endpoint(ehr)
    done(ehr.post(f"{ENDPOINTS}/{endpoint['id']}/secrets", json={"overlap_hours": 1}))
    opened(therapist, 1)
    hooks.pass_on(endpoint)
    forget(hooks.runtime, hooks.clinic.id)
    assert len(hooks.log(ehr)) == 1
    hooks.clinic.clock.turn(days=31)
    forget(hooks.runtime, hooks.clinic.id)
    assert hooks.log(ehr) == []
    with hooks.clinic.at_desk() as (session, _vault):
        assert len(session.scalars(select(WebhookSecret)).all()) == 1


def statements(clinic: Clinic, work: Any) -> list[str]:
    """What the database is asked while something is done."""
    found: list[str] = []
    engine = clinic.app.state.runtime.database.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


def test_an_endpoint_adds_nothing_to_the_write_of_anything(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    opened(therapist, 1)
    without = statements(hooks.clinic, lambda: opened(therapist, 2))
    hooks.endpoint(ehr)
    assert statements(hooks.clinic, lambda: opened(therapist, 3)) == without
    assert not any("webhook" in one for one in without)


def test_deliveries_hold_no_couple_and_no_words(hooks: Hooks) -> None:
    assert {column.name for column in WebhookDelivery.__table__.columns} == {
        *("clinic_id", "id", "endpoint_id", "event_type", "changed_id", "happened_at", "status", "attempts", "failures"),
        *("next_attempt_at", "leased_until", "last_attempt_at", "outcome", "answer_status", "ended_at"),
    }
    assert hooks.away.asked == []
    assert timedelta(seconds=outbound.CONNECT_SECONDS + outbound.WHOLE_SECONDS + 2 * outbound.REST_SECONDS) < sending.LEASE
