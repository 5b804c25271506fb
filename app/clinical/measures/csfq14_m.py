"""Changes in Sexual Functioning Questionnaire, 14 items, form for men: the form for women with lines of its own."""

from dataclasses import replace

from app.clinical.measure import Cutoff, Example
from app.clinical.measures.csfq14_f import MEASURE as FORM_FOR_WOMEN
from app.clinical.source import Source

_KELLER = Source("Keller, McGarvey & Clayton 2006", "recalled_medium")
_LINES = {"pleasure": 4, "desire_frequency": 8, "desire_interest": 11, "arousal": 13, "orgasm": 13}
_ALL_LOW = ("dysfunction", *(f"low_{code}" for code in _LINES))
_THREES = {"pleasure": 3, "desire_frequency": 6, "desire_interest": 9, "arousal": 9, "orgasm": 9}
_HIGHEST = {"pleasure": 5, "desire_frequency": 10, "desire_interest": 15, "arousal": 15, "orgasm": 15}
_LOWEST = {"pleasure": 1, "desire_frequency": 2, "desire_interest": 3, "arousal": 3, "orgasm": 3}

MEASURE = replace(
    FORM_FOR_WOMEN,
    code="csfq14_m",
    name="Changes in Sexual Functioning Questionnaire (14 items, form for men)",
    applies_to="those whom the form for men suits by anatomy and practice",
    cutoffs=(
        Cutoff("dysfunction", "<=", 47, _KELLER, "total", separates_functional=True),
        *(Cutoff(f"low_{code}", "<=", line, _KELLER, code, separates_functional=True) for code, line in _LINES.items()),
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 15), 5), {"total": 70, **_HIGHEST}),
        Example("all lowest", dict.fromkeys(range(1, 15), 1), {"total": 14, **_LOWEST}, meanings=_ALL_LOW),
        Example(
            "a total of 47 is dysfunction",
            {**dict.fromkeys(range(1, 15), 3), 1: 4, 10: 5, 14: 5},
            {"total": 47, **_THREES, "pleasure": 4},
            meanings=_ALL_LOW,
        ),
        Example(
            "48 is not",
            {**dict.fromkeys(range(1, 15), 3), 1: 4, 4: 4, 10: 5, 14: 5},
            {"total": 48, **_THREES, "pleasure": 4, "desire_interest": 10},
            meanings=_ALL_LOW[1:],
        ),
        Example(
            "every subscale at its line",
            {1: 4, 2: 4, 3: 4, 4: 4, 5: 4, 6: 3, 7: 5, 8: 4, 9: 4, 10: 3, 11: 5, 12: 4, 13: 4, 14: 3},
            {"total": 55, **_LINES},
            meanings=_ALL_LOW[1:],
        ),
        Example(
            "every subscale one above it",
            {1: 5, 2: 5, 3: 4, 4: 4, 5: 4, 6: 4, 7: 5, 8: 5, 9: 4, 10: 3, 11: 5, 12: 5, 13: 4, 14: 3},
            {"total": 60, **{code: line + 1 for code, line in _LINES.items()}},
        ),
        Example(
            "one item skipped outside the subscales: they stand, the total does not",
            {**dict.fromkeys(range(1, 15), 5), 14: None},
            {"total": None, **_HIGHEST},
            reasons={14: "skipped"},
            validity="incomplete",
        ),
    ),
)
