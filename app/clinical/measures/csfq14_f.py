"""Changes in Sexual Functioning Questionnaire, 14 items, form for women: built to find what medication does to sex."""

from app.clinical.csfq14 import EVERY_SUBSCALE_LOW, every_answer, form
from app.clinical.measure import Example

_LINES = {"pleasure": 4, "desire_frequency": 6, "desire_interest": 9, "arousal": 12, "orgasm": 11}

MEASURE = form(
    "women",
    "csfq14_f",
    {"total": 41, **_LINES},
    (
        Example(
            "all highest",
            dict.fromkeys(range(1, 15), 5),
            {"total": 70, **every_answer(5)},
        ),
        Example(
            "all lowest",
            dict.fromkeys(range(1, 15), 1),
            {"total": 14, **every_answer(1)},
            meanings=("dysfunction", *EVERY_SUBSCALE_LOW),
        ),
        Example(
            "a total of 41 is dysfunction",
            {**dict.fromkeys(range(1, 15), 3), 10: 2},
            {"total": 41, **every_answer(3)},
            meanings=("dysfunction", *EVERY_SUBSCALE_LOW),
        ),
        Example(
            "42 is not, though every subscale is low: item 10 counts in the total alone",
            dict.fromkeys(range(1, 15), 3),
            {"total": 42, **every_answer(3)},
            meanings=EVERY_SUBSCALE_LOW,
        ),
        Example(
            "every subscale at its line",
            {1: 4, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3, 7: 4, 8: 4, 9: 4, 10: 3, 11: 4, 12: 4, 13: 3, 14: 3},
            {"total": 48, **_LINES},
            meanings=EVERY_SUBSCALE_LOW,
        ),
        Example(
            "every subscale one above it",
            {1: 5, 2: 4, 3: 3, 4: 4, 5: 3, 6: 3, 7: 5, 8: 4, 9: 4, 10: 3, 11: 4, 12: 4, 13: 4, 14: 3},
            {"total": 53, **{scale: line + 1 for scale, line in _LINES.items()}},
        ),
        Example(
            "one item skipped: its subscale and the total are withheld",
            {**dict.fromkeys(range(1, 15), 5), 8: None},
            {"total": None, **every_answer(5), "arousal": None},
            reasons={8: "skipped"},
            validity="incomplete",
        ),
    ),
)
