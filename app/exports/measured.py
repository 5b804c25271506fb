"""What an analyst has to know of the measures in an export: how they are scored, where their lines lie, and who says so."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from app.clinical.domains import domain_of
from app.clinical.measure import Measure, Scale
from app.clinical.measures import MEASURES
from app.exports.table import Table

MEASURE: Final = "measure"  # the column by which a row says whose it is
NEVER_IN_EXPORTS: Final = "safety_screen"


def are_measured(tables: Iterable[Table]) -> bool:
    """Whether any of these tables holds something of measures."""
    return any(column.name == MEASURE for table in tables for column in table.columns)


def exported_measures() -> list[Measure]:
    """The measures whose rows can be in an export, by code: all but the screens for violence, of which nothing ever is."""
    return [measure for _, measure in sorted(MEASURES.items()) if measure.kind != NEVER_IN_EXPORTS]


def measures_in(tables: Sequence[Table]) -> dict[str, Any]:
    """By code, each measure's scoring, lines and limits with their sources; wordings belong to their holders."""
    return {measure.code: _measure(measure) for measure in exported_measures()} if are_measured(tables) else {}


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "name": measure.name,
        "version": measure.version,
        "kind": measure.kind,
        "applies_to": measure.applies_to,
        "recall_days": measure.recall_days,
        "items": [
            {"number": item.number, "low": item.low, "high": item.high, "step": item.step, "reversed": item.reversed}
            for item in measure.items
        ],
        "missing": asdict(measure.missing),
        "inactivity": asdict(measure.inactivity) if measure.inactivity else None,
        "scales": [_scale(measure, scale) for scale in measure.scales],
        "limits": list(measure.limits),
        "confidence": measure.confidence,
        "sources": [asdict(source) for source in measure.sources],
        "licence": {"tier": measure.licence_tier, "note": measure.licence_note},
    }


def _scale(measure: Measure, scale: Scale) -> dict[str, Any]:
    known = measure.reliable_change_of(scale.code)
    return {
        "code": scale.code,
        "name": scale.name,
        "low": scale.low,
        "high": scale.high,
        "direction": measure.direction_of(scale.code),
        "domain": domain_of(measure, scale.code),
        "scored_elsewhere": scale.scored_elsewhere,
        "items": list(scale.items),
        "parts": [asdict(part) for part in scale.parts],
        "weight": scale.weight,
        "offset": scale.offset,
        "formula": formula_of(measure, scale),
        "cutoffs": [asdict(cut) for cut in measure.cutoffs if cut.scale == scale.code],
        "bands": [asdict(band) for band in measure.bands if band.scale == scale.code],
        "reliable_change": asdict(known) if known else None,
        "norm_sets": [asdict(norms) for norms in measure.norm_sets if norms.scale == scale.code],
        "minimal_important": [asdict(gain) for gain in measure.minimal_important if gain.scale == scale.code],
    }


def variable_of(measure: Measure, what: str | int) -> str:
    """The name of a scale, or of an item by its number, among those of all measures."""
    return f"{measure.code}_item_{what}" if isinstance(what, int) else f"{measure.code}_{what}"


def formula_of(measure: Measure, scale: Scale) -> str:
    """How a scale is computed where nothing is missing, as REDCap writes it; empty where that is done elsewhere.

    What becomes of a scale with unanswered items is the measure's `missing` and `inactivity`, which no formula tells.
    """
    if scale.scored_elsewhere:
        return ""
    if scale.parts:
        whole = _sum(_times(f"[{variable_of(measure, part.scale)}]", part.weight) for part in scale.parts)
    else:
        whole = _times(_sum(_counted(measure, number) for number in scale.items), scale.weight)
    return f"{scale.offset!r} + {whole}" if scale.offset else whole


def _counted(measure: Measure, number: int) -> str:
    item = measure.item(number)
    name = f"[{variable_of(measure, number)}]"
    return f"{item.low + item.high!r} - {name}" if item and item.reversed else name


def _sum(terms: Iterable[str]) -> str:
    return f"sum({', '.join(terms)})"


def _times(term: str, weight: float) -> str:
    return term if weight == 1 else f"{term} * {weight!r}"
