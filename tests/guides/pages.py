"""The pages for integrators that hold their scripts whole: `python -m tests.guides.pages` writes them in again."""

import re
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[2] / "docs" / "integrators"
SCRIPT: Final = re.compile(r"<!-- (?P<name>[\w.]+) -->\n\n(?P<fence>```\w+)\n(?P<text>.*?)```\n", re.DOTALL)


def filled(page: str) -> str:
    """The page, each script in it as it stands beside the page."""

    def one(place: re.Match[str]) -> str:
        text = (FOLDER / place["name"]).read_text(encoding="utf-8")
        return f"<!-- {place['name']} -->\n\n{place['fence']}\n{text}```\n"

    return SCRIPT.sub(one, page)


def scripts_in(page: str) -> list[str]:
    """The names of the scripts that a page holds."""
    return [place["name"] for place in SCRIPT.finditer(page)]


if __name__ == "__main__":
    for file in FOLDER.glob("*.md"):
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
