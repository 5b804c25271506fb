"""When a licence holds and what it covers, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.measures import MEASURES
from app.forms.rules import (
    AttestationPeriodError,
    FormNotLicensedError,
    Licence,
    canonical,
    check_licensed,
    check_period,
    covers,
    why_not_licensed,
)
from app.forms.wording import Place, built_in, check_questions

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
GMSEX, PHQ9 = MEASURES["gmsex"], MEASURES["phq9"]
HOLDS = Licence(None, None, None)


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        (HOLDS, None),
        (Licence(None, TODAY, TODAY), None),
        (Licence(("en",), None, None), None),
        (Licence(("en-GB",), None, None), None),
        (Licence(("de", "e"), None, None), "other_language"),
        (Licence(None, None, TODAY - DAY), "expired"),
        (Licence(None, TODAY + DAY, None), "not_yet_granted"),
        (Licence(None, None, None, revoked=True), "revoked"),
        (Licence(("de",), None, TODAY - DAY, revoked=True), "revoked"),
    ],
)
def test_a_licence_holds_or_says_why_not(licence: Licence, why: str | None) -> None:
    assert licence.why_not("en-GB", TODAY) == why
    assert why_not_licensed(GMSEX, [licence], "en-GB", TODAY) == why
    assert why_not_licensed(PHQ9, [licence], "en-GB", TODAY) is None


def test_one_licence_that_holds_is_enough_and_the_last_one_gives_the_reason() -> None:
    ended, later = Licence(None, None, TODAY - DAY), Licence(None, TODAY + DAY, None)
    assert why_not_licensed(GMSEX, [ended, HOLDS, later], "en", TODAY) is None
    assert why_not_licensed(GMSEX, [ended, later], "en", TODAY) == "not_yet_granted"
    assert why_not_licensed(GMSEX, [], "en", TODAY) == "not_attested"


def test_a_form_without_a_licence_is_refused_with_the_reason() -> None:
    with pytest.raises(FormNotLicensedError) as refused:
        check_licensed(GMSEX, [], "en", TODAY)
    assert [fault.code for fault in refused.value.faults] == ["not_attested"]
    assert "Answers and totals are still accepted" in refused.value.sentence
    check_licensed(GMSEX, [HOLDS], "en", TODAY)


@pytest.mark.parametrize(
    ("tag", "written"), [("EN", "en"), ("en-gb", "en-GB"), ("ZH-hANT-tw", "zh-Hant-TW"), ("de-1996", "de-1996")]
)
def test_a_language_has_one_spelling(tag: str, written: str) -> None:
    assert canonical(tag) == written == canonical(written)


def test_a_wide_language_covers_its_kin_and_no_other() -> None:
    assert covers("en", "en")
    assert covers("en", "en-GB")
    assert not covers("en-GB", "en")
    assert not covers("en", "eng")


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_a_period_that_is_taken_holds_on_some_day_from_today(end: date, begin: date | None) -> None:
    try:
        check_period(begin, end, TODAY)
    except AttestationPeriodError:
        assert end < max(TODAY, begin or TODAY)
    else:
        assert Licence(None, begin, end).holds(max(TODAY, begin or TODAY))


@pytest.mark.parametrize("code", ["gad7", "phq9", "rekindle_pulse"])
def test_the_words_that_come_with_the_service_fit_their_measure(code: str) -> None:
    measure, wording = MEASURES[code], built_in(MEASURES[code])
    assert measure.licence_tier in {"own", "A_free_reproduce"}
    assert wording is not None
    placed = [(question, Place("", "", "")) for question in wording.questions]
    assert list(check_questions(measure, placed, "")) == []


def test_wording_stands_only_where_anyone_may_reproduce_it() -> None:
    for measure in MEASURES.values():
        if any(item.wording for item in measure.items) or measure.form_words:
            assert measure.licence_tier in {"own", "A_free_reproduce"}, measure.code
