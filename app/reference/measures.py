"""The page of measures: the catalogue at a glance, and what its words mean."""

from app.clinical.change import change
from app.clinical.domains import domain_of
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.norms import CLASSIFIABLE
from app.reference.licences import LICENCES
from app.reference.markdown import Page, code, link, listed, section, table
from app.reference.measure import BETTER, KINDS
from app.reference.sources import CONFIDENCES, grades_table


def page() -> Page:
    """All measures, by code."""
    head = ("measure", "tells about", "kind", "domain", "items", "better is", "change can be classed", "licence", "confidence")
    return Page(
        "measures.md",
        "Measures",
        "The scoring definitions: what each measure tells, and whether its change can be classed.",
        (
            (
                "A measure here is a scoring definition. The wording of items belongs to other people and is not in this "
                "software, except where this project wrote it. In plain words for the therapist: "
                f"{link('the measures, and what each rests on', '../clinical/measures.md')}."
            ),
            table(head, (_row(MEASURES[name]) for name in sorted(MEASURES))),
            section("Licence tiers", table(("tier", "meaning"), ((code(tier), words) for tier, words in LICENCES.items()))),
            section("How a number was checked", grades_table()),
            section(
                "How sure we are of a whole definition",
                table(("confidence", "meaning"), ((code(name), words) for name, words in CONFIDENCES.items())),
            ),
        ),
    )


def _row(measure: Measure) -> tuple[str, ...]:
    return (
        f"{link(measure.name, f'measures/{measure.code}.md')} ({code(measure.code)})",
        listed(measure.constructs),
        KINDS[measure.kind],
        _domain(measure),
        str(len(measure.items)),
        _better(measure),
        _classed(measure),
        code(measure.licence_tier),
        measure.confidence,
    )


def _domain(measure: Measure) -> str:
    found = dict.fromkeys(domain_of(measure, scale.code) or "neither" for scale in measure.scales)
    return next(iter(found)) if len(found) == 1 else "differs by scale"


def _better(measure: Measure) -> str:
    found = dict.fromkeys(BETTER[measure.direction_of(scale.code)] for scale in measure.scales)
    return next(iter(found)) if len(found) == 1 else "differs by scale"


def _classed(measure: Measure) -> str:
    found = {change(measure, scale.code, scale.low, scale.high).basis.status in CLASSIFIABLE for scale in measure.scales}
    return "yes" if found == {True} else "for some scales" if True in found else "no"
