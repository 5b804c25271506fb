"""Whatever a measure's rules take, written as FHIR it is scored as it is when it is recorded natively."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.clinical.measure import Measure
from app.fhir.measured import SHOWN, answered, canonical
from tests.clinical.strategies import Given, given_answers
from tests.conftest import Clinic
from tests.fhir.writing.records import BASE, Desk, desk, post
from tests.measures.records import Json, item

MEASURES = [one for one in SHOWN.values() if not one.scored_elsewhere_only]
SCORED = ("scales", "withheld", "validity", "prorated", "cutoffs", "meanings", "bands", "answers", "reasons", "alerts")


@st.composite
def administrations(draw: st.DrawFn) -> tuple[Measure, Given]:
    """A measure and what somebody may have answered to it."""
    measure = draw(st.sampled_from(MEASURES))
    return measure, draw(given_answers(measure))


def as_fhir(of: Desk, measure: Measure, told: Given) -> Json:
    """The same as a response of the first partner, with answers in groups of three."""
    numbers = [one.number for one in measure.items]
    made = [answered(BASE, measure, one, told.answers.get(one), told.reasons.get(one)) for one in numbers]
    items = [one for one in made if one is not None]
    groups = [{"linkId": f"group-{start}", "item": items[start : start + 3]} for start in range(0, len(items), 3)]
    return of.response(questionnaire=canonical(BASE, measure.code, measure.version), item=groups)


def as_given(of: Desk, measure: Measure, told: Given) -> Json:
    """The same as the API takes it, of the second partner."""
    answers = {str(number): answer for number, answer in told.answers.items()}
    reasons = {str(number): reason for number, reason in told.reasons.items()}
    return item(of.couple, answers, 1, measure=measure.code, reasons=reasons, answered_at="2026-11-20T17:30:00Z")


def recorded(of: Desk, slot: int, many: int) -> list[Any]:
    """What the record made of the last ones of a partner."""
    path = f"/v1/couples/{of.couple['id']}/partners/{of.couple['partners'][slot]['id']}/administrations?limit=200"
    found = list(of.therapist.every(path))[-many:]
    for one in found:  # where an item has no answer, it is null or is not there: the one is as good as the other
        one["answers"] = {number: answer for number, answer in one["answers"].items() if answer is not None}
    return [{name: one[name] for name in SCORED} for one in found]


def test_written_and_recorded_are_scored_alike(clinic: Clinic) -> None:
    of = desk(clinic)

    @settings(max_examples=2)
    @given(st.lists(administrations(), min_size=15, max_size=15))
    def agree(many: list[tuple[Measure, Given]]) -> None:
        written = of.bundle("transaction", *[post(as_fhir(of, *one)) for one in many])
        assert written.status_code == 200, written.text
        sent = of.therapist.post("/v1/administrations/batch", json={"items": [as_given(of, *one) for one in many]})
        assert sent.status_code == 201, sent.text
        assert recorded(of, 0, len(many)) == recorded(of, 1, len(many))

    agree()
