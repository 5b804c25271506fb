"""What each form of scope opens, type by type and letter by letter: of FHIR no more than is held, asked for and there."""

from collections.abc import Iterable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from app.access.models import Integration
from app.access.permissions import GRANTABLE
from app.access.smart import (
    CATEGORISED,
    TYPES,
    WRITTEN,
    SmartScope,
    categories,
    is_grantable,
    narrowed_to,
    read_scope,
    scopes_among,
)
from app.access.token_requests import OAuthError, granted
from app.core.ids import decode
from app.fhir.resources import resources
from app.fhir.values import read_token
from tests.access.connected import Connected
from tests.conftest import Caller, Clinic

EVERYTHING = ["system/*.rs", "system/QuestionnaireResponse.cu"]
# What is asked for in the name of a type, and which letters that opens of it, to whom holds all there is to hold.
OF_A_TYPE = {
    "system/{}.rs": "rs",
    "system/{}.read": "rs",
    "system/{}.r": "r",
    "system/{}.s": "s",
    "system/{}.cruds": "rs",
    "system/{}.*": "rs",
    "system/{}.crs": "rs",
    "system/{}.d": "",
    "system/{}.write": "",
    "system/{}.cud": "",
    "system/{}.sr": "",
    "system/{}.RS": "",
    "system/{}.": "",
    "system/{}": "",
    "system/{}.rs ": "",
    "system/{}.rs?": "",
    "system/{}.rs?status=final": "",
    "patient/{}.rs": "",
    "user/{}.read": "",
    "System/{}.rs": "",
    "{}.rs": "",
}
OF_EVERY_TYPE = {
    "system/*.rs": "rs",
    "system/*.read": "rs",
    "system/*.r": "r",
    "system/*.s": "s",
    "system/*.cruds": "rs",
    "system/*.*": "rs",
    "system/*.cu": "",
    "system/*.write": "",
    "system/*.rs?category=x": "",
    "*/*.rs": "",
}


def opened(asked: str, held: list[str]) -> set[tuple[str, str]]:
    """Which letters of which types a token opens that was asked for with one scope; nothing if there is none."""
    try:
        scopes = scopes_among(granted(frozenset({asked}), held))
    except OAuthError:
        return set()
    return {(type_, letter) for type_, letter in product(TYPES, "cruds") if categories(scopes, type_, letter) is None}


def test_a_scope_of_one_type_opens_that_type_as_far_as_it_says() -> None:
    """Creating and changing only where it can be done and only by a scope that asks for nothing that cannot be had."""
    for form, letters in OF_A_TYPE.items():
        for type_ in TYPES:
            wanted = letters + ("c" if form == "system/{}.crs" and type_ in WRITTEN else "")
            assert opened(form.format(type_), EVERYTHING) == {(type_, letter) for letter in wanted}, (form, type_)


def test_a_scope_of_every_type_reads_and_never_writes() -> None:
    """Whatever letters it has."""
    for form, letters in OF_EVERY_TYPE.items():
        assert opened(form, EVERYTHING) == set(product(TYPES, letters)), form


def test_writing_is_opened_by_its_name_where_it_is_held_and_nowhere_else() -> None:
    """An integration that reads everything writes nothing."""
    for type_ in TYPES:
        found = opened(f"system/{type_}.cu", EVERYTHING)
        assert found == ({(type_, "c"), (type_, "u")} if type_ in WRITTEN else set())
        assert opened(f"system/{type_}.cu", ["system/*.rs"]) == set()
        assert opened(f"system/{type_}.cruds", ["system/*.rs"]) == {(type_, "r"), (type_, "s")}


def test_a_type_there_is_not_is_no_scope() -> None:
    """Nor is a scope longer than any, or one with another parameter behind its category."""
    for text in ("system/Device.rs", "system/patient.rs", "system/Observation.rs?category=" + "x" * 160):
        assert read_scope(text) is None
    for category in ("a,b", "a&status=b", "a|b|c", "|", "", 'a"', "a\\"):
        assert read_scope(f"system/Observation.rs?category={category}") is None, category


def test_every_resource_there_is_has_a_scope_and_those_with_a_category_can_be_narrowed_by_it() -> None:
    """A scope of a category over a type that could not be searched by it would open all of it."""
    assert set(resources()) == set(TYPES)
    for type_ in CATEGORISED:
        assert resources()[type_].param("category") is not None, type_


def test_what_can_be_held_reads_or_is_named() -> None:
    """And what is held can be asked for."""
    held = [text for form in (*OF_A_TYPE, *OF_EVERY_TYPE) for type_ in TYPES if is_grantable(text := form.format(type_))]
    for text in held:
        scope = read_scope(text)
        assert scope is not None
        assert scope.letters <= set("rs") or (scope.type in WRITTEN and scope.letters <= set("cru" + "s"))
        assert opened(text, [text])


SYSTEMS, CODES = ("", "s", "t"), ("a", "b")
CATEGORIES = (None, "a", "b", "s|a", "s|b", "t|a", "|a", "s|")
SCOPES = st.builds(
    SmartScope,
    st.sampled_from(["*", "Observation", "Condition", "Patient", "QuestionnaireResponse"]),
    st.frozensets(st.sampled_from("cruds"), min_size=1),
    st.sampled_from(CATEGORIES),
).filter(lambda scope: scope.category is None or scope.type in CATEGORISED)


def holds(scopes: Iterable[SmartScope], type_: str, letter: str, coding: tuple[str, str]) -> bool:
    """Whether a resource of a type and category may be had, worked out scope by scope."""
    return any(
        letter in scope.letters
        and scope.type in {"*", type_}
        and (scope.category is None or (type_ in CATEGORISED and read_token(scope.category).is_of(*coding)))
        for scope in scopes
    )


@given(asked=SCOPES, held=st.lists(SCOPES.filter(lambda scope: is_grantable(str(scope))), max_size=4))
def test_what_is_granted_is_what_is_both_asked_for_and_held(asked: SmartScope, held: list[SmartScope]) -> None:
    """For each type, letter and category; said again it grants the same."""
    found = narrowed_to(asked, held)
    assert scopes_among(str(one) for one in found) == tuple(sorted(found, key=str))
    for type_, letter, coding in product(("Observation", "Condition", "Patient", *WRITTEN), "cruds", product(SYSTEMS, CODES)):
        wanted = holds([asked], type_, letter, coding) and holds(held, type_, letter, coding)
        if letter not in "rs" and (asked.type == "*" or "d" in asked.letters):
            wanted = False
        assert holds(found, type_, letter, coding) is wanted, (type_, letter, coding)


def test_an_answer_tells_how_far_a_token_goes(clinic: Clinic) -> None:
    """As it was asked where all of it is held, and otherwise as much as there is; scopes of the record stand beside."""
    software = Connected(clinic)
    _hold(clinic, software.integration_id, "couples:read", "system/Patient.rs", "system/Observation.rs?category=s|survey")
    told = {
        "system/Patient.read": "system/Patient.read",
        "system/Patient.r": "system/Patient.r",
        "system/*.read": "system/Observation.rs?category=s|survey system/Patient.rs",
        "system/Observation.rs": "system/Observation.rs?category=s|survey",
        "system/Observation.rs?category=survey": "system/Observation.rs?category=s|survey",
        "couples:read system/Patient.s": "couples:read system/Patient.s",
        "system/Patient.rs system/Task.rs system/Medication.read": "system/Patient.rs",  # public clients ask for all they know
        "": "couples:read system/Observation.rs?category=s|survey system/Patient.rs",
    }
    for asked, answer in told.items():
        assert software.ask(scope=asked).json()["scope"] == answer, asked
    refused = ("system/Observation.rs?category=t|survey", "system/Task.rs", "system/Patient.rs patient/Task.rs", "patient/*.rs")
    for asked in (
        *refused,
        "system/Patient.rs notes:read",
        "system/Patient.rs  couples:read",
        "x" * 20_000,
        " ".join(map(str, range(65))),
    ):
        assert software.ask(scope=asked).json()["error"] in {"invalid_scope", "invalid_request"}, asked[:60]
    _hold(clinic, software.integration_id)
    assert software.ask().json()["error"] == "invalid_scope"


def _hold(clinic: Clinic, integration_id: str, *scopes: str) -> None:
    with clinic.at_desk() as (session, _vault):
        changed = update(Integration).where(Integration.id == decode("int", integration_id))
        session.execute(changed.values(scopes=list(scopes)))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_over_http_a_scope_opens_its_letters_and_is_asked_before_anything_is_looked_up(clinic: Clinic) -> None:
    """A refused read of what there is and of what there is not are one answer, byte for byte."""
    software = clinic.integration(scopes={"system/*.rs"})
    ids = {type_: _some_id(software, type_) for type_ in resources()}
    for letters, turn in (("rs", 0), ("rs", 1), ("r", 0), ("s", 1)):
        held = list(resources())[turn::2]
        _hold(clinic, software.holder_id, *(f"system/{type_}.{letters}" for type_ in held))
        for type_ in resources():
            may = letters if type_ in held else ""
            paths = (ids[type_], "0" * 32, "x/_history/1")
            told = [software.get(f"/fhir/{type_}/{path}", headers={"X-Request-Id": "same"}) for path in paths]
            assert {answer.status_code == 403 for answer in told} == {"r" not in may}, (letters, type_)
            assert "r" in may or len({(answer.content, str(answer.headers)) for answer in told}) == 1
            assert (software.get(f"/fhir/{type_}?_summary=count").status_code == 403) is ("s" not in may)
    _hold(clinic, software.holder_id, "couples:read", "system/QuestionnaireResponse.cu")
    for type_ in resources():
        assert software.get(f"/fhir/{type_}/{ids[type_]}").status_code == 403
        assert software.post(f"/fhir/{type_}/_search").status_code == 403


def _some_id(software: Caller, type_: str) -> str:
    entries = software.get(f"/fhir/{type_}").json().get("entry", [{"resource": {"id": "none"}}])
    return str(entries[0]["resource"]["id"])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_scope_of_the_record_opens_fhir_and_none_of_fhir_opens_the_record(clinic: Clinic) -> None:
    """Nor does any key of a member."""
    native = clinic.integration("native", {str(scope) for scope in GRANTABLE})
    smart = clinic.integration("smart", set(EVERYTHING))
    for caller in (native, clinic.member("thea"), clinic.member("theo")):
        assert {caller.get(f"/fhir/{type_}").status_code for type_ in resources()} == {403}
    refused = [smart.get(path).status_code for path in ("/v1/couples", "/v1/changes", "/v1/exports")]
    assert set(refused) == {403}
    assert smart.get("/v1/me").status_code == 200
