"""What may be asked of an export, and the errors of it; pure decisions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from app.core.problems import did_you_mean
from app.errors import ConflictError, Fault, InvalidError, NotAllowedError, NotFoundError

FEWEST_TOLD: Final = 11  # CMS cell size suppression: no count from 1 to 10; ours tells no 0 apart either
WAITING: Final = frozenset({"queued", "running"})
REMEMBERED: Final = timedelta(days=30)  # our proposal: how long it is known that there was an export
MOST_WAITING: Final = 5  # our proposal: exports that one asker has under way


class FormatUnknownError(InvalidError):
    """A format was named that there is none of."""

    code = "export_format_unknown"
    detail = "There is no such format of exports."


class FormatNeedsMoreError(ConflictError):
    """The format needs something that is not installed here."""

    code = "export_format_not_installed"
    detail = "This service was installed without what this format needs. Whoever runs it can add it."


class TableUnknownError(InvalidError):
    """A table was named that there is none of."""

    code = "export_table_unknown"
    detail = "There is no such table of exports."


class TableAbsentError(NotFoundError):
    """The path names a table that there is none of."""

    code = "export_table_absent"
    detail = "There is no such table."


class TableNotAllowedError(NotAllowedError):
    """A table was named that the caller may not read."""

    code = "export_table_not_allowed"
    detail = "Your role or scopes do not allow you to read all of these tables."


class NoTableError(NotAllowedError):
    """The caller may read none of the tables."""

    code = "export_no_table"
    detail = "Your role or scopes do not allow you to read any table as it stands."


class RecipientMissingError(InvalidError):
    """The destination and the recipient do not go together."""

    code = "export_recipient_invalid"
    detail = "An export with the destination `recipient` names the recipient, and no other does."


class ExportsWaitingError(ConflictError):
    """The caller has as many exports under way as one may."""

    code = "exports_waiting"
    detail = "Some of your exports are still under way. Wait for them, or delete one."


class ExportNotDoneError(ConflictError):
    """There are no files yet."""

    code = "export_not_done"
    detail = "This export is not done. Read how far it is first."


class ExportGoneError(NotFoundError):
    """The files are not kept any more, or may not be handed out any more; which of these is told to nobody."""

    code = "export_gone"
    detail = "The files of this export are not kept any more, or what may be in them has changed. Ask for a new one."


def check_formats(named: Iterable[str], known: Collection[str], pointer: str = "/formats") -> tuple[str, ...]:
    """Each once. Raises FormatUnknownError."""
    return _known({f"{pointer}/{number}": name for number, name in enumerate(named)}, known, FormatUnknownError)


def check_format(named: str, known: Collection[str]) -> None:
    """The same of the one in a query."""
    _known({"/query/format": named}, known, FormatUnknownError)


def check_tables(named: Sequence[str] | None, known: Mapping[str, str], permissions: Collection[str]) -> tuple[str, ...]:
    """The tables that are meant, of those known with what each takes; every one that the caller may read when none is named.

    Raises TableUnknownError, TableNotAllowedError, NoTableError.
    """
    allowed = {name for name, permission in known.items() if permission in permissions}
    if named is None:
        if not allowed:
            raise NoTableError
        return tuple(name for name in known if name in allowed)
    found = _known({f"/tables/{number}": name for number, name in enumerate(named)}, known, TableUnknownError)
    if not allowed.issuperset(found):
        raise TableNotAllowedError
    return found


def check_table(named: str, known: Mapping[str, str], permissions: Collection[str]) -> None:
    """The same of the one in a path. Raises TableAbsentError, TableNotAllowedError."""
    if named not in known:
        raise TableAbsentError(faults=(Fault("/path/table", TableAbsentError.code, _which(named, known)),))
    if known[named] not in permissions:
        raise TableNotAllowedError


def _known(named: Mapping[str, str], known: Collection[str], unknown: type[InvalidError]) -> tuple[str, ...]:
    """Each name once; `named` says where each stands."""
    faults = tuple(Fault(place, unknown.code, _which(name, known)) for place, name in named.items() if name not in known)
    if faults:
        raise unknown(faults=faults)
    return tuple(dict.fromkeys(named.values()))


def _which(name: str, known: Collection[str]) -> str:
    """What there is; never what was sent."""
    return f"Must be one of {', '.join(sorted(known))}.{did_you_mean(name, set(known))}"


def told_count(count: int) -> str:
    """A count that betrays nobody."""
    return str(count) if count >= FEWEST_TOLD else f"fewer than {FEWEST_TOLD}"
