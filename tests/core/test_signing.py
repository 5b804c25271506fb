"""A clinic's signatures hold for what was signed, for what it was signed as, and after the key has been retired."""

from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from app.core.signing import Purpose, Signature, create_signing_key, is_signed, public_keys, sign
from tests.conftest import Clinic

MESSAGE = b"rekindle-note-1 and what it says"


def signed(clinic: Clinic, message: bytes = MESSAGE, purpose: Purpose = Purpose.NOTE) -> Signature:
    with clinic.at_desk() as (session, vault):
        return sign(session, vault, purpose, message)


def keys_for(clinic: Clinic, purpose: Purpose = Purpose.NOTE) -> dict[UUID, bytes]:
    with clinic.at_desk() as (session, _vault):
        return public_keys(session, purpose)


def test_a_signature_is_the_one_of_rfc_8032_under_the_very_message(clinic: Clinic) -> None:
    signature = signed(clinic)
    [public] = keys_for(clinic).values()
    Ed25519PublicKey.from_public_bytes(public).verify(signature.value, MESSAGE)
    assert len(signature.value) == 64


def test_no_changed_bit_of_message_or_signature_is_signed(clinic: Clinic) -> None:
    signature, keys = signed(clinic), keys_for(clinic)

    @given(st.integers(0, len(MESSAGE) * 8 - 1), st.integers(0, 511))
    def changed(of_message: int, of_signature: int) -> None:
        assert not is_signed(keys, flipped(MESSAGE, of_message), signature)
        assert not is_signed(keys, MESSAGE, replace(signature, value=flipped(signature.value, of_signature)))

    changed()
    assert is_signed(keys, MESSAGE, signature)
    assert not is_signed(keys, MESSAGE, replace(signature, value=b""))


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("purpose", [Purpose.CHECKPOINT, Purpose.TOMBSTONE])
def test_a_signature_for_one_purpose_is_none_for_another(clinic: Clinic, purpose: Purpose) -> None:
    assert not is_signed(keys_for(clinic, purpose), MESSAGE, signed(clinic))


def test_a_retired_key_still_verifies_and_never_signs_again(clinic: Clinic) -> None:
    before = signed(clinic)
    with clinic.at_desk() as (session, vault):
        create_signing_key(session, vault, Purpose.NOTE, clinic.clock())
    after = signed(clinic)
    assert after.key_id != before.key_id
    keys = keys_for(clinic)
    assert len(keys) == 2
    assert is_signed(keys, MESSAGE, before)
    assert is_signed(keys, MESSAGE, after)
