"""What values of a search mean: marks that are part of a value stand behind a backslash (R4, escaping search parameters)."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fhir.values import Token, apart, read_token
from tests.conftest import Clinic

MARKS = "\\,|$"
words = st.text(st.sampled_from(MARKS + "ab:/"), min_size=1, max_size=8)


def escaped(text: str) -> str:
    """A value as R4 has it in a search."""
    return "".join("\\" * (letter in MARKS) + letter for letter in text)


@given(st.lists(st.tuples(st.none() | words, words), min_size=1, max_size=4))
def test_every_token_is_read_as_it_was_meant_whatever_marks_are_in_it(meant: list[tuple[str | None, str]]) -> None:
    said = ",".join(("" if system is None else escaped(system) + "|") + escaped(code) for system, code in meant)
    assert [read_token(one) for one in apart(said, ",")] == [Token(system, code) for system, code in meant]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_patient_is_found_by_a_record_number_with_marks_in_it(clinic: Clinic) -> None:
    """Such numbers come from outside, and nobody here chooses them."""
    thea = clinic.member("thea")
    numbers = ["A|1", "A$1", r"A\,1"]
    for number in numbers:
        sent = {"partner_a": {"record_number": number}, "partner_b": {"record_number": number + "-b"}}
        assert thea.post("/v1/couples", json=sent).status_code == 201
    software = clinic.integration(scopes={"system/Patient.rs"})
    system = software.get("/fhir/Patient?_count=1").json()["entry"][0]["resource"]["identifier"][0]["system"]
    for said in (*((one,) for one in numbers), numbers):
        asked = quote(",".join(f"{system}|{escaped(one)}" for one in said))
        found = software.get(f"/fhir/Patient?identifier={asked}").json().get("entry", [])
        assert sorted(one["resource"]["identifier"][0]["value"] for one in found) == sorted(said)
