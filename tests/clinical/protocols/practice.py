"""Sessions of one who practises and one who accompanies, and what the rules make of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.clinical.check_ins import CheckIn, LogValue
from app.clinical.log_answers import check_log
from app.clinical.protocol import Protocol, Role
from app.clinical.rule_words import fields_of
from app.clinical.verdict import PartnerVerdict, Verdict, decide
from tests.clinical.sessions import START

Log = Mapping[str, LogValue]
OUTSIDE = frozenset({"done", "pressure", "pain", "willingness", "force"})


def sessions(good: Log, *spoilt: Mapping[str, Any]) -> list[CheckIn]:
    """A good session a day, but for what is spoilt in each: fields of the log, ratings, or how it was done."""
    return [_session(good, day, changes) for day, changes in enumerate(spoilt)]


def _session(good: Log, day: int, changes: Mapping[str, Any]) -> CheckIn:
    log = {**good, **{name: value for name, value in changes.items() if name not in OUTSIDE}}
    held = CheckIn(START + timedelta(days=day), "within_rules", log, 7, 0, 5, 6, 0)
    return replace(held, **{name: value for name, value in changes.items() if name in OUTSIDE})


def couple(protocol: Protocol, stage: int, practising: list[CheckIn], accompanying: list[CheckIn] | None = None) -> Verdict:
    """The verdict, where A practises and B accompanies."""
    return decide(protocol, stage, {"a": practising, "b": accompanying or []}, practising="a")


def told(found: PartnerVerdict) -> tuple[str, str]:
    """A partner's verdict and the rule that fired."""
    return found.verdict, found.rule


def practised(protocol: Protocol, stage: int, good: Log, *spoilt: Mapping[str, Any]) -> tuple[str, str]:
    """Verdict and rule for the one who practises."""
    return told(couple(protocol, stage, sessions(good, *spoilt)).partners["a"])


def accompanied(protocol: Protocol, stage: int, good: Log, *spoilt: Mapping[str, Any]) -> tuple[str, str]:
    """Verdict and rule for the one who accompanies."""
    return told(couple(protocol, stage, [], sessions(good, *spoilt)).partners["b"])


def advances_without(protocol: Protocol, stage: int, good: Log, count: int) -> list[str]:
    """The answers, of those any rule reads at this stage, without which the one who practises would still advance."""
    rules = [rule for rule in protocol.rules if (not rule.stages or stage in rule.stages) and rule.role != "accompanying"]
    read = {name for rule in rules for name in fields_of(rule.when)}
    assert practised(protocol, stage, good, *[{}] * count)[0] == "advance"
    return sorted(name for name in read if practised(protocol, stage, good, *[{name: None}] * count)[0] == "advance")


def is_loggable(protocol: Protocol, good: Log, role: Role = "practising") -> bool:
    """Whether a check-in with this log would be taken of the one who practises, or of the one who accompanies."""
    return not any(check_log(protocol, one, role) for one in sessions(good, {}))
