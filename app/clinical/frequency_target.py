"""Finds a target of how often a couple has sex, in a protocol's words, counters and rules.

A trial that told couples to double intercourse lowered mood and desire (Loewenstein et al. 2015). Words can only be read
roughly: a sentence wrongly refused costs a rewording, one wrongly passed costs a couple, so doubt refuses.
"""

import re
from collections.abc import Iterator

from app.clinical.protocol import Protocol, Rule
from app.clinical.rule_words import fields_of
from app.errors import Fault

CODE = "intercourse_frequency_target"
_ACTS = r"(?:intercourse\w*|coit\w+|penetrat\w+|orgasm\w*|sexual acts?|mak(?:e|ing) love|(?<!about )sex)"
_OFTEN = (
    r"(?:once|twice|times|daily|weekly|nightly|monthly|frequency|how often"
    r"|every (?:other |second )?(?:day|night|week|weekend|month)"
    r"|(?:a|per|each) (?:day|night|week|weekend|month)"
    r"|(?:in|within|over) \w+ (?:days|weeks|months))"
)
_TARGET = re.compile(rf"\b{_ACTS}\b.*\b{_OFTEN}\b|\b{_OFTEN}\b.*\b{_ACTS}\b|\b{_ACTS}\b ?/ ?\w+", re.IGNORECASE)
# A denial stands before what it denies; "never skip" and "no fewer than" deny nothing.
_NO_DENIAL = r"(?! (?:skip|miss|less|fewer|more than|forget|fail))"
_DENIAL = re.compile(rf"^\W*(?:\w+\W+){{0,4}}?(?:no|not|never|nor)\b{_NO_DENIAL}", re.IGNORECASE)
_COUNTER = re.compile(r"(?:intercourse|coit|sex|orgasm|penetrat).*(?:count|frequen|times|number|per_|how_often)", re.IGNORECASE)
_COUNTED = re.compile(r"(?:count|frequen|times|number|how_often).*(?:intercourse|coit|sex|orgasm|penetrat)", re.IGNORECASE)
_OUTCOME = re.compile(r"arous|orgasm|erect|intercourse|coit|penetrat|climax|had_sex|ejaculat", re.IGNORECASE)
_ACT = re.compile(rf"\b{_ACTS}\b", re.IGNORECASE)


def frequency_targets(protocol: Protocol) -> Iterator[Fault]:
    """A fault for every sentence, counter and rule that makes sexual acts something to reach."""
    for pointer, text in _texts(protocol):
        if any(sets_frequency(sentence) for sentence in re.split(r"[.;:!?\n]", text)):
            yield Fault(pointer, CODE, "How often a couple has sex is never a target.")
    named = [(f"/log_fields/{place}", field.code) for place, field in enumerate(protocol.log_fields)]
    named += [(f"/thresholds/{place}", threshold.name) for place, threshold in enumerate(protocol.thresholds)]
    for pointer, name in named:
        if _COUNTER.search(name) or _COUNTED.search(name):
            yield Fault(pointer, CODE, "Sexual acts are not counted.")
    for place, rule in enumerate(protocol.rules):
        if rule.verdict == "advance" and _rests_on_an_act(protocol, rule):
            sentence = "Going on rests on doing the exercise, never on arousal, orgasm or intercourse."
            yield Fault(f"/rules/{place}", "success_is_the_exercise", sentence)


def sets_frequency(sentence: str) -> bool:
    """Whether a sentence joins a sexual act with how often, without denying it first."""
    return bool(_TARGET.search(sentence)) and not _DENIAL.search(sentence)


def _rests_on_an_act(protocol: Protocol, rule: Rule) -> bool:
    told = {field.code: field.description for field in protocol.log_fields}
    return any(_OUTCOME.search(name) or _ACT.search(told.get(name, "")) for name in fields_of(rule.when))


def _texts(protocol: Protocol) -> Iterator[tuple[str, str]]:
    yield "/name", protocol.name
    yield "/dose/note", protocol.dose.note
    for place, text in enumerate(protocol.hard_rules):
        yield f"/hard_rules/{place}", text
    for place, precondition in enumerate(protocol.preconditions):
        yield f"/preconditions/{place}/description", precondition.description
    for place, flag in enumerate(protocol.contraindications):
        yield f"/contraindications/{place}/description", flag.description
    for place, rule in enumerate(protocol.rules):
        yield f"/rules/{place}/sentence", rule.sentence
    for place, threshold in enumerate(protocol.thresholds):
        yield f"/thresholds/{place}/meaning", threshold.meaning
    for place, field in enumerate(protocol.log_fields):
        yield f"/log_fields/{place}/description", field.description
    for place, stage in enumerate(protocol.stages):
        for text in (stage.title, *stage.instructions, *stage.rules):
            yield f"/stages/{place}", text
