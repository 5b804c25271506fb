"""What is known of a measure's norms and reliability, and what may therefore be said about change."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.clinical.change import Change, WhyNot, change
from app.clinical.measure import Measure, Scale
from app.clinical.norms import ChangeStatus, NormSet, Reliability, ReliabilityKind
from app.reference.markdown import code, codes, comparison, joined, link, section, table
from app.reference.minimal_change import minimal_change
from app.reference.sources import CONFIDENCES, Citations

BASES: Final[Mapping[ChangeStatus, str]] = MappingProxyType(
    {
        "published": "classed, by a published threshold",
        "derived": "classed, by a threshold computed from a group's spread and a stability over time",
        "from_score_errors": "classed, by the standard errors that come with both scores",
        "lower_bound_from_alpha": "not classed: only internal consistency is known, which makes the threshold too small",
        "insufficient_norms": "not classed: spread or stability are not known; a clinic may bring its own",
        "not_an_outcome": "never classed: shown as a run chart",
        "safety_screen_no_change_scores": "never classed, nor charted: a screen is a gate",
    }
)
UNCLASSED: Final[Mapping[WhyNot, str]] = MappingProxyType(
    {
        "insufficient_norms": BASES["insufficient_norms"],
        "indicative_only": BASES["lower_bound_from_alpha"],
        "not_an_outcome": BASES["not_an_outcome"],
        "safety_screen_no_change_scores": BASES["safety_screen_no_change_scores"],
        "neither_end_is_better": "never classed: neither end is better",
        "score_withheld": "not classed: a score was withheld",
        "no_activity": "not classed: a score this low comes only of answers that say no activity",
        "standard_errors_missing": "not classed: a score came without its standard error",
    }
)
RELIABILITIES: Final[Mapping[ReliabilityKind, str]] = MappingProxyType(
    {
        "test_retest": "stability over time (test-retest)",
        "icc": "stability over time (intraclass correlation)",
        "alpha": "internal consistency (alpha)",
        "split_half": "internal consistency (split half)",
    }
)


def reliable_change(measure: Measure, cited: Citations) -> tuple[str, ...]:
    """Sections: what may be said about change, the gain people notice, then what that rests on."""
    return (
        section("What may be said about change", *_said(measure, cited), level=3),
        section("Smallest gain that is noticed", minimal_change(measure, cited), level=3),
        section("Norm sets a threshold is computed from", _norm_sets(measure, cited), level=3),
        section("Means and spreads", _norms(measure, cited), level=3),
        section("Reliability", _reliability(measure, cited), level=3),
    )


def _said(measure: Measure, cited: Citations) -> tuple[str, ...]:
    together: dict[tuple[str, ...], list[str]] = {}
    for scale in measure.scales:
        together.setdefault(_row(measure, scale, cited), []).append(scale.code)
    rows = ((codes(scales), *told) for told, scales in together.items())
    notes = (known.note for known in measure.reliable_change if known.note)
    how = f"How a class comes about: {link('reliable change', '../../clinical/reliable-change.md')}."
    head = ("scale", "change is", "reliable from", "clinical range", "rests on")
    return (table(head, rows), *dict.fromkeys(notes), how)


def _row(measure: Measure, scale: Scale, cited: Citations) -> tuple[str, ...]:
    # At the best end, which every active answer can reach, the service itself says what it would use and why.
    found = change(measure, scale.code, scale.high, scale.high)
    if found.reason == "standard_errors_missing":  # the ends of a scale have no errors, real scores do
        return (
            BASES[found.basis.status],
            "1.96 × √(SE₁² + SE₂²)",
            "no cut-off: nobody is called recovered",
            _basis(found, cited),
        )
    said = BASES[found.basis.status] if found.reason is None else UNCLASSED[found.reason]
    return (said, _threshold(found), _line(found), _basis(found, cited))


def _threshold(found: Change) -> str:
    if found.threshold_points is None:
        return "-"
    return f"{round(found.threshold_points, 1):g} points" + ("" if found.reason is None else ", indicative only")


def _line(found: Change) -> str:
    if found.reason is not None:
        return "-"
    if found.cutoff is None:
        return "no cut-off: nobody is called recovered"
    return f"{comparison(found.cutoff.operator, f'{found.cutoff.value:g}')}, {found.cutoff.kind}"


def _basis(found: Change, cited: Citations) -> str:
    mark = cited.mark(found.basis.source)
    return f"{code(found.basis.norm_set)} {mark}" if found.basis.norm_set else mark


def _norm_sets(measure: Measure, cited: Citations) -> str:
    rows = (
        (
            code(norms.code),
            code(norms.scale),
            _group(norms),
            f"{norms.sd:g}",
            _stability(norms.reliability) + " " + cited.mark(norms.reliability.source),
            f"{norms.confidence}: {CONFIDENCES[norms.confidence]} {cited.mark(norms.source)}",
        )
        for norms in measure.norm_sets
    )
    notes = dict.fromkeys(f"{norms.sd_note}." for norms in measure.norm_sets if norms.sd_note)
    return joined(table(("norm set", "scale", "group", "SD", "reliability", "how sure"), rows), *notes)


def _group(norms: NormSet) -> str:
    return norms.population if norms.n is None else f"{norms.population}, n = {norms.n}"


def _stability(known: Reliability) -> str:
    return f"{known.value:g}, {RELIABILITIES[known.kind]}" + (f", {known.gap}" if known.gap else "")


def _norms(measure: Measure, cited: Citations) -> str:
    rows = (
        (
            code(norms.scale),
            norms.group,
            norms.population,
            f"{norms.mean:g}",
            f"{norms.sd:g}",
            "not known" if norms.n is None else str(norms.n),
            cited.mark(norms.source),
        )
        for norms in measure.norms
    )
    return table(("scale", "group", "people", "mean", "SD", "n", "source"), rows)


def _reliability(measure: Measure, cited: Citations) -> str:
    rows = (
        (code(known.scale), RELIABILITIES[known.kind], f"{known.value:g}", known.gap or "-", cited.mark(known.source))
        for known in measure.reliability
    )
    return table(("scale", "kind", "value", "time between", "source"), rows)
