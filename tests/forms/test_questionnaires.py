"""Forms as FHIR Questionnaires: the same words come back, whichever way they went."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clinical.measure import Item, Measure
from app.clinical.measures import MEASURES
from app.forms.questionnaire_reading import item_number, read_questionnaire
from app.forms.questionnaire_schemas import QuestionnaireRead
from app.forms.questionnaire_writing import write_questionnaire
from app.forms.wording import (
    UNREADABLE,
    Option,
    Place,
    Question,
    Wording,
    answers_of,
    built_in,
    check_questions,
    is_number,
)
from tests.clinical.toys import measure
from tests.conftest import Caller
from tests.forms.records import ORDINAL, attested, bring, questionnaire, read

LINE = measure("line", (Item(1, 0, 100, step=0.5), Item(2, 0, 4)), ())
PULSE = MEASURES["rekindle_pulse"]
FITTING = {one.code: one for one in (MEASURES["fsfi"], LINE, PULSE, MEASURES["gmsex"])}


def words(longest: int) -> st.SearchStrategy[str]:
    """Texts that can be shown."""
    letters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
    return st.text(letters, min_size=1, max_size=min(longest, 30)).filter(
        lambda text: text.strip() and not UNREADABLE.search(text)
    )


@st.composite
def questions(draw: st.DrawFn, item: Item) -> Question:
    """Words for an item, in one of the ways it can be asked."""
    ends = draw(st.none() | st.tuples(words(200), words(200)))
    chosen = () if is_number(item) or (ends is not None and draw(st.booleans())) else answers_of(item)
    options = tuple(Option(value, draw(words(200))) for value in chosen)
    heading = draw(st.sampled_from([None, "One heading", "Another"]))
    return Question(item.number, draw(words(1_000)), heading, options, *(ends or (None, None)))


@st.composite
def forms(draw: st.DrawFn) -> tuple[Measure, Wording]:
    """A measure with a form that fits it, as it is kept."""
    of = FITTING[draw(st.sampled_from(sorted(FITTING)))]
    asked = draw(st.permutations(of.items))
    wording = Wording(
        language=draw(st.sampled_from(["en", "de-AT", "zh-Hant"])),
        title=draw(words(200)),
        instructions=draw(st.none() | words(4_000)),
        stem=draw(st.none() | words(1_000)),
        questions=tuple(draw(questions(item)) for item in asked),
    )
    return of, wording.settled()


@settings(max_examples=50)
@given(forms())
def test_a_form_written_as_a_questionnaire_reads_back_the_same(case: tuple[Measure, Wording]) -> None:
    of, wording = case
    sent = QuestionnaireRead.model_validate(write_questionnaire(wording, of)).model_dump_json(by_alias=True)
    assert read_questionnaire(json.loads(sent), of) == (wording, ())


@settings(max_examples=20)
@given(forms())
def test_a_form_with_an_item_missing_or_asked_twice_does_not_fit(case: tuple[Measure, Wording]) -> None:
    of, wording = case
    placed = [(question, Place("", "", "")) for question in wording.questions]
    assert list(check_questions(of, placed, "")) == []
    assert [fault.code for fault in check_questions(of, placed[1:], "")] == ["missing_item"]
    assert [fault.code for fault in check_questions(of, [*placed, placed[0]], "")] == ["item_twice"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "linkId",
                    "type",
                    "text",
                    "item",
                    "answerOption",
                    "extension",
                    "url",
                    "valueCoding",
                    "valueInteger",
                    "code",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_json_at_all_makes_the_reader_stumble(value: Any) -> None:
    for document in (
        questionnaire(item=value),
        questionnaire(item=[value]),
        questionnaire(item=[{"type": "choice"} | {"answerOption": value}]),
    ):
        _, faults = read_questionnaire(document, MEASURES["gmsex"])
        assert faults
    whole = read_questionnaire(value if isinstance(value, Mapping) else {"item": value}, MEASURES["gmsex"])
    assert whole[1]


@pytest.mark.parametrize("link_id", ["3", "/3", "q3", "003", "phq9-3", "/phq9/3", "PHQ9.3", "item.3", "phq93"])
def test_a_link_id_names_the_item_whose_number_ends_it(link_id: str) -> None:
    assert item_number(link_id, "phq9") == 3


@pytest.mark.parametrize("link_id", ["", "phq9", "44250-9", "1.3", "3a", "0", "q", "1234", "٣", "٣3", "gad7-3"])
def test_a_link_id_that_could_be_taken_for_another_names_none(link_id: str) -> None:
    assert item_number(link_id, "phq9") is None


def test_groups_texts_and_numbers_find_their_place(therapist: Caller) -> None:
    attested(therapist)
    one, two, three, four, five = questionnaire()["item"]
    two["answerOption"] = [{"valueInteger": value} for value in range(1, 8)]
    three["answerOption"] = [{"valueCoding": {"code": str(value), "display": "T"}} for value in range(1, 8)]
    at_the_option = [{"url": ORDINAL, "valueInteger": value} for value in range(1, 8)]
    four["answerOption"] = [{"valueCoding": {"display": "T"}, "extension": [told]} for told in at_the_option]
    about = {"linkId": "a", "type": "group", "text": "About us", "item": [one, {"linkId": "b", "type": "group", "item": [two]}]}
    stem = {"linkId": "s", "type": "group", "text": "The stem", "item": [about, three, four, five]}
    texts = [{"linkId": "t", "type": "display", "text": text} for text in ("First.", "Second.")]
    assert bring(therapist, questionnaire(item=[*texts, stem])).status_code == 201
    told = read(therapist).json()
    assert (told["instructions"], told["stem"]) == ("First.\n\nSecond.", "The stem")
    assert [one["heading"] for one in told["items"]] == ["About us", "About us", None, None, None]
    assert told["items"][1]["options"][0] == {"value": 1, "text": "1"}
    assert [option["value"] for one in told["items"] for option in one["options"]] == [*range(1, 8)] * 5


def test_what_a_form_cannot_say_of_its_groups_is_refused() -> None:
    inner = {"linkId": "i", "type": "group", "text": "Inner", "item": questionnaire()["item"]}
    middle = {"linkId": "m", "type": "group", "text": "Middle", "item": [inner]}
    deep = questionnaire(item=[{"linkId": "o", "type": "group", "text": "Outer", "item": [middle]}])
    late = questionnaire(item=[*questionnaire()["item"], {"linkId": "t", "type": "display", "text": "Late"}])
    assert [fault.pointer for fault in read_questionnaire(deep, MEASURES["gmsex"])[1]] == [
        "/questionnaire/item/0/item/0/item/0/text"
    ]
    assert [fault.pointer for fault in read_questionnaire(late, MEASURES["gmsex"])[1]] == ["/questionnaire/item/5"]


def test_what_is_read_as_a_questionnaire_can_be_uploaded_again(therapist: Caller) -> None:
    before = read(therapist, "rekindle_pulse").json()
    found = therapist.get("/v1/measures/rekindle_pulse/forms/en/questionnaire")
    assert "null" not in found.text
    assert found.headers["ETag"]
    assert bring(therapist, found.json(), "rekindle_pulse").status_code == 201
    assert read(therapist, "rekindle_pulse").json() == before | {"edition": 1}


def test_a_slider_keeps_its_ends_and_its_range() -> None:
    wording = built_in(PULSE)
    assert wording is not None
    first = write_questionnaire(wording, PULSE)["item"][1]
    assert [(one["text"], one["type"]) for one in first["item"]] == [
        ("not at all satisfied", "display"),
        ("as satisfied as can be", "display"),
    ]
    assert [bound["valueInteger"] for bound in first["extension"]] == [0, 10]
