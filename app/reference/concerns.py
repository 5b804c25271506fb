"""The page of concerns: the catalogue, and which codes exclude each other."""

from collections.abc import Iterator

from app.clinical.concern import Coded, Concern, Domain
from app.clinical.concerns import CONCERNS, EXCLUDES1, EXCLUDES1_SOURCE
from app.clinical.measures import MEASURES
from app.clinical.protocols import PROTOCOLS
from app.reference.markdown import Page, code, codes, joined, link, section, table

DOUBTS = {"verified": "", "cross_referenced": "?", "recalled_high": "?", "recalled_medium": "??", "recalled_low": "??"}


def page() -> Page:
    """Concerns in groups, with codes, homework and measures."""
    sexual = [concern for concern in CONCERNS.values() if concern.domain is Domain.SEXUAL]
    others = [concern for concern in CONCERNS.values() if concern.domain is not Domain.SEXUAL]
    return Page(
        "concerns.md",
        "Concerns",
        "The catalogue of what brings a couple, with its codes and what could help.",
        (
            (
                "An episode of care, and every homework plan, starts from a **sexual** concern. Codes belong to one person "
                "and are hints for billing, never a diagnosis by this software; a trailing `-` names a family. A mark `?` "
                "says that an ICD-11 or SNOMED CT code was not looked up in the classification itself, `??` that it is less "
                "sure. A protocol or measure without a link is not in this version yet."
            ),
            section("A person's sexual concerns", _table([one for one in sexual if one.diagnosable])),
            section("The couple's sexual concerns", _table([one for one in sexual if not one.diagnosable])),
            section("Never a starting point", _never(), _table(others), _instead(others)),
            section("Codes that exclude each other", _excluded()),
        ),
    )


def _table(concerns: list[Concern]) -> str:
    return table(("concern", "codes", "homework", "measures", "note"), map(_row, concerns))


def _row(concern: Concern) -> tuple[str, ...]:
    return (
        f"{concern.name} ({code(concern.slug)})",
        "; ".join(_codes(concern)),
        ", ".join(_linked(one, "protocols", one in PROTOCOLS) for one in concern.protocols),
        ", ".join(_linked(one, "measures", one in MEASURES) for one in concern.measures),
        concern.note,
    )


def _codes(concern: Concern) -> Iterator[str]:
    if concern.dsm5tr:
        yield f"DSM-5-TR {concern.dsm5tr}"
    for name, coded in (("ICD-11", concern.icd11), ("SNOMED CT", concern.snomed)):
        if coded:
            yield f"{name} {', '.join(map(_coded, coded))}"
    if concern.icd10cm:
        yield f"ICD-10-CM {', '.join(concern.icd10cm)}"


def _coded(coded: Coded) -> str:
    doubt = DOUBTS[coded.status]
    return f"{coded.code} {doubt}" if doubt else coded.code


def _linked(name: str, folder: str, is_here: bool) -> str:  # noqa: FBT001 - whether there is a page to link to
    return link(code(name), f"{folder}/{name}.md") if is_here else code(name)


def _never() -> str:
    return (
        "A relational concern hangs downstream of the sexual one: it is watched, and expected to ease. A concern about safety "
        "belongs to the safety workflow and is never a homework target."
    )


def _instead(concerns: list[Concern]) -> str:
    return joined(
        *(f"Instead of {code(one.slug)} start from {codes(one.starts_at)}." for one in concerns if one.starts_at),
    )


def _excluded() -> str:
    rows = ((code(one.first), code(one.second), "yes" if one.disputed else "") for one in EXCLUDES1)
    told = (
        f"These ICD-10-CM codes may not stand together for one person ({EXCLUDES1_SOURCE.text}). "
        "Where the list contradicts itself, the stricter reading holds unless a coder "
        "says otherwise."
    )
    return joined(told, table(("code", "excludes", "disputed"), rows))
