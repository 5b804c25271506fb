"""No forged token is believed, and every one that is right is."""

import os
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning

from app.access.tokens import KeyUnknownError, TokenRefusedError, public_keys, verified
from tests.access.forged import ATTACKS, EC, EXPECTED, KEYS, NOW, OTHER, RIGHT, RSA, Mutation, claims, pair, public, signed

MUTATIONS = int(os.environ.get("REKINDLE_TOKEN_MUTATIONS", "500"))


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_token_is_believed(name: str) -> None:
    assert verified(RIGHT[name](), KEYS, EXPECTED, NOW)["jti"] == "once"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused(name: str) -> None:
    with pytest.raises(TokenRefusedError):
        verified(ATTACKS[name](), KEYS, EXPECTED, NOW)


@pytest.mark.timeout(0 if MUTATIONS > 10_000 else 120)
def test_no_mutation_is_believed() -> None:
    accepted = 0
    for mutation in Mutation.drawn(MUTATIONS, seed=MUTATIONS):
        try:
            verified(mutation.token, KEYS, EXPECTED, NOW)
        except TokenRefusedError:
            continue
        accepted += 1
    print(f"{MUTATIONS} mutations, {accepted} accepted")  # noqa: T201 - the figure of the long run
    assert accepted == 0
    assert verified(signed(), KEYS, EXPECTED, NOW)["jti"] == "once"  # the control


@pytest.mark.parametrize("name", ["exp huge", "another's key under our key's name", "two expiries", "a wrong audience"])
def test_a_library_left_to_itself_would_be_noticed(name: str) -> None:
    keys: dict[str, Any] = {"another's key under our key's name": OTHER}
    taken = jwt.decode(ATTACKS[name](), keys.get(name, RSA), algorithms=["RS384"])  # its claims are nobody's to check
    assert taken.claims


def test_an_unknown_key_is_told_apart_so_that_keys_can_be_fetched_anew() -> None:
    with pytest.raises(KeyUnknownError):
        verified(ATTACKS["an unknown kid"](), KEYS, EXPECTED, NOW)


def test_a_name_that_two_keys_bear_is_nobodys() -> None:
    with pytest.raises(TokenRefusedError):
        verified(signed(), [*KEYS, public(OTHER, kid="rsa-1")], EXPECTED, NOW)


def test_a_key_for_another_algorithm_or_use_signs_nothing() -> None:
    with pytest.raises(TokenRefusedError):
        verified(signed(), [public(RSA, alg="RS256")], EXPECTED, NOW)
    with pytest.raises(TokenRefusedError):
        public_keys({"keys": [public(RSA, use="enc")]})


def test_a_short_key_signs_nothing() -> None:
    with pytest.warns(SecurityWarning):
        short = pair("short", size=1024)
    with pytest.raises(TokenRefusedError):
        verified(signed(key=short), [public(short)], EXPECTED, NOW)
    with pytest.raises(TokenRefusedError):
        public_keys({"keys": [public(short)]})


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"keys": {}},
        {"keys": []},
        {"keys": ["x"]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1"}]},
        {"keys": [RSA.as_dict(private=True)]},
        {"keys": [{**public(RSA), "kid": None}]},
        {"keys": [{**public(EC), "crv": "secp256k1"}]},
        {"keys": [public(RSA)] * 51},
    ],
)
def test_a_key_set_that_holds_a_secret_or_no_key_is_refused(document: Any) -> None:
    with pytest.raises(TokenRefusedError):
        public_keys(document)


def test_keys_of_other_kinds_in_a_set_do_no_harm() -> None:
    assert public_keys({"keys": [*KEYS, {"kty": "OKP", "kid": "x", "crv": "Ed25519", "x": "AA"}]}) == KEYS


def test_claims_are_told_as_they_were_signed() -> None:
    assert verified(signed(claims(scope="couples:read")), KEYS, EXPECTED, NOW)["scope"] == "couples:read"
