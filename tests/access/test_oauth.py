"""Software proves itself with its own private key and works with tokens of five minutes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from app.access.models import AccessToken, Integration, OAuthClient, UsedProof
from app.core.limits import Limiter
from app.ledger.models import LedgerEvent
from tests.access.connected import PUBLISHED, Connected
from tests.access.forged import EC, OTHER, RSA, signed
from tests.conftest import Clinic, Wristwatch
from tests.couples.test_couples import new_couple


@pytest.fixture
def software(clinic: Clinic) -> Connected:
    """An integration with keys of its own."""
    return Connected(clinic)


def error(found: Any) -> tuple[int, str]:
    """What a refusal says, which has the form of RFC 6749 and is not to be stored."""
    assert set(found.json()) == {"error", "error_description"}, found.text
    assert (found.headers["Cache-Control"], found.headers["Content-Type"]) == ("no-store", "application/json")
    return found.status_code, found.json()["error"]


def told(clinic: Clinic) -> list[tuple[str, str]]:
    """What the trail says of tokens."""
    with clinic.at_desk() as (session, _vault):
        found = session.scalars(select(LedgerEvent).where(LedgerEvent.subject == "access_token").order_by(LedgerEvent.id)).all()
    return [(event.kind, event.actor_kind) for event in found]


@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS384"), (EC, "ES384")])
def test_a_client_that_proves_itself_gets_five_minutes(software: Connected, clinic: Clinic, key: Any, alg: str) -> None:
    found = software.ask(signed(software.claims(), key=key, alg=alg))
    assert found.status_code == 200, found.text
    made = found.json()
    assert (made["token_type"], made["expires_in"], made["scope"]) == ("bearer", 300, "couples:read couples:write")
    assert (found.headers["Cache-Control"], found.headers["Pragma"]) == ("no-store", "no-cache")
    caller = clinic.caller(made["access_token"], software.integration_id)
    me = caller.get("/v1/me").json()
    assert (me["kind"], me["proven_at"]) == ("integration", None)
    assert caller.post("/v1/couples", json=new_couple()).status_code == 201
    assert told(clinic) == [("create", "integration")]


def test_a_token_ends_after_five_minutes(software: Connected, clock: Wristwatch) -> None:
    caller = software.caller()
    clock.turn(seconds=290)
    assert caller.get("/v1/couples").status_code == 200
    clock.turn(seconds=10)
    assert caller.get("/v1/couples").status_code == 401
    assert software.caller().get("/v1/couples").status_code == 200
    with software.clinic.at_desk() as (session, _vault):
        assert len(session.scalars(select(AccessToken)).all()) == 1  # what ran out is forgotten


def test_a_token_does_no_more_than_was_asked_for(software: Connected) -> None:
    narrow = software.caller(scope="couples:read")
    assert narrow.get("/v1/couples").status_code == 200
    assert narrow.post("/v1/couples", json=new_couple()).status_code == 403


@pytest.mark.parametrize(
    "scope", ["notes:read", "everything", "couples:read safety:read", "couples:read  couples:write", "system/*.rs"]
)
def test_a_scope_that_the_integration_does_not_have_is_refused_and_the_assertion_stays_good(
    software: Connected, scope: str
) -> None:
    assertion = software.assertion()
    assert error(software.ask(assertion, scope=scope)) == (400, "invalid_scope")
    assert software.ask(assertion).status_code == 200


def test_an_assertion_is_taken_once(software: Connected, clinic: Clinic) -> None:
    assertion = software.assertion()
    assert software.ask(assertion).status_code == 200
    assert error(software.ask(assertion)) == (401, "invalid_client")
    assert error(software.ask(software.assertion(jti="jti-1"))) == (401, "invalid_client")
    assert told(clinic) == [("create", "integration"), ("refuse", "stranger"), ("refuse", "stranger")]


def test_an_assertion_shown_many_times_at_once_is_taken_once(software: Connected) -> None:
    assertion = software.assertion()
    with ThreadPoolExecutor(8) as many:
        found = sorted(many.map(lambda _: software.ask(assertion).status_code, range(8)))
    assert found == [200] + [401] * 7


def test_another_clients_jti_is_its_own(software: Connected, clinic: Clinic) -> None:
    other = Connected(clinic, name="other")
    assert software.ask(software.assertion(jti="same")).status_code == 200
    assert other.ask(other.assertion(jti="same")).status_code == 200


def test_used_assertions_are_forgotten_once_they_could_not_be_taken_anyway(software: Connected, clock: Wristwatch) -> None:
    old = software.assertion()
    assert software.ask(old).status_code == 200
    clock.turn(minutes=11)
    assert software.ask().status_code == 200
    assert error(software.ask(old)) == (401, "invalid_client")
    with software.clinic.at_desk() as (session, _vault):
        assert len(session.scalars(select(UsedProof)).all()) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://care.example.org/oauth/token"},
        {"sub": "rkc_" + "0" * 43},
        {"iss": "rkc_" + "0" * 43},
        {"iss": "nobody"},
        {"exp": None},
        {"jti": None},
    ],
)
def test_an_assertion_that_says_something_else_is_refused(software: Connected, changed: dict[str, Any]) -> None:
    assert error(software.ask(software.assertion(**changed))) == (401, "invalid_client")


def test_an_assertion_longer_than_five_minutes_is_refused(software: Connected, clock: Wristwatch) -> None:
    seconds = int(clock().timestamp())
    assert error(software.ask(software.assertion(iat=seconds, exp=seconds + 301))) == (401, "invalid_client")
    assert software.ask(software.assertion(iat=seconds, exp=seconds + 300)).status_code == 200


def test_another_key_under_the_same_name_is_refused(software: Connected) -> None:
    assert error(software.ask(signed(software.claims(), {"kid": "rsa-1"}, OTHER))) == (401, "invalid_client")


def test_one_clinics_client_is_nobody_in_another(software: Connected, new_clinic: Callable[[], Clinic]) -> None:
    if software.clinic.settings.sqlite_file is not None:
        return  # a SQLite file holds one clinic
    other = Connected(new_clinic())
    crossed = signed(other.claims(iss=software.client_id, sub=software.client_id))
    moved = other.client_id[:25] + software.client_id[25:]
    assert software.ask(crossed).status_code == 200  # the same key pair, and the clinic that the client names
    assert error(other.ask(signed(other.claims(iss=moved, sub=moved)))) == (401, "invalid_client")


@pytest.mark.parametrize("table", [OAuthClient, Integration])
def test_who_is_revoked_is_out_at_the_next_request(software: Connected, table: Any) -> None:
    caller = software.caller()
    assert caller.get("/v1/couples").status_code == 200
    gone = {"revoked_at" if table is OAuthClient else "ended_at": software.clinic.clock()}
    with software.clinic.at_desk() as (session, _vault):
        session.execute(update(table).values(**gone))
    assert caller.get("/v1/couples").status_code == 401
    assert error(software.ask()) == (401, "invalid_client")


def test_a_scope_taken_from_an_integration_is_gone_from_its_tokens_at_once(software: Connected) -> None:
    caller = software.caller()
    with software.clinic.at_desk() as (session, _vault):
        session.execute(update(Integration).values(scopes=["couples:read"]))
    assert caller.post("/v1/couples", json=new_couple()).status_code == 403
    assert caller.get("/v1/couples").status_code == 200


def test_a_retry_with_the_next_token_is_still_a_retry(software: Connected) -> None:
    key = {"Idempotency-Key": "import-1"}
    first = software.caller().post("/v1/couples", json=new_couple(), headers=key)
    again = software.caller().post("/v1/couples", json=new_couple(), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", (400, "invalid_request")),
        (b"grant_type=authorization_code", (400, "unsupported_grant_type")),
        (b"grant_type=client_credentials", (400, "invalid_request")),
        (b"grant_type=client_credentials&grant_type=client_credentials", (400, "invalid_request")),
        (b"grant_type=client_credentials&client_assertion_type=x&client_assertion=y", (401, "invalid_client")),
        (b"grant_type=%ff", (400, "invalid_request")),
        (b"\xff\xfe", (400, "invalid_request")),
        (b"&".join(b"a%d=1" % number for number in range(40)), (400, "invalid_request")),
        (b'{"grant_type": "client_credentials"}', (400, "invalid_request")),
    ],
)
def test_a_form_that_is_none_is_refused_in_the_words_of_the_standard(
    clinic: Clinic, body: bytes, refusal: tuple[int, str]
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert error(clinic.anonymous().post("/oauth/token", content=body, headers=headers)) == refusal


def test_json_is_no_form_and_nothing_belongs_into_the_address(clinic: Clinic) -> None:
    nobody = clinic.anonymous()
    assert error(nobody.post("/oauth/token", json={"grant_type": "client_credentials"})) == (400, "invalid_request")
    form = {"grant_type": "client_credentials"}
    assert error(nobody.post("/oauth/token?client_assertion=x", data=form)) == (400, "invalid_request")


def test_too_many_requests_from_one_address_are_stopped(software: Connected) -> None:
    software.clinic.app.state.runtime.strangers = Limiter(2)
    assert [software.ask().status_code for _ in range(3)] == [200, 200, 429]
    assert error(software.ask()) == (429, "temporarily_unavailable")


def test_only_a_hash_of_the_token_is_kept_and_nothing_of_it_is_in_the_trail(software: Connected, clinic: Clinic) -> None:
    token = software.ask().json()["access_token"]
    with clinic.at_desk() as (session, _vault):
        kept = [str(vars(row)) for table in (AccessToken, LedgerEvent, OAuthClient) for row in session.scalars(select(table))]
    assert not any(token.split("_")[3] in row for row in kept)


def test_only_public_keys_are_kept(software: Connected) -> None:
    assert software.row.jwks is not None
    assert '"d"' not in software.row.jwks
    assert all(key["kid"] in software.row.jwks for key in PUBLISHED["keys"])
