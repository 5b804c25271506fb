"""Formats that take a library which not every installation brings along."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Final

from app.errors import InvalidError
from app.exports.format import Format

LIBRARIES: Final = {"parquet": "pyarrow"}
"""By the extra that brings it, the library a format loads; never before the format is used."""


class ExtraMissingError(InvalidError):
    """The format takes a library that is not installed where the export is made."""

    code: ClassVar[str] = "export_extra_missing"
    detail: ClassVar[str] = "This format takes a library that is not installed here."


def check_installed(form: Format) -> None:
    """Raises ExtraMissingError, with the line that installs what is lacking."""
    if form.needs is not None and not _is_installed(LIBRARIES[form.needs]):
        raise ExtraMissingError(
            f"{form.title} takes a library that is not installed here. "
            f"Whoever runs the service installs it with: pip install 'rekindle[{form.needs}]'"
        )


def load(extra: str, module: str = "") -> Any:
    """The library of an extra or a module of it."""
    return import_module(f"{LIBRARIES[extra]}{module}")


def _is_installed(library: str) -> bool:
    return find_spec(library) is not None
