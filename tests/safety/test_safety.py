"""Screens, clearances, consents and signals over HTTP."""

from tests.conftest import Clinic, Wristwatch
from tests.safety.records import AFRAID, CALM, Pair, done


def test_a_screen_is_kept_with_what_it_means_and_never_a_score(pair: Pair) -> None:
    calm, afraid = done(pair.screen("a")), done(pair.screen("b", AFRAID))
    assert (calm["meanings"], calm["needs_review"]) == ([], False)
    assert (afraid["meanings"], afraid["needs_review"], afraid["answers"]) == (["review"], True, AFRAID)
    assert not {"score", "total", "scales", "class"} & set(calm)
    listed = pair.therapist.get(pair.partner("b") + "/safety-screens").json()["items"]
    assert listed == [afraid]


def test_the_place_of_everything_made_can_be_read(pair: Pair) -> None:
    screen = pair.screen("a")
    done(pair.screen("b"))
    for made in (screen, pair.clear()):
        assert pair.therapist.get(made.headers["Location"]).json() == made.json()
    body = {"kind": "therapy", "text_version": "1", "language": "de"}
    consent = pair.therapist.post(pair.partner("a") + "/consents", json=body)
    assert pair.therapist.get(consent.headers["Location"]).json() == consent.json()


def test_a_screen_not_taken_alone_is_refused(pair: Pair) -> None:
    refused = pair.screen("a", taken_alone=False)
    assert (refused.status_code, refused.json()["code"]) == (422, "screen_not_taken_alone")
    assert pair.therapist.get(pair.partner("a") + "/safety-screens").json()["items"] == []


def test_an_outcome_measure_is_no_screen_and_broken_answers_are_none(pair: Pair) -> None:
    assert pair.screen("a", measure="gmsex").json()["code"] == "not_a_safety_screen"
    for answers in ({**CALM, "5": 9}, {**CALM, "6": 1}, {"1": 1}):
        assert pair.screen("a", answers).status_code == 422


def test_an_unanswered_item_needs_its_reason_and_asks_for_review(pair: Pair) -> None:
    silent = {**CALM, "5": None}
    assert pair.screen("a", silent).status_code == 422
    assert done(pair.screen("a", silent, reasons={"5": "declined"}))["needs_review"] is True


def test_clearing_needs_a_recent_screen_of_both(pair: Pair, clock: Wristwatch) -> None:
    done(pair.screen("a"))
    refused = pair.clear()
    assert (refused.status_code, refused.json()["code"]) == (409, "clearance_needs_screens")
    assert [fault["code"] for fault in refused.json()["errors"]] == ["screen_missing_b"]
    done(pair.screen("b"))
    assert done(pair.clear())["decision"] == "cleared"
    clock.turn(days=85)
    assert pair.clear().json()["code"] == "clearance_needs_screens"


def test_clearing_needs_an_interview_with_each(pair: Pair) -> None:
    for which in "ab":
        done(pair.screen(which))
    refused = pair.clear(interviewed_b_on=None)
    assert (refused.status_code, refused.json()["code"]) == (422, "clearance_incomplete")
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/interviewed_b_on"]


def test_a_clearance_lasts_twelve_weeks_and_a_block_until_the_next_decision(pair: Pair) -> None:
    for which in "ab":
        done(pair.screen(which))
    cleared = done(pair.clear())
    assert (cleared["decided_at"][:10], cleared["expires_at"][:10]) == ("2026-11-22", "2027-02-14")
    blocked = done(pair.clear(decision="blocked", blockers=["untreated_infection"], reason="Waiting for the clinic."))
    assert (blocked["expires_at"], blocked["reason"]) == (None, "Waiting for the clinic.")
    listed = pair.therapist.get(pair.path + "/clearances").json()["items"]
    assert [item["decision"] for item in listed] == ["cleared", "blocked"]


def test_a_withdrawal_is_answered_alike_however_often(pair: Pair, clinic: Clinic) -> None:
    ehr = clinic.integration()
    consent = pair.consent("a", caller=ehr)
    first, again = (pair.withdraw("a", consent, ehr) for _ in range(2))
    assert {**first, "received_at": ""} == {**again, "received_at": ""}
    kept = pair.therapist.get(pair.partner("a") + "/consents").json()["items"]
    assert kept[0]["withdrawn_at"] == first["received_at"]


def test_withdrawing_one_of_two_equal_consents_withdraws_both(pair: Pair) -> None:
    consents = [pair.consent("a"), pair.consent("a"), pair.consent("a", 2)]
    pair.withdraw("a", consents[0])
    kept = pair.therapist.get(pair.partner("a") + "/consents").json()["items"]
    assert [item["withdrawn_at"] is None for item in kept] == [False, False, True]


def test_one_partner_cannot_withdraw_the_others_consent(pair: Pair) -> None:
    consent = pair.consent("a")
    assert pair.therapist.post(f"{pair.partner('b')}/consents/{consent['id']}/withdrawals").status_code == 404


def test_a_consent_can_be_withdrawn_in_an_archived_couples_record(pair: Pair) -> None:
    consent = pair.consent("a")
    assert pair.therapist.delete(pair.path, headers={"If-Match": '"1"'}).status_code == 204
    pair.withdraw("a", consent)
    assert pair.therapist.get(pair.partner("a") + "/consents").json()["items"][0]["withdrawn_at"]


def test_no_machine_account_reads_anything_of_safety(pair: Pair, clinic: Clinic) -> None:
    ehr = clinic.integration()
    for path in (
        pair.partner("a") + "/consents",
        pair.partner("a") + "/safety-screens",
        pair.path + "/clearances",
        pair.path + "/safety-signals",
    ):
        assert ehr.get(path).status_code == 403
