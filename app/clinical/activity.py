"""Which scores only answers of 'no sexual activity' can give: totals from elsewhere show it in no other way."""

from math import inf

from app.clinical.measure import Answers, InactivityRule, Item, Measure, Scale

# Scores are rounded sums of decimals.
HAIR = 1e-6


def is_unread(measure: Measure, scale: str, value: float, answers: Answers) -> bool:
    """Whether a score stands for the record alone: the score or its answers show that there was no activity."""
    return shows_no_activity(measure, scale, value) or _holds_no_activity(measure, measure.scale(scale), answers)


def _holds_no_activity(measure: Measure, scale: Scale | None, answers: Answers) -> bool:
    rule = measure.inactivity
    if scale is None or rule is None:
        return False
    own = any(answers.get(number) == rule.value for number in rule.items if number in scale.items)
    return own or any(_holds_no_activity(measure, measure.scale(part.scale), answers) for part in scale.parts)


def shows_no_activity(measure: Measure, scale: str, value: float) -> bool:
    """Whether a score lies below what answers without a 'no sexual activity' can give, so that it says nothing of function.

    One from elsewhere that lies higher may still hide zeros.
    """
    return value < unread_below(measure, scale)


def unread_below(measure: Measure, scale: str) -> float:
    """Where scores end that say nothing of function."""
    return lowest_active(measure, scale) - HAIR


def lowest_active(measure: Measure, scale: str) -> float:
    """The lowest score of a scale that says something of function."""
    found, rule = measure.scale(scale), measure.inactivity
    if found is None or rule is None:
        return -inf
    return _lowest_active(measure, found, rule)


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
