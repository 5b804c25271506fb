"""Finds things that live one to a file, by the name of their constant."""

from collections.abc import Mapping
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


def collect_earlier(package: str, constant: str, newest: Mapping[str, T]) -> tuple[T, ...]:
    """What the same modules keep of earlier versions in a tuple, oldest first; most keep none."""
    found: list[T] = []
    for name, latest in newest.items():
        kept = getattr(import_module(f"{package}.{name}"), constant, ())
        if any(not isinstance(thing, type(latest)) or getattr(thing, "code", name) != name for thing in kept):
            raise TypeError(f"{package}.{name}.{constant} holds earlier versions of the same and nothing else")
        found.extend(kept)
    return tuple(found)
