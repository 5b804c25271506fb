"""Female Sexual Function Index: six domains of sexual function over four weeks, told only of those who were active."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, InactivityRule, Item, Measure, Part, Scale
from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Source

_ROSEN = Source("Rosen et al. 2000, J Sex Marital Ther 26:191", "recalled_high")
_NORMS = Source("Rosen et al. 2000; means and SDs recalled, each group's n about right", "recalled_medium")
_GUIDE = Source("Clinical guide (compendiumapp.com): domains, weights, direction, window, cut-off", "read_in_secondary")
_FORM = Source("Published scoring appendix: ranges of items 1-7", "read_in_secondary")
_WIEGEL = Source(
    "Wiegel, Meston & Rosen 2005, PubMed 15841702: N = 568, 307 with a sexual dysfunction, 261 without", "read_in_primary"
)
_GERSTENBERGER = Source("Gerstenberger et al. 2010: raw desire sum of 5 or less, times 0.6", "recalled_medium")
_ZERO_RULE = Source(
    "Our rule, after Meyer-Bahlburg & Dolezal 2007 and Meston et al. 2020: zeros drag the total down and mimic dysfunction",
    "proposal",
)
_REVISED = Source("PMC3321676: bias of the scoring in inactive and in sexual-minority women", "read_in_primary")
_SPAIN = Source("Castilla y León, Spain: cut-off 21.7 (longdom.org)", "read_in_primary")
_RETEST = Reliability("total", "test_retest", 0.88, _ROSEN, gap="2 to 4 weeks")

_DOMAINS: dict[str, tuple[float, tuple[int, ...], float]] = {
    "desire": (0.6, (1, 2), 1.2),
    "arousal": (0.3, (3, 4, 5, 6), 0),
    "lubrication": (0.3, (7, 8, 9, 10), 0),
    "orgasm": (0.4, (11, 12, 13), 0),
    "satisfaction": (0.4, (14, 15, 16), 0.8),
    "pain": (0.4, (17, 18, 19), 0),
}
_FROM_ONE = (1, 2, 15, 16)
_FROM_ZERO = tuple(number for number in range(3, 20) if number not in _FROM_ONE)


def _items() -> tuple[Item, ...]:
    topics = ((number, domain) for domain, (_, numbers, _) in _DOMAINS.items() for number in numbers)
    return tuple(Item(number, 1 if number in _FROM_ONE else 0, 5, topic=domain) for number, domain in topics)


def _answers(*sums: tuple[int, ...]) -> dict[int, float | None]:
    """Answers by item, given domain by domain."""
    return dict(enumerate((answer for domain in sums for answer in domain), start=1))


_VECTOR = _answers((3, 4), (3, 3, 3, 4), (4, 4, 4, 4), (4, 4, 3), (4, 4, 3), (5, 5, 4))
_VECTOR_SCALES = {"desire": 4.2, "arousal": 3.9, "lubrication": 4.8, "orgasm": 4.4, "satisfaction": 4.4, "pain": 5.6}
_NO_ACTIVITY = {
    number: "no_activity" for domain in ("arousal", "lubrication", "orgasm", "pain") for number in _DOMAINS[domain][1]
}

MEASURE = Measure(
    code="fsfi",
    name="Female Sexual Function Index",
    version="1",
    kind="outcome",
    constructs=("sexual desire", "arousal", "lubrication", "orgasm", "sexual satisfaction", "pain with sex"),
    domain="sexual",
    items=_items(),
    scales=(
        Scale("total", 2, 36, parts=tuple(Part(domain) for domain in _DOMAINS)),
        *(Scale(code, low, 6, items=numbers, weight=weight) for code, (weight, numbers, low) in _DOMAINS.items()),
    ),
    direction=1,
    recall_days=28,
    missing=PRORATE_FROM_80,
    applies_to="people with a vulva who were sexually active in the last 4 weeks",
    licence_tier="C_author_permission",
    licence_note="Free for academic and clinical use, copyright of its authors; commercial use is licensed. Ask them first.",
    sources=(_ROSEN, _GUIDE, _FORM, _WIEGEL, _REVISED, _SPAIN),
    confidence="medium",
    cutoffs=(
        Cutoff("at_risk", "<=", 26.55, _WIEGEL, "total", separates_functional=True),
        Cutoff("low_desire", "<=", 3.0, _GERSTENBERGER, "desire"),
    ),
    inactivity=InactivityRule(_FROM_ZERO, _ZERO_RULE),
    norms=(
        Norms("total", "functional", "women without a sexual dysfunction", 30.5, 5.29, _NORMS, n=131),
        Norms("total", "clinical", "women with an arousal disorder", 19.2, 6.63, _NORMS, n=128),
    ),
    reliability=(_RETEST, Reliability("total", "alpha", 0.97, _ROSEN)),
    reliable_change=(
        ReliableChange(
            "total",
            "derived",
            Source("1.96 * sqrt(2) * 6.63 * sqrt(1 - .88) = 6.37 points; cut c = 25.49", "computed"),
            norm_set="rosen_2000",
            note="Its means and SDs are recalled: check them in the article before you rely on a class.",
        ),
        *(
            ReliableChange(
                domain,
                "insufficient_norms",
                _ROSEN,
                note="For the domains only a range of reliabilities is known, .79 to .86, and no spread: they are not classed.",
            )
            for domain in _DOMAINS
        ),
    ),
    norm_sets=(
        NormSet(
            "rosen_2000",
            "total",
            "women with an arousal disorder",
            6.63,
            _RETEST,
            _NORMS,
            n=128,
            clinical_mean=19.2,
            functional_mean=30.5,
            functional_sd=5.29,
        ),
    ),
    precoded=True,
    limits=(
        "Not valid without sexual activity in the last 4 weeks: a zero withholds its domain and the total.",
        "The desire domain, and the domains without a zero, stand.",
        "A total scored elsewhere hides its zeros; only below 7.2 is it sure to hold some, and is then not read.",
        "No domain has five items, so a single unanswered one withholds its domain and the total.",
        "Higher is better in the pain domain too: less pain.",
        "Validated mainly in heterosexual cisgender women.",
        "The cut-off is bound to its population: 26.55 in samples from the USA, 21.7 in a region of Spain.",
        "A screening score is never a diagnosis.",
    ),
    examples=(
        Example(
            "all highest",
            dict.fromkeys(range(1, 20), 5),
            {"total": 36, **dict.fromkeys(_DOMAINS, 6)},
        ),
        Example("domain sums 7, 13, 16, 11, 11, 14", _VECTOR, {"total": 27.3, **_VECTOR_SCALES}),
        Example(
            "26.7 is past the line",
            {**_VECTOR, 1: 2},
            {"total": 26.7, **_VECTOR_SCALES, "desire": 3.6},
        ),
        Example(
            "26.5 is at risk",
            {**_VECTOR, 17: 4, 18: 4},
            {"total": 26.5, **_VECTOR_SCALES, "pain": 4.8},
            meanings=("at_risk",),
        ),
        Example(
            "a raw desire sum of 5 is low desire",
            {**dict.fromkeys(range(1, 20), 5), 1: 2, 2: 3},
            {"total": 33, **dict.fromkeys(_DOMAINS, 6), "desire": 3},
            meanings=("low_desire",),
        ),
        Example(
            "a raw desire sum of 6 is not",
            {**dict.fromkeys(range(1, 20), 5), 1: 3, 2: 3},
            {"total": 33.6, **dict.fromkeys(_DOMAINS, 6), "desire": 3.6},
        ),
        Example(
            "the lowest that active answers can give",
            dict.fromkeys(range(1, 20), 1),
            {"total": 7.2, **dict.fromkeys(_DOMAINS, 1.2)},
            meanings=("at_risk", "low_desire"),
        ),
        Example(
            "one zero: its domain and the total are withheld, and nobody is called at risk",
            {**_VECTOR, 17: 0},
            {"total": None, **_VECTOR_SCALES, "pain": None},
            validity="inactive_or_partial",
        ),
        Example(
            "no activity, given as a reason: desire and what has no such answer stay",
            {**_VECTOR, **dict.fromkeys(_NO_ACTIVITY)},
            {"total": None, **dict.fromkeys(_DOMAINS), "desire": 4.2, "satisfaction": 4.4},
            reasons=_NO_ACTIVITY,
            validity="inactive_or_partial",
        ),
        Example(
            "all lowest add up to 2.0 by arithmetic, which is no score: only desire stands",
            {number: 1 if number in _FROM_ONE else 0 for number in range(1, 20)},
            {"total": None, **dict.fromkeys(_DOMAINS), "desire": 1.2},
            meanings=("low_desire",),
            validity="inactive_or_partial",
        ),
        Example(
            "an item skipped: three of four are too few to fill its domain",
            {**_VECTOR, 3: None},
            {"total": None, **_VECTOR_SCALES, "arousal": None},
            reasons={3: "skipped"},
            validity="incomplete",
        ),
    ),
)
