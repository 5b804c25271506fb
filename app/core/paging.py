"""Keyset pages: a cursor is opaque, bound to its query and its clinic, and a broken one is an error, never an empty page."""

import base64
import json
import struct
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field
from sqlalchemy import Select

from app.core.crypto import Vault
from app.core.schemas import Schema
from app.errors import MalformedError

LARGEST_PAGE: Final = 200
TAG_BYTES: Final = 12
PLACE: Final = struct.Struct(">bd16s")

T = TypeVar("T")

Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="How many items at most.", examples=[50])]
Cursor = Annotated[str, Field(max_length=200, description="`next_cursor` of the page before, as it came.")]


class CursorInvalidError(MalformedError):
    """The cursor is not one of this query."""

    code = "cursor_invalid"
    detail = "The cursor is broken or belongs to another query. Start again without a cursor."


class Page(Schema, Generic[T]):
    """One page of a list."""

    items: list[T] = Field(description="The items, in the order of the list.")
    next_cursor: str | None = Field(
        description="Send this as `cursor` to get the next page; null on the last.", examples=[None]
    )


class DrawnPage(Page[T]):
    """The same page, its items drawn as JSON already: for lists that are read often."""

    drawn: bytes = Field(default=b"[]", exclude=True)

    @classmethod
    def of(cls, drawn: bytes, next_cursor: str | None) -> "DrawnPage[T]":
        """The page of a JSON array of items."""
        return cls.model_construct(drawn=drawn, items=[], next_cursor=next_cursor)

    def model_dump_json(self, **_options: Any) -> str:
        """The page as it is sent."""
        return f'{{"items":{self.drawn.decode()},"next_cursor":{json.dumps(self.next_cursor)}}}'


def _scope_of(vault: Vault, scope: tuple[object, ...]) -> bytes:
    return "\x1f".join("" if part is None else str(part) for part in (*scope, *vault.reached)).encode()


class Pager:
    """Cuts a list into pages by id; a cursor is bound to `scope`, the list and its filters, and to what its reader reaches."""

    def __init__(self, vault: Vault, limit: int, cursor: str | None, *scope: object) -> None:
        self._vault = vault
        self.limit = limit
        self._scope = _scope_of(vault, scope)
        self.after = None if cursor is None else self._read(cursor)

    def cut(self, query: Select[Any], key: Any) -> Select[Any]:
        """The query for this page and one item more, ascending by `key`."""
        if self.after is not None:
            query = query.where(key > self.after)
        return query.order_by(key).limit(self.limit + 1)

    def split(self, rows: list[T], key: str = "id") -> tuple[list[T], str | None]:
        """The page's rows, and the cursor of the next page if there is one."""
        if len(rows) <= self.limit:
            return rows, None
        page = rows[: self.limit]
        return page, self._write(getattr(page[-1], key))

    def _write(self, last: UUID) -> str:
        return base64.urlsafe_b64encode(last.bytes + self._tag(last)).decode().rstrip("=")

    def _read(self, cursor: str) -> UUID:
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise CursorInvalidError from None
        if len(raw) != 16 + TAG_BYTES or self._write(last := UUID(bytes=raw[:16])) != cursor:
            raise CursorInvalidError
        return last

    def _tag(self, last: UUID) -> bytes:
        return self._vault.tag("cursor", self._scope, last.bytes)[:TAG_BYTES]


Place = tuple[int, float, UUID]


class PlacePager:
    """Cuts a list that is ordered by a rank, a weight and an id; bound to its scope as a `Pager` is.

    The place where a page ends stays where it is, whatever becomes of the row that stood there, so the cursor holds it. It
    may tell how somebody is and stands in addresses, so it is encrypted, the same place always alike.
    """

    def __init__(self, vault: Vault, limit: int, cursor: str | None, *scope: object) -> None:
        self._vault = vault
        self.limit = limit
        self._scope = _scope_of(vault, scope)
        self.after = None if cursor is None else self._read(cursor)

    def write(self, place: Place) -> str:
        """The cursor of what comes after a place."""
        rank, weight, row_id = place
        packed = PLACE.pack(rank, weight, row_id.bytes)
        nonce = self._vault.tag("place nonce", self._scope, packed)[:TAG_BYTES]
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, packed, None)).decode().rstrip("=")

    def _read(self, cursor: str) -> Place:
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            rank, weight, row_id = PLACE.unpack(self._cipher.decrypt(raw[:TAG_BYTES], raw[TAG_BYTES:], None))
        except (ValueError, InvalidTag):
            raise CursorInvalidError from None
        place = (rank, weight, UUID(bytes=row_id))
        if self.write(place) != cursor:
            raise CursorInvalidError
        return place

    @property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._vault.tag("place", self._scope))
