"""A protocol as a document, so that a clinic can bring its own: it passes the same checks as ours, or is refused."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, cast, get_args

from app.clinical.document_forms import (
    UNFIT,
    Form,
    code,
    flag,
    many,
    number,
    one_of,
    optional,
    record,
    span,
    text,
    unfit,
    whole,
)
from app.clinical.predicate_document import read_condition, write_condition
from app.clinical.predicates import AllOf, AnyOf, AtLeast, OnDays
from app.clinical.protocol import (
    Company,
    Dose,
    DoseUnit,
    Evidence,
    EvidenceGrade,
    FieldKind,
    LogField,
    Participants,
    Period,
    Privacy,
    Protocol,
    Role,
    Rule,
    Stage,
    Threshold,
    VerdictName,
)
from app.clinical.protocol_checks import check_protocol
from app.clinical.safety import FlagKind, Plissit, Precondition, RedFlag
from app.clinical.source import Grade, Source
from app.errors import Fault, InvalidError

_NAME: Final = 120
_CHOICE: Final = 64
_MOST_STAGES: Final = 20
_SENTENCES: Final = many(text(), 0, 20)
_SOURCE: Final = record(Source, text=text(300), grade=one_of(get_args(Grade)))
_SOURCES: Final = many(_SOURCE, 1, 20)
_FLAG: Final[dict[str, Form]] = {"code": code, "description": text(), "kind": one_of(get_args(FlagKind))}


def _version(value: object, pointer: str, faults: list[Fault]) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9a-z][0-9a-z._-]{0,19}", value):
        return value
    return unfit(faults, pointer, "not_a_version", "A version is a few digits, small letters, dots or dashes.")


_STAGE: Final = record(
    Stage,
    number=whole(1, _MOST_STAGES),
    code=code,
    title=text(_NAME),
    instructions=_SENTENCES,
    rules=_SENTENCES,
    plissit=one_of(get_args(Plissit)),
    shared_touch=flag,
    ban=many(text(_NAME), 0, 20),
    company=one_of(get_args(Company)),
)
_DOSE: Final = record(
    Dose,
    unit=one_of(get_args(DoseUnit)),
    times=optional(span),
    per=one_of(get_args(Period)),
    minutes=optional(span),
    weeks=optional(span),
    note=text(),
    source=_SOURCE,
)
_LOG_FIELD: Final = record(
    LogField,
    code=code,
    kind=one_of(get_args(FieldKind)),
    description=text(),
    privacy=one_of(get_args(Privacy)),
    low=optional(number),
    high=optional(number),
    choices=many(text(_CHOICE), 0, 30),
    required=flag,
    asked_of=one_of(get_args(Role)),
)
_THRESHOLD: Final = record(
    Threshold, name=code, value=number, low=number, high=number, meaning=text(), source=_SOURCE, whole=flag
)
_RULE: Final = record(
    Rule,
    code=code,
    verdict=one_of(get_args(VerdictName)),
    when=read_condition,
    sentence=text(),
    stages=many(whole(1, _MOST_STAGES), 0, _MOST_STAGES),
    role=one_of(get_args(Role)),
)
_PROTOCOL: Final = record(
    Protocol,
    code=code,
    version=_version,
    name=text(_NAME),
    sources=_SOURCES,
    targets=many(code, 1, 40),
    participants=one_of(get_args(Participants)),
    shared_touch=flag,
    stages=many(_STAGE, 1, _MOST_STAGES),
    dose=_DOSE,
    log_fields=many(_LOG_FIELD, 0, 30),
    thresholds=many(_THRESHOLD, 0, 40),
    rules=many(_RULE, 1, 40),
    hard_rules=_SENTENCES,
    preconditions=many(record(Precondition, **_FLAG), 0, 20),
    contraindications=many(record(RedFlag, **_FLAG), 0, 20),
    evidence=record(Evidence, grade=one_of(get_args(EvidenceGrade)), text=text(1000), sources=_SOURCES),
)


def read_protocol(document: Mapping[str, object]) -> Protocol:
    """The protocol a document describes, sound by `check_protocol`.

    Raises `InvalidError` with a fault for each thing that is malformed or, if nothing is, for each that is unsound; pointers
    are into the document. What is checked: `document_forms` (kinds, sizes, unknown keys) and `protocol_checks`.
    """
    faults: list[Fault] = []
    found = _PROTOCOL(document, "", faults)
    if found is UNFIT:
        raise InvalidError(faults=tuple(faults))
    protocol = cast("Protocol", found)
    unsound = check_protocol(protocol)
    if unsound:
        raise InvalidError(faults=unsound)
    return protocol


def restore_protocol(document: Mapping[str, object]) -> Protocol:
    """The protocol of a document that was sound when it was stored; later checks cannot take it from the plans it guides."""
    found = _PROTOCOL(document, "", [])
    if found is UNFIT:
        raise ValueError("a stored document no longer has the form of a protocol")
    return cast("Protocol", found)


def write_protocol(protocol: Protocol) -> dict[str, Any]:
    """The protocol as a document of objects, lists, text, numbers, true, false and null; it reads back as the same."""
    return {field.name: _written(getattr(protocol, field.name)) for field in fields(protocol)}


def _written(value: object) -> object:
    if isinstance(value, AtLeast | OnDays | AllOf | AnyOf):
        return write_condition(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _written(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    return value
