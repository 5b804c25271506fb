"""Finds a target of how often a couple has sex, in a protocol's words, counters and rules.

A trial that told couples to double intercourse lowered mood and desire (Loewenstein et al. 2015). Words can only be read
roughly: a sentence wrongly refused costs a rewording, one wrongly passed costs a couple, so doubt refuses. What is not found:
euphemisms beyond a few, irony, other languages than four, and a target spread over a whole page. A person reads it too.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from app.clinical.frequency_words import (
    ACT,
    DENIAL,
    FORBIDS,
    LEANS,
    MEASURED_OTHERWISE,
    NAMED_ACT,
    NAMED_COUNT,
    NAMED_RESULT,
    UNDOES_DENIAL,
    folded,
    target_at,
)
from app.clinical.predicates import Is, IsShareOf, Said
from app.clinical.protocol import LogField, Protocol, Rule
from app.clinical.rule_words import fields_of, single_tests
from app.errors import Fault

CODE = "intercourse_frequency_target"
_END = re.compile(r"[.!?](?:\s|$)|[;\n]")
_HIGHEST_RATING = 10


def frequency_targets(protocol: Protocol) -> Iterator[Fault]:
    """A fault for every sentence, counter and rule that makes sexual acts something to reach."""
    for pointer, text in _texts(protocol):
        if asks_for_frequency(text):
            yield Fault(pointer, CODE, "How often a couple has sex is never a target.")
    named = [(f"/thresholds/{place}/name", threshold.name) for place, threshold in enumerate(protocol.thresholds)]
    for place, field in enumerate(protocol.log_fields):
        named.append((f"/log_fields/{place}/code", field.code))
        if _counts_acts(field):
            yield Fault(f"/log_fields/{place}/description", CODE, "Sexual acts are not counted.")
    for pointer, name in named:
        if NAMED_ACT.search(folded(name)) and NAMED_COUNT.search(folded(name)):
            yield Fault(pointer, CODE, "Sexual acts are not counted.")
    for place, rule in enumerate(protocol.rules):
        if _rests_on_an_act(protocol, rule):
            sentence = "Going on rests on doing the exercise, never on arousal, orgasm or intercourse."
            yield Fault(f"/rules/{place}", "success_is_the_exercise", sentence)


def asks_for_frequency(text: str) -> bool:
    """Whether a sentence of the text, or two that lean on each other, ask for sexual acts so and so often."""
    # "Sex ... twice a week" is one sentence.
    sentences = _END.split(re.sub(r"\.{2,}|…", " ", text))
    return any(sets_frequency(one) for one in sentences) or any(_leans(one, other) for one, other in pairwise(sentences))


def sets_frequency(sentence: str) -> bool:
    """Whether a sentence joins a sexual act with how often, without denying first that this is a target."""
    told = folded(sentence)
    start = target_at(told)
    if start is None:
        return False
    denial = DENIAL.search(told)
    return denial is None or denial.start() > start or UNDOES_DENIAL.search(told) is not None


def _leans(one: str, following: str) -> bool:
    told = folded(one)
    return bool(ACT.search(told) and not FORBIDS.search(told) and LEANS.search(folded(following)))


def _counts_acts(field: LogField) -> bool:
    """Whether a number is one of acts: neither a 0-10 rating nor minutes or a share."""
    told = folded(field.description)
    counts = field.kind in {"integer", "number"} and field.high != _HIGHEST_RATING
    return counts and bool(ACT.search(told)) and not MEASURED_OTHERWISE.search(told)


def _rests_on_an_act(protocol: Protocol, rule: Rule) -> bool:
    told = {field.code: field.description for field in protocol.log_fields}
    if rule.verdict == "advance":
        return any(_names_a_result(name, told) for name in fields_of(rule.when))
    # A caution may heed what happened; to hold because something did not happen is to ask for it.
    return any(_misses_a_result(test, told) for test in single_tests(rule.when))


def _misses_a_result(test: object, told: dict[str, str]) -> bool:
    match test:
        case Is(field=name, sign="<" | "<=") | IsShareOf(field=name, sign="<" | "<=") | Said(field=name, answer=False):
            return _names_a_result(name, told)
        case _:
            return False


def _names_a_result(name: str, told: dict[str, str]) -> bool:
    return bool(NAMED_RESULT.search(folded(name)) or ACT.search(folded(told.get(name, ""))))


def _texts(protocol: Protocol) -> Iterator[tuple[str, str]]:
    yield "/name", protocol.name
    yield "/code", _spoken(protocol.code)
    yield "/dose/note", protocol.dose.note
    for place, text in enumerate(protocol.hard_rules):
        yield f"/hard_rules/{place}", text
    for place, precondition in enumerate(protocol.preconditions):
        yield f"/preconditions/{place}/description", precondition.description
    for place, flag in enumerate(protocol.contraindications):
        yield f"/contraindications/{place}/description", flag.description
    yield from _rule_texts(protocol)
    for place, field in enumerate(protocol.log_fields):
        yield f"/log_fields/{place}/description", field.description
        for choice, text in enumerate(field.choices):
            yield f"/log_fields/{place}/choices/{choice}", _spoken(text)
    yield from _stage_texts(protocol)


def _rule_texts(protocol: Protocol) -> Iterator[tuple[str, str]]:
    for place, rule in enumerate(protocol.rules):
        yield f"/rules/{place}/code", _spoken(rule.code)
        yield f"/rules/{place}/sentence", rule.sentence
    for place, threshold in enumerate(protocol.thresholds):
        yield f"/thresholds/{place}/meaning", threshold.meaning


def _stage_texts(protocol: Protocol) -> Iterator[tuple[str, str]]:
    for place, stage in enumerate(protocol.stages):
        yield f"/stages/{place}/code", _spoken(stage.code)
        yield f"/stages/{place}/title", stage.title
        for kind, texts in (("instructions", stage.instructions), ("rules", stage.rules), ("ban", stage.ban)):
            for number, text in enumerate(texts):
                yield f"/stages/{place}/{kind}/{number}", text


def _spoken(code: str) -> str:
    return code.replace("_", " ")
