"""Which norms may serve a scale, decided without a database; each refusal has a name."""

from collections.abc import Iterator
from math import sqrt
from typing import Final

from app.clinical.change import norms_fit
from app.clinical.measure import Measure, Scale
from app.clinical.norms import NormSet
from app.errors import ConflictError, Fault, InvalidError

PLACES: Final = {"/reliability": "/reliability/value", "": "/functional_mean"}  # where this body says what the faults speak of
PAIRS: Final = (
    ("functional_mean", "functional_sd"),
    ("functional_sd", "functional_mean"),
    ("post_sd", "post_reliability"),
    ("post_reliability", "post_sd"),
)


class NormSetInvalidError(InvalidError):
    """Norms that cannot be true of this scale, or that no change can be judged by."""

    code = "norm_set_invalid"
    detail = "These norms cannot serve this scale; `errors` names each fault. Nothing was stored."


class NormSetUnknownError(InvalidError):
    """Nobody brought this norm set."""

    code = "norm_set_unknown"
    detail = "Neither the measure nor the clinic has this norm set: see `GET /v1/measures/{code}` and `GET /v1/norm-sets`."


class NormSetRetiredError(InvalidError):
    """The clinic has taken this norm set back."""

    code = "norm_set_retired"
    detail = "This norm set is retired: it can be read, and no longer chosen."


class NormSetOfAnotherScaleError(InvalidError):
    """Norms of one scale say nothing of another."""

    code = "norm_set_of_another_scale"
    detail = "This norm set is of another measure or another scale."


class TooFewBaselinesError(ConflictError):
    """The clinic's own baselines are too few for norms."""

    code = "too_few_baselines"
    detail = "There are too few baselines for norms of this clinic's own."


CHOOSING: Final = (NormSetUnknownError, NormSetRetiredError, NormSetOfAnotherScaleError)
CHOSEN: Final = "Norm set in place of the measure's default: its code in the catalogue, or its id (`nrm_...`)."


def too_few(needed: int) -> TooFewBaselinesError:
    """The refusal with how many it takes, and not how many there are."""
    return TooFewBaselinesError(f"Norms of this clinic's own take at least {needed} baselines, in whole tens.")


def check_new(measure: Measure, norms: NormSet) -> tuple[Fault, ...]:
    """What keeps norms from being added: unusable or impossible numbers, groups the wrong way round, half a pair."""
    scale = measure.scale(norms.scale)
    if scale is None:
        return (Fault("/scale", "unknown_scale", "This measure has no scale of that code."),)
    fit = norms_fit(measure, norms.scale, norms, "")
    moved = tuple(Fault(PLACES.get(fault.pointer, fault.pointer), fault.code, fault.detail) for fault in fit)
    return (*_beyond(scale, norms), *moved, *_halves(norms))


def _beyond(scale: Scale, norms: NormSet) -> Iterator[Fault]:
    for name in ("clinical_mean", "functional_mean"):
        mean: float | None = getattr(norms, name)
        if mean is not None and not scale.low <= mean <= scale.high:
            yield Fault(f"/{name}", "out_of_range", f"A mean on this scale lies from {scale.low:g} to {scale.high:g}.")
    # Nobody can lie further apart than half of them at either end (Popoviciu), with the n - 1 of a sample.
    widest = (scale.high - scale.low) / 2 * sqrt((norms.n or 2) / ((norms.n or 2) - 1))
    for name, most in (("sd", widest), ("functional_sd", widest), ("post_sd", widest)):
        spread: float | None = getattr(norms, name)
        if spread is not None and spread > most:
            yield Fault(f"/{name}", "out_of_range", f"On this scale a standard deviation is at most {most:.4g}.")


def _halves(norms: NormSet) -> Iterator[Fault]:
    for given, other in PAIRS:
        if getattr(norms, given) is not None and getattr(norms, other) is None:
            yield Fault(f"/{other}", "required", f"`{given}` and `{other}` come together.")
