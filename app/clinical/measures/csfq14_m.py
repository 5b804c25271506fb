"""Changes in Sexual Functioning Questionnaire, 14 items, form for men: the same items with lines of its own."""

from app.clinical.csfq14 import EVERY_SUBSCALE_LOW, every_answer, form
from app.clinical.measure import Example

_LINES = {"pleasure": 4, "desire_frequency": 8, "desire_interest": 11, "arousal": 13, "orgasm": 13}

MEASURE = form(
    "men",
    "csfq14_m",
    {"total": 47, **_LINES},
    (
        Example("all highest", dict.fromkeys(range(1, 15), 5), {"total": 70, **every_answer(5)}),
        Example(
            "all lowest",
            dict.fromkeys(range(1, 15), 1),
            {"total": 14, **every_answer(1)},
            meanings=("dysfunction", *EVERY_SUBSCALE_LOW),
        ),
        Example(
            "a total of 47 is dysfunction",
            {**dict.fromkeys(range(1, 15), 3), 1: 4, 10: 5, 14: 5},
            {"total": 47, **every_answer(3), "pleasure": 4},
            meanings=("dysfunction", *EVERY_SUBSCALE_LOW),
        ),
        Example(
            "48 is not",
            {**dict.fromkeys(range(1, 15), 3), 1: 4, 4: 4, 10: 5, 14: 5},
            {"total": 48, **every_answer(3), "pleasure": 4, "desire_interest": 10},
            meanings=EVERY_SUBSCALE_LOW,
        ),
        Example(
            "every subscale at its line",
            {1: 4, 2: 4, 3: 4, 4: 4, 5: 4, 6: 3, 7: 5, 8: 4, 9: 4, 10: 3, 11: 5, 12: 4, 13: 4, 14: 3},
            {"total": 55, **_LINES},
            meanings=EVERY_SUBSCALE_LOW,
        ),
        Example(
            "every subscale one above it",
            {1: 5, 2: 5, 3: 4, 4: 4, 5: 4, 6: 4, 7: 5, 8: 5, 9: 4, 10: 3, 11: 5, 12: 5, 13: 4, 14: 3},
            {"total": 60, **{scale: line + 1 for scale, line in _LINES.items()}},
        ),
        Example(
            "one item skipped outside the subscales: they stand, the total does not",
            {**dict.fromkeys(range(1, 15), 5), 14: None},
            {"total": None, **every_answer(5)},
            reasons={14: "skipped"},
            validity="incomplete",
        ),
    ),
)
