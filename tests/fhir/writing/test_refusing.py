"""What no response may say: an OperationOutcome for each, at its place, repeating nothing and leaving nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Clinic
from tests.fhir.writing.records import BASE, RESPONSES, WRITES, Desk, desk, items, numbered, places, post
from tests.measures.records import GMSEX, Json
from tests.releases.records import ask_to_erase, ended, shred
from tests.safety.records import Pair

MARK = "Zinnober"
MODIFIED: Json = {"modifierExtension": [{"url": MARK, "valueBoolean": True}]}
MANY = [str(number) for number in range(1, 400)]


@dataclass(frozen=True)
class Case:
    """What is sent, and what is wrong with it where."""

    name: str
    change: Callable[[Json], Any]
    status: int
    place: str
    code: str = ""


def having(**more: Any) -> Callable[[Json], Json]:
    """The response with other elements; None takes one away."""
    return lambda body: {name: value for name, value in (body | more).items() if value is not None}


def item(number: str, **more: Any) -> Callable[[Json], Json]:
    """The response with one more item."""
    return lambda body: body | {"item": [*body["item"], {"linkId": number, **more}]}


def first(**more: Any) -> Callable[[Json], Json]:
    """The response with another first item."""
    return lambda body: body | {"item": [{"linkId": "1"} | more, *body["item"][1:]]}


def answer(**value: Any) -> Callable[[Json], Json]:
    """The response with another first answer."""
    return first(answer=[value])


CASES = [
    Case("another type", having(resourceType="Patient"), 400, ""),
    Case("no type", having(resourceType=None), 400, ""),
    Case("an element R4 has not", having(**{MARK: 1}), 400, ""),
    Case("a modifier", having(modifierExtension=[{"url": MARK}]), 400, ".modifierExtension"),
    Case("other rules", having(implicitRules=MARK), 400, ".implicitRules"),
    Case("something contained", having(contained=[{"resourceType": "Patient"}]), 400, ".contained"),
    Case("no status", having(status=None), 422, ".status"),
    Case("not finished", having(status="in-progress"), 422, ".status"),
    Case("broken off", having(status="stopped"), 422, ".status"),
    Case("an error", having(status="entered-in-error"), 422, ".status"),
    Case("no such status", having(status=MARK), 400, ".status"),
    Case("status no text", having(status=7), 400, ".status"),
    Case("no questionnaire", having(questionnaire=None), 422, ".questionnaire"),
    Case("unknown questionnaire", having(questionnaire=f"{BASE}/Questionnaire/{MARK}"), 422, ".questionnaire"),
    Case("another server's", having(questionnaire="https://elsewhere.example/Questionnaire/gmsex"), 422, ".questionnaire"),
    Case("another version", having(questionnaire="Questionnaire/gmsex|77"), 422, ".questionnaire"),
    Case("a safety screen", having(questionnaire="Questionnaire/hits"), 422, ".questionnaire"),
    Case("scored elsewhere only", having(questionnaire="Questionnaire/promis-sexfs-brief-v2"), 422, ".item"),
    Case("nobody's", having(subject=None), 422, ".subject"),
    Case("unknown partner", having(subject={"reference": "Patient/" + "0" * 32}), 422, ".subject"),
    Case("no reference", having(subject={"display": MARK}), 422, ".subject"),
    Case("a subject that is a list", having(subject=[MARK]), 422, ".subject"),
    Case("a couple's", having(subject={"reference": "Group/" + "0" * 32}), 422, ".subject"),
    Case("an entry's", having(subject={"reference": "urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7"}), 422, ".subject"),
    Case("no time", having(authored=None), 422, ".authored"),
    Case("a day alone", having(authored="2026-11-20"), 400, ".authored"),
    Case("no offset", having(authored="2026-11-20T10:00:00"), 400, ".authored"),
    Case("no such day", having(authored="2026-02-30T10:00:00Z"), 400, ".authored"),
    Case("long ago", having(authored="1899-02-03T10:00:00Z"), 400, ".authored"),
    Case("the end of time", having(authored="0001-01-01T00:00:00+14:00"), 400, ".authored"),
    Case("the future", having(authored="2027-11-20T10:00:00Z"), 422, ".authored"),
    Case("no such language", having(language="English, mostly"), 400, ".language"),
    Case("too long a language", having(language="abc-" + "-".join(["abcdefgh"] * 4)), 400, ".language"),
    Case("a list of identifiers", having(identifier=[numbered("1")]), 400, ".identifier"),
    Case("no number", having(identifier={"system": "urn:x"}), 422, ".identifier.value"),
    Case("a bar in it", having(identifier=numbered("a|b")), 422, ".identifier"),
    Case("a space in it", having(identifier=numbered("a b")), 422, ".identifier"),
    Case("too long", having(identifier=numbered("x" * 128)), 422, ".identifier"),
    Case("a system that is none", having(identifier=numbered("1", MARK)), 422, ".identifier"),
    Case("somebody else's answers", having(source={"reference": f"RelatedPerson/{MARK}"}), 422, ".source"),
    Case("no items", having(item=None), 422, ".item"),
    Case("an empty list", having(item=[]), 400, ".item"),
    Case("items no list", having(item={"linkId": "1"}), 400, ".item"),
    Case("an item no object", lambda body: body | {"item": [MARK]}, 400, ".item[0]"),
    Case("no linkId", lambda body: body | {"item": [*body["item"], {"text": MARK}]}, 422, ".item[5].linkId"),
    Case("unknown item", item("6", answer=[{"valueInteger": 1}]), 422, ".item[5]"),
    Case("more items than any measure has", lambda body: body | {"item": items(dict.fromkeys(MANY, 1))}, 422, ".item[5]"),
    Case("no item's linkId", item(MARK, answer=[{"valueInteger": 1}]), 422, ".item[5]"),
    Case("an item twice", item("1", answer=[{"valueInteger": 1}]), 422, ".item[5]"),
    Case("an item left out", lambda body: body | {"item": body["item"][1:]}, 422, ".item"),
    Case("an item without reason", first(), 422, ".item[0]"),
    Case("a modifier in an item", first(modifierExtension=[{"url": MARK}]), 400, ".item[0].modifierExtension"),
    Case("a modifier in an answer", answer(valueInteger=1, modifierExtension=[]), 400, ".item[0].answer[0].modifierExtension"),
    Case("a modifier in an identifier", having(identifier=numbered("1") | MODIFIED), 400, ".identifier"),
    Case("a modifier deep in a meta", having(meta={"tag": [{"code": "a", "extension": [MODIFIED]}]}), 400, ".meta"),
    Case("a modifier beside a status", having(_status=MODIFIED), 400, ".status"),
    Case("a modifier in a coding", answer(valueCoding={"code": "4"} | MODIFIED), 400, ".item[0].answer[0].valueCoding"),
    Case("an unknown element in an item", first(**{MARK: 1}), 400, ".item[0]"),
    Case("two answers", first(answer=[{"valueInteger": 1}, {"valueInteger": 2}]), 422, ".item[0].answer"),
    Case("an answer of two kinds", answer(valueInteger=1, valueDecimal=2), 422, ".item[0].answer"),
    Case("answers no list", first(answer={"valueInteger": 1}), 400, ".item[0].answer"),
    Case("words for an answer", answer(valueString=MARK), 422, ".item[0].answer"),
    Case("true", answer(valueBoolean=True), 422, ".item[0].answer"),
    Case("no value", answer(), 422, ".item[0].answer"),
    Case("out of range", answer(valueInteger=8), 422, ".item[0].answer[0]"),
    Case("not whole", answer(valueDecimal=3.5), 422, ".item[0].answer[0]"),
    Case("a code that is no number", answer(valueCoding={"code": MARK}), 422, ".item[0].answer"),
]


@pytest.fixture
def of(clinic: Clinic) -> Desk:
    """A couple in care and software that may write."""
    return desk(clinic)


def test_each_is_refused_at_its_place_alone_and_in_a_bundle(of: Desk) -> None:
    before = of.counted()
    sent = [case.change(of.response()) for case in CASES]
    for case, body in zip(CASES, sent, strict=True):
        alone = of.create(body)
        assert (alone.status_code, places(alone)[0]) == (case.status, f"QuestionnaireResponse{case.place}"), case.name
        assert MARK not in alone.text, case.name
    assert of.counted() == before
    together = of.bundle("transaction", post(of.response()), *map(post, sent))
    assert (together.status_code, places(together)[0]) == (400, "Bundle.entry[1].resource")
    apart = of.bundle("batch", *map(post, sent))
    for number, (case, entry) in enumerate(zip(CASES, apart.json()["entry"], strict=True)):
        told = entry["response"]
        place = told["outcome"]["issue"][0]["expression"][0]
        assert (int(told["status"][:3]), place) == (case.status, f"Bundle.entry[{number}].resource{case.place}"), case.name
    assert MARK not in together.text + apart.text
    assert of.counted()[:2] == before[:2]


NO_OBJECTS = [b"", b"[]", b"7", b"{", b'{"a": 1, "a": 2}', b"[" * 30, b'{"resourceType": NaN}', b"\xff"]


def test_what_is_no_json_object_is_refused(of: Desk) -> None:
    before = of.counted()
    for body in NO_OBJECTS:
        for path in (RESPONSES, "/fhir"):
            refused = of.software.post(path, content=body, headers={"Content-Type": "application/fhir+json"})
            assert (refused.status_code, refused.json()["resourceType"]) == (400, "OperationOutcome")
    assert of.counted() == before


def test_another_format_and_another_type_are_refused(of: Desk) -> None:
    xml = of.software.post(RESPONSES, content=b"<QuestionnaireResponse/>", headers={"Content-Type": "application/fhir+xml"})
    assert (xml.status_code, xml.json()["resourceType"]) == (415, "OperationOutcome")
    assert of.software.post("/fhir/Patient", json={"resourceType": "Patient"}).status_code == 405
    assert of.software.put("/fhir/Patient/x", json={"resourceType": "Patient"}).status_code == 405
    assert of.software.post("/fhir/Nonsense", json={"resourceType": "Nonsense"}).status_code == 404


def test_every_fault_of_a_response_is_told_at_once(of: Desk) -> None:
    refused = of.create(of.response(item=items(GMSEX | {"1": 8, "3": 9, "5": 0})))
    assert places(refused) == [f"QuestionnaireResponse.item[{place}].answer[0]" for place in (0, 2, 4)]
    assert [issue["details"]["text"][:7] for issue in refused.json()["issue"]] == ["Item 1:", "Item 3:", "Item 5:"]


def test_a_couple_that_is_archived_and_nobody_are_told_alike(of: Desk) -> None:
    unknown = of.create(of.response(subject={"reference": "Patient/" + "0" * 32}))
    made = of.create(of.response()).json()
    version = of.therapist.get(f"/v1/couples/{of.couple['id']}").headers["ETag"]
    assert of.therapist.delete(f"/v1/couples/{of.couple['id']}", headers={"If-Match": version}).status_code == 204
    before = of.counted()
    told = [of.create(of.response()), of.update(made | {"item": items(GMSEX | {"1": 7})})]
    for one in told:
        issues = [{**issue, "diagnostics": ""} for issue in one.json()["issue"]]
        assert (one.status_code, issues) == (422, [{**issue, "diagnostics": ""} for issue in unknown.json()["issue"]])
    assert of.counted() == before


def test_after_care_ended_nothing_is_answered(of: Desk) -> None:
    episode = of.therapist.get(f"/v1/couples/{of.couple['id']}/episodes").json()["items"][0]
    path = f"/v1/couples/{of.couple['id']}/episodes/{episode['id']}/closures"
    closed = of.therapist.post(path, json={"reason": "completed"})
    assert closed.status_code == 200, closed.text
    of.clinic.clock.turn(days=3)
    refused = of.create(of.response(authored="2026-11-24T10:00:00Z"))
    assert (refused.status_code, places(refused)) == (409, ["QuestionnaireResponse.authored"])


def test_of_a_partner_who_was_erased_nothing_can_be_written_and_nothing_is_there_to_correct(clinic: Clinic, of: Desk) -> None:
    made, other = of.create(of.response()).json(), of.create(of.response(1)).json()
    episode = of.therapist.get(f"/v1/couples/{of.couple['id']}/episodes").json()["items"][0]
    a, b = (partner["id"] for partner in of.couple["partners"])
    pair = ended(clinic, Pair(of.therapist, f"/v1/couples/{of.couple['id']}", a, b, episode))
    shred(clinic, pair, ask_to_erase(pair, "a"))
    of.software = clinic.integration("later", scopes=WRITES)
    before = of.counted()[:2]
    told = of.create(of.response())
    assert (told.status_code, places(told)) == (422, ["QuestionnaireResponse.subject"])
    assert of.update(made | {"item": items(GMSEX | {"1": 7})}).status_code == 405
    assert of.counted()[:2] == before
    assert of.update(other | {"item": items(GMSEX | {"1": 7})}).status_code == 200
