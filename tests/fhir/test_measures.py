"""Measures over FHIR: what is asked, what was answered, what it scored, and what none of it tells."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic_core import to_json

from app.clinical.answers import REASONS
from app.clinical.measure import Example, Measure
from app.clinical.measures import MEASURES
from app.core.ids import decode
from app.fhir.ids import Ids
from app.fhir.measured import SHOWN, measure_of, number_of, read_item
from app.fhir.rows import fingerprint
from tests.conftest import Caller, Clinic, Wristwatch
from tests.fhir.bulk.records import deleted, exported
from tests.fhir.questions import LOINC, questions
from tests.forms.records import attested, upload
from tests.measures.records import PHQ9, administer, couple, send, totals
from tests.outcomes.statements import statements
from tests.partner_pages.records import GMSEX as GMSEX_BY_LINK
from tests.partner_pages.records import ask_measure
from tests.safety.records import CALM, done, new_pair

Json = dict[str, Any]


def every(software: Caller, path: str) -> Iterator[Json]:
    """Every resource a search finds, page by page; that there are as many as it says, too."""
    found, total = 0, None
    while path:
        page = software.get(path)
        assert page.status_code == 200, page.text
        bundle = page.json()
        total = bundle["total"]
        for entry in bundle.get("entry", []):
            found += entry["search"]["mode"] == "match"
            yield entry["resource"]
        path = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    assert found == total


def one(software: Caller, path: str) -> Json:
    """The only resource a search finds."""
    (found,) = every(software, path)
    return found


@pytest.fixture
def software(clinic: Clinic) -> Caller:
    """A client that may read everything."""
    return clinic.integration(scopes={"system/*.rs"})


def administered() -> Iterator[tuple[str, Measure, Example, Json]]:
    """Every worked example of every measure, as it is sent."""
    for measure in SHOWN.values():
        for index, example in enumerate(measure.examples):
            number = f"{measure.code}-{index}"
            sent: Json = {"measure": measure.code, "external_id": number}
            if example.reported:
                sent["scores_elsewhere"] = dict(example.reported)
            else:
                sent["answers"] = {str(key): value for key, value in example.answers.items()}
                sent["reasons"] = {str(key): value for key, value in example.reasons.items()}
            yield number, measure, example, sent


def as_sent(of: Json, sent: Json) -> Json:
    """One of partner A, in a batch."""
    return {"couple_id": of["id"], "partner_id": of["partners"][0]["id"], **sent}


def test_every_worked_example_is_told_as_its_source_says(therapist: Caller, software: Caller) -> None:
    """Answers, scores or why there is none, and what the scale's own lines make of them; for each measure there is."""
    of = couple(therapist)
    examples = {number: (measure, example) for number, measure, example, _ in administered()}
    batch = [as_sent(of, sent) for *_, sent in administered()]
    for start in range(0, len(batch), 500):
        kept = send(therapist, *batch[start : start + 500])
        assert kept.status_code == 201, kept.text
    responses = {one["id"]: one for one in every(software, "/fhir/QuestionnaireResponse?_count=200")}
    assert {one["identifier"]["value"] for one in responses.values()} == set(examples)
    told: dict[str, dict[str, Json]] = {}
    for score in every(software, "/fhir/Observation?_count=200"):
        response = responses[score["derivedFrom"][0]["reference"].removeprefix("QuestionnaireResponse/")]
        scale = score["code"]["coding"][-1]["code"].partition(".")[2]
        told.setdefault(response["identifier"]["value"], {})[scale] = score
        check_spelling(score)
    for response in responses.values():
        measure, example = examples[response["identifier"]["value"]]
        check_response(response, measure, example)
        check_scores(told[response["identifier"]["value"]], measure, example)


def check_spelling(score: Json) -> None:
    """The text that a score is written as is that of its JSON: its version is the fingerprint of the one and of the other."""
    content = {name: value for name, value in score.items() if name not in {"resourceType", "id", "meta"}}
    assert score["meta"]["versionId"] == fingerprint(to_json(content))


def check_response(response: Json, measure: Measure, example: Example) -> None:
    """A response says what was answered and why something was not."""
    known = measure_of(response["questionnaire"].partition("/Questionnaire")[0], response["questionnaire"])
    assert known == (measure.code, measure.version)
    said = {number_of(one["linkId"]): read_item(one) for one in response.get("item", ())}
    expected = {number: (value, None if value is not None else example.reasons[number]) for number, value in asked(example)}
    assert said == ({} if example.reported else expected), example.note


def asked(example: Example) -> Iterator[tuple[int, float | None]]:
    """What has an answer or a reason; the rest may stay empty and did."""
    for number, value in example.answers.items():
        if value is not None or number in example.reasons:
            yield number, value


def check_scores(told: dict[str, Json], measure: Measure, example: Example) -> None:
    """Scores say what the example says, or a reason; a score that is not to be read has no value either."""
    met = set()
    for scale, value in example.scales.items():
        if value is None and scale not in told:
            continue
        score = told[scale]
        assert ("valueQuantity" in score) is not ("dataAbsentReason" in score)
        if "valueQuantity" in score:
            assert score["valueQuantity"]["value"] == pytest.approx(value), (measure.code, example.note)
            assert score["valueQuantity"]["code"] == "{score}"
            met |= {one["coding"][0]["code"] for one in score.get("interpretation", ())}
        else:
            assert value is None or example.validity == "inactive_or_partial", (measure.code, example.note)
            assert not {"interpretation", "referenceRange"} & set(score)
    of_scales = {cut.meaning for cut in measure.cutoffs if not cut.items}
    of_answers = {cut.meaning for cut in measure.cutoffs if cut.items}
    assert met & of_scales >= set(example.meanings) - of_answers, (measure.code, example.note)
    assert met <= {*example.meanings, *(band.meaning for band in measure.bands), "insufficient_norms"}


def test_a_score_that_was_withheld_has_a_reason_and_no_value(therapist: Caller, software: Caller) -> None:
    of = couple(therapist)
    for reason in REASONS:
        answers = dict.fromkeys(map(str, range(1, 6)))
        done(administer(therapist, of, answers, reasons=dict.fromkeys(answers, reason)))
    done(administer(therapist, of, {**totals(20), "1": None}, reasons={"1": "skipped"}))
    unread = {str(number): 1 if number > 10 else 0 for number in range(1, 16)}
    assert done(administer(therapist, of, unread, measure="iief15"))["scales"]["ef"] is not None
    told: defaultdict[str, list[tuple[str | None, ...]]] = defaultdict(list)
    for score in every(software, "/fhir/Observation"):
        absent = score.get("dataAbsentReason", {"coding": [], "text": None})
        assert ("valueQuantity" in score) is (absent["text"] is None)
        told[score["code"]["coding"][0]["code"]].append((*(one["code"] for one in absent["coding"]), absent["text"]))
    assert told["gmsex.total"] == [
        ("not-applicable", "no_activity", "no activity"),
        ("unknown", "skipped", "skipped"),
        ("asked-declined", "declined", "declined"),
        ("not-asked", "not_asked", "not asked"),
        (None,),
    ]
    assert ["note" in score for score in every(software, "/fhir/Observation?code=gmsex.total")] == [False] * 4 + [True]
    assert told["iief15.ef"] == [("not-applicable", "no_activity", "no activity")]
    assert told["iief15.desire"] == [(None,)]


def chosen(response: Json) -> list[int]:
    """The answers of a response to a measure of choices."""
    return [int(each["answer"][0]["valueCoding"]["code"]) for each in response["item"]]


def test_corrections_are_versions_of_one_response_and_each_stays_readable(
    clinic: Clinic, therapist: Caller, software: Caller
) -> None:
    of = couple(therapist)
    first = done(administer(therapist, of, totals(10), external_id="EHR-1"))
    before = one(software, "/fhir/QuestionnaireResponse")
    score_before = one(software, "/fhir/Observation")
    second = done(administer(therapist, of, totals(12), external_id="urn:ehr|2", supersedes=first["id"]))
    done(administer(therapist, of, totals(15), supersedes=second["id"]))
    done(administer(therapist, of, totals(20), external_id="another"))
    told = {resource["id"]: resource for resource in every(software, "/fhir/QuestionnaireResponse")}
    assert len(told) == 2
    newest = told[before["id"]]
    assert (before["meta"]["versionId"], newest["meta"]["versionId"]) == ("1", "3")
    path = f"/fhir/QuestionnaireResponse/{before['id']}"
    versions = [software.get(f"{path}/_history/{number}") for number in range(1, 4)]
    assert [answer.json()["meta"]["versionId"] for answer in versions] == ["1", "2", "3"]
    assert [answer.json()["status"] for answer in versions] == ["completed", "amended", "amended"]
    assert [answer.headers["ETag"] for answer in versions] == ['W/"1"', 'W/"2"', 'W/"3"']
    assert versions[0].json() == before
    assert versions[2].json() == newest == software.get(path).json()
    assert [sum(chosen(response.json())) for response in versions] == [10, 12, 15]
    assert versions[1].json()["identifier"] == {"system": "urn:ehr", "value": "2"}
    with clinic.at_desk() as (_session, vault):
        of_correction = Ids(vault).of("QuestionnaireResponse", decode("adm", second["id"]))
    assert software.get(f"/fhir/QuestionnaireResponse/{of_correction}").status_code == 404
    for wrong in ("0", "4", "01x", "9999999", "²"):
        assert software.get(f"{path}/_history/{wrong}").status_code == 404
    derived = one(software, f"/fhir/Observation?derived-from={before['id']}")
    assert (derived["status"], derived["valueQuantity"]["value"]) == ("amended", 15)
    assert software.get(f"/fhir/Observation/{score_before['id']}").status_code == 404
    with_both = software.get(f"/fhir/QuestionnaireResponse?_id={before['id']}&_revinclude=Observation:derived-from").json()
    assert [entry["resource"]["id"] for entry in with_both["entry"]] == [before["id"], derived["id"]]
    assert one(software, "/fhir/QuestionnaireResponse?status=amended")["id"] == before["id"]
    assert one(software, "/fhir/Observation?status=final")["valueQuantity"]["value"] == 20


def test_the_scores_of_what_was_corrected_are_told_as_gone(clinic: Clinic, therapist: Caller) -> None:
    """To a client that goes on from an earlier export: what it holds of them is not known any more."""
    software = clinic.integration("mirror", {"system/Observation.rs"})
    of = couple(therapist)
    first, _other = (done(administer(therapist, of, totals(points), slot)) for slot, points in enumerate((10, 20)))
    before = {told["valueQuantity"]["value"]: told["id"] for told in every(software, "/fhir/Observation")}
    manifest = exported(clinic, software)
    done(administer(therapist, of, totals(11), supersedes=first["id"]))
    since = f"/fhir/$export?_since={manifest['transactionTime']}"
    assert deleted(clinic, software, exported(clinic, software, since)) == {("Observation", before[10])}


def test_scores_from_elsewhere_have_a_response_without_answers(therapist: Caller, software: Caller) -> None:
    sent = as_sent(couple(therapist), {"measure": "griss", "scores_elsewhere": {"total": 6}})
    assert send(therapist, sent).status_code == 201
    response = one(software, "/fhir/QuestionnaireResponse")
    assert "item" not in response
    scores = {told["code"]["coding"][0]["code"]: told for told in every(software, "/fhir/Observation?_count=200")}
    assert [each["coding"][0]["code"] for each in scores["griss.total"]["interpretation"]] == ["problem"]
    absent = scores["griss.infrequency"]["dataAbsentReason"]
    assert [each["code"] for each in absent["coding"]] == ["unknown", "not_reported"]


def test_nothing_of_a_screen_of_safety_is_there(therapist: Caller, software: Caller) -> None:
    pair = new_pair(therapist)
    done(pair.screen("a", CALM))
    for type_ in ("QuestionnaireResponse", "Observation"):
        assert list(every(software, f"/fhir/{type_}")) == []
    shown = {told["id"] for told in every(software, "/fhir/Questionnaire?_count=200")}
    assert {code.replace("_", "-") for code, known in MEASURES.items() if known.kind != "safety_screen"} == shown
    assert software.get("/fhir/Questionnaire/hits").status_code == 404


def test_no_alert_is_told_nor_what_a_single_answer_means(therapist: Caller, software: Caller) -> None:
    """Item 9 of the PHQ-9 is there as every other answer; that it alarms is for the care team."""
    done(administer(therapist, couple(therapist), {**PHQ9, "9": 1}, measure="phq9"))
    quiet = json.dumps([*every(software, "/fhir/Observation"), *every(software, "/fhir/QuestionnaireResponse")])
    assert not [word for word in ("suicide", "alert", "risk", "safety") if word in quiet]


def test_scores_are_found_by_what_they_are_and_when(therapist: Caller, software: Caller) -> None:
    of = couple(therapist)
    for day, slot in (("2026-11-01", 0), ("2026-11-03", 1), ("2026-11-02", 0)):
        done(administer(therapist, of, PHQ9, slot, measure="phq9", answered_at=f"{day}T10:00:00Z"))
        done(administer(therapist, of, slot=slot, answered_at=f"{day}T10:00:00Z", external_id=f"EHR-{day}"))
    own = "http://testserver/fhir/CodeSystem/outcome-measures"
    system = next(every(software, "/fhir/Observation?code=gmsex.total"))["code"]["coding"][0]["system"]
    assert system.rpartition("/")[2] == own.rpartition("/")[2]
    patient = one(software, "/fhir/Patient?identifier=A-1")["id"]
    found = {
        query: len(list(every(software, f"/fhir/Observation?{query}")))
        for query in (
            f"code={LOINC}|44261-6",
            "code=44261-6,gmsex.total",
            f"code={system}|phq9.total",
            f"code={LOINC}|gmsex.total",
            "category=http://terminology.hl7.org/CodeSystem/observation-category|survey",
            "category=laboratory",
            f"patient={patient}",
            f"subject=Patient/{patient}&code=44261-6",
            "date=2026-11-02",
            "date=ge2026-11-02&category=survey",
            "_security=MH",
            "_security=SEX&_security=R",
            "status:not=final",
        )
    }
    assert list(found.values()) == [3, 6, 3, 0, 6, 0, 4, 2, 2, 4, 3, 3, 0]
    days = [told["effectiveDateTime"][:10] for told in every(software, "/fhir/Observation?code=44261-6&_sort=-date&_count=2")]
    assert days == ["2026-11-03", "2026-11-02", "2026-11-01"]
    base = system.removesuffix("/CodeSystem/outcome-measures")
    answers = {
        query: len(list(every(software, f"/fhir/QuestionnaireResponse?{query}")))
        for query in (
            f"questionnaire={base}/Questionnaire/phq9|1",
            f"questionnaire={base}/Questionnaire/phq9|2",
            f"questionnaire={base}/Questionnaire/phq9&patient={patient}",
            "questionnaire=Questionnaire/hits",
            "identifier=EHR-2026-11-01",
            f"identifier={base}/sid/administration|EHR-2026-11-01",
            "identifier=urn:other|EHR-2026-11-01",
            f"identifier={base}/sid/administration|",
            "identifier:not=EHR-2026-11-01",
            "authored=lt2026-11-03",
            "status=completed",
        )
    }
    assert list(answers.values()) == [3, 0, 2, 0, 1, 1, 0, 3, 5, 4, 6]


def test_words_come_with_the_clinics_licence_and_go_with_it(therapist: Caller, software: Caller, clock: Wristwatch) -> None:
    bare = software.get("/fhir/Questionnaire/gmsex").json()
    assert all("text" not in told and "display" not in json.dumps(told) for told in questions(bare))
    attested(therapist, expires_on="2026-12-01")
    assert upload(therapist).status_code == 201
    worded = software.get("/fhir/Questionnaire/gmsex").json()
    assert [told["text"] for told in questions(worded)] == [f"Question {number}" for number in range(1, 6)]
    clock.turn(days=30)
    again = software.get("/fhir/Questionnaire/gmsex").json()
    assert {**again, "meta": None} == {**bare, "meta": None}
    moments = [told["meta"]["lastUpdated"] for told in (bare, worded, again)]
    assert moments == sorted(set(moments))
    assert again["meta"]["versionId"] == bare["meta"]["versionId"] != worded["meta"]["versionId"]


def test_who_answered_by_a_link_is_the_author_too(therapist: Caller, software: Caller) -> None:
    pair = new_pair(therapist)
    done(ask_measure(pair).answer(measure=GMSEX_BY_LINK), 200)
    of = couple(therapist, "9")
    for mode in ("self", "clinician", "imported"):
        done(administer(therapist, of, mode=mode))
    by_link, by_self, *others = every(software, "/fhir/QuestionnaireResponse")
    assert by_link["author"] == by_link["source"] == by_link["subject"]
    assert by_self["source"] == by_self["subject"]
    assert "author" not in by_self
    assert not [one for one in others if {"author", "source"} & set(one)]


def test_questionnaires_are_found_by_what_they_are_called(software: Caller) -> None:
    url = software.get("/fhir/Questionnaire/csfq14-f").json()["url"]
    found = {
        query: [told["id"] for told in every(software, f"/fhir/Questionnaire?{query}")]
        for query in (
            f"url={url}",
            f"url={url}|1",
            f"url={url}|2",
            "name=Gad7",
            "title:contains=anxiety",
            "title:exact=anxiety",
            "version=2",
            "_id=phq9,who5,hits&_security=MH",
            "_id=phq9,gmsex",
        )
    }
    assert list(found.values()) == [
        ["csfq14-f"],
        ["csfq14-f"],
        [],
        ["gad7"],
        ["gad7"],
        [],
        [],
        ["phq9", "who5"],
        ["gmsex", "phq9"],
    ]
    everything = [told["id"] for told in every(software, "/fhir/Questionnaire?status=active&_count=7")]
    assert everything == sorted(code.replace("_", "-") for code in SHOWN)
    assert list(every(software, "/fhir/Questionnaire?_lastUpdated=lt2000-01-01")) == []
    assert len(list(every(software, "/fhir/Questionnaire?_lastUpdated=ge2000-01-01"))) == len(SHOWN)


def test_a_page_of_many_asks_no_more_than_a_page_of_one(clinic: Clinic, therapist: Caller, software: Caller) -> None:
    """No statement a row, corrections among them."""
    of = couple(therapist)
    runtime = clinic.app.state.runtime
    first = done(administer(therapist, of))
    done(administer(therapist, of, totals(9), supersedes=first["id"]))
    paths = [f"/fhir/{type_}?_count=200" for type_ in ("QuestionnaireResponse", "Observation", "Questionnaire")]
    asked = []
    for _ in range(3):
        with statements(runtime) as few:
            for path in paths:
                assert software.get(path).status_code == 200
        asked.append(len(few))
        for number in range(3):
            kept = done(administer(therapist, of, totals(10 + number), slot=number % 2))
            done(administer(therapist, of, totals(11 + number), slot=number % 2, supersedes=kept["id"]))
    assert asked[1] == asked[2]  # the first finds keys that nobody has asked for yet
