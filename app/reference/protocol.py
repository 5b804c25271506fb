"""The page of one protocol: what it is for, its stages and dose, what forbids it and what it rests on."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.clinical.concerns import CONCERNS
from app.clinical.protocol import Company, Dose, DoseUnit, EvidenceGrade, Participants, Period, Protocol, Stage
from app.clinical.safety import Precondition, RedFlag
from app.reference.markdown import Page, between, bullets, code, joined, link, section, sentence, table
from app.reference.plissit import DEPTHS
from app.reference.protocol_log import own_log
from app.reference.protocol_rules import rules, thresholds
from app.reference.sources import Citations

PARTICIPANTS: Final[Mapping[Participants, str]] = MappingProxyType(
    {
        "together": "both partners together",
        "alone": "one alone",
        "alone_then_together": "one alone first, then both together",
        "alone_or_together": "one alone, or both together",
    }
)
COMPANY: Final[Mapping[Company, str]] = MappingProxyType(
    {
        "together": "both together",
        "each_alone": "each partner alone",
        "practising_alone": "the partner who practises, alone; the other is not waited for",
    }
)
UNITS: Final[Mapping[DoseUnit, str]] = MappingProxyType(
    {"practice": "practice", "protected_time": "a protected time", "affection": "affection", "lesson": "a lesson"}
)
PERIODS: Final[Mapping[Period, str]] = MappingProxyType(
    {"day": "a day", "week": "a week", "month": "a month", "once": "in all"}
)
EVIDENCE: Final[Mapping[EvidenceGrade, str]] = MappingProxyType(
    {
        "trials": "tried by itself in controlled trials",
        "mixed": "tried mostly as part of packages, or with differing results",
        "indirect": "no trial of its own; research on something close",
        "consensus": "clinical consensus; no trial known",
    }
)


def page(protocol: Protocol) -> Page:
    """Everything its definition says, in words."""
    cited = Citations()
    return Page(
        f"protocols/{protocol.code}.md",
        protocol.name,
        f"Homework in {len(protocol.stages)} stages, done by {PARTICIPANTS[protocol.participants]}.",
        (
            _facts(protocol, cited),
            section("Stages", *map(_stage, protocol.stages)),
            section("What always holds", bullets(protocol.hard_rules)),
            section("What must be recorded as met before it begins", _required(protocol)),
            section("What forbids it", _forbidden(protocol)),
            section("What each partner logs, alone", own_log(protocol)),
            section("When to go on, stay or go back", rules(protocol)),
            section("Thresholds", thresholds(protocol, cited)),
            section("Evidence", _evidence(protocol, cited)),
            cited.listing(),
        ),
    )


def _facts(protocol: Protocol, cited: Citations) -> str:
    targets = "; ".join(f"{CONCERNS[slug].name} ({code(slug)})" for slug in protocol.targets)
    rows = (
        ("code, version", f"{code(protocol.code)}, {protocol.version}"),
        ("for", targets),
        ("who", PARTICIPANTS[protocol.participants]),
        ("shared touch", "yes: the gate is checked" if protocol.shared_touch else "no"),
        ("dose", f"{_dose(protocol.dose)} {cited.mark(protocol.dose.source)}"),
        ("rests on", cited.marks(protocol.sources)),
    )
    links = f"{link('All protocols', '../protocols.md')}. {link('All concerns', '../concerns.md')}."
    return joined(table(("", ""), rows), links)


def _dose(dose: Dose) -> str:
    parts = [
        *([] if dose.times is None else [f"{_times(dose.times)} {PERIODS[dose.per]}"]),
        *([] if dose.minutes is None else [f"{between(*dose.minutes)} minutes"]),
        *([] if dose.weeks is None else [f"for {between(*dose.weeks)} weeks"]),
    ]
    told = ", ".join(parts)
    return f"{sentence(f'{UNITS[dose.unit]}: {told}' if told else UNITS[dose.unit])} {dose.note}"


def _times(times: tuple[float, float]) -> str:
    told = between(*times)
    return "once" if told == "1" else f"{told} times"


def _stage(stage: Stage) -> str:
    touch = "shared touch" if stage.shared_touch else "no shared touch"
    return section(
        f"{stage.number}. {stage.title}",
        f"{code(stage.code)}; {COMPANY[stage.company]}; depth {stage.plissit}, {DEPTHS[stage.plissit]}; {touch}.",
        bullets(stage.instructions),
        "Rules:" if stage.rules else "",
        bullets(stage.rules),
        f"Off limits meanwhile: {', '.join(stage.ban)}." if stage.ban else "",
        level=3,
    )


def _required(protocol: Protocol) -> str:
    return table(("condition", "what it is", "kind"), map(_flag, protocol.preconditions))


def _forbidden(protocol: Protocol) -> str:
    own = table(("flag", "what it is", "kind"), map(_flag, protocol.contraindications))
    general = link("what forbids every shared exercise", "../protocols.md#what-forbids-every-shared-exercise")
    told = f"Besides {general}:" if own else f"Nothing besides {general}."
    return joined(told, own)


def _flag(flag: RedFlag | Precondition) -> tuple[str, ...]:
    return code(flag.code), flag.description, flag.kind.replace("_", " ")


def _evidence(protocol: Protocol, cited: Citations) -> str:
    found = protocol.evidence
    return f"**{found.grade}** ({EVIDENCE[found.grade]}). {found.text} {cited.marks(found.sources)}"
