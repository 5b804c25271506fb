"""Which scores only answers of 'no sexual activity' can give: totals from elsewhere show it in no other way."""

from app.clinical.measure import InactivityRule, Item, Measure, Scale

# Scores are rounded sums of decimals.
HAIR = 1e-6


def shows_no_activity(measure: Measure, scale: str, value: float) -> bool:
    """Whether a score lies below what answers without a 'no sexual activity' can give, so that it says nothing of function.

    Such a score never comes from scoring here, which withholds it; one from elsewhere that lies higher may still hide zeros.
    """
    found = measure.scale(scale)
    rule = measure.inactivity
    return found is not None and rule is not None and value < _lowest_active(measure, found, rule) - HAIR


def _lowest_active(measure: Measure, scale: Scale, rule: InactivityRule) -> float:
    if scale.scored_elsewhere:
        return scale.low
    summed = sum(_lowest_answer(item, rule) for item in measure.items if item.number in scale.items)
    parts = sum(
        part.weight * _lowest_active(measure, found, rule) for part in scale.parts if (found := measure.scale(part.scale))
    )
    return scale.offset + scale.weight * summed + parts


def _lowest_answer(item: Item, rule: InactivityRule) -> float:
    """What the item adds at the least, counted as its scale counts it."""
    start, step = (item.high, -item.step) if item.reversed else (item.low, item.step)
    said = start + step if item.number in rule.items and start == rule.value else start
    return item.low + item.high - said if item.reversed else said
