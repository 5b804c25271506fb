"""Changes as the wire shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, PrivateAttr

from app.changes.following import Op
from app.changes.kinds import KINDS
from app.changes.tokens import LONGEST_TOKEN
from app.core.ids import CoupleId
from app.core.schemas import Schema

TOKEN = "q6EJ0u8V7bqCkq4m1m3o5Q2sPzKc0b0Vq3C9n0a1xJb1cU7wq8kq2m0T9w3eYwXkZl8rT5uVb6nM4c7dE"  # noqa: S105 - an example of one
Since = Annotated[
    str,
    Field(
        max_length=LONGEST_TOKEN,
        description="`delta` or `next` of the answer before, or the token of an export. Without it the record is told from its"
        " beginning; `latest` gives a token of now, and nothing before it.",
        examples=["latest"],
    ),
]
Wait = Annotated[
    int,
    Field(ge=0, le=30, strict=False, description="For how many seconds to wait where nothing has changed.", examples=[20]),
]


class ChangeRead(Schema):
    """Something that changed. It says what to read again, never what is written there."""

    type: str = Field(
        description="What it is: " + ", ".join(f"`{name}`" for name in KINDS) + ". More may come.", examples=["administration"]
    )
    id: str = Field(description="Its id.", examples=["adm_01jv3dmv00e0080000000000e1"])
    couple_id: CoupleId
    op: Op = Field(
        description="`upsert`: it is there, read it; `delete`: it went, or is no longer yours to see. What belongs to a couple or"
        " a partner goes with it.",
        examples=["upsert"],
    )
    version: int | None = Field(
        description="Its version, of what has one: what you have already need not be read.", examples=[1]
    )
    whole: bool = Field(
        description="True of a couple of which everything is to be read anew: it came into view, or a part of it was erased.",
        examples=[False],
    )
    href: str | None = Field(
        description="Where it is read; null of what went.",
        examples=["/v1/couples/cpl_01jv3dmv00e0080000000000c1/partners/prt_01jv3dmv00e0080000000000p1/administrations"],
    )


class ChangesRead(Schema):
    """What changed after a token, in the order in which it was committed, each thing once."""

    items: list[ChangeRead] = Field(description="Changes; of several to one thing the last.")
    next: str | None = Field(description="There is more: ask again at once with this as `since`.", examples=[None])
    delta: str | None = Field(description="This was all: ask again later with this as `since`.", examples=[TOKEN])

    _waits_in: UUID | None = PrivateAttr(default=None)

    @property
    def waits_in(self) -> UUID | None:
        """The clinic in which something has to happen before there is anything to say."""
        return self._waits_in

    def waiting_in(self, clinic_id: UUID) -> "ChangesRead":
        """The same, of somebody who would wait for something to say."""
        self._waits_in = clinic_id
        return self
