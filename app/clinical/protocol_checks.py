"""Refuses a protocol that is not sound: the same checks for ours and for one that a clinic brings."""

from collections.abc import Iterator

from app.clinical.concerns import CONCERNS, is_starting_point
from app.clinical.frequency_target import frequency_targets
from app.clinical.protocol import UNIVERSAL_FIELDS, Protocol, Role, Stage
from app.clinical.rule_checks import rule_faults
from app.clinical.rule_words import fields_of
from app.clinical.safety import UNIVERSAL_BLOCKERS
from app.clinical.verdict import UNIVERSAL_THRESHOLDS
from app.errors import Fault


def check_protocol(protocol: Protocol) -> tuple[Fault, ...]:
    """Everything that makes a protocol unfit; empty for a sound one. Pointers are into the protocol's own fields."""
    return (
        *frequency_targets(protocol),
        *_target_faults(protocol),
        *_stage_faults(protocol),
        *(fault for place, rule in enumerate(protocol.rules) for fault in rule_faults(protocol, rule, f"/rules/{place}")),
        *_pressure_faults(protocol),
        *_field_faults(protocol),
        *_threshold_faults(protocol),
        *_duplicates(protocol),
    )


def _target_faults(protocol: Protocol) -> Iterator[Fault]:
    if not protocol.targets:
        yield Fault("/targets", "no_target", "A protocol says which sexual concerns it is for.")
    for place, target in enumerate(protocol.targets):
        if target not in CONCERNS:
            yield Fault(f"/targets/{place}", "unknown_concern", "There is no concern of that slug.")
        elif not is_starting_point(target):
            yield Fault(f"/targets/{place}", "plan_must_start_from_sexual_concern", "A protocol targets a sexual concern.")


def _stage_faults(protocol: Protocol) -> Iterator[Fault]:
    if [stage.number for stage in protocol.stages] != list(range(1, len(protocol.stages) + 1)) or not protocol.stages:
        yield Fault("/stages", "stages_not_in_order", "Stages are numbered 1, 2, 3 and so on.")
    if protocol.shared_touch != any(stage.shared_touch for stage in protocol.stages):
        yield Fault("/shared_touch", "shared_touch_unclear", "It is true when any stage has shared touch, and only then.")
    for place, stage in enumerate(protocol.stages):
        if not stage.instructions:
            yield Fault(f"/stages/{place}/instructions", "no_instructions", "A stage says what to do.")
        if not all(protocol.rules_for(stage.number, "advance", role) for role in _roles(stage)):
            yield Fault(f"/stages/{place}", "no_way_on", "For each who takes part, some rule must say when this stage is done.")
        if stage.shared_touch and stage.company != "together":
            yield Fault(f"/stages/{place}", "touch_when_alone", "A stage that one does alone has no shared touch.")
    if not _in_company(protocol):
        yield Fault("/participants", "participants_unclear", "It says what the stages say: together, alone, or one first.")


def _roles(stage: Stage) -> tuple[Role, ...]:
    return ("practising",) if stage.company == "practising_alone" else ("practising", "accompanying")


def _in_company(protocol: Protocol) -> bool:
    together = [stage.company == "together" for stage in protocol.stages]
    match protocol.participants:
        case "together":
            return all(together)
        case "alone":
            return not any(together)
        case "alone_then_together":
            return together == sorted(together) and len(set(together)) > 1
        case "alone_or_together":
            return True


def _pressure_faults(protocol: Protocol) -> Iterator[Fault]:
    cautions = [
        rule
        for rule in protocol.rules
        if rule.verdict != "advance" and rule.role == "each" and any("pressure" in name for name in fields_of(rule.when))
    ]
    touch = [stage.number for stage in protocol.stages if stage.shared_touch]
    if not all(any(not rule.stages or number in rule.stages for rule in cautions) for number in touch):
        yield Fault("/rules", "pressure_ignored", "Shared touch needs a rule of caution on felt pressure.")


def _field_faults(protocol: Protocol) -> Iterator[Fault]:
    for place, field in enumerate(protocol.log_fields):
        if field.kind in {"integer", "number"} and (field.low is None or field.high is None):
            yield Fault(f"/log_fields/{place}", "no_range", "A number has a range.")
        elif field.low is not None and field.high is not None and field.low > field.high:
            yield Fault(f"/log_fields/{place}", "out_of_range", "The lowest value is not above the highest.")
        if (field.kind == "choice") != bool(field.choices):
            yield Fault(f"/log_fields/{place}", "no_choices", "A choice, and only a choice, lists its choices.")
        if "pressure" in field.code and field.privacy != "safety":
            yield Fault(f"/log_fields/{place}/privacy", "not_private", "Felt pressure is for the care team alone.")


def _threshold_faults(protocol: Protocol) -> Iterator[Fault]:
    for place, threshold in enumerate(protocol.thresholds):
        if not threshold.low <= threshold.value <= threshold.high:
            yield Fault(f"/thresholds/{place}", "out_of_range", "The value lies within its own bounds.")


def _duplicates(protocol: Protocol) -> Iterator[Fault]:
    own = set(protocol.contraindications)
    named = {
        "stages": [stage.code for stage in protocol.stages],
        "log_fields": [field.code for field in (*UNIVERSAL_FIELDS, *protocol.log_fields)],
        "thresholds": [threshold.name for threshold in (*UNIVERSAL_THRESHOLDS, *protocol.thresholds)],
        "rules": [rule.code for rule in protocol.rules],
        "preconditions": [one.code for one in protocol.preconditions],
        # A universal blocker may be named, to hold where partners do not touch too; its code means nothing else.
        "contraindications": [flag.code for flag in (*(set(UNIVERSAL_BLOCKERS) - own), *protocol.contraindications)],
    }
    for kind, names in named.items():
        if len(set(names)) != len(names):
            yield Fault(f"/{kind}", "duplicate", "Each name is used once.")
