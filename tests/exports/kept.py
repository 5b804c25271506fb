"""A sink that keeps what it is given."""

from dataclasses import dataclass, field


@dataclass
class Kept:
    """Files by name, once they are whole."""

    files: dict[str, bytes] = field(default_factory=dict)

    def open(self, name: str) -> "OneKept":
        """Begins a file."""
        return OneKept(self, name)


@dataclass
class OneKept:
    """One of them while it is written."""

    sink: Kept
    name: str
    pieces: list[bytes] = field(default_factory=list)

    def write(self, piece: bytes) -> None:
        """Takes the next bytes."""
        self.pieces.append(piece)

    def finish(self) -> None:
        """Keeps it."""
        self.sink.files[self.name] = b"".join(self.pieces)

    def abort(self) -> None:
        """Forgets it."""
