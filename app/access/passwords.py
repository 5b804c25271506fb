"""Passwords of members: what may be one, and their Argon2id hashes."""

import secrets
import unicodedata
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app.errors import InvalidError

# RFC 9106 section 4, second recommended option: 64 MiB, three passes, four lanes.
ITERATIONS: Final = 3
LANES: Final = 4
MEMORY_KIB: Final = 65_536
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
SHORTEST: Final = 12
LONGEST: Final = 256
FEWEST_LETTERS: Final = 6
# The hash of nothing that anybody can send: it takes a stranger's password as long to be wrong here as at a member's.
NOBODYS: Final = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}$U5ur2VCQbGDwHHooEypjCA$nXlt4de/u0gdJi21Iv3dsIqbZaqA49WlJMHjQgi6vXs"
)


class PasswordWeakError(InvalidError):
    """A password that could be guessed."""

    code = "password_weak"
    detail = f"A password has {SHORTEST} to {LONGEST} characters, {FEWEST_LETTERS} different ones, and does not hold the login."


def check(password: str, login: str) -> None:
    """Length, and no rules of composition (NIST SP 800-63B-4 section 3.1.1.2). Raises PasswordWeakError."""
    plain = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(plain) <= LONGEST or len(set(plain)) < FEWEST_LETTERS or login.casefold() in plain.casefold():
        raise PasswordWeakError


def hash_of(password: str) -> str:
    """The hash to keep, with its parameters and salt in it."""
    kdf = Argon2id(
        salt=secrets.token_bytes(SALT_BYTES), length=HASH_BYTES, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB
    )
    return kdf.derive_phc_encoded(_bytes(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password is the one that was hashed; without a hash it takes as long to say no."""
    try:
        Argon2id.verify_phc_encoded(_bytes(password), kept or NOBODYS)
    except InvalidKey:
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than new ones are."""
    return not kept.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={ITERATIONS},p={LANES}$")


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()
