"""Ids of FHIR resources: of the row they show, enciphered by clinic, type and partner.

What both partners have of one row (a visit, a plan) are two resources, and nobody can tell from two ids that they are of one
row, of one couple or of one moment: the record's own ids begin with the time they were made at. No table is needed, because the
cipher is a permutation of ids that the service alone can undo.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from app.core.crypto import Vault

LETTERS: Final = frozenset("0123456789abcdef")
LENGTH: Final = 32


class Ids:
    """The ids of one clinic's resources, within one transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._ciphers: dict[tuple[str, str], tuple[CipherContext, CipherContext]] = {}

    def of(self, type_: str, row_id: UUID, slot: str = "") -> str:
        """The id of what a row is shown as; `slot` says to which partner it belongs where both have it."""
        return self._cipher(type_, slot)[0].update(row_id.bytes).hex()

    def of_all(self, type_: str, row_ids: Iterable[UUID]) -> list[str]:
        """The ids of many rows, in their order: the cipher is called once for all of them."""
        text = self._cipher(type_, "")[0].update(b"".join([row_id.bytes for row_id in row_ids])).hex()
        return [text[begins : begins + LENGTH] for begins in range(0, len(text), LENGTH)]

    def row(self, type_: str, fhir_id: str, slot: str = "") -> UUID | None:
        """The row that an id is of; None for what cannot be one. Any other text of that form leads to a row nobody has."""
        if len(fhir_id) != LENGTH or not LETTERS.issuperset(fhir_id):
            return None
        return UUID(bytes=self._cipher(type_, slot)[1].update(bytes.fromhex(fhir_id)))

    def _cipher(self, type_: str, slot: str) -> tuple[CipherContext, CipherContext]:
        """There and back, kept for all ids of a transaction: each block is whole, so none leaves anything to the next.

        One block is one id, and no block is enciphered under a key that is for anything else.
        """
        found = self._ciphers.get((type_, slot))
        if found is None:
            key = self._vault.tag("fhir id", type_.encode(), slot.encode())
            cipher = Cipher(AES256(key), ECB())  # noqa: S305 - a permutation of single blocks
            found = self._ciphers[type_, slot] = cipher.encryptor(), cipher.decryptor()
        return found
