"""Whether a couple may go on to the next stage: the rule that fired for each partner, and the more cautious of the two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeVar

from app.clinical.check_ins import CheckIn, in_order
from app.clinical.evaluation import Finding, Limits, Seen, find
from app.clinical.predicates import Is, any_of_last
from app.clinical.protocol import Protocol, Role, Rule, Stage, Threshold, VerdictName
from app.clinical.rule_words import words
from app.clinical.safety import PRESSURE_PAUSE, PRESSURE_REVIEW, PRESSURE_SOURCE
from app.errors import Fault, InvalidError

T = TypeVar("T")
Flag = Literal["pressure_review", "pressure_pause"]
Requirement = Literal["consent_of_each_partner_to_the_next_stage", "current_clearance"]

MOST_CAUTIOUS_FIRST: tuple[VerdictName, ...] = ("stop", "step_back", "hold", "advance")
# What the couple may read together: the same words whoever's answers led there.
SHARED_SENTENCES: Mapping[VerdictName, str] = MappingProxyType(
    {
        "advance": "Your therapist will talk with each of you about the next step.",
        "hold": "Stay with this step for now.",
        "step_back": "Your therapist will talk with you about an earlier step.",
        "stop": "Paused by your therapist.",
    }
)
PRESSURE_LOOK_BACK = 2
UNIVERSAL_THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("pressure_review", PRESSURE_REVIEW, 1, PRESSURE_REVIEW, "Pressure that asks for review.", PRESSURE_SOURCE),
    Threshold("pressure_pause", PRESSURE_PAUSE, 1, PRESSURE_PAUSE, "Pressure that pauses at once.", PRESSURE_SOURCE),
)
PRESSURE_RULE = Rule(
    "pressure_review",
    "hold",
    any_of_last(PRESSURE_LOOK_BACK, Is("pressure", ">=", "pressure_review")),
    "Pressure was felt: review it with this partner alone before anything goes on.",
)


@dataclass(frozen=True)
class PartnerVerdict:
    """One partner's verdict; `rule` fired, `condition` is it in words with the values in force, `missing` what was not said."""

    verdict: VerdictName
    rule: str
    sentence: str
    condition: str
    numbers: tuple[Seen, ...]
    flags: tuple[Flag, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The couple's verdict and each partner's; `partners` is for the therapist, `shared_sentence` for everyone."""

    protocol: str
    protocol_version: str
    stage: int
    verdict: VerdictName
    partners: Mapping[str, PartnerVerdict]
    shared_sentence: str
    completes: bool
    requires: tuple[Requirement, ...]
    flags: tuple[Flag, ...]
    thresholds: Mapping[str, float]


def decide(
    protocol: Protocol,
    stage: int,
    check_ins_by_partner: Mapping[str, Sequence[CheckIn]],
    thresholds: Mapping[str, float] | None = None,
    practising: str | None = None,
) -> Verdict:
    """The verdict on the check-ins since this stage began or the plan last resumed; the therapist decides.

    `thresholds` overrides values by name. Missing data never advances, nor does a partner who has not answered: a key
    for each partner who takes part, with an empty list if need be. `practising` names the one who practises where only
    one does; without it each is taken to, which is the slower reading. A stage practised alone does not wait for the
    other, who then has no verdict unless pressure was felt. Raises `InvalidError` for an unknown stage or threshold.
    """
    limits = thresholds_in_force(protocol, thresholds)
    at = protocol.stage(stage)
    if at is None:
        raise InvalidError(faults=(Fault("/stage", "unknown_stage", "This protocol has no stage of that number."),))
    partners: dict[str, PartnerVerdict] = {}
    for partner, check_ins in check_ins_by_partner.items():
        found = _verdict_of(protocol, at, role_of(partner, practising), in_order(check_ins), limits)
        if found is not None:
            partners[partner] = found
    name = most_cautious([found.verdict for found in partners.values()])
    if name == "advance" and at.shared_touch and len(partners) < 2:
        name = "hold"
    following = protocol.stage(stage + 1)
    return Verdict(
        protocol=protocol.code,
        protocol_version=protocol.version,
        stage=stage,
        verdict=name,
        partners=partners,
        shared_sentence=SHARED_SENTENCES[name],
        completes=name == "advance" and following is None,
        requires=_requires(name, shared_touch=following is not None and following.shared_touch),
        flags=tuple(dict.fromkeys(flag for found in partners.values() for flag in found.flags)),
        thresholds=limits,
    )


def role_of(partner: T, practising: T | None) -> Role:
    """What a partner does where `practising` names the one who practises; where nobody is named, each practises."""
    return "practising" if practising is None or partner == practising else "accompanying"


def most_cautious(verdicts: Sequence[VerdictName]) -> VerdictName:
    """The most cautious of several; without any, hold."""
    return min(verdicts, key=MOST_CAUTIOUS_FIRST.index, default="hold")


def thresholds_in_force(protocol: Protocol, overrides: Mapping[str, float] | None = None) -> Mapping[str, float]:
    """Every threshold's value, a clinic's own in place of the default.

    Raises `InvalidError` at `/thresholds/{name}` for an unknown name or a value outside the bounds the protocol sets.
    """
    known = {threshold.name: threshold for threshold in (*UNIVERSAL_THRESHOLDS, *protocol.thresholds)}
    overrides = overrides or {}
    faults = tuple(fault for name, value in overrides.items() if (fault := _override_fault(name, value, known.get(name))))
    if faults:
        raise InvalidError(faults=faults)
    return MappingProxyType({name: threshold.value for name, threshold in known.items()} | dict(overrides))


def _override_fault(name: str, value: float, threshold: Threshold | None) -> Fault | None:
    pointer = f"/thresholds/{name}"
    if threshold is None:
        return Fault(pointer, "unknown_threshold", "This protocol has no threshold of that name.")
    if not threshold.low <= value <= threshold.high:
        return Fault(pointer, "out_of_range", f"It may lie from {threshold.low:g} to {threshold.high:g}.")
    if threshold.whole and value != int(value):
        return Fault(pointer, "not_an_integer", "It counts sessions or days and is a whole number.")
    return None


def _requires(verdict: VerdictName, *, shared_touch: bool) -> tuple[Requirement, ...]:
    if verdict != "advance" or not shared_touch:
        return ()
    return ("consent_of_each_partner_to_the_next_stage", "current_clearance")


def _verdict_of(
    protocol: Protocol, at: Stage, role: Role, check_ins: Sequence[CheckIn], limits: Limits
) -> PartnerVerdict | None:
    if at.company == "practising_alone" and role == "accompanying":
        return _bystander_verdict(check_ins, limits)
    return _partner_verdict(protocol, at.number, role, check_ins, limits)


def _bystander_verdict(check_ins: Sequence[CheckIn], limits: Limits) -> PartnerVerdict | None:
    # Nobody waits for the one who does not practise, but pressure on them counts as always.
    flags = _pressure_flags(check_ins, limits)
    if "pressure_pause" in flags:
        return _paused(check_ins, limits, flags)
    return _fired(PRESSURE_RULE, find(PRESSURE_RULE.when, check_ins, limits), limits, flags) if flags else None


def _partner_verdict(
    protocol: Protocol, stage: int, role: Role, check_ins: Sequence[CheckIn], limits: Limits
) -> PartnerVerdict:
    flags = _pressure_flags(check_ins, limits)
    if "pressure_pause" in flags:
        return _paused(check_ins, limits, flags)
    cautions = [rule for name in MOST_CAUTIOUS_FIRST[:-1] for rule in protocol.rules_for(stage, name, role)]
    found = [(rule, find(rule.when, check_ins, limits)) for rule in (*cautions, PRESSURE_RULE)]
    for rule, finding in found:
        if finding.truth:
            return _fired(rule, finding, limits, flags)
    # Practising alone throughout, one is heard on pressure and not made to answer.
    asked = found[:-1] if protocol.participants == "alone" else found
    unknown = [finding for _, finding in asked if finding.truth is None]
    if unknown:
        return _unanswered(unknown, flags)
    return _forward(protocol.rules_for(stage, "advance", role), check_ins, limits)


def _pressure_flags(check_ins: Sequence[CheckIn], limits: Limits) -> tuple[Flag, ...]:
    if any(_pauses(check_in, limits) for check_in in check_ins):
        return ("pressure_pause",)
    return ("pressure_review",) if find(PRESSURE_RULE.when, check_ins, limits).truth else ()


def _pauses(check_in: CheckIn, limits: Limits) -> bool:
    return (
        check_in.force or check_in.afraid or (check_in.pressure is not None and check_in.pressure >= limits["pressure_pause"])
    )


def _paused(check_ins: Sequence[CheckIn], limits: Limits, flags: tuple[Flag, ...]) -> PartnerVerdict:
    pressed = [check_in for check_in in check_ins if _pauses(check_in, limits)]
    numbers = tuple(Seen("pressure", check_in.pressure, check_in.occurred_on) for check_in in pressed)
    return PartnerVerdict(
        verdict="stop",
        rule="pressure_pause",
        sentence="Strong pressure, force or fear was reported: the plan pauses at once, and this partner is seen alone.",
        condition=f"in any answer: pressure >= {limits['pressure_pause']:g}, or force, or fear",
        numbers=(*numbers, Seen("pressure_pause", limits["pressure_pause"])),
        flags=flags,
    )


def _fired(rule: Rule, finding: Finding, limits: Limits, flags: tuple[Flag, ...] = ()) -> PartnerVerdict:
    return PartnerVerdict(rule.verdict, rule.code, rule.sentence, words(rule.when, limits), finding.numbers, flags)


def _unanswered(findings: Sequence[Finding], flags: tuple[Flag, ...]) -> PartnerVerdict:
    missing = tuple(dict.fromkeys(name for finding in findings for name in finding.missing))
    numbers = tuple(dict.fromkeys(seen for finding in findings for seen in finding.numbers))
    sentence = "Something that a rule of caution asks for was not answered: nothing goes on without it."
    return PartnerVerdict("hold", "missing_answers", sentence, "", numbers, flags, missing)


def _forward(rules: Sequence[Rule], check_ins: Sequence[CheckIn], limits: Limits) -> PartnerVerdict:
    found = [(rule, find(rule.when, check_ins, limits)) for rule in rules]
    for rule, finding in found:
        if finding.truth:
            return _fired(rule, finding, limits)
    return PartnerVerdict(
        verdict="hold",
        rule="not_yet",
        sentence="What the next step asks for is not there yet." if check_ins else "There is no check-in yet.",
        condition="; or ".join(words(rule.when, limits) for rule in rules),
        numbers=tuple(seen for _, finding in found for seen in finding.numbers),
        missing=tuple(name for _, finding in found for name in finding.missing),
    )
