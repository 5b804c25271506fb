"""International Index of Erectile Function: five domains over four weeks, of which the erectile one is classed."""

from app.clinical.measure import (
    PRORATE_FROM_80,
    Band,
    Cutoff,
    Example,
    InactivityRule,
    Item,
    Measure,
    MinimalImportant,
    Part,
    Scale,
)
from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Source

_ROSEN = Source("Rosen et al. 1997, Urology 49:822: domains, ranges, window", "recalled_high")
_EF_ITEMS = Source("Guide for clinicians (hcp.eroxon.be): items of the erectile domain", "read_in_secondary")
_NUMBERS = Source("Rosen et al. 1997; means, SDs and stabilities recalled, the time between not", "recalled_medium")
_ALPHA = Source("Rosen et al. 1997, abstract: .73 or more in every domain, .91 or more in all", "read_in_primary")
_LINE = Source(
    "Cappelleri et al. 1999, doi 10.1016/S0090-4295(99)00099-0: sensitivity .97, specificity .88, N = 1,151", "read_in_primary"
)
_SEVERITY = Source("Cappelleri et al. 1999 and doi 10.1016/S0090-4295(00)00697-X", "read_in_primary")
_NOT_VASCULAR = Source("doi 10.1046/j.1464-410X.2003.04174.x: does not tell a vascular cause", "read_in_primary")
_MINIMAL = Source("Rosen et al. 2011, Eur Urol 60:1010, abstract: 17 trials of tadalafil, n = 3,345", "read_in_primary")
_NO_ATTEMPT = Source(
    "Our rule: a low erectile score without attempts is no dysfunction, and 1-5 arises only so (Rosen et al. 1997)", "proposal"
)

_CONTROLS, _PATIENTS = "men without erectile dysfunction", "men with erectile dysfunction"
# Scale: items, lowest and highest score, stability, then mean and SD of controls and of patients.
_Domain = tuple[tuple[int, ...], float, float, float, tuple[float, float], tuple[float, float]]
_DOMAINS: dict[str, _Domain] = {
    "ef": ((1, 2, 3, 4, 5, 15), 1, 30, 0.84, (25.8, 7.6), (10.7, 6.5)),
    "orgasmic": ((9, 10), 0, 10, 0.64, (8.8, 2.9), (5.3, 3.2)),
    "desire": ((11, 12), 2, 10, 0.71, (7.0, 1.8), (6.3, 1.9)),
    "intercourse_satisfaction": ((6, 7, 8), 0, 15, 0.81, (10.6, 3.9), (5.5, 3.0)),
    "overall_satisfaction": ((13, 14), 2, 10, 0.77, (8.6, 1.7), (4.4, 2.3)),
}
_NAMES = {
    "ef": "erectile function",
    "orgasmic": "orgasmic function",
    "desire": "sexual desire",
    "intercourse_satisfaction": "intercourse satisfaction",
    "overall_satisfaction": "overall satisfaction",
}
_RETEST = {code: Reliability(code, "test_retest", stability, _NUMBERS) for code, (_, _, _, stability, _, _) in _DOMAINS.items()}
_RELIABLE = Source("1.96 * sqrt(2) * 6.5 * sqrt(1 - .84) = 7.21 points; cut c = 17.66", "computed")


def _items() -> tuple[Item, ...]:
    topics = {number: _NAMES[code] for code, (numbers, *_) in _DOMAINS.items() for number in numbers}
    return tuple(Item(number, 0 if number <= 10 else 1, 5, topic=topics[number]) for number in range(1, 16))


def _norm_set(code: str) -> NormSet:
    _, _, _, _, (mean, spread), (clinical_mean, clinical_sd) = _DOMAINS[code]
    return NormSet(
        f"rosen_1997_{code}",
        code,
        _PATIENTS,
        clinical_sd,
        _RETEST[code],
        _NUMBERS,
        clinical_mean=clinical_mean,
        functional_mean=mean,
        functional_sd=spread,
    )


def _erectile(note: str, answers: tuple[int, int, int, int, int, int], total: float, *, ed: bool) -> Example:
    """Answers to items 1-5 and 15; all others are 3."""
    others: dict[int, float | None] = dict.fromkeys(range(6, 15), 3)
    given = {**dict(zip((1, 2, 3, 4, 5, 15), answers, strict=True)), **others}
    scales = {"ef": sum(answers), "orgasmic": 6, "desire": 6, "intercourse_satisfaction": 9, "overall_satisfaction": 6}
    return Example(note, given, {"total": total, **scales}, meanings=("erectile_dysfunction",) if ed else ())


MEASURE = Measure(
    code="iief15",
    name="International Index of Erectile Function (15 items)",
    version="1",
    kind="outcome",
    constructs=tuple(_NAMES.values()),
    domain="sexual",
    items=_items(),
    scales=(
        Scale("total", 5, 75, parts=tuple(Part(code) for code in _DOMAINS)),
        *(Scale(code, low, high, items=numbers, name=_NAMES[code]) for code, (numbers, low, high, *_) in _DOMAINS.items()),
    ),
    direction=1,
    recall_days=28,
    missing=PRORATE_FROM_80,
    applies_to="people with a penis who attempted intercourse in the last 4 weeks",
    licence_tier="D_licensed",
    licence_note="Copyright of Pfizer, licensed through Mapi (ePROVIDE).",
    sources=(_ROSEN, _EF_ITEMS, _ALPHA, _LINE, _MINIMAL, _NOT_VASCULAR),
    confidence="medium",
    cutoffs=(Cutoff("erectile_dysfunction", "<=", 25, _LINE, "ef", separates_functional=True),),
    bands=(
        Band("ef", 6, 10, "severe", _SEVERITY),
        Band("ef", 11, 16, "moderate", _SEVERITY),
        Band("ef", 17, 21, "mild_to_moderate", _SEVERITY),
        Band("ef", 22, 25, "mild", _SEVERITY),
        Band("ef", 26, 30, "no_erectile_dysfunction", _SEVERITY),
    ),
    inactivity=InactivityRule(tuple(range(1, 11)), _NO_ATTEMPT, effect="unread"),
    norms=tuple(
        norms
        for code, (*_, controls, patients) in _DOMAINS.items()
        for norms in (
            Norms(code, "functional", _CONTROLS, *controls, _NUMBERS),
            Norms(code, "clinical", _PATIENTS, *patients, _NUMBERS),
        )
    ),
    reliability=(
        *_RETEST.values(),
        Reliability("total", "test_retest", 0.82, _NUMBERS),
        *(Reliability(code, "alpha", 0.73, _ALPHA) for code in _DOMAINS),
        Reliability("total", "alpha", 0.91, _ALPHA),
    ),
    reliable_change=(
        ReliableChange(
            "ef",
            "derived",
            _RELIABLE,
            norm_set="rosen_1997_ef",
            note="Its mean and SD are recalled: check them before you rely on a class. The published line at 25 is used, not "
            "the computed 17.66. The smallest gain that men notice is another figure, told beside the class.",
        ),
        *(
            ReliableChange(
                code,
                "insufficient_norms",
                _NUMBERS,
                note="Of the domains only the erectile one is classed by itself. For the others there are recalled norm sets, "
                "which may be chosen explicitly.",
            )
            for code in _DOMAINS
            if code != "ef"
        ),
        ReliableChange("total", "insufficient_norms", _NUMBERS, note="The total's spread is not known; report the domains."),
    ),
    norm_sets=tuple(_norm_set(code) for code in _DOMAINS),
    minimal_important=(
        MinimalImportant("ef", 2, ("mild",), "men who began with a mild dysfunction", _MINIMAL),
        MinimalImportant("ef", 5, ("moderate",), "men who began with a moderate dysfunction", _MINIMAL),
        MinimalImportant("ef", 7, ("severe",), "men who began with a severe dysfunction", _MINIMAL),
        MinimalImportant(
            "ef", 4, ("mild_to_moderate",), "men of all severities together, as none is named for this one", _MINIMAL
        ),
    ),
    precoded=True,
    limits=(
        "A low erectile score without attempts is not a dysfunction.",
        "An answer of 0 says no activity or no attempt: its domain keeps the published score, and nothing is read from it.",
        "An erectile score of 1 to 5 from elsewhere arises only without attempts: it is kept and not classifiable.",
        "The total is rarely used; report the domains.",
        "The smallest gains that men notice come from drug trials alone (tadalafil), in men who attempted intercourse.",
        "It does not tell a vascular cause.",
        "A screening score is never a diagnosis.",
    ),
    examples=(
        Example(
            "all highest",
            dict.fromkeys(range(1, 16), 5),
            {"total": 75, **{code: high for code, (_, _, high, *_) in _DOMAINS.items()}},
        ),
        _erectile("26 is no dysfunction", (5, 5, 4, 4, 4, 4), 53, ed=False),
        _erectile("25 is mild", (5, 4, 4, 4, 4, 4), 52, ed=True),
        _erectile("22 is mild", (4, 4, 4, 4, 3, 3), 49, ed=True),
        _erectile("21 is mild to moderate", (4, 4, 4, 3, 3, 3), 48, ed=True),
        _erectile("17 is mild to moderate", (3, 3, 3, 3, 3, 2), 44, ed=True),
        _erectile("16 is moderate", (3, 3, 3, 3, 2, 2), 43, ed=True),
        _erectile("11 is moderate", (2, 2, 2, 2, 2, 1), 38, ed=True),
        _erectile("10 is severe", (2, 2, 2, 2, 1, 1), 37, ed=True),
        _erectile("6 is severe, the lowest with attempts", (1, 1, 1, 1, 1, 1), 33, ed=True),
        Example(
            "no activity at all: the published key counts it, and nothing is called a dysfunction",
            {**dict.fromkeys(range(1, 11), 0), **dict.fromkeys(range(11, 16), 3)},
            {"total": 15, "ef": 3, "orgasmic": 0, "desire": 6, "intercourse_satisfaction": 0, "overall_satisfaction": 6},
            validity="inactive_or_partial",
        ),
        Example(
            "active, but no attempt at intercourse: an erectile score of 12 that is not called moderate",
            {**dict.fromkeys(range(1, 16), 4), **dict.fromkeys(range(3, 9), 0)},
            {"total": 36, "ef": 12, "orgasmic": 8, "desire": 8, "intercourse_satisfaction": 0, "overall_satisfaction": 8},
            validity="inactive_or_partial",
        ),
    ),
)
