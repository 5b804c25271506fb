"""The page of protocols: the catalogue at a glance, and what holds for all of them."""

from app.clinical.protocol import Protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import (
    BLOCKERS_SOURCE,
    CLEARANCE_SOURCE,
    CLEARANCE_WEEKS,
    PLISSIT_SOURCE,
    UNIVERSAL_BLOCKERS,
)
from app.reference.markdown import Page, code, link, section, table
from app.reference.plissit import DEPTHS
from app.reference.protocol import EVIDENCE, PARTICIPANTS
from app.reference.protocol_log import universal_log
from app.reference.protocol_rules import universal_rules
from app.reference.sources import Citations


def page() -> Page:
    """All protocols, by code."""
    cited = Citations()
    head = ("protocol", "stages", "who", "shared touch", "evidence")
    return Page(
        "protocols.md",
        "Protocols",
        "The homework protocols, and the rules that hold for every one of them.",
        (
            (
                "Success is doing the exercise within its rules, never arousal, orgasm or intercourse. The rules suggest; the "
                f"therapist decides: {link('how a verdict comes about', '../clinical/homework-rules.md')}."
            ),
            table(head, (_row(PROTOCOLS[name]) for name in sorted(PROTOCOLS))),
            section("What every check-in asks", universal_log()),
            section("Rules of every protocol", universal_rules(cited)),
            section(
                "What forbids every shared exercise",
                f"A therapist clears a couple only while none of these holds {cited.mark(BLOCKERS_SOURCE)}; the clearance "
                f"lasts {CLEARANCE_WEEKS} weeks {cited.mark(CLEARANCE_SOURCE)}.",
                table(("blocker", "what it is"), ((code(one.code), one.description) for one in UNIVERSAL_BLOCKERS)),
            ),
            section(
                "Depth of intervention",
                "Each stage names the depth it needs, and a therapist works at the depth the clinic attested "
                f"{cited.mark(PLISSIT_SOURCE)}.",
                table(("PLISSIT level", "meaning"), ((code(level), words) for level, words in DEPTHS.items())),
            ),
            section("Grades of evidence", table(("grade", "meaning"), ((code(one), text) for one, text in EVIDENCE.items()))),
            cited.listing(),
        ),
    )


def _row(protocol: Protocol) -> tuple[str, ...]:
    return (
        f"{link(protocol.name, f'protocols/{protocol.code}.md')} ({code(protocol.code)})",
        str(len(protocol.stages)),
        PARTICIPANTS[protocol.participants],
        "yes" if protocol.shared_touch else "no",
        protocol.evidence.grade,
    )
