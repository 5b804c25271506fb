"""Tokens as attackers make them: each beside the one that is believed."""

import base64
import hmac
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from app.access.tokens import Expected, Jwk

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ISSUER, AUDIENCE = "https://id.example.org", "https://care.example.org/oauth/token"
EXPECTED = Expected(
    ISSUER, AUDIENCE, frozenset({"RS384", "ES384"}), timedelta(minutes=5), frozenset({"sub", "jti"}), ISSUER + "/jwks"
)
Json = dict[str, Any]


@cache
def pair(name: str, kind: str = "RSA", size: Any = 2048) -> RSAKey | ECKey:
    """A key pair that is made once."""
    made = RSAKey.generate_key(size, {"kid": name}) if kind == "RSA" else ECKey.generate_key(size, {"kid": name})
    assert isinstance(made, RSAKey | ECKey)
    return made


def public(key: RSAKey | ECKey, **more: Any) -> Json:
    """The half that may be known."""
    return {**key.as_dict(private=False), **more}


RSA, EC, OTHER = pair("rsa-1"), pair("ec-1", "EC", "P-384"), pair("rsa-1-of-another")
KEYS: list[Jwk] = [public(RSA, use="sig"), public(EC, use="sig")]


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changed: Any) -> Json:
    """Claims that are believed, but for what is changed; None takes one away."""
    seconds = int(NOW.timestamp())
    good = {"iss": ISSUER, "sub": ISSUER, "aud": AUDIENCE, "exp": seconds + 240, "iat": seconds, "jti": "once"}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(told: Json | bytes | None = None, header: Json | None = None, key: RSAKey | ECKey = RSA, alg: str = "RS384") -> str:
    """A token that was really signed, whatever it says."""
    head = {name: value for name, value in ({"alg": alg, "kid": key.kid} | (header or {})).items() if value is not None}
    payload = told if isinstance(told, bytes) else json.dumps(claims() if told is None else told).encode()
    model = jws.JWSRegistry.algorithms[head["alg"]]
    body = f"{b64(json.dumps(head).encode())}.{b64(payload)}"
    return f"{body}.{b64(model.sign(body.encode(), key))}"


def put_together(header: Json | bytes, payload: Json | bytes, signature: bytes) -> str:
    """A token of any parts."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    return ".".join(b64(part) for part in (*parts, signature))


def hmac_with(secret: bytes) -> str:
    """A token signed with a public key as if it were a shared secret."""
    body = f"{b64(json.dumps({'alg': 'HS256', 'kid': 'rsa-1'}).encode())}.{b64(json.dumps(claims()).encode())}"
    return f"{body}.{b64(hmac.digest(secret, body.encode(), 'sha256'))}"


def seconds(**by: float) -> int:
    """Seconds since 1970, so much from now."""
    return int((NOW + timedelta(**by)).timestamp())


def doubled(name: str, first: str, second: str) -> bytes:
    """Claims in which one stands twice."""
    rest = json.dumps(claims(**{name: None}))[1:]
    return f'{{"{name}": {first}, "{name}": {second}, {rest}'.encode()


RIGHT: dict[str, Callable[[], str]] = {
    "RS384": signed,
    "ES384": lambda: signed(key=EC, alg="ES384"),
    "audience in a list": lambda: signed(claims(aud=[AUDIENCE])),
    "typ JWT": lambda: signed(header={"typ": "JWT"}),
    "the registered jku": lambda: signed(header={"jku": ISSUER + "/jwks"}),
    "no iat": lambda: signed(claims(iat=None)),
    "a clock a minute ahead": lambda: signed(
        claims(iat=seconds(seconds=50), exp=seconds(seconds=350), nbf=seconds(seconds=50))
    ),
}
ATTACKS: dict[str, Callable[[], str]] = {
    "alg none": lambda: put_together({"alg": "none", "kid": "rsa-1"}, claims(), b""),
    "alg none with a signature": lambda: put_together({"alg": "none", "kid": "rsa-1"}, claims(), b"x"),
    "alg None in capitals": lambda: put_together({"alg": "NONE", "kid": "rsa-1"}, claims(), b"x"),
    "no alg": lambda: put_together({"kid": "rsa-1"}, claims(), b"x"),
    "alg a list": lambda: put_together({"alg": ["RS384"], "kid": "rsa-1"}, claims(), b"x"),
    "HS256 with the public key as PEM": lambda: hmac_with(RSA.as_pem(private=False)),
    "HS256 with the public key as DER": lambda: hmac_with(RSA.as_der(private=False)),
    "HS256 with the modulus": lambda: hmac_with(str(KEYS[0]["n"]).encode()),
    "HS256 with the key as JSON": lambda: hmac_with(json.dumps(dict(KEYS[0])).encode()),
    "an algorithm not expected": lambda: signed(alg="RS256"),
    "a stronger algorithm not expected": lambda: signed(alg="RS512"),
    "an elliptic signature under an RSA key's name": lambda: signed(header={"kid": "rsa-1"}, key=EC, alg="ES384"),
    "an RSA signature under an elliptic key's name": lambda: signed(header={"kid": "ec-1"}),
    "another's key under our key's name": lambda: signed(header={"kid": "rsa-1"}, key=OTHER),
    "an unknown kid": lambda: signed(header={"kid": "rsa-2"}),
    "no kid": lambda: signed(header={"kid": None}),
    "kid a path": lambda: signed(header={"kid": "../../../../dev/null"}),
    "kid a statement": lambda: signed(header={"kid": "rsa-1' OR '1'='1"}),
    "kid a number": lambda: signed(header={"kid": 1}),
    "kid a list": lambda: signed(header={"kid": ["rsa-1"]}),
    "kid an empty text": lambda: signed(header={"kid": ""}),
    "a jku of another": lambda: signed(header={"jku": "https://evil.example/jwks"}, key=OTHER),
    "a jku that begins like ours": lambda: signed(header={"jku": ISSUER + "/jwks.evil.example"}),
    "a jku with somebody in front": lambda: signed(header={"jku": "https://id.example.org@evil.example/jwks"}),
    "an x5u": lambda: signed(header={"x5u": "https://evil.example/cert"}),
    "an embedded jwk": lambda: signed(header={"jwk": public(OTHER), "kid": "rsa-1"}, key=OTHER),
    "an embedded jwk of ours": lambda: signed(header={"jwk": public(RSA)}),
    "an embedded certificate": lambda: signed(header={"x5c": ["MIIB"]}),
    "an unknown crit": lambda: signed(header={"crit": ["exp"], "exp": 1}),
    "an empty crit": lambda: signed(header={"crit": []}),
    "crit b64": lambda: signed(header={"crit": ["b64"], "b64": False}),
    "an unknown header": lambda: signed(header={"admin": True}),
    "zip": lambda: signed(header={"zip": "DEF"}),
    "typ of an access token": lambda: signed(header={"typ": "at+jwt"}),
    "nested": lambda: signed(signed().encode(), header={"cty": "JWT"}),
    "nested without saying so": lambda: signed(json.dumps(signed()).encode()),
    "encrypted form": lambda: signed() + ".x.y",
    "an empty signature": lambda: signed().rpartition(".")[0] + ".",
    "no signature": lambda: signed().rpartition(".")[0],
    "a signature cut short": lambda: signed()[:-4],
    "an elliptic signature of zeros": lambda: put_together({"alg": "ES384", "kid": "ec-1"}, claims(), b"\0" * 96),
    "an elliptic signature in DER": lambda: put_together(
        {"alg": "ES384", "kid": "ec-1"}, claims(), b"0\x06\x02\x01\x01\x02\x01\x01"
    ),
    "another's claims under a signature": lambda: ".".join(
        [signed().split(".")[0], b64(json.dumps(claims(sub="other")).encode()), signed().split(".")[2]]
    ),
    "padding": lambda: signed() + "=",
    "a line break": lambda: signed() + "\n",
    "a space in front": lambda: " " + signed(),
    "a letter beyond ASCII": lambda: signed() + "é",
    "nothing": lambda: "",
    "two dots": lambda: "..",
    "far too long": lambda: signed(claims(note="x" * 9_000)),
    "expired": lambda: signed(claims(exp=seconds(minutes=-2), iat=seconds(minutes=-5))),
    "no exp": lambda: signed(claims(exp=None)),
    "exp a text": lambda: signed(claims(exp=str(seconds(minutes=4)))),
    "exp true": lambda: signed(claims(exp=True)),
    "exp null": lambda: signed(json.dumps({**claims(), "exp": None}).encode()),
    "exp a list": lambda: signed(claims(exp=[seconds(minutes=4)])),
    "exp huge": lambda: signed(claims(exp=10**30)),
    "exp huge and a float": lambda: signed(json.dumps(claims(exp=0)).replace('"exp": 0', '"exp": 1e300').encode()),
    "exp NaN": lambda: signed(json.dumps(claims(exp=0)).replace('"exp": 0', '"exp": NaN').encode()),
    "a life longer than allowed": lambda: signed(claims(exp=seconds(minutes=5, seconds=1))),
    "a life longer than allowed without iat": lambda: signed(claims(iat=None, exp=seconds(minutes=6, seconds=1))),
    "issued later": lambda: signed(claims(iat=seconds(minutes=2), exp=seconds(minutes=4))),
    "iat a text": lambda: signed(claims(iat="now")),
    "not yet valid": lambda: signed(claims(nbf=seconds(minutes=2))),
    "nbf a text": lambda: signed(claims(nbf="0")),
    "a wrong issuer": lambda: signed(claims(iss="https://evil.example")),
    "an issuer that begins like ours": lambda: signed(claims(iss=ISSUER + ".evil.example")),
    "an issuer with a slash": lambda: signed(claims(iss=ISSUER + "/")),
    "no issuer": lambda: signed(claims(iss=None)),
    "issuers in a list": lambda: signed(claims(iss=[ISSUER])),
    "a wrong audience": lambda: signed(claims(aud="https://other.example/oauth/token")),
    "no audience": lambda: signed(claims(aud=None)),
    "our audience among others": lambda: signed(claims(aud=[AUDIENCE, "https://other.example"])),
    "an empty list of audiences": lambda: signed(claims(aud=[])),
    "an audience that holds ours": lambda: signed(claims(aud=AUDIENCE + "/v2")),
    "no jti": lambda: signed(claims(jti=None)),
    "jti empty": lambda: signed(claims(jti="")),
    "jti a number": lambda: signed(claims(jti=7)),
    "no subject": lambda: signed(claims(sub=None)),
    "two expiries": lambda: signed(doubled("exp", str(seconds(minutes=-9)), str(seconds(minutes=4)))),
    "two issuers": lambda: signed(doubled("iss", '"https://evil.example"', f'"{ISSUER}"')),
    "two audiences": lambda: signed(doubled("aud", f'"{AUDIENCE}"', '"https://evil.example"')),
    "two algorithms": lambda: put_together(
        b'{"alg": "none", "alg": "RS384", "kid": "rsa-1"}', claims(), base64.urlsafe_b64decode(signed().split(".")[2] + "==")
    ),
    "claims that are a list": lambda: signed(b"[]"),
    "claims that are nothing": lambda: signed(b""),
    "claims deeper than any": lambda: signed(b'{"a":' * 30 + b"1" + b"}" * 30),
    "claims that are no UTF-8": lambda: signed(b'{"iss": "\xff"}'),
}


@dataclass(frozen=True)
class Mutation:
    """A token with something changed at random; no two spellings are the same token."""

    token: str

    @staticmethod
    def drawn(number: int, seed: int) -> Iterator["Mutation"]:
        """So many, the same for the same seed."""
        chance = random.Random(seed)  # noqa: S311 - which letter is changed is no secret
        tokens = [signed(), signed(key=EC, alg="ES384"), signed(claims(jti="another"))]
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0\x7f\xe9"
        while number:
            token = chance.choice(tokens)
            changed = chance.choice(WAYS)(token, tokens, letters, chance)
            if changed not in tokens:
                number -= 1
                yield Mutation(changed)


def _letter(token: str, _tokens: list[str], letters: str, chance: random.Random) -> str:
    place = chance.randrange(len(token))
    return token[:place] + chance.choice(letters) + token[place + 1 :]


def _letters(token: str, tokens: list[str], letters: str, chance: random.Random) -> str:
    for _ in range(chance.randrange(2, 6)):
        token = _letter(token, tokens, letters, chance)
    return token


def _gone(token: str, _tokens: list[str], _letters: str, chance: random.Random) -> str:
    place = chance.randrange(len(token))
    return token[:place] + token[place + chance.randrange(1, 9) :]


def _more(token: str, _tokens: list[str], letters: str, chance: random.Random) -> str:
    place = chance.randrange(len(token) + 1)
    return token[:place] + chance.choice(letters) + token[place:]


def _swapped(token: str, tokens: list[str], _letters: str, chance: random.Random) -> str:
    mine, theirs = token.split("."), chance.choice(tokens).split(".")
    place = chance.randrange(3)
    return ".".join([*mine[:place], theirs[place], *mine[place + 1 :]])


def _bit(token: str, _tokens: list[str], _letters: str, chance: random.Random) -> str:
    parts = [bytearray(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")]
    part = chance.choice(parts)
    part[chance.randrange(len(part))] ^= 1 << chance.randrange(8)
    return ".".join(b64(bytes(one)) for one in parts)


WAYS = [_letter, _letters, _gone, _more, _swapped, _bit]
