"""What members and integrations send, `rk_<env>_<id>_<secret>_<crc>`, and the links of partners, `<id><secret><crc>`.

A key begins with `rk`, the token of a sign-in with `rks`, the token of a client with `rkt`.

The id names the clinic and the credential, so that a key is looked up within its clinic; the checksum lets typing errors be
refused without a look-up, and scanners find leaked keys by their form.
"""

import hmac
import secrets
import zlib
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LETTERS: Final = 43  # 32 bytes
SECRET_LETTERS: Final = 43  # 256 bits, so a plain SHA-256 of it is enough to keep
CHECK_LETTERS: Final = 6
CLIENT: Final = "rkc_"


class Form(StrEnum):
    """What a bearer token is: its first letters say so."""

    KEY = "rk"
    SIGN_IN = "rks"
    ACCESS = "rkt"


FORMS: Final = frozenset(Form)


@dataclass(frozen=True)
class Key:
    """A key as it was read: whose it claims to be, and its secret."""

    clinic_id: UUID
    credential_id: UUID
    secret: str
    form: Form = Form.KEY

    def opens(self, secret_hash: str) -> bool:
        """Whether the secret is the one that was hashed."""
        return hmac.compare_digest(hash_of(self.secret), secret_hash)


def hash_of(secret: str) -> str:
    """SHA-256 of a secret, in hexadecimal."""
    return sha256(secret.encode()).hexdigest()


def issue(environment: str, clinic_id: UUID, credential_id: UUID, form: Form = Form.KEY) -> tuple[str, str]:
    """A new key and the hash of its secret; the key is shown once and never kept."""
    secret = _letters(secrets.randbits(256), SECRET_LETTERS)
    named = _letters(clinic_id.int << 128 | credential_id.int, ID_LETTERS)
    body = f"{form}_{environment}_{named}_{secret}"
    return f"{body}_{_check(body)}", hash_of(secret)


def read(text: str) -> Key | None:
    """The key, or None when it is not one or was mistyped."""
    parts = text.split("_")
    if len(parts) != 5 or parts[0] not in FORMS or len(parts[2]) != ID_LETTERS or len(parts[3]) != SECRET_LETTERS:
        return None
    body = "_".join(parts[:-1])
    number = _number(parts[2])
    if number is None or number >> 256 or not text.isascii() or _check(body) != parts[4]:
        return None
    return Key(UUID(int=number >> 128), UUID(int=number & ((1 << 128) - 1)), parts[3], Form(parts[0]))


def client_id(clinic_id: UUID, client: UUID) -> str:
    """The name of a client, which says which clinic's it is and holds no secret."""
    return CLIENT + _letters(clinic_id.int << 128 | client.int, ID_LETTERS)


def read_client_id(text: str) -> tuple[UUID, UUID] | None:
    """The clinic and the client that a name claims, or None when it is none."""
    number = _number(text.removeprefix(CLIENT))
    if not text.startswith(CLIENT) or len(text) != len(CLIENT) + ID_LETTERS or number is None or number >> 256:
        return None
    return UUID(int=number >> 128), UUID(int=number & ((1 << 128) - 1))


def issue_link(clinic_id: UUID, link_id: UUID) -> tuple[str, str]:
    """A new link and its secret: a key's parts in one word, of which nothing can be read but the two ids."""
    secret = _letters(secrets.randbits(256), SECRET_LETTERS)
    body = _letters(clinic_id.int << 128 | link_id.int, ID_LETTERS) + secret
    return body + _check(body), secret


def read_link(text: str) -> Key | None:
    """The parts of a link, or None when it is none or was mistyped."""
    body, check = text[:-CHECK_LETTERS], text[-CHECK_LETTERS:]
    number = _number(body[:ID_LETTERS])
    if len(body) != ID_LETTERS + SECRET_LETTERS or _number(body) is None or number is None or number >> 256:
        return None
    return (
        Key(UUID(int=number >> 128), UUID(int=number & ((1 << 128) - 1)), body[ID_LETTERS:]) if _check(body) == check else None
    )


def _check(body: str) -> str:
    return _letters(zlib.crc32(body.encode()), CHECK_LETTERS)


def _letters(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        letters.append(DIGITS[digit])
    return "".join(reversed(letters))


def _number(letters: str) -> int | None:
    number = 0
    for letter in letters:
        digit = DIGITS.find(letter)
        if digit < 0:
            return None
        number = number * 62 + digit
    return number
