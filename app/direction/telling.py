"""What a model answers, in the shape it is kept and sent in."""

from dataclasses import asdict

from app.clinical.lags.results import ModelResult
from app.direction.schemas import FitRead, ModelRead, PathRead


def as_read(found: ModelResult) -> ModelRead:
    """A model's answer."""
    return ModelRead(
        usable=found.usable,
        code=found.code,
        detail=found.detail,
        missing=found.missing,
        n_units=found.n_units,
        n_persons=found.n_persons,
        n_occasions=found.n_occasions,
        n_pairs=found.n_pairs,
        fit=None if found.fit is None else FitRead(**asdict(found.fit)),
        paths=[PathRead(**asdict(path)) for path in found.paths],
        direction=None if found.reading is None else found.reading.code,
        reading=None if found.reading is None else found.reading.sentence,
    )


def waiting_for_more(couples: int) -> ModelRead:
    """The refusal while figures would tell what changed of fewer couples than they may."""
    return ModelRead(
        usable=False,
        code="too_little_new",
        detail="Something that was counted last time no longer counts, and figures without it would tell what it was.",
        missing=f"Figures come again once {couples} couples have brought something new on these scales.",
        n_units=None,
        n_persons=None,
        n_occasions=None,
        n_pairs=None,
        fit=None,
        paths=[],
        direction=None,
        reading=None,
    )
