"""How an export at the command line can end other than well, and the exit code of each way."""

from typing import ClassVar


class ExportEndedError(Exception):
    """An export that did not come to its end; the text says what happened and what to do."""

    exit_code: ClassVar[int]
    code: ClassVar[str]


class PartialError(ExportEndedError):
    """Some of it is there and waits, or nothing is: the same command with `--resume` goes on."""

    exit_code = 2
    code = "partial"


class RefusedError(ExportEndedError):
    """The same command would be refused again: what was asked for, the key or the folder is not right."""

    exit_code = 3
    code = "refused"


class SchemaChangedError(ExportEndedError):
    """It cannot go on from last time, because what the tables are, or what the key may read of them, is another now."""

    exit_code = 4
    code = "schema_changed"
