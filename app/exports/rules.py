"""What may be asked of an export, and the errors of it; pure decisions."""

from datetime import timedelta
from typing import Final

from app.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError

FEWEST_TOLD: Final = 11  # CMS cell size suppression: no count from 1 to 10; ours tells no 0 apart either
WAITING: Final = frozenset({"queued", "running"})
REMEMBERED: Final = timedelta(days=30)  # our proposal: how long it is known that there was an export
MOST_WAITING: Final = 20  # our proposal: exports that one asker has under way


class FormatUnknownError(InvalidError):
    """A format was named that there is none of."""

    code = "export_format_unknown"
    detail = "There is no such format of exports."


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


class RecipientNotSinceError(InvalidError):
    """What leaves the clinic was to go on from an earlier export."""

    code = "export_recipient_not_since"
    detail = (
        "An export for a recipient is always a whole one: to say which rows of an earlier one are to go would tell of couples"
        " whose leave ended."
    )


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


def told_count(count: int) -> str:
    """A count that betrays nobody."""
    return str(count) if count >= FEWEST_TOLD else f"fewer than {FEWEST_TOLD}"
