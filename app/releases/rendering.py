"""A file as a page for people: plain HTML in one piece, everything in it escaped, nothing fetched."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Any, Final

# Always the same words, whatever a file holds: they tell nothing of what it does not hold.
NOTICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "copy": (
            (
                "This file holds what the clinic may hand to its recipient. Notes that a therapist keeps apart from the record"
                " (45 CFR 164.501), what is another person's, and what is not released are not part of it."
            ),
            "It holds private facts. Keep it where nobody else reads it.",
        ),
        "part_2": (
            "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",  # 42 CFR 2.32(a)(2), 2024 rule
        ),
    }
)
ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "conjoint": "both",
        "individual_a": "partner_a",
        "individual_b": "partner_b",
        "safety_a": "partner_a",
        "safety_b": "partner_b",
    }
)
STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #999}dl{margin:1rem 0;padding:.5rem 1rem;border-left:3px solid #ccc}"
    "dt{font-weight:600}dd{margin:0 0 .5rem;white-space:pre-wrap}"
)


def html_of(document: Mapping[str, Any]) -> str:
    """The page of a document."""
    title = escape(document["title"])
    notices = "".join(f"<p>{escape(notice)}</p>" for notice in document["notices"])
    body = "".join(_section(section) for section in document["sections"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1><p>{escape(document['made_on'])}</p>"
        f"{notices}{body}</body></html>\n"
    )


def _section(section: Mapping[str, Any]) -> str:
    heading = f"{escape(section['title'])} ({escape(_words(section['about']))})"
    return f"<h2>{heading}</h2>" + "".join(_entry(entry) for entry in section["entries"])


def _entry(entry: Mapping[str, Any]) -> str:
    told = (f"<dt>{escape(_words(name))}</dt><dd>{_value(value)}</dd>" for name, value in entry.items() if value is not None)
    return f"<dl>{''.join(told)}</dl>"


def _value(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case dict():
            return "".join(f"<div><b>{escape(_words(str(name)))}</b>: {_value(inner)}</div>" for name, inner in value.items())
        case list():
            return ", ".join(_value(inner) for inner in value) or "-"
        case _:
            return escape(str(value))


def _words(name: str) -> str:
    return name.replace("_", " ")
