"""What was asked for at the command line."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from app.exports.client.ends import RefusedError

AUTO: Final = "auto"


@dataclass(frozen=True)
class Recipient:
    """Whom an export that leaves the clinic is for, and why; the words a couple's authorisation uses."""

    kind: str
    name: str
    purpose: str


@dataclass(frozen=True)
class Asked:
    """One export: formats, tables (None: all that the caller may read), since when, and where it goes."""

    formats: tuple[str, ...] = ("csv",)
    tables: tuple[str, ...] | None = None
    since: str | None = None
    deidentified: bool = False
    recipient: Recipient | None = None

    def __post_init__(self) -> None:
        if self.deidentified and self.recipient is not None:
            raise RefusedError("Ask for --deidentified or name a --recipient, not both.")
        if self.recipient is not None and self.since is not None:
            raise RefusedError("An export for somebody else is always a whole one: leave --since out.")

    @property
    def destination(self) -> str:
        """Where it goes: the clinic's own systems, somebody else, or anybody once nobody can be told apart."""
        if self.deidentified:
            return "deidentified"
        return "own" if self.recipient is None else "recipient"

    @property
    def goes_on_from_last_time(self) -> bool:
        """Whether it holds what changed since the export before it in the same folder."""
        return self.since == AUTO

    def body(self, since: str | None) -> dict[str, Any]:
        """The request that asks the service for it."""
        body: dict[str, Any] = {"formats": list(self.formats), "destination": self.destination}
        if self.tables is not None:
            body["tables"] = list(self.tables)
        if since is not None:
            body["since"] = since
        if self.recipient is not None:
            body["recipient"] = asdict(self.recipient)
        return body

    def kept(self) -> dict[str, Any]:
        """As JSON, to be compared when it is resumed."""
        return {
            "formats": list(self.formats),
            "tables": None if self.tables is None else list(self.tables),
            "since": self.since,
            "deidentified": self.deidentified,
            "recipient": None if self.recipient is None else asdict(self.recipient),
        }

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> Self:
        """The other way round."""
        return cls(
            formats=tuple(kept["formats"]),
            tables=None if kept["tables"] is None else tuple(kept["tables"]),
            since=kept["since"],
            deidentified=kept["deidentified"],
            recipient=None if kept["recipient"] is None else Recipient(**kept["recipient"]),
        )
