"""A protocol's rules in words, with the thresholds in force, in the order they are looked at."""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from app.clinical.check_ins import CheckIn
from app.clinical.protocol import Protocol, Rule, Threshold, VerdictName
from app.clinical.protocols import PROTOCOLS
from app.clinical.rule_words import fields_of, words
from app.clinical.safety import PRESSURE_PAUSE, PRESSURE_SOURCE
from app.clinical.verdict import MOST_CAUTIOUS_FIRST, PRESSURE_RULE, UNIVERSAL_THRESHOLDS, decide, thresholds_in_force
from app.reference.markdown import between, code, joined, link, table
from app.reference.protocol_log import ROLES
from app.reference.sources import Citations

VERDICTS: Final[Mapping[VerdictName, str]] = MappingProxyType(
    {"stop": "stop", "step_back": "step back", "hold": "hold", "advance": "advance"}
)
HEAD: Final = ("verdict", "when", "the sentence to the therapist")


def rules(protocol: Protocol) -> str:
    """The most cautious first; one that fires keeps the later ones from being asked."""
    ordered = [rule for name in MOST_CAUTIOUS_FIRST for rule in protocol.rules if rule.verdict == name]
    limits = thresholds_in_force(protocol)
    general = link("Rules of every protocol", "../protocols.md#rules-of-every-protocol")
    told = (
        f"Looked at for each partner, from the top; the first that holds is the verdict. {general} come on top, and nothing "
        "goes on past them. Without an answer that a rule of caution asks for, the verdict is hold."
    )
    return joined(told, table(HEAD, (_row(rule, limits) for rule in ordered)))


def _row(rule: Rule, limits: Mapping[str, float]) -> tuple[str, ...]:
    condition = words(rule.when, limits)
    for field in fields_of(rule.when):
        condition = re.sub(rf"\b{re.escape(field)}\b", code(field), condition)
    stages = f" (stage {', '.join(map(str, rule.stages))})" if rule.stages else ""
    whose = "" if rule.role == "each" else f"of {ROLES[rule.role]}, "
    return VERDICTS[rule.verdict] + stages, whose + condition, rule.sentence


def thresholds(protocol: Protocol, cited: Citations) -> str:
    """The numbers the rules refer to, and the bounds a plan may set them within."""
    return _thresholds((*protocol.thresholds, *UNIVERSAL_THRESHOLDS), cited)


def _thresholds(known: tuple[Threshold, ...], cited: Citations) -> str:
    rows = ((code(one.name), f"{one.value:g}", _bounds(one), one.meaning, cited.mark(one.source)) for one in known)
    return table(("threshold", "value", "a plan may set", "meaning", "source"), rows)


def _bounds(threshold: Threshold) -> str:
    if threshold.low == threshold.high:
        return "no other"
    return between(threshold.low, threshold.high) + (", whole" if threshold.whole else "")


def universal_rules(cited: Citations) -> str:
    """What holds on felt pressure, whatever the protocol."""
    limits = {threshold.name: threshold.value for threshold in UNIVERSAL_THRESHOLDS}
    told = (
        f"These numbers can be made stricter and never looser {cited.mark(PRESSURE_SOURCE)}. Where a whole "
        "protocol is practised alone, leaving pressure unanswered holds nothing up."
    )
    return joined(table(HEAD, (_pause(), _row(PRESSURE_RULE, limits))), told)


def _pause() -> tuple[str, ...]:
    """The rule of a pause, as a verdict on such pressure tells it; it is the same in every protocol and stage."""
    pressed = CheckIn(date(2026, 1, 1), "within_rules", pressure=PRESSURE_PAUSE)
    found = decide(next(iter(PROTOCOLS.values())), 1, {"a": [pressed]}).partners["a"]
    return VERDICTS[found.verdict], found.condition.replace("pressure", code("pressure")), found.sentence
