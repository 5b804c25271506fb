"""Whether a check-in's log fits its protocol, with one fault for each thing wrong."""

from collections.abc import Iterator, Mapping

from app.clinical.check_ins import TOOK_PLACE, CheckIn, LogValue
from app.clinical.protocol import UNIVERSAL_FIELDS, LogField, Protocol
from app.errors import Fault


def check_log(protocol: Protocol, check_in: CheckIn) -> tuple[Fault, ...]:
    """Faults at `/log/{field}`, or at `/{rating}` for the universal ratings.

    A required field must be answered for a session that took place, and may stay empty otherwise.
    """
    known = {field.code for field in protocol.log_fields}
    strangers = (
        Fault(f"/log/{code}", "unknown_field", "This protocol does not log that.") for code in check_in.log if code not in known
    )
    return (
        *strangers,
        *_faults(protocol.log_fields, check_in.log, "/log/", asked=check_in.done in TOOK_PLACE),
        *_faults(UNIVERSAL_FIELDS, {field.code: check_in.value(field.code) for field in UNIVERSAL_FIELDS}, "/", asked=False),
    )


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
