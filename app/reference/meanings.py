"""What the scores of a measure mean: cut-offs, bands and alerts."""

from app.clinical.interpretation import AlertRaised
from app.clinical.measure import Alert, Cutoff, Measure
from app.clinical.scoring import score
from app.reference.markdown import between, code, comparison, listed, section, table
from app.reference.sources import Citations


def meanings(measure: Measure, cited: Citations) -> tuple[str, ...]:
    """Sections on what a score means; a measure without any cut-off says so."""
    return (
        section("Cut-offs", _cutoffs(measure, cited), level=3),
        section("Bands", _bands(measure, cited), level=3),
        section("Alerts", _alerts(measure, cited), level=3),
    )


def _cutoffs(measure: Measure, cited: Citations) -> str:
    if not measure.cutoffs:
        return "None: no line between ranges is known, so a score stands for itself."
    rows = (
        (
            cut.meaning,
            _line(cut),
            "yes" if cut.separates_functional else "",
            cited.mark(cut.source),
        )
        for cut in measure.cutoffs
    )
    return table(("meaning", "when", "clinical from functional", "source"), rows)


def _line(cut: Cutoff) -> str:
    stands = comparison(cut.operator, f"{cut.value:g}")
    if not cut.items:
        return f"{code(cut.scale or '')} {stands}"
    return f"{_items(cut.items, cut.at_least)} {stands}"


def _items(numbers: tuple[int, ...], at_least: int) -> str:
    if len(numbers) == 1:
        return f"item {numbers[0]}"
    return f"at least {at_least} of items {listed([str(number) for number in numbers])}"


def _bands(measure: Measure, cited: Citations) -> str:
    rows = (
        (code(band.scale), between(band.low, band.high), band.meaning.replace("_", " "), cited.mark(band.source))
        for band in measure.bands
    )
    return table(("scale", "from, to", "called", "source"), rows)


def _alerts(measure: Measure, cited: Citations) -> str:
    rows = [(code(alert.code), _raised(alert), alert.sentence, cited.mark(alert.source)) for alert in measure.alerts]
    if any(item.safety for item in measure.items):
        rows += [(code(alert.code), "a safety item has no answer", alert.sentence, "") for alert in _silence(measure)]
    return table(("alert", "when", "what the care team reads", "source"), rows)


def _silence(measure: Measure) -> tuple[AlertRaised, ...]:
    """What is raised when nothing at all was answered."""
    numbers = [item.number for item in measure.items]
    return score(measure, dict.fromkeys(numbers), dict.fromkeys(numbers, "skipped")).alerts


def _raised(alert: Alert) -> str:
    if alert.on_meaning:
        return f"a cut-off says {alert.on_meaning}"
    return f"{_items(alert.items, 1)} {comparison(alert.operator, f'{alert.value:g}')}"
