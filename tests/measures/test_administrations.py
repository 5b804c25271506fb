"""Administrations over HTTP: what is stored, what is refused, and who is told what."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.core.database import Compartment
from app.measures.models import Administration, Score
from app.safety.models import SafetySignal
from tests.conftest import Caller, Clinic, Wristwatch
from tests.measures.records import GMSEX, PHQ9, Json, administer, couple, path, scores


def rows_of(clinic: Clinic, table: type[Any]) -> int:
    """How many rows a table holds, in every compartment."""
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset(Compartment)):
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def signals_of(clinic: Clinic) -> list[tuple[str, int | None, str, str]]:
    """What the safety compartment was told."""
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset({Compartment.SAFETY})):
        return [(row.kind, row.value, row.response, row.source) for row in session.scalars(select(SafetySignal))]


def test_what_was_answered_is_read_back_as_given_with_its_score(therapist: Caller) -> None:
    of = couple(therapist)
    answers = GMSEX | {"5": None}
    made = administer(therapist, of, answers, reasons={"5": "skipped"}, language="de", mode="clinician")
    assert made.status_code == 201, made.text
    read = therapist.get(made.headers["Location"]).json()
    assert read == {key: value for key, value in made.json().items() if key != "existing"}
    assert (read["answers"], read["reasons"], read["language"], read["mode"]) == (answers, {"5": "skipped"}, "de", "clinician")
    assert (read["scales"], read["prorated"], read["validity"], read["scoring_version"]) == ({"total": 20}, True, "valid", "2")


def test_a_cut_off_says_whether_it_was_met_and_where_it_comes_from(therapist: Caller) -> None:
    answered = administer(therapist, couple(therapist), PHQ9 | {"1": 3, "2": 3, "3": 3, "4": 1}, measure="phq9").json()
    cutoff = answered["cutoffs"][0]
    assert (cutoff["scale"], cutoff["operator"], cutoff["value"], cutoff["met"]) == ("total", ">=", 10, True)
    assert cutoff["source"]["text"]
    assert (answered["meanings"], answered["bands"][0]["meaning"]) == (["caseness"], "moderate")


def test_a_withheld_score_is_null_with_its_reason(therapist: Caller) -> None:
    of = couple(therapist)
    given = administer(therapist, of, {"1": 4}, reasons=dict.fromkeys("2345", "declined")).json()
    assert (given["scales"], given["withheld"], given["validity"]) == (
        {"total": None},
        {"total": "too_few_answers"},
        "incomplete",
    )
    assert [(point["value"], point["reason"]) for point in scores(therapist, of)] == [(None, "too_few_answers")]


def test_an_administration_belongs_to_the_episode_open_when_it_was_answered(therapist: Caller, clock: Wristwatch) -> None:
    of = couple(therapist)
    before = administer(therapist, of).json()
    concern = {"code": "desire_discrepancy", "bearer": "relationship"}
    opened = therapist.post(f"/v1/couples/{of['id']}/episodes", json={"primary_concern": concern}).json()
    clock.turn(days=3)
    assert before["episode_id"] is None
    assert administer(therapist, of).json()["episode_id"] == opened["id"]
    assert administer(therapist, of, answered_at="2026-11-20T12:00:00Z").json()["episode_id"] is None


REFUSED: list[tuple[Json, str, str]] = [
    ({"answers": GMSEX | {"3": 8}}, "/answers/3", "out_of_range"),
    ({"answers": GMSEX | {"3": 0}}, "/answers/3", "out_of_range"),
    ({"answers": GMSEX | {"3": 4.5}}, "/answers/3", "not_an_integer"),
    ({"answers": GMSEX | {"3": None}}, "/answers/3", "missing_without_reason"),
    ({"answers": {"1": 4, "2": 5, "3": 3, "4": 4}}, "/answers/5", "missing_without_reason"),
    ({"answers": GMSEX | {"6": 4}}, "/answers/6", "unknown_item"),
    ({"answers": GMSEX | {"3": "4"}}, "/answers/3", "wrong_type"),
    ({"answers": GMSEX | {"3": True}}, "/answers/3", "wrong_type"),
    ({"answers": GMSEX | {"03": 4}}, "/answers/03/*", "wrong_form"),
    ({"answers": GMSEX, "reasons": {"3": "skipped"}}, "/reasons/3", "reason_contradicts_answer"),
    ({"answers": GMSEX | {"3": None}, "reasons": {"3": "tired"}}, "/reasons/3", "unknown_reason"),
    ({"answers": GMSEX, "scores_elsewhere": {"total": 20}}, "/answers", "not_with_scores_elsewhere"),
    ({}, "/answers", "required"),
    ({"scores_elsewhere": {"total": 36}}, "/scores_elsewhere/total", "out_of_range"),
    ({"scores_elsewhere": {"sum": 20}}, "/scores_elsewhere/*", "unknown_scale"),
    ({"scores_elsewhere": {}}, "/scores_elsewhere", "too_few"),
    ({"answers": GMSEX, "measure": "bdi"}, "/measure", "measure_unknown"),
    ({"answers": dict.fromkeys("12345", 1), "measure": "ehits"}, "/measure", "safety_screen_apart"),
    ({"answers": GMSEX, "answered_at": "2026-11-22T09:06:00Z"}, "/answered_at", "answered_in_future"),
    ({"answers": GMSEX, "answered_at": "2026-11-20T09:00:00"}, "/answered_at", "not_acceptable"),
    ({"answers": GMSEX, "recall_ends_on": "2026-12-01"}, "/recall_ends_on", "out_of_range"),
    ({"answers": GMSEX, "language": "klingon!"}, "/language", "wrong_form"),
    ({"answers": GMSEX, "mode": "guessed"}, "/mode", "not_a_choice"),
    ({"answers": GMSEX, "supersedes": "adm_00000000000000000000000000"}, "/supersedes", "not_found"),
]


def test_everything_that_cannot_be_stored_is_refused_with_its_place_and_nothing_is_stored(
    clinic: Clinic, therapist: Caller
) -> None:
    address = f"{path(couple(therapist))}/administrations"
    for body, pointer, code in REFUSED:
        refused = therapist.post(address, json={"measure": "gmsex", **body})
        found = {(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]}
        assert (refused.status_code, found) == (422, {(pointer, code)}), body
    assert rows_of(clinic, Administration) == rows_of(clinic, Score) == 0


def test_each_fault_is_named_at_once(therapist: Caller) -> None:
    refused = administer(therapist, couple(therapist), {"1": 9, "2": 0, "7": 1}, reasons={"3": "tired", "4": "skipped"})
    pointers = [fault["pointer"] for fault in refused.json()["errors"]]
    assert sorted(pointers) == ["/answers/1", "/answers/2", "/answers/5", "/answers/7", "/reasons/3"]


def test_a_safety_screen_is_sent_to_its_own_place(therapist: Caller) -> None:
    refused = administer(therapist, couple(therapist), dict.fromkeys("12345", 1), measure="ehits").json()
    assert refused["code"] == "safety_screen_apart"
    assert "/v1/couples/{couple_id}/partners/{partner_id}/safety-screens" in refused["detail"]


def test_a_refusal_with_a_name_of_its_own_carries_it(therapist: Caller) -> None:
    of = couple(therapist)
    assert administer(therapist, of, measure="nope").json()["code"] == "measure_unknown"
    assert administer(therapist, of, answered_at="2030-01-01T00:00:00Z").json()["code"] == "answered_in_future"


def test_the_partner_of_another_couple_does_not_exist_here(therapist: Caller) -> None:
    one, two = couple(therapist, "1"), couple(therapist, "2")
    address = f"/v1/couples/{one['id']}/partners/{two['partners'][0]['id']}"
    for refused in (
        therapist.post(f"{address}/administrations", json={"measure": "gmsex", "answers": GMSEX}),
        therapist.get(f"{address}/administrations"),
        therapist.get(f"{address}/scores"),
        therapist.get(f"{address}/change?measure=gmsex"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_nothing_is_added_to_an_archived_couple(therapist: Caller) -> None:
    of = couple(therapist)
    administer(therapist, of)
    therapist.delete(f"/v1/couples/{of['id']}", headers={"If-Match": '"1"'})
    refused = administer(therapist, of)
    assert (refused.status_code, refused.json()["code"]) == (409, "couple_archived")
    assert len(scores(therapist, of)) == 1


def test_a_total_scored_elsewhere_is_kept_and_marked(therapist: Caller) -> None:
    of = couple(therapist)
    made = therapist.post(
        f"{path(of)}/administrations", json={"measure": "phq9", "scores_elsewhere": {"total": 12}, "mode": "imported"}
    ).json()
    assert (made["scored_elsewhere"], made["scoring_version"], made["scales"]) == (True, None, {"total": 12})
    assert (made["meanings"], made["answers"], made["alerts"]) == (["caseness"], {}, [])
    assert [point["value"] for point in scores(therapist, of)] == [12]


def test_an_external_id_makes_a_repeated_import_one(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    first = administer(therapist, of, external_id="x-1")
    again = administer(therapist, of, external_id="x-1")
    assert (first.status_code, again.status_code, again.json()["existing"]) == (201, 200, True)
    assert again.json()["id"] == first.json()["id"]
    assert rows_of(clinic, Administration) == rows_of(clinic, Score) == 1


def test_another_content_under_the_same_external_id_is_refused(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    administer(therapist, of, external_id="x-1", answered_at="2026-11-20T09:00:00Z")
    for refused in (
        administer(therapist, of, GMSEX | {"1": 5}, external_id="x-1"),
        administer(therapist, of, slot=1, external_id="x-1"),
        administer(therapist, of, external_id="x-1", answered_at="2026-11-20T09:00:01Z"),
        administer(therapist, of, external_id="x-1", language="de"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "administration_differs")
    assert rows_of(clinic, Administration) == 1


def test_a_correction_supersedes_and_both_stay(therapist: Caller) -> None:
    of = couple(therapist)
    wrong = administer(therapist, of).json()
    right = administer(therapist, of, GMSEX | {"1": 7}, supersedes=wrong["id"]).json()
    listed = therapist.get(f"{path(of)}/administrations").json()["items"]
    assert [(entry["id"], entry["supersedes"], entry["superseded_by"]) for entry in listed] == [
        (wrong["id"], None, right["id"]),
        (right["id"], wrong["id"], None),
    ]
    assert [point["administration_id"] for point in scores(therapist, of)] == [right["id"]]


def test_an_administration_is_superseded_once_and_by_its_own_kind(therapist: Caller) -> None:
    of = couple(therapist)
    wrong = administer(therapist, of).json()["id"]
    others = administer(therapist, of, slot=1, supersedes=wrong)
    another = administer(therapist, of, PHQ9, measure="phq9", supersedes=wrong)
    assert [refused.json()["errors"][0]["code"] for refused in (others, another)] == ["not_found", "not_found"]
    assert administer(therapist, of, supersedes=wrong).status_code == 201
    twice = administer(therapist, of, supersedes=wrong)
    assert (twice.status_code, twice.json()["code"]) == (409, "superseded_already")


def test_a_thought_of_self_harm_reaches_the_care_team_alone(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    machine = clinic.integration()
    sent = administer(machine, of, PHQ9 | {"9": 2}, measure="phq9")
    address = sent.headers["Location"]
    assert signals_of(clinic) == [("self_harm", 2, "review", "administration")]
    assert sent.json()["alerts"] == machine.get(address).json()["alerts"] == []
    assert [alert["code"] for alert in therapist.get(address).json()["alerts"]] == ["suicide_risk_review"]
    listed = machine.get(f"{path(of)}/administrations").json()["items"]
    assert listed[0]["alerts"] == []


def test_to_a_machine_the_thought_changes_nothing_but_the_answer_it_sent(clinic: Clinic, therapist: Caller) -> None:
    machine = clinic.integration()
    worlds = []
    for number, answers in (("1", PHQ9 | {"9": 1}), ("2", PHQ9 | {"8": 1})):
        sent = administer(machine, couple(therapist, number), answers, measure="phq9", external_id=number).json()
        told = {"id", "couple_id", "partner_id", "external_id", "answered_at", "recorded_at", "answers"}
        worlds.append({key: value for key, value in sent.items() if key not in told})
    assert worlds[0] == worlds[1]


def test_an_unanswered_safety_item_asks_for_review_too(clinic: Clinic, therapist: Caller) -> None:
    administer(therapist, couple(therapist), PHQ9 | {"9": None}, reasons={"9": "declined"}, measure="phq9")
    administer(therapist, couple(therapist, "2"), PHQ9, measure="phq9")
    assert signals_of(clinic) == [("self_harm", None, "review", "administration")]


def test_answers_lie_sealed_and_scores_lie_open(clinic: Clinic, therapist: Caller) -> None:
    administer(therapist, couple(therapist))
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset(Compartment)):
        row = session.scalars(select(Administration)).one()
        assert b"answers" not in row.answers
        assert row.compartment == Compartment.INDIVIDUAL_A
        assert session.scalars(select(Score.value)).one() == 22


def test_pages_of_administrations_hold_each_once(therapist: Caller) -> None:
    of = couple(therapist)
    made = [administer(therapist, of).json()["id"] for _ in range(5)]
    administer(therapist, of, slot=1)
    seen = [entry["id"] for entry in therapist.every(f"{path(of)}/administrations?limit=2&measure=gmsex")]
    assert seen == made


def test_times_come_back_in_utc(therapist: Caller) -> None:
    made = administer(therapist, couple(therapist), answered_at="2026-11-20T12:00:00+02:00").json()
    assert made["answered_at"] == "2026-11-20T10:00:00.000Z"
    assert datetime.fromisoformat(made["recorded_at"]) > datetime.fromisoformat(made["answered_at"])
