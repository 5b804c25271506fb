"""Forms that do not fit are refused with a place for each fault, and nothing of them is kept or repeated."""

from typing import Any

import pytest

from tests.conftest import Caller
from tests.forms.records import attested, bring, faults, form, questionnaire, shelf

Json = dict[str, Any]
RATED = {"number": 1, "text": "T"}
FIVE = [{"number": number, "text": "T", "low_text": "low", "high_text": "high"} for number in range(1, 6)]


def items(*changed: Json, upto: int = 5) -> Json:
    """Five good items, the first of them replaced."""
    return {"items": [*changed, *FIVE[len(changed) : upto]]}


REFUSED: list[tuple[Json, set[tuple[str, str]]]] = [
    (items(upto=3), {("/items", "missing_item")}),
    (items(FIVE[1]), {("/items/1/number", "item_twice"), ("/items", "missing_item")}),
    ({"items": [*FIVE, RATED | {"number": 6}]}, {("/items/5/number", "unknown_item")}),
    (items(RATED), {("/items/0/options", "options_missing")}),
    (items(RATED | {"low_text": "low"}), {("/items/0", "one_end_missing")}),
    (
        items(RATED | {"options": [{"value": value, "text": "T"} for value in (1, 1, 8, 2.5, 2, 3, 4, 5, 6)]}),
        {
            ("/items/0/options/1/value", "value_twice"),
            ("/items/0/options/2/value", "not_an_answer"),
            ("/items/0/options/3/value", "not_an_answer"),
            ("/items/0/options", "option_missing"),
        },
    ),
    (items(FIVE[0] | {"text": " \n"}), {("/items/0/text", "too_short")}),
    (items(FIVE[0] | {"heading": "a\u202eb"}), {("/items/0/heading", "not_plain_text")}),
    (items(FIVE[0] | {"low_text": "a\tb"}), {("/items/0/low_text", "not_plain_text")}),
    (items(FIVE[0] | {"text": "x" * 1_001}), {("/items/0/text", "too_long")}),
    (items(FIVE[0] | {"number": "1"}), {("/items/0/number", "wrong_type")}),
    (items(FIVE[0] | {"html": "<b>"}), {("/items/0", "unknown_field")}),
    ({"items": FIVE * 41}, {("/items", "too_many")}),
    ({"items": []}, {("/items", "too_few")}),
    ({"language": None, "title": None, "items": FIVE}, {("/language", "required"), ("/title", "required")}),
    ({"language": "english!", "items": FIVE}, {("/language", "wrong_form")}),
    ({"items": None}, {("/items", "required")}),
    ({"items": FIVE, "questionnaire": questionnaire()}, {("/items", "required")}),
]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("changes", "told"), REFUSED)
def test_a_form_that_does_not_fit_is_refused(therapist: Caller, changes: Json, told: set[tuple[str, str]]) -> None:
    attested(therapist)
    refused = therapist.post("/v1/measures/gmsex/forms", json=form() | changes)
    assert (refused.status_code, faults(refused)) == (422, told), refused.text
    assert shelf(therapist) == []


def first(**changes: Any) -> Json:
    """A questionnaire whose first question is another; None takes an element away."""
    good = questionnaire()
    changed = {name: value for name, value in (good["item"][0] | changes).items() if value is not None}
    return good | {"item": [changed, *good["item"][1:]]}


OPTION: Json = {"valueCoding": {"code": "1", "display": "One"}}
HIDDEN = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"
MAXIMUM = "http://hl7.org/fhir/StructureDefinition/maxValue"
Q = "/questionnaire/item/0"
NOT_MAPPED: list[tuple[Json, set[tuple[str, str]]]] = [
    (questionnaire(resourceType="Patient"), {("/questionnaire/resourceType", "not_a_choice")}),
    (questionnaire(status="draft"), {("/questionnaire/status", "not_a_choice")}),
    (questionnaire(language=None), {("/questionnaire/language", "wrong_form")}),
    (questionnaire(title=7), {("/questionnaire/title", "required")}),
    (questionnaire(item={}), {("/questionnaire/item", "required")}),
    (questionnaire(item=["q"]), {(Q, "wrong_type")}),
    (questionnaire(modifierExtension=[]), {("/questionnaire/modifierExtension", "not_mapped")}),
    (first(linkId="44250-1"), {(f"{Q}/linkId", "no_item_number")}),
    (first(linkId="q2"), {("/questionnaire/item/1/linkId", "item_twice"), ("/questionnaire/item", "missing_item")}),
    (first(linkId="q9"), {(f"{Q}/linkId", "unknown_item"), ("/questionnaire/item", "missing_item")}),
    (first(type="string"), {(f"{Q}/type", "not_mapped")}),
    (first(type=["choice"]), {(f"{Q}/type", "not_mapped")}),
    (first(text=None), {(f"{Q}/text", "required")}),
    (first(answerOption=None), {(f"{Q}/answerOption", "required")}),
    (first(answerOption=[OPTION] * 21), {(f"{Q}/answerOption", "too_many")}),
    (first(answerOption=[OPTION]), {(f"{Q}/answerOption", "option_missing")}),
    (first(answerOption=[{"valueString": "1"}]), {(f"{Q}/answerOption/0", "not_mapped")}),
    (first(answerOption=[{"valueInteger": True}]), {(f"{Q}/answerOption/0", "wrong_type")}),
    (first(answerOption=[OPTION | {"initialSelected": True}]), {(f"{Q}/answerOption/0", "not_mapped")}),
    (
        first(answerOption=[{"valueCoding": {"code": "one", "display": ""}}]),
        {(f"{Q}/answerOption/0/valueCoding", "no_value"), (f"{Q}/answerOption/0/valueCoding/display", "too_short")},
    ),
    (first(enableWhen=[]), {(f"{Q}/enableWhen", "not_mapped")}),
    (first(answerValueSet="http://example.org/vs"), {(f"{Q}/answerValueSet", "not_mapped")}),
    (first(repeats=True), {(f"{Q}/repeats", "not_mapped")}),
    (first(sEcReT=1), {(f"{Q}/*", "not_mapped")}),
    (first(extension=[{"url": HIDDEN, "valueBoolean": True}]), {(f"{Q}/extension/0", "not_mapped")}),
    (first(extension=[{"url": MAXIMUM, "valueInteger": 9}]), {(f"{Q}/extension", "range_differs")}),
    (first(item=questionnaire()["item"][:1]), {(f"{Q}/item/0", "not_mapped")}),
]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("document", "told"), NOT_MAPPED)
def test_a_questionnaire_that_does_not_map_is_refused(therapist: Caller, document: Json, told: set[tuple[str, str]]) -> None:
    attested(therapist)
    refused = bring(therapist, document)
    assert (refused.status_code, faults(refused)) == (422, told), refused.text
    assert shelf(therapist) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_questionnaire_brings_its_own_language_and_title(therapist: Caller) -> None:
    attested(therapist)
    body = {"questionnaire": questionnaire(), "title": "Mine", "language": "en"}
    refused = therapist.post("/v1/measures/gmsex/forms", json=body)
    assert faults(refused) == {("/title", "not_with_questionnaire"), ("/language", "not_with_questionnaire")}


def test_tags_in_a_text_are_only_text(therapist: Caller) -> None:
    attested(therapist)
    assert bring(therapist, questionnaire(title="<b>A</b>")).status_code == 201
    assert therapist.get("/v1/measures/gmsex/forms/en").json()["title"] == "<b>A</b>"


def test_a_question_of_another_measure_does_not_pass_for_one_of_this(therapist: Caller) -> None:
    attested(therapist)
    other = questionnaire("phq9")
    assert bring(therapist, other).status_code == 422
