"""The text of a resource for a person who reads it: made of codes and titles alone, and escaped."""

from collections.abc import Iterable
from html import escape
from typing import Final

XHTML: Final = "http://www.w3.org/1999/xhtml"


def narrative(lines: Iterable[str]) -> dict[str, str]:
    """A narrative of a few lines; all of it stands in the resource as data, too."""
    paragraphs = "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="{XHTML}">{paragraphs}</div>'}
