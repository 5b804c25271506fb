"""Which tables and formats are meant, and whether the caller may have them."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from app.core.problems import did_you_mean
from app.errors import Fault, InvalidError
from app.exports.rules import FormatUnknownError, NoTableError, TableAbsentError, TableNotAllowedError, TableUnknownError


def check_formats(named: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Each once. Raises FormatUnknownError."""
    return _known({f"/formats/{number}": name for number, name in enumerate(named)}, known, FormatUnknownError)


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
            raise NoTableError(
                f"{NoTableError.detail} It takes any of {', '.join(sorted({f'`{one}`' for one in known.values()}))}."
            )
        return tuple(name for name in known if name in allowed)
    found = _known({f"/tables/{number}": name for number, name in enumerate(named)}, known, TableUnknownError)
    check_allowed(found, known, permissions)
    return found


def check_table(named: str, known: Mapping[str, str], permissions: Collection[str]) -> None:
    """The same of the one in a path. Raises TableAbsentError, TableNotAllowedError."""
    if named not in known:
        raise TableAbsentError(faults=(Fault("/path/table", TableAbsentError.code, _which(named, known)),))
    check_allowed((named,), known, permissions)


def check_allowed(named: Iterable[str], known: Mapping[str, str], permissions: Collection[str]) -> None:
    """That the caller may read these tables; says what is missing. Raises TableNotAllowedError."""
    missing = sorted({f"`{known[name]}`" for name in named if known[name] not in permissions})
    if missing:
        raise TableNotAllowedError(f"{TableNotAllowedError.detail} It takes {', '.join(missing)} as well.")


def _known(named: Mapping[str, str], known: Collection[str], unknown: type[InvalidError]) -> tuple[str, ...]:
    """Each name once; `named` says where each stands."""
    faults = tuple(Fault(place, unknown.code, _which(name, known)) for place, name in named.items() if name not in known)
    if faults:
        raise unknown(faults=faults)
    return tuple(dict.fromkeys(named.values()))


def _which(name: str, known: Collection[str]) -> str:
    """What there is; never what was sent."""
    return f"Must be one of {', '.join(sorted(known))}.{did_you_mean(name, set(known))}"
