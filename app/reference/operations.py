"""The page of operations: every one with its method, path and permission."""

from collections.abc import Sequence

from app.reference.api import ApiOperation
from app.reference.markdown import Page, code, link, section, sentence, table


def page(operations: Sequence[ApiOperation]) -> Page:
    """Operations by room."""
    rooms = dict.fromkeys(operation.tag for operation in operations)
    return Page(
        "operations.md",
        "Operations",
        "Every operation of the API, with the permission it asks for.",
        (
            (
                f"There are {len(operations)}. Shapes, examples and errors are in `openapi/openapi.json`, and at `/docs` of a "
                f"running service. Who holds which permission: {link('permissions', 'permissions.md')}."
            ),
            *(_room(room, [operation for operation in operations if operation.tag == room]) for room in rooms),
        ),
    )


def _room(name: str, operations: Sequence[ApiOperation]) -> str:
    rows = (
        (code(one.name), code(f"{one.method} {one.path}"), code(one.permission), sentence(one.summary)) for one in operations
    )
    return section(name, table(("operation", "method and path", "permission", "what it does"), rows))
