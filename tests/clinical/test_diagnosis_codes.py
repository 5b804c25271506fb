"""Which codes a diagnosis can have, and what follows from onset and context."""

from typing import get_args

import pytest

from app.clinical.concern import Domain
from app.clinical.concerns import CONCERNS
from app.clinical.diagnosis_codes import (
    SYSTEMS,
    System,
    billable_below,
    flaw_of,
    flaw_of_link,
    is_billable,
    is_known,
    status_of,
    tells_of_violence,
)
from app.clinical.specifiers import FACTORS, Factor, suggested_icd11


def flaw(system: System, code: str) -> str | None:
    """The code of what is wrong."""
    found = flaw_of(system, code)
    return found.code if found else None


@pytest.mark.parametrize(
    "category", ["F52", "F52.2", "F52.3", "N52", "N53.1", "N94.1", "N94.81", "Z70", "Z31", "F43.1", "T43.22"]
)
def test_a_category_is_not_billable(category: str) -> None:
    assert flaw("icd10cm", category) == "code_not_billable"
    assert flaw("dsm5tr", category) == "code_not_billable"


def test_a_category_is_refused_with_the_billable_codes_below_it() -> None:
    assert billable_below("F52.2") == ("F52.21", "F52.22")
    assert billable_below("N94.81") == ("N94.810", "N94.818", "N94.819")
    found = flaw_of("icd10cm", "F52")
    assert found is not None
    assert all(code in found.sentence for code in ("F52.0", "F52.31", "F52.9"))


@pytest.mark.parametrize("code", sorted({code for one in CONCERNS.values() for code in one.icd10cm}))
def test_a_code_of_the_catalogue_stands_unless_it_names_a_family(code: str) -> None:
    assert is_billable(code) is not code.endswith("-")
    assert (flaw("icd10cm", code) is None) is is_billable(code)


@pytest.mark.parametrize("code", ["F33.1", "N52.8", "Z70.2", "R37", "T43.225D", "O9A.311", "U07.1"])
def test_a_code_the_catalogue_does_not_hold_is_taken_by_its_form(code: str) -> None:
    assert flaw("icd10cm", code) is None


@pytest.mark.parametrize("code", ["F52.7", "F52.211", "R37.1", "N94.13", "Z63.01"])
def test_a_code_that_cannot_exist_beside_those_of_the_catalogue_is_unknown(code: str) -> None:
    assert flaw("icd10cm", code) == "code_unknown"


@pytest.mark.parametrize("code", ["F5222", "f52.22", "F52.", "F52.2-", "52.22", "HA00", "F52.22222", " F52.0", ""])
def test_icd10cm_has_a_form(code: str) -> None:
    assert flaw("icd10cm", code) == "code_malformed"


@pytest.mark.parametrize(
    "code", ["HA00", "HA01.0", "HA01.03", "HA0Z", "6C72", "GA34.02", "HA01.1/HA40.2", "HA20&XS25", "QE51.1"]
)
def test_icd11_takes_stems_and_clusters(code: str) -> None:
    assert flaw("icd11", code) is None


@pytest.mark.parametrize(
    "code", ["6B0", "F52.22", "HA0O", "HA01.", "HA01.034", "XS25", "HA00/XS25", "HA00//HA20", "ha00", "HA00&"]
)
def test_icd11_has_a_form(code: str) -> None:
    assert flaw("icd11", code) == "code_malformed"


def test_snomed_ids_are_concepts_with_a_right_check_digit() -> None:
    assert flaw("snomed", "60103007") is None
    for wrong in ("60103008", "60103070", "60103011", "6010", "F52.31", "060103007"):
        assert flaw("snomed", wrong) == "code_malformed", wrong


@pytest.mark.parametrize("code", ["F52.22", "F52.0", "F52.21", "F52.6", "F52.8", "F19.981", "Z63.0", "F33.1", "F43.10"])
def test_dsm5tr_files_its_diagnoses_under_icd10cm_codes(code: str) -> None:
    assert flaw("dsm5tr", code) is None


@pytest.mark.parametrize(
    ("code", "instead"), [("F52.5", "F52.6"), ("F52.1", "F52.8"), ("N52.1", "F52.21"), ("R37", "F52.9"), ("N48.6", "")]
)
def test_what_dsm5tr_has_not_is_refused_with_what_it_uses(code: str, instead: str) -> None:
    found = flaw_of("dsm5tr", code)
    assert found is not None
    assert found.code == "code_not_in_dsm5tr"
    assert instead in found.sentence


def test_a_code_is_not_filed_under_a_concern_it_is_not_of() -> None:
    assert flaw_of_link("icd10cm", "F52.4", "early_ejaculation") is None
    assert flaw_of_link("icd10cm", "N52.8", "erectile") is None
    wrong = flaw_of_link("icd10cm", "F52.4", "erectile")
    assert wrong is not None
    assert "early_ejaculation" in wrong.sentence
    assert flaw_of_link("snomed", "60103007", "erectile") is not None


def test_a_code_of_the_catalogue_is_known_exactly() -> None:
    assert is_known("icd10cm", "F52.31")
    assert is_known("icd11", "HA02.0")
    assert not is_known("icd11", "HA02.03")
    assert not is_known("snomed", "F52.31")


def test_every_code_of_a_concern_about_safety_tells_of_violence() -> None:
    unsafe = [concern for concern in CONCERNS.values() if concern.domain is Domain.SAFETY]
    assert unsafe
    for concern in unsafe:
        assert all(tells_of_violence("icd10cm", code, None) for code in concern.icd10cm)
        assert tells_of_violence("snomed", "60103007", concern.slug)


def test_other_codes_tell_nothing_of_violence() -> None:
    assert not any(tells_of_violence("icd10cm", code, None) for code in ("F52.0", "Z63.0", "Z70.1", "T43.225A", "Z91.5"))
    assert tells_of_violence("dsm5tr", "T74.11XD", None)
    assert tells_of_violence("icd11", "HA00/QE51.1", None)


def test_only_what_was_not_looked_up_is_less_sure() -> None:
    assert (status_of("Z31.-"), status_of("F52.0")) == ("recalled_high", "verified")


@pytest.mark.parametrize(
    ("slug", "codes"),
    [
        ("female_orgasmic", ["HA02.03"]),
        ("female_interest_arousal", ["HA00.3", "HA01.03"]),
        ("gpppd", ["HA20.3"]),
        ("dyspareunia_organic", []),
        ("substance_medication_induced", []),
        ("unspecified", []),
        ("desire_discrepancy", []),
        ("unheard_of", []),
    ],
)
def test_onset_and_context_suggest_an_icd11_code_that_is_never_called_sure(slug: str, codes: list[str]) -> None:
    found = suggested_icd11(slug, "acquired", "situational")
    assert [coded.code for coded in found] == codes
    assert all(coded.status == "recalled_medium" for coded in found)
    assert all(flaw("icd11", coded.code) is None for coded in found)


def test_the_digit_tells_lifelong_from_acquired_and_generalised_from_situational() -> None:
    made = [
        suggested_icd11("erectile", onset, context)[0].code[-1]
        for onset in ("lifelong", "acquired")
        for context in ("generalized", "situational")
    ]
    assert made == ["0", "1", "2", "3"]


def test_the_words_for_input_are_those_of_the_vocabularies() -> None:
    assert set(get_args(Factor)) == set(FACTORS)
    assert set(get_args(System)) == set(SYSTEMS)
