"""What came of each check, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from interop.catalogue import Client

NOT_RUN: Final = "not run"


@dataclass(frozen=True)
class Told:
    """What one client found of one thing."""

    client: Client
    check: str
    result: str
    figures: str

    @property
    def line(self) -> str:
        """For whoever waits."""
        return f"{self.result:8} {self.client.name} {self.client.version}: {self.check}: {self.figures}"


def written(found: Sequence[Told], on: str) -> str:
    """The table, in Markdown."""
    lines = [f"On {on}.", "", "| client | version | check | result | figures |", "|---|---|---|---|---|"]
    for one in found:
        where = "npm" if one.client.is_node else "PyPI"
        figures = one.figures.replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {one.client.name} ({where}) | {one.client.version} | {one.check} | {one.result} | {figures} |")
    counted = {name: sum(one.result == name for one in found) for name in ("passed", "failed", NOT_RUN)}
    return "\n".join([*lines, "", ", ".join(f"{count} {name}" for name, count in counted.items())])
