"""Finds things that live one to a file, by the name of their constant."""

from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

T = TypeVar("T")


def collect(package: str, constant: str, kind: type[T]) -> dict[str, T]:
    """Every module's `constant` in `package`, by module name; a module without one is an error at start."""
    found: dict[str, T] = {}
    for module in iter_modules(import_module(package).__path__):
        thing = getattr(import_module(f"{package}.{module.name}"), constant, None)
        if not isinstance(thing, kind):
            raise TypeError(f"{package}.{module.name} must define {constant}, a {kind.__name__}")
        if getattr(thing, "code", module.name) != module.name:
            raise ValueError(f"{package}.{module.name} defines a {constant} with another code")
        found[module.name] = thing
    return found
