"""What a request costs the database: the statements it sends, told without any value, so that two requests can be compared."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app.access.work import Runtime

# A key notes its use once in a while: that depends on its last call, and on nothing of the record.
NOTED = "UPDATE credential SET last_used_at"
VALUES = re.compile(r"'[^']*'")


@contextmanager
def statements(runtime: Runtime) -> Iterator[list[str]]:
    """Collects each statement of a service with how many values it carries; a count is a time that no other load disturbs."""
    found: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not statement.startswith(NOTED):
            found.append(f"{len(parameters)} {VALUES.sub('<value>', statement)}")

    engine = runtime.database.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", heard)
