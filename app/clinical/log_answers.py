"""Whether a check-in's log fits its protocol, with one fault for each thing wrong."""

from collections.abc import Collection, Iterator, Mapping

from app.clinical.check_ins import TOOK_PLACE, CheckIn, LogValue
from app.clinical.protocol import UNIVERSAL_FIELDS, LogField, Protocol, Role
from app.errors import Fault


def check_log(protocol: Protocol, check_in: CheckIn, role: Role = "each", stage: int | None = None) -> tuple[Fault, ...]:
    """Faults at `/log/{field}`, or at `/{rating}` for the universal ratings.

    A required field must be answered for a session that took place, and may stay empty otherwise. What only the other is
    asked is refused, because a rule would never read it. Where one practises alone, the other may tell and need not.
    """
    asked = protocol.fields_for(role)
    needed = check_in.done in TOOK_PLACE and not _is_bystander(protocol, role, stage)
    return (
        *_strangers(protocol, check_in.log, {field.code for field in asked}),
        *_faults(asked, check_in.log, "/log/", asked=needed),
        *_faults(UNIVERSAL_FIELDS, {field.code: check_in.value(field.code) for field in UNIVERSAL_FIELDS}, "/", asked=False),
    )


def _is_bystander(protocol: Protocol, role: Role, number: int | None) -> bool:
    stage = None if number is None else protocol.stage(number)
    return stage is not None and stage.company == "practising_alone" and role == "accompanying"


def _strangers(protocol: Protocol, log: Mapping[str, LogValue], asked: Collection[str]) -> Iterator[Fault]:
    known = {field.code: field.asked_of for field in protocol.log_fields}
    for code, value in log.items():
        if code not in known:
            yield Fault(f"/log/{code}", "unknown_field", "This protocol does not log that.")
        elif code not in asked and value is not None:
            yield Fault(f"/log/{code}", "not_asked", f"Only the partner who is {known[code]} is asked this: leave it out.")


def _faults(fields: tuple[LogField, ...], log: Mapping[str, LogValue], base: str, *, asked: bool) -> Iterator[Fault]:
    for field in fields:
        value = log.get(field.code)
        pointer = f"{base}{field.code}"
        if value is None:
            if asked and field.required:
                yield Fault(pointer, "required", "A session that took place needs this.")
        elif not _of_kind(field, value):
            yield Fault(pointer, "wrong_kind", f"This is of kind {field.kind}.")
        elif not _in_range(field, value):
            yield Fault(pointer, "out_of_range", f"This lies from {field.low:g} to {field.high:g}.")


def _of_kind(field: LogField, value: LogValue) -> bool:
    match field.kind:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "choice":
            return value in field.choices
        case "text":
            return isinstance(value, str)


def _in_range(field: LogField, value: LogValue) -> bool:
    if isinstance(value, bool | str) or value is None or field.low is None or field.high is None:
        return True
    return field.low <= value <= field.high
