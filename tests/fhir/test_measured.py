"""What measures, items and answers are in FHIR, and that each is read back as it was said."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.answers import REASONS
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.fhir.measured import (
    SHOWN,
    answered,
    canonical,
    choices,
    external_id,
    identifier,
    measure_of,
    number_of,
    questionnaire_id,
    read_answer,
    read_item,
)
from app.fhir.resources.questionnaire import draw
from app.forms.wording import built_in
from tests.fhir.questions import LOINC, questions

Json = dict[str, Any]
BASE = "https://clinic.example/fhir"
VALUES = {"choice": "valueCoding", "integer": "valueInteger", "decimal": "valueDecimal"}


@pytest.mark.parametrize("measure", SHOWN.values(), ids=SHOWN)
def test_responses_answer_the_questions_of_their_questionnaire_in_its_order_and_types(measure: Measure) -> None:
    """Whatever words it has: of every measure, and of every answer that its items take."""
    questionnaire = draw(BASE, measure, built_in(measure))
    asked = questions(questionnaire)
    assert [number_of(one["linkId"]) for one in asked] == sorted(item.number for item in measure.items)
    assert [one["type"] for one in questions(draw(BASE, measure, None))] == [one["type"] for one in asked]
    links = [one["linkId"] for each in questionnaire.get("item", []) for one in (each, *each.get("item", []))]
    assert len(links) == len(set(links))
    for told in asked:
        known = measure.item(int(told["linkId"]))
        assert known is not None
        options = [one["valueCoding"] for one in told.get("answerOption", ())]
        for value in choices(known) if known.step == 1 else (known.low, known.low + known.step, known.high):
            said = answered(BASE, measure, known.number, value, None)
            assert said is not None
            assert said["linkId"] == told["linkId"]
            (answer,) = said["answer"]
            assert list(answer) == [VALUES[told["type"]]]
            assert told["type"] != "choice" or answer["valueCoding"] in [
                {"system": option["system"], "code": option["code"]} for option in options
            ]
            assert read_item(json.loads(json.dumps(said))) == (value, None)


@given(st.sampled_from(list(SHOWN.values())), st.sampled_from(REASONS))
def test_why_an_item_has_no_answer_is_read_as_it_was_said(measure: Measure, reason: str) -> None:
    said = answered(BASE, measure, 1, None, reason)
    assert said is not None
    assert "answer" not in said
    assert read_item(said) == (None, reason)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128))
def test_an_identifier_means_the_number_it_says(number: str) -> None:
    said = identifier(BASE, number)
    assert all(said.values())
    assert external_id(BASE, said["system"], said["value"]) == number


def test_a_canonical_address_means_its_measure_and_no_screen() -> None:
    for measure in MEASURES.values():
        address = canonical(BASE, measure.code, measure.version)
        is_screen = measure.kind == "safety_screen"
        assert measure_of(BASE, address) == (None if is_screen else (measure.code, measure.version))
    assert measure_of(BASE, "https://elsewhere.example/Questionnaire/phq9") is None


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ({"valueInteger": 3}, 3),
        ({"valueDecimal": 3.0}, 3),
        ({"valueDecimal": 6.3}, 6.3),
        ({"valueString": " 3 "}, 3),
        ({"valueCoding": {"system": "urn:other", "code": "3"}}, 3),
        (
            {
                "valueCoding": {
                    "system": LOINC,
                    "code": "LA6571-9",
                    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3}],
                }
            },
            3,
        ),
        ({"valueCoding": {"system": LOINC, "code": "LA6571-9"}}, None),
        ({"valueString": "three"}, None),
        ({"valueBoolean": True}, None),
        ({"valueInteger": True}, None),
        ({}, None),
    ],
)
def test_a_number_is_read_from_whatever_can_say_one(said: Json, number: float | None) -> None:
    assert read_answer(said) == number


def test_ids_of_questionnaires_are_ids_and_not_mistaken_for_those_of_rows() -> None:
    for code in SHOWN:
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,31}", questionnaire_id(code))
