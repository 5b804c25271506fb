"""Members sign in through their clinic's provider, and nobody does with what the provider said to somebody else."""

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from app.access import identities
from app.access.key_sources import CEILING_SECONDS, FLOOR_SECONDS, KeysAwayError, KeySources
from app.access.models import Member
from app.access.tokens import KeyUnknownError
from app.core.ids import decode
from app.core.outbound import Outbound
from app.ledger.models import LedgerEvent
from tests.access.connected import Connected
from tests.access.forged import EC, EXPECTED, NOW, OTHER, RSA, public, signed
from tests.access.identified import CALLBACK, Identified, by_another_key
from tests.access.test_sign_ins import member
from tests.conftest import Clinic, Wristwatch
from tests.peer import Peer
from tests.safety.records import done


@pytest.fixture
def hospital(away: Peer, clinic: Clinic) -> Identified:
    """A provider, to which one member is known."""
    found = Identified(away, clinic)
    found.bind(member(clinic, password=None))
    return found


def refused(found: Any) -> None:
    """Every refusal says the same."""
    assert (found.status_code, found.json()["code"]) == (401, "sign_in_refused"), found.text


def test_a_member_who_comes_back_from_the_provider_is_signed_in(hospital: Identified, clinic: Clinic) -> None:
    begun = hospital.begin()
    made = done(hospital.come_back(begun))
    caller = clinic.caller(made["token"], made["member_id"])
    me = done(caller.get("/v1/me"), 200)
    assert (made["method"], me["role"]) == ("provider", "therapist")
    assert me["proven_at"] is not None
    with clinic.at_desk() as (session, _vault):
        found = session.scalars(select(LedgerEvent).where(LedgerEvent.subject == "sign_in")).one()
    assert (found.kind, found.actor_kind, found.actor_id) == ("create", "member", decode("mem", made["member_id"]))


def test_the_member_is_sent_with_state_nonce_and_a_challenge_that_the_exchange_answers(hospital: Identified) -> None:
    begun = hospital.begin()
    asked = begun["asked"]
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", "rekindle", CALLBACK)
    assert (asked["scope"], asked["code_challenge_method"], asked["nonce"]) == ("openid", "S256", begun["nonce"])
    assert begun["ticket"] not in begun["authorization_url"]
    done(hospital.come_back(begun))
    digest = base64.urlsafe_b64encode(sha256(hospital.verifiers[0].encode()).digest()).rstrip(b"=").decode()
    assert asked["code_challenge"] == digest
    assert len(hospital.verifiers[0]) >= 43  # RFC 7636 section 4.1
    other = hospital.begin()["asked"]
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(other.values())


def test_a_fresh_sign_in_asks_for_a_new_proof(hospital: Identified) -> None:
    assert "max_age" not in hospital.begin()["asked"]
    asked = hospital.begin(fresh=True)["asked"]
    assert (asked["max_age"], asked["prompt"]) == ("0", "login")


@pytest.mark.parametrize(
    ("changed", "proves"),
    [
        ({}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": None}, False),
        ({"amr": "mfa"}, False),
        ({"auth_time": None}, False),
        ({"auth_time": "now"}, False),
        ({"auth_time": True}, False),
        ({"acr": "mfa", "amr": None}, False),
    ],
)
def test_only_a_strong_sign_in_that_says_when_proves(hospital: Identified, changed: dict[str, Any], proves: bool) -> None:
    begun = hospital.begin()
    made = done(hospital.come_back(begun, hospital.token(begun, **changed)))
    assert (made["proven_at"] is not None) is proves


def test_an_old_sign_in_at_the_provider_proves_as_of_then(hospital: Identified, clock: Wristwatch) -> None:
    begun = hospital.begin()
    an_hour_ago = int(clock().timestamp()) - 3_600
    made = done(hospital.come_back(begun, hospital.token(begun, auth_time=an_hour_ago)))
    assert made["proven_at"] < made["created_at"][:14]


def test_a_token_that_was_asked_for_with_the_tickets_nonce_signs_in_too_and_once(hospital: Identified) -> None:
    begun = hospital.begin()
    proof = {"provider": "hospital", "ticket": begun["ticket"], "id_token": hospital.token(begun)}
    done(hospital.post("/v1/sign-ins", provider=proof))
    refused(hospital.post("/v1/sign-ins", provider=proof))
    refused(hospital.come_back(begun))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["rekindle", "another"]},
        {"azp": "another"},
        {"sub": "subject-8"},
        {"sub": None},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 1},
    ],
)
def test_a_token_that_says_something_else_is_refused(hospital: Identified, changed: dict[str, Any]) -> None:
    begun = hospital.begin()
    refused(hospital.come_back(begun, hospital.token(begun, **changed)))


def test_a_token_signed_by_another_is_refused(hospital: Identified) -> None:
    begun = hospital.begin()
    refused(hospital.come_back(begun, by_another_key(hospital.claims(begun))))
    refused(hospital.come_back(begun, signed(hospital.claims(begun), alg="RS384")))
    refused(hospital.come_back(begun, "no.token.at-all"))


def test_what_one_browser_began_another_cannot_end(hospital: Identified) -> None:
    mine, theirs = hospital.begin(), hospital.begin()
    refused(hospital.come_back(mine, ticket=theirs["ticket"]))
    refused(hospital.come_back(mine, state=theirs["asked"]["state"]))
    refused(hospital.come_back(mine, hospital.token(theirs)))
    refused(hospital.come_back(mine, code="code-of-nobody"))
    refused(hospital.come_back(mine, ticket=mine["ticket"][:-4] + "AAAA"))
    refused(hospital.come_back(mine, ticket="x"))


def test_a_ticket_ends_after_ten_minutes(hospital: Identified, clock: Wristwatch) -> None:
    begun = hospital.begin()
    clock.turn(minutes=10)
    refused(hospital.come_back(begun))


def test_a_ticket_of_one_clinic_is_none_of_another(hospital: Identified, new_clinic: Callable[[], Clinic]) -> None:
    if hospital.clinic.settings.sqlite_file is not None:
        return  # a SQLite file holds one clinic
    begun, first = hospital.begin(), hospital.clinic
    hospital.clinic = new_clinic()
    hospital.bind(member(hospital.clinic, password=None))
    refused(hospital.come_back(begun))
    hospital.clinic = first
    done(hospital.come_back(begun))


def test_a_member_is_signed_in_to_the_clinic_that_bound_them_alone(
    hospital: Identified, new_clinic: Callable[[], Clinic]
) -> None:
    if hospital.clinic.settings.sqlite_file is not None:
        return  # a SQLite file holds one clinic
    hospital.clinic = new_clinic()
    refused(hospital.come_back(hospital.begin()))


def test_a_provider_signs_in_to_the_clinics_it_was_told_alone(away: Peer, clinic: Clinic) -> None:
    elsewhere = Identified(away, clinic, clinics=("cln_" + "0" * 26,))
    found = elsewhere.post("/v1/sign-in-redirects", provider="hospital")
    assert (found.status_code, found.json()["errors"][0]["code"]) == (422, "provider_unknown")


def test_who_left_or_is_not_bound_is_refused(hospital: Identified, clinic: Clinic) -> None:
    with clinic.at_desk() as (session, _vault):
        session.execute(update(Member).values(ended_at=clinic.clock()))
    refused(hospital.come_back(hospital.begin()))


def test_a_name_of_one_issuer_is_nobody_of_another(hospital: Identified, clinic: Clinic) -> None:
    hospital.bind(member(clinic, "bert", None), "subject-9", "https://other.example")
    begun = hospital.begin()
    refused(hospital.come_back(begun, hospital.token(begun, sub="subject-9")))


def test_a_name_means_one_member(hospital: Identified, clinic: Clinic) -> None:
    other = member(clinic, "bert", None)
    with pytest.raises(identities.IdentityTakenError):
        hospital.bind(other)


def test_only_listed_addresses_are_sent_back_to(hospital: Identified) -> None:
    for path, body in (
        ("/v1/sign-in-redirects", {"provider": "hospital", "redirect_uri": CALLBACK + ".evil.example"}),
        ("/v1/sign-in-redirects", {"provider": "clinic"}),
    ):
        assert hospital.post(path, **body).status_code == 422


def test_discovery_is_believed_about_the_issuers_own_host_alone(hospital: Identified, away: Peer) -> None:
    told = {"issuer": hospital.issuer, "authorization_endpoint": hospital.issuer + "/authorize"}
    answers: list[Any] = [
        {**told, "token_endpoint": "https://localhost.evil.example/token", "jwks_uri": hospital.issuer + "/keys"},
        {**told, "token_endpoint": hospital.issuer + "/token", "jwks_uri": "https://evil.example/keys"},
        {**told, "issuer": "https://evil.example", "token_endpoint": hospital.issuer + "/token", "jwks_uri": "x"},
        [],
    ]
    for wrong in answers:
        away.says("/realms/care/.well-known/openid-configuration", wrong)
        runtime = hospital.runtime
        runtime.providers = type(runtime.providers)((hospital.provider,), runtime.outbound, runtime.key_sources)
        found = hospital.post("/v1/sign-in-redirects", provider="hospital")
        assert (found.status_code, found.json()["code"]) == (503, "provider_unavailable"), wrong


def test_a_provider_that_is_away_is_said_to_be_and_asked_again_after_a_while_only(hospital: Identified, away: Peer) -> None:
    path = "/realms/care/.well-known/openid-configuration"
    away.answers[path] = lambda _body: (500, {}, b"{}")
    for _ in range(3):
        assert hospital.post("/v1/sign-in-redirects", provider="hospital").json()["code"] == "provider_unavailable"
    assert away.count(path) == 1


def test_no_address_inside_a_token_is_ever_asked(hospital: Identified, away: Peer) -> None:
    begun = hospital.begin()
    evil = away.address + "/evil"
    away.says("/evil", {"keys": [public(OTHER)]})
    for header in ({"jku": evil}, {"x5u": evil}, {"jwk": public(OTHER)}):
        refused(hospital.come_back(begun, signed(hospital.claims(begun), header, OTHER, "RS256")))
    refused(hospital.come_back(begun, hospital.token(begun, iss=evil)))
    assert away.count("/evil") == 0


class Ticks:
    """Seconds that a test counts."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Now."""
        return self.now


def test_keys_are_kept_between_a_floor_and_a_ceiling(away: Peer) -> None:
    ticks, url = Ticks(), away.address + "/keys"
    away.says("/keys", {"keys": [public(EC)]})
    sources = KeySources(Outbound(("localhost",)), ticks)

    def believed(token: str) -> str:
        return str(sources.verified(token, url, EXPECTED, lambda: NOW)["jti"])

    assert [believed(signed(key=EC, alg="ES384")) for _ in range(5)] == ["once"] * 5
    assert away.count("/keys") == 1
    for _ in range(20):  # unknown names bring no request before the floor
        with pytest.raises(KeyUnknownError):
            believed(signed())
    assert away.count("/keys") == 1
    away.says("/keys", {"keys": [public(EC), public(RSA)]})
    ticks.now += FLOOR_SECONDS
    assert believed(signed()) == "once"
    assert away.count("/keys") == 2
    away.answers["/keys"] = lambda _body: (500, {}, b"")
    ticks.now += CEILING_SECONDS
    assert believed(signed()) == "once"  # known keys stay good to the second
    ticks.now += 1
    with pytest.raises(KeysAwayError):
        believed(signed())
    with pytest.raises(KeysAwayError):
        believed(signed())
    assert away.count("/keys") == 3
    away.says("/keys", {"keys": [public(EC)]})  # a key that its owner took back is gone by the next fetch
    ticks.now += FLOOR_SECONDS
    with pytest.raises(KeyUnknownError):
        believed(signed())


def test_a_client_may_publish_its_keys_at_an_address(away: Peer, clinic: Clinic) -> None:
    Identified(away, clinic)  # with its runtime this machine may be asked
    away.says("/ehr/keys", {"keys": [public(RSA)]})
    software = Connected(clinic, jwks_url=away.address + "/ehr/keys")
    assert software.caller().get("/v1/couples").status_code == 200
    with_jku = signed(software.claims(), {"jku": away.address + "/ehr/keys"})
    assert software.ask(with_jku).status_code == 200
    assert away.count("/ehr/keys") == 1
    away.answers["/ehr/keys"] = lambda _body: (302, {"Location": "http://169.254.169.254/"}, b"")
    clinic.app.state.runtime.key_sources = KeySources(clinic.app.state.runtime.outbound)
    assert (software.ask().status_code, software.ask().json()["error"]) == (503, "temporarily_unavailable")


def test_the_address_to_sign_in_at_is_the_providers(hospital: Identified) -> None:
    parts = urlsplit(hospital.begin()["authorization_url"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == hospital.issuer + "/authorize"
