"""Wire shapes of exports: what is asked for, how far it is, and the files that came of it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.core.ids import ExportId
from app.core.schemas import Fingerprinted, Label, Moment, Schema, Words

Destination = Literal["own", "recipient", "deidentified"]
RecipientKind = Literal["health_professional", "insurer", "lawyer", "court", "other"]
FormatCode = Annotated[str, Field(min_length=1, max_length=32, strict=True, examples=["csv"])]
TableName = Annotated[
    str, Field(min_length=1, max_length=64, strict=True, description="Name of a table.", examples=["couples"])
]
FileName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$",
        description="Name of the file, as the export tells it.",
        examples=["manifest.json"],
    ),
]
Token = Annotated[
    str,
    Field(
        min_length=1,
        max_length=256,
        strict=True,
        description="Where the last export ended (`token` of it and of its manifest): only couples that changed since.",
    ),
]


class ExportRecipient(Schema):
    """Whom an export that leaves the clinic is for, in the words of the couples' authorisations."""

    kind: RecipientKind = Field(description="What the recipient is.", examples=["health_professional"])
    name: Label = Field(description="Who receives it, as the authorisations name them.", examples=["Registry of the region"])
    purpose: Words = Field(description="What for; kept sealed, and told to the partners.", examples=["A study of couples."])


class ExportCreate(Schema):
    """What is asked for."""

    formats: list[FormatCode] = Field(
        default=["csv"],
        min_length=1,
        max_length=8,
        description="How the files are written; each table once in each format.",
        examples=[["csv", "jsonl"]],
    )
    tables: list[TableName] | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Only these tables; all that you may read, unless told.",
        examples=[["couples"]],
    )
    since: Token | None = Field(default=None, examples=[None])
    destination: Destination = Field(
        default="own",
        description="`own`: the clinic's own systems, and nothing is disclosed. `recipient`: somebody else, who gets only what"
        " the couples' running authorisations cover. `deidentified`: rows of those who agreed, in which no couple stands alone."
        " It takes `deidentified:read`.",
        examples=["own"],
    )
    recipient: ExportRecipient | None = Field(
        default=None, description="Whom it is for; goes with the destination `recipient` and no other.", examples=[None]
    )


class ExportProgress(Schema):
    """How far it is."""

    done: int = Field(ge=0, description="How many are done.", examples=[3])
    total: int = Field(ge=0, description="Of how many.", examples=[8])
    unit: str = Field(description="What is counted.", examples=["tables"])


class ExportFile(Schema):
    """One file of an export."""

    name: str = Field(description="Its name; fetch it at `/v1/exports/{id}/files/{name}`.", examples=["couples-0001.csv"])
    table: str | None = Field(description="The table whose rows it holds; null for what describes them.", examples=["couples"])
    rows: int | None = Field(description="How many rows; null for what describes them.", examples=[200])
    bytes: int = Field(ge=0, description="How many bytes.", examples=[20480])
    sha256: str = Field(description="SHA-256 of its bytes; also its ETag.", examples=["9f86d081884c7d65" * 4])


class ExportLeftOut(Schema):
    """What is not in the files and why, in counts that betray nobody."""

    kind: str = Field(description="Kind of data, as authorisations name it.", examples=["measures"])
    of: str = Field(
        description="`conjoint`: what belongs to both. `individual`: what belongs to one partner.", examples=["individual"]
    )
    reason: str = Field(description="Why, as a missing code.", examples=["withheld_by_consent"])
    count: str = Field(description="How many couples, or partners; below 11 no figure is told.", examples=["fewer than 11"])


class ExportStanding(Fingerprinted):
    """How far an export is."""

    id: ExportId
    status: str = Field(
        description="`queued`, `running`, `done`, `failed`, or `expired` when its files are gone.", examples=["done"]
    )
    failure: str | None = Field(
        description="Why it failed, as a code: `storage_full`, `not_allowed`, `gave_up`.", examples=[None]
    )
    formats: list[str] = Field(description="How the files are written.", examples=[["csv", "jsonl"]])
    tables: list[str] = Field(description="Which tables it holds.", examples=[["couples", "partners"]])
    is_incremental: bool = Field(description="Whether it holds only couples that changed since a token.", examples=[False])
    destination: str = Field(description="Where it goes.", examples=["own"])
    recipient: ExportRecipient | None = Field(description="Whom it is for, if it leaves the clinic.")
    progress: ExportProgress
    requested_at: Moment = Field(description="When it was asked for.")
    finished_at: Moment | None = Field(description="When it was done or failed.")
    expires_at: Moment | None = Field(description="Until when its files are kept.")


class ExportRead(ExportStanding):
    """An export with its files."""

    WAIT: ClassVar[int] = 1

    files: list[ExportFile] = Field(description="Its files once it is done, `manifest.json` last.")
    token: str | None = Field(description="Send it as `since` of the next export.", examples=["b3BhcXVl"])
    left_out: list[ExportLeftOut] = Field(description="What is not in the files, and why.")

    @property
    def retry_after(self) -> int | None:
        """Most exports take seconds."""
        return self.WAIT if self.status in {"queued", "running"} else None
