"""What every wire schema keeps: strict input, no unknown fields, a description and an example on each field."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, overload
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

LONGEST_TEXT: Final = 20_000


class Schema(BaseModel):
    """A wire schema; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, allow_inf_nan=False)

    named_by: ClassVar[str] = "id"
    """The field that ends the address of something new; `` where it has no address of its own."""

    @property
    def retry_after(self) -> int | None:
        """Seconds after which to ask again, where what was asked for is still being made."""
        return None

    @property
    def waits_in(self) -> UUID | None:
        """The clinic in which something has to change before there is anything to say to a caller who would wait."""
        return None


class Versioned(Schema):
    """A schema of a row that is changed with `If-Match`; its version is also the ETag."""

    version: int = Field(ge=1, description='Version of the row; send it back as `If-Match: "1"` to change it.', examples=[1])


class Fingerprinted(Schema):
    """A schema of what is read and never changed with `If-Match`; its ETag is a hash of every byte that is sent."""


def _written_as(form: re.Pattern[str], example: str) -> BeforeValidator:
    """Only text of this form: pydantic would also take the seconds since 1970 for a day."""

    def check(value: object) -> object:
        if isinstance(value, date) or (isinstance(value, str) and form.fullmatch(value)):
            return value
        raise ValueError(f"must be written as in {example}")

    return BeforeValidator(check)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("moments carry their offset, as in 2026-11-22T18:30:00Z")
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("this moment is not within the calendar") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _utc(moment: datetime) -> str:
    return wire_moment(moment)


@overload
def wire_moment(moment: datetime) -> str: ...
@overload
def wire_moment(moment: None) -> None: ...
def wire_moment(moment: datetime | None) -> str | None:
    """A moment in UTC as the wire shows it; None stays None."""
    return None if moment is None else moment.isoformat(timespec="milliseconds")[:23] + "Z"


Moment = Annotated[
    datetime,
    _written_as(re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?"), "2026-11-22T18:30:00Z"),
    AfterValidator(_aware),
    PlainSerializer(_utc, return_type=str, when_used="json"),
    Field(strict=False, examples=["2026-11-22T18:30:00.000Z"], ge=datetime.fromisoformat("1900-01-01T00:00:00+00:00")),
]
Day = Annotated[
    date,
    _written_as(re.compile(r"\d{4}-\d\d-\d\d"), "2026-11-22"),
    Field(strict=False, examples=["2026-11-22"], ge=date(1900, 1, 1), le=date(2199, 12, 31)),
]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, strict=True)]
Label = Annotated[str, Field(min_length=1, max_length=200, strict=True)]
Language = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
        max_length=35,
        strict=True,
        description="Language of the text (BCP 47).",
        examples=["en"],
    ),
]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$", strict=True)]
ExternalId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$", strict=True, examples=["EHR-4711"])]
Rating = Annotated[int, Field(ge=0, le=10, strict=True, examples=[6])]
Whole = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]

FUTURE_LEEWAY: Final = timedelta(minutes=5)


def known_fields() -> frozenset[str]:
    """Names of all fields of all schemas: the only words of a body that a problem may repeat."""
    names: set[str] = set()
    waiting: list[type[Any]] = [Schema]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        names.update(getattr(kind, "model_fields", {}))
    return frozenset(names)
