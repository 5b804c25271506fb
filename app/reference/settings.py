"""The page of settings: every environment variable the service reads."""

import json
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.core.settings import Provider, Settings
from app.reference.markdown import Page, code, link, listed, section, table

BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
PLAIN = {bool: "`true` or `false`", int: "whole number", float: "number", str: "text", Path: "path of a file"}


def page() -> Page:
    """Every variable with its type, default and meaning."""
    prefix = Settings.model_config["env_prefix"]
    rows = (
        (code(f"{prefix}{name.upper()}"), _type(field), _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    )
    return Page(
        "settings.md",
        "Settings",
        "Every `REKINDLE_*` environment variable, with its type and default.",
        (
            (
                "A secret's default is not printed. Lists are written as JSON. Some combinations are refused at start because "
                f"they would expose the record: {link('run in production', '../how-to/run-in-production.md')} names them."
            ),
            table(("variable", "type", "default", "meaning"), rows),
            section("A provider", f"What stands in {code(prefix + 'PROVIDERS')}, a JSON list of objects.", _provider()),
        ),
    )


def _provider() -> str:
    rows = (
        (code(name), _type(field), _default(field), field.description or "") for name, field in Provider.model_fields.items()
    )
    return table(("name", "type", "default", "meaning"), rows)


def _type(field: FieldInfo) -> str:
    limits = [f"{BOUNDS[name]} {getattr(rule, name):g}" for rule in field.metadata for name in BOUNDS if hasattr(rule, name)]
    pattern = next((rule.pattern for rule in field.metadata if getattr(rule, "pattern", None)), None)
    told = [
        _words(field.annotation),
        *([f"matching {code(pattern)}"] if pattern else []),
        *([listed(limits)] if limits else []),
    ]
    return ", ".join(told)


def _words(kind: Any) -> str:
    arguments = get_args(kind)
    if get_origin(kind) is Literal:
        return listed([code(choice) for choice in arguments], "or")
    if get_origin(kind) in {Union, UnionType}:
        return f"{_words(next(one for one in arguments if one is not NoneType))}, may be left out"
    if get_origin(kind) is tuple:
        return f"list of {_members(arguments)}"
    return "text, secret" if kind is SecretStr else "provider" if kind is Provider else PLAIN[kind]


def _members(arguments: tuple[Any, ...]) -> str:
    if arguments[-1] is Ellipsis:
        return f"any number of {_words(arguments[0])}s" if arguments[0] is not str else "texts"
    return f"{len(arguments)} {_words(arguments[0])}s"


def _default(field: FieldInfo) -> str:
    match field.default:
        case None:
            return "none"
        case _ if field.is_required():
            return "needed"
        case SecretStr():
            return "not printed"
        case bool() as flag:
            return code(str(flag).lower())
        case Path() as path:
            return code(path.as_posix())
        case tuple() as many:
            return code(json.dumps(many))
        case value:
            return code(str(value))
