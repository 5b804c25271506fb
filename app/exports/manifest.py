"""`manifest.json`: every file that is there, with its rows and its digest, and what is not there; written last of all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final

from app.core.canonical import canonical
from app.core.health import VERSION
from app.core.schemas import wire_moment
from app.exports.engine import Part
from app.exports.reading import Reading
from app.exports.table import Table

SCHEMA: Final = 1
"""Version of the tables' shape: raised when a column is taken away or means something else."""
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class About:
    """What a manifest says beside the parts: which way out it was, and from where the next export goes on.

    `files` are those beside the parts by name: the descriptor, the codebook, scripts.
    """

    destination: str
    token: str | None
    since: str | None = None
    left_out: Sequence[Mapping[str, Any]] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


def manifest_of(reading: Reading, tables: Sequence[Table], parts: Sequence[Part], about: About) -> bytes:
    """The manifest of what was written from one snapshot."""
    told = {
        "schema": SCHEMA,
        "rekindle": VERSION,
        "snapshot_at": wire_moment(reading.work.now),
        "destination": about.destination,
        "since": about.since,
        "token": about.token,
        "tables": [_table(table, [part for part in parts if part.table == table.name]) for table in tables],
        "files": [
            {"name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in sorted(about.files.items())
        ],
        "left_out": list(about.left_out),
    }
    return canonical(told) + b"\n"


def _table(table: Table, parts: Sequence[Part]) -> dict[str, Any]:
    """Each format holds the same rows, so they are counted in one."""
    rows = sum(part.rows for part in parts if part.format == parts[0].format)
    return {"name": table.name, "rows": rows, "parts": [asdict(part) for part in parts]}
