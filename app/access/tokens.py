"""Signed tokens of others: the one place where a JWT is believed, and nothing inside it is until its signature is.

The signature is joserfc's to check; what surrounds it is refused here, because a library accepts what standards allow.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from app.core import json_guard
from app.errors import MalformedError

LARGEST: Final = 8_192
LEEWAY: Final = timedelta(seconds=60)  # of another machine's clock
SMALLEST_RSA_BITS: Final = 2_048
MOST_KEYS: Final = 50
# Which kind of key makes which signature; whatever is not asymmetric is not here.
KINDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
}
PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
HEADERS: Final = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256", "jku"})
Jwk = Mapping[str, Any]
Claims = dict[str, Any]


class TokenRefusedError(Exception):
    """A token that is not believed; why is nobody's business but a test's."""


class KeyUnknownError(TokenRefusedError):
    """The token names a key that is not among those known."""


@dataclass(frozen=True)
class Expected:
    """What a token has to be: from whom, to whom, signed how, and how long it may live."""

    issuer: str
    audience: str
    algorithms: frozenset[str]
    longest_life: timedelta
    required: frozenset[str] = frozenset()
    """Claims that must be there as text."""
    key_address: str | None = None
    """Where the issuer's keys were registered: a `jku` may repeat it, and is never followed."""


def verified(token: str, keys: Sequence[Jwk], expected: Expected, now: datetime) -> Claims:
    """The claims of a token that one of these keys signed as expected. Raises TokenRefusedError, of which KeyUnknownError."""
    header, _claims, _signature = _parts(token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms & KINDS.keys():
        raise TokenRefusedError("alg")
    if not header.keys() <= HEADERS or str(header.get("typ", "JWT")).upper() != "JWT":
        raise TokenRefusedError("header")
    if "jku" in header and (expected.key_address is None or header["jku"] != expected.key_address):
        raise TokenRefusedError("jku")
    key = _key(header.get("kid"), algorithm, keys)
    try:
        signed = jws.deserialize_compact(token, JWKRegistry.import_key(dict(key)), algorithms=[algorithm], registry=REGISTRY)
    except (JoseError, ValueError, TypeError):
        raise TokenRefusedError("signature") from None
    claims = _object(signed.payload)
    _check(claims, expected, now)
    return claims


def claimed_issuer(token: str) -> str:
    """Whom a token says it is from, unbelieved: enough to look up whose keys to try. Raises TokenRefusedError."""
    _header, claims, _signature = _parts(token)
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        raise TokenRefusedError("iss")
    return issuer


def public_keys(document: object) -> list[dict[str, Any]]:
    """The public keys of a JSON Web Key Set that could sign; raises TokenRefusedError for one that holds a secret or no key."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS or not all(isinstance(key, dict) for key in keys):
        raise TokenRefusedError("not a key set")
    if any(PRIVATE & key.keys() for key in keys):
        raise TokenRefusedError("a private key")
    found = [key for key in keys if isinstance(key.get("kid"), str) and key.get("use", "sig") == "sig" and _is_strong(key)]
    if not found:
        raise TokenRefusedError("no key that could sign")
    return found


class _Registry(jws.JWSRegistry):
    """joserfc's limits, with headers as long as ours, which were checked before."""

    max_header_length = 4_096


REGISTRY: Final = _Registry(algorithms=list(KINDS), strict_check_header=False)


def _parts(token: str) -> tuple[Claims, Claims, bytes]:
    if len(token) > LARGEST or not token.isascii() or token.count(".") != 2:
        raise TokenRefusedError("form")
    header, claims, signature = (_decoded(part) for part in token.split("."))
    if not signature:
        raise TokenRefusedError("no signature")
    return _object(header), _object(claims), signature


def _decoded(part: str) -> bytes:
    """Base64url as RFC 7515 writes it and in no other way: two spellings of one token would be two tokens."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise TokenRefusedError("base64") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise TokenRefusedError("base64")
    return raw


def _object(raw: bytes | None) -> Claims:
    """A JSON object without duplicate names, NaN, or numbers beyond 2^53."""
    try:
        value = json_guard.decode(raw or b"")
    except MalformedError:
        raise TokenRefusedError("json") from None
    if not isinstance(value, dict):
        raise TokenRefusedError("json")
    return value


def _key(named: object, algorithm: str, keys: Sequence[Jwk]) -> Jwk:
    """The only key of this name, if it is of the kind the algorithm needs."""
    if not isinstance(named, str):
        raise TokenRefusedError("kid")
    found = [key for key in keys if key.get("kid") == named]
    if not found:
        raise KeyUnknownError("kid")
    kind, curve = KINDS[algorithm]
    fits = [key for key in found if key.get("kty") == kind and (curve is None or key.get("crv") == curve)]
    if len(found) != 1 or not fits or found[0].get("alg", algorithm) != algorithm or not _is_strong(found[0]):
        raise TokenRefusedError("key")
    return found[0]


def _is_strong(key: Jwk) -> bool:
    if key.get("kty") == "EC":
        return key.get("crv") in {curve for _kind, curve in KINDS.values() if curve}
    modulus = key.get("n")
    if key.get("kty") != "RSA" or not isinstance(modulus, str):
        return False
    return int.from_bytes(_decoded(modulus), "big").bit_length() >= SMALLEST_RSA_BITS


def _check(claims: Claims, expected: Expected, now: datetime) -> None:
    if claims.get("iss") != expected.issuer:
        raise TokenRefusedError("iss")
    if claims.get("aud") not in (expected.audience, [expected.audience]):
        raise TokenRefusedError("aud")
    if any(not isinstance(claims.get(name), str) or not 0 < len(claims[name]) <= 255 for name in expected.required):
        raise TokenRefusedError("required")
    moment, leeway, life = now.timestamp(), LEEWAY.total_seconds(), expected.longest_life.total_seconds()
    expires = _seconds(claims, "exp")
    if expires is None or not moment - leeway < expires <= moment + life + leeway:
        raise TokenRefusedError("exp")
    issued, begins = _seconds(claims, "iat"), _seconds(claims, "nbf")
    if issued is not None and (issued > moment + leeway or expires - issued > life):
        raise TokenRefusedError("iat")
    if begins is not None and begins > moment + leeway:
        raise TokenRefusedError("nbf")


def _seconds(claims: Claims, name: str) -> float | None:
    """Seconds since 1970 of a claim that is a number; a claim that is anything else is refused."""
    value = claims.get(name)
    if name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefusedError(name)
    return float(value)
