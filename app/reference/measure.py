"""The page of one measure: what it is, what is asked, and how answers become scores."""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final

from app.clinical.domains import domain_of
from app.clinical.measure import InactivityEffect, Item, Kind, Measure, MeasuredDomain, Orientation, Part, Scale
from app.reference.examples import examples
from app.reference.markdown import Page, between, bullets, code, joined, link, listed, section, table
from app.reference.meanings import meanings
from app.reference.reliable_change import reliable_change
from app.reference.sources import CONFIDENCES, Citations

KINDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {"outcome": "outcome", "safety_screen": "safety screen: a gate, never an outcome", "pulse": "weekly pulse"}
)
INACTIVITY: Final[Mapping[InactivityEffect, str]] = MappingProxyType(
    {
        "withheld": "every scale built on such an answer is withheld",
        "unread": "a scale built on such an answer keeps its score, which is not read against any line, band or earlier score",
    }
)
DOMAIN_WORDS: Final[Mapping[MeasuredDomain, str]] = MappingProxyType(
    {"sexual": "sexual", "relational": "relational", "neither": "neither sexual nor relational"}
)
BETTER: Final[Mapping[Orientation, str]] = MappingProxyType({1: "higher", -1: "lower", 0: "neither end"})


def page(measure: Measure) -> Page:
    """Everything its definition says."""
    cited = Citations()
    return Page(
        f"measures/{measure.code}.md",
        measure.name,
        f"Tells about {listed(measure.constructs)}.",
        (
            _facts(measure, cited),
            section("What is asked", _items(measure), _wording(measure)),
            section("How it is scored", _scales(measure), _missing(measure, cited)),
            section("What scores mean", *meanings(measure, cited)),
            section("Norms and reliable change", *reliable_change(measure, cited)),
            section("Limits", bullets(measure.limits)),
            section("Worked examples", examples(measure)),
            cited.listing(),
        ),
    )


def _facts(measure: Measure, cited: Citations) -> str:
    tier = link(code(measure.licence_tier), "../measures.md#licence-tiers")
    rows = (
        ("code, version", f"{code(measure.code)}, {measure.version}"),
        ("kind", KINDS[measure.kind]),
        ("domain", _domain(measure)),
        ("asks about", _window(measure.recall_days)),
        ("for", measure.applies_to),
        ("licence", f"{tier}. {measure.licence_note}"),
        ("how sure we are", f"{measure.confidence}: {CONFIDENCES[measure.confidence]}"),
        ("rests on", cited.marks(measure.sources)),
    )
    return joined(table(("", ""), rows), link("All measures", "../measures.md"))


def _domain(measure: Measure) -> str:
    """The scales by the side they measure, where they are not all of one."""
    sides = {scale.code: domain_of(measure, scale.code) or "neither" for scale in measure.scales}
    if len(set(sides.values())) == 1:
        return DOMAIN_WORDS[next(iter(sides.values()))]
    named = {side: [code(scale) for scale, found in sides.items() if found == side] for side in dict.fromkeys(sides.values())}
    return "; ".join(f"{DOMAIN_WORDS[side]}: {listed(scales)}" for side, scales in named.items())


def _window(days: int | None) -> str:
    if days is None:
        return "not bound to a window"
    return f"the last {days} days" if days else "the hour just past"


def _items(measure: Measure) -> str:
    runs = [list(run) for _, run in groupby(measure.items, key=_without_number)]
    rows = ((between(run[0].number, run[-1].number), _answers(run[0]), *_about(run[0], measure)) for run in runs)
    return table(("item", "answers", "about", "special"), rows)


def _without_number(item: Item) -> tuple[object, ...]:
    return (item.low, item.high, item.reversed, item.step, item.optional, item.safety, item.topic, item.wording)


def _answers(item: Item) -> str:
    return between(item.low, item.high) + ("" if item.step == 1 else f" in steps of {item.step:g}")


def _about(item: Item, measure: Measure) -> tuple[str, str]:
    special = {
        "turned before it counts": item.reversed and not measure.precoded,
        "a safety item: its silence is raised too": item.safety,
        "may stay unanswered": item.optional,
    }
    return item.wording or item.topic, "; ".join(words for words, holds in special.items() if holds)


def _wording(measure: Measure) -> str:
    if measure.scored_elsewhere_only:
        return "Its items are not defined here: answers are refused, finished scores are taken."
    turned = "The form's answers already carry the turned numbers." if measure.precoded else ""
    owned = any(item.wording for item in measure.items)
    return joined(turned, "" if owned else "The wording belongs to its holder and is not in this software.")


def _scales(measure: Measure) -> str:
    rows = (
        (code(scale.code), between(scale.low, scale.high), _made_of(scale, measure), BETTER[measure.direction_of(scale.code)])
        for scale in measure.scales
    )
    return table(("scale", "range", "made of", "better is"), rows)


def _made_of(scale: Scale, measure: Measure) -> str:
    if scale.scored_elsewhere:
        form = f"; {scale.form} form" if scale.form else ""
        return f"scored elsewhere: finished scores are taken{form}"
    if scale.parts:
        return " + ".join(map(_part, scale.parts))
    if len(scale.items) == 1:
        made = f"item {scale.items[0]}"
    elif scale.items == tuple(item.number for item in measure.items):
        made = "sum of all items"
    else:
        made = f"sum of items {listed([str(number) for number in scale.items])}"
    scaled = made if scale.weight == 1 else f"{scale.weight:g} × {made}"
    return scaled if scale.offset == 0 else f"{scaled} {'+' if scale.offset > 0 else '-'} {abs(scale.offset):g}"


def _part(part: Part) -> str:
    return code(part.scale) if part.weight == 1 else f"{part.weight:g} × {code(part.scale)}"


def _missing(measure: Measure, cited: Citations) -> str:
    rule = measure.missing
    if measure.scored_elsewhere_only:
        return f"{rule.source.text} {cited.mark(rule.source)}."
    filled = f"filled in with the person's own mean when at least {rule.min_percent_answered} % of a scale's items are answered"
    treated = filled if rule.prorate else "never filled in: its scale is withheld"
    told = f"An unanswered item is {treated} {cited.mark(rule.source)}."
    safety = " A safety item is never filled in." if rule.prorate and any(item.safety for item in measure.items) else ""
    return joined(told + safety, _inactivity(measure, cited))


def _inactivity(measure: Measure, cited: Citations) -> str:
    rule = measure.inactivity
    if rule is None:
        return ""
    numbers = listed([str(number) for number in rule.items])
    told = f"An answer of {rule.value:g} to item {numbers} says that there was no sexual activity, which is not a low score"
    return f"{told}: {INACTIVITY[rule.effect]} {cited.mark(rule.source)}."
