"""What is refused of a de-identified export."""

from app.errors import ConflictError, InvalidError


class TooFewCouplesError(ConflictError):
    """The cohort is so small that it would give its couples away. How small is not told."""

    code = "deidentified_too_few_couples"
    detail = "Too few couples of this clinic take part in de-identified exports to make one."


class TooLittleChangedError(ConflictError):
    """Laid beside the last one, this export would tell what became of a few couples."""

    code = "deidentified_too_little_changed"
    detail = "Too few couples have changed since the last de-identified export. Ask again once more have."


class DeidentifiedSinceError(InvalidError):
    """It was to go on from an earlier export."""

    code = "deidentified_not_since"
    detail = "A de-identified export is always a whole one: its ids are those of no other."


BANDS = ((500, "500 or more"), (100, "100 to 499"), (50, "50 to 99"), (11, "11 to 49"))


def told_in_bands(count: int) -> str:
    """A count that does not tell when one couple more or less is counted, but at the edge of a band."""
    return next((words for fewest, words in BANDS if count >= fewest), "fewer than 11")
