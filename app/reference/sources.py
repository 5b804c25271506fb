"""Where a page's numbers come from: marks in its text, and the list they point to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.clinical.source import Confidence, Grade, Source
from app.reference.markdown import code, section, table

GRADES: Final[Mapping[Grade, str]] = MappingProxyType(
    {
        "read_in_primary": "read in the article or its abstract",
        "read_in_secondary": "read in a guide, a publisher's page or a quotation",
        "computed": "computed from open data or from other numbers shown",
        "recalled_high": "known from the literature and not read again; quite sure",
        "recalled_medium": "known from the literature and not read again; fairly sure",
        "recalled_low": "known from the literature and not read again; unsure",
        "proposal": "our own proposal, which nobody has tested",
        "as_given": "brought by a clinic or a caller, and not read here",
    }
)
CONFIDENCES: Final[Mapping[Confidence, str]] = MappingProxyType(
    {
        "high": "rely on it as far as its sources go",
        "medium": "check what you rely on",
        "low": "check all of it before you rely on it",
    }
)


class Citations:
    """The sources of one page, numbered in the order they are first cited."""

    def __init__(self) -> None:
        self._sources: list[Source] = []

    def mark(self, source: Source) -> str:
        """The mark of a source, which links to the list."""
        if source not in self._sources:
            self._sources.append(source)
        return f"[[{self._sources.index(source) + 1}]](#sources)"

    def marks(self, sources: tuple[Source, ...]) -> str:
        """The marks of several sources."""
        return " ".join(map(self.mark, sources))

    def listing(self) -> str:
        """The list, to be made when everything else is."""
        rows = ((str(place), source.text, GRADES[source.grade]) for place, source in enumerate(self._sources, start=1))
        return section("Sources", table(("", "source", "how it was checked"), rows))


def grades_table() -> str:
    """What each grade of a source means."""
    return table(("grade", "meaning"), ((code(grade), words) for grade, words in GRADES.items()))
