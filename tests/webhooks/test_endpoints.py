"""Whose endpoints there are, where they may lie, and that a secret is shown once and kept sealed."""

from typing import Any

import pytest
from sqlalchemy import select

from app.access.permissions import Role
from app.webhooks.models import WebhookEndpoint, WebhookSecret
from app.webhooks.rules import MOST_ENDPOINTS, MOST_SECRETS
from tests.conftest import Caller, Clinic
from tests.core.test_outbound import FORMS
from tests.safety.records import done
from tests.webhooks.records import DELIVERIES, ENDPOINTS, Hooks

NEW: dict[str, Any] = {"url": "https://ehr.example.org/hooks?token=zaunkoenig", "event_types": ["couple.changed"]}


def test_software_has_endpoints_of_its_own_and_sees_no_others(hooks: Hooks, ehr: Caller) -> None:
    other, desk = hooks.clinic.integration("portal"), hooks.administrator()
    own = done(ehr.post(ENDPOINTS, json=NEW))
    theirs = done(desk.post(ENDPOINTS, json=NEW | {"integration_id": other.holder_id}))
    for caller, ids in ((ehr, [own["id"]]), (other, [theirs["id"]]), (desk, [own["id"], theirs["id"]])):
        assert [one["id"] for one in done(caller.get(ENDPOINTS), 200)["items"]] == ids
    path = f"{ENDPOINTS}/{own['id']}"
    delivery = done(ehr.post(path + "/pings"))["id"]
    asked = [
        other.get(path),
        other.patch(path, json={"enabled": False}, headers={"If-Match": '"1"'}),
        other.delete(path, headers={"If-Match": '"1"'}),
        other.post(path + "/pings"),
        other.post(path + "/secrets", json={}),
        other.get(f"{DELIVERIES}/{delivery}"),
        other.post(f"{DELIVERIES}/{delivery}/redeliveries"),
    ]
    assert {(one.status_code, one.json()["code"]) for one in asked} == {(404, "not_found")}
    assert done(other.get(f"{DELIVERIES}?endpoint_id={own['id']}"), 200)["items"] == []


def test_whose_an_endpoint_is_has_to_be_said_by_the_desk_and_nobody_makes_one_for_another(hooks: Hooks, ehr: Caller) -> None:
    other, desk = hooks.clinic.integration("portal"), hooks.administrator()
    for caller, whose in ((desk, None), (ehr, other.holder_id), (desk, "int_01jjfnwv00e008000000000001")):
        refused = caller.post(ENDPOINTS, json=NEW | ({"integration_id": whose} if whose else {}))
        assert (refused.status_code, refused.json()["code"]) == (422, "webhook_integration_refused")
    done(desk.post(f"/v1/integrations/{other.holder_id}/endings"), 200)
    refused = desk.post(ENDPOINTS, json=NEW | {"integration_id": other.holder_id})
    assert refused.json()["code"] == "webhook_integration_refused"


def test_a_member_who_opens_a_way_out_has_just_proved_who_they_are(hooks: Hooks, ehr: Caller) -> None:
    by_key = hooks.clinic.member("desk", Role.ADMINISTRATOR)
    path = f"{ENDPOINTS}/{done(ehr.post(ENDPOINTS, json=NEW))['id']}"
    asked = [
        by_key.post(ENDPOINTS, json=NEW | {"integration_id": ehr.holder_id}),
        by_key.patch(path, json={"url": "https://evil.example.org/"}, headers={"If-Match": '"1"'}),
        by_key.delete(path, headers={"If-Match": '"1"'}),
        by_key.post(path + "/secrets", json={}),
    ]
    assert {(one.status_code, one.json()["code"]) for one in asked} == {(403, "step_up_required")}
    for role in (Role.THERAPIST, Role.SUPERVISOR, Role.ANALYST):
        assert hooks.clinic.signed_in(role, role).get(ENDPOINTS).status_code == 403


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_address_that_nothing_is_sent_to_is_refused_without_being_repeated(hooks: Hooks, ehr: Caller) -> None:
    inside = [
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/",
        "https://example.org:25/",
        "http://127.0.0.1/",
        "https://user:zaunkoenig@example.org/",
        "https://example.org/#zaunkoenig",
    ]
    for url in [*(form for form in FORMS if form and form.isascii() and not any(letter.isspace() for letter in form)), *inside]:
        refused = ehr.post(ENDPOINTS, json=NEW | {"url": url})
        assert (refused.status_code, refused.json()["code"]) == (422, "webhook_url_refused"), url
        assert "zaunkoenig" not in refused.text
    assert hooks.away.asked == []


def test_it_hears_of_what_its_scopes_read_and_asks_for_nothing_else(hooks: Hooks) -> None:
    narrow = hooks.clinic.integration("narrow", {"couples:read", "webhooks:write"})
    for wrong in ("check_in.changed", "couple.chanegd", "clearance.changed", "safety_signal.changed"):
        refused = narrow.post(ENDPOINTS, json=NEW | {"event_types": ["couple.changed", wrong]})
        assert (refused.status_code, refused.json()["code"]) == (422, "webhook_type_refused"), wrong
        assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/event_types/1"]
    told = {one["type"]: one["scope"] for one in done(narrow.get("/v1/webhook-event-types"), 200)["items"]}
    reads = sorted(name for name, scope in told.items() if scope == "couples:read")
    assert done(narrow.post(ENDPOINTS, json=NEW | {"event_types": reads}))["event_types"] == reads
    assert not any(word in name for name in told for word in ("safety", "clearance", "screen", "flag", "consent", "note"))


def test_a_secret_is_shown_once_and_lies_sealed_like_the_address(hooks: Hooks, ehr: Caller) -> None:
    made = done(ehr.post(ENDPOINTS, json=NEW))
    path = f"{ENDPOINTS}/{made['id']}"
    second = done(ehr.post(path + "/secrets", json={}))
    read = ehr.get(path).text + ehr.get(ENDPOINTS).text
    assert made["secret"] not in read
    assert second["secret"] not in read
    assert len({made["secret"], second["secret"]}) == 2
    with hooks.clinic.at_desk() as (session, vault):
        endpoint = session.scalars(select(WebhookEndpoint)).one()
        secrets = session.scalars(select(WebhookSecret).order_by(WebhookSecret.id)).all()
        assert vault.open(endpoint, "url", endpoint.url) == NEW["url"]
        assert [vault.open(one, "secret", one.secret) for one in secrets] == [made["secret"], second["secret"]]
        assert b"zaunkoenig" not in endpoint.url
        assert not any(made["secret"].encode() in one.secret for one in secrets)


def test_the_secrets_before_a_new_one_sign_on_for_the_hours_that_were_told(hooks: Hooks, ehr: Caller) -> None:
    path = f"{ENDPOINTS}/{done(ehr.post(ENDPOINTS, json=NEW))['id']}"

    def held() -> list[str | None]:
        return [one["expires_at"] for one in done(ehr.get(path), 200)["secrets"]]

    done(ehr.post(path + "/secrets", json={"overlap_hours": 2}))
    assert [one is None for one in held()] == [False, True]
    hooks.clinic.clock.turn(hours=2)
    assert held() == [None]
    for _ in range(MOST_SECRETS - 1):
        done(ehr.post(path + "/secrets", json={"overlap_hours": 1}))
    refused = ehr.post(path + "/secrets", json={"overlap_hours": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_secrets_full")
    assert len(held()) == MOST_SECRETS
    done(ehr.post(path + "/secrets", json={"overlap_hours": 0}))
    assert held() == [None]


def test_an_endpoint_is_changed_and_removed_with_its_version(hooks: Hooks, ehr: Caller) -> None:
    path = f"{ENDPOINTS}/{done(ehr.post(ENDPOINTS, json=NEW))['id']}"
    done(ehr.post(path + "/pings"))
    changed = ehr.patch(path, json={"url": "https://other.example.org/", "enabled": False}, headers={"If-Match": '"1"'})
    assert (done(changed, 200)["url"], changed.json()["disabled_for"]) == ("https://other.example.org/", "asked")
    assert ehr.post(path + "/pings").json()["code"] == "webhook_endpoint_disabled"
    assert ehr.patch(path, json={"enabled": True}, headers={"If-Match": '"1"'}).status_code == 412
    again = done(ehr.patch(path, json={"enabled": True}, headers={"If-Match": changed.headers["etag"]}), 200)
    assert (again["enabled"], again["disabled_for"], again["event_types"]) == (True, None, NEW["event_types"])
    assert ehr.delete(path, headers={"If-Match": f'"{again["version"]}"'}).status_code == 204
    assert ehr.get(path).status_code == 404
    assert hooks.log(ehr) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_integration_has_no_more_endpoints_than_told(ehr: Caller) -> None:
    for _ in range(MOST_ENDPOINTS):
        done(ehr.post(ENDPOINTS, json=NEW))
    refused = ehr.post(ENDPOINTS, json=NEW)
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_endpoints_full")


def test_every_change_of_an_endpoint_stands_in_the_trail_and_no_delivery_does(
    hooks: Hooks, ehr: Caller, clinic: Clinic
) -> None:
    endpoint = hooks.endpoint(ehr)
    clinic.member("thea").post("/v1/couples", json={"partner_a": {"record_number": "1"}, "partner_b": {"record_number": "2"}})
    assert len(hooks.pass_on(endpoint)) == 1
    events = done(hooks.administrator().get("/v1/audit-events?limit=200"), 200)["items"]
    assert "add_webhook_endpoint" in {one["operation"] for one in events}
    assert not {"tell_webhooks", "send_webhooks"} & {one["operation"] for one in events}
