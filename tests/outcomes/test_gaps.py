"""Gaps over HTTP: links that were not used, rounds of the pulse, and reasons for a score that is missing."""

from datetime import timedelta

from tests.conftest import Clinic, Wristwatch
from tests.outcomes.records import Care, Json, answers_of, series
from tests.partner_pages.records import ask_measure
from tests.safety.records import done

PULSE = {str(number): 5 for number in range(1, 7)}


def answer_pulse(care: Care, which: str = "a", **more: object) -> None:
    """The pulse answered now."""
    body = {"measure": "rekindle_pulse", "answers": PULSE, **more}
    done(care.therapist.post(care.pair.partner(which) + "/administrations", json=body))


def gaps(found: Json, which: str = "a") -> list[tuple[str, str, str, str]]:
    """One partner's gaps as they are told."""
    (partner,) = (one for one in found["partners"] if one["slot"] == which)
    return [(gap["measure"], gap["code"], gap["starts_on"], gap["ends_on"]) for gap in partner["gaps"]]


def test_a_link_is_not_yet_due_until_its_time_is_over_and_skipped_then(care: Care, clock: Wristwatch) -> None:
    held = ask_measure(care.pair, expires_in_hours=48)
    ask_measure(care.pair, code="fsds_r", expires_in_hours=48)
    assert gaps(care.read()) == [
        ("fsds_r", "not_yet_due", "2026-11-22", "2026-11-24"),
        ("gmsex", "not_yet_due", "2026-11-22", "2026-11-24"),
    ]
    assert held.answer(measure={"answers": answers_of("gmsex", 20)}).status_code == 200
    clock.turn(days=3)
    found = care.read()
    assert gaps(found) == [("fsds_r", "skipped", "2026-11-22", "2026-11-24")]
    assert series(found, "a", "gmsex")["points"][0]["value"] == 20
    assert gaps(found, "b") == []


def test_a_link_that_the_clinic_revoked_in_time_asks_nothing_and_one_revoked_afterwards_did(
    care: Care, clock: Wristwatch
) -> None:
    links = [ask_measure(care.pair, expires_in_hours=48).made["id"] for _ in range(2)]
    revoke = care.pair.partner("a") + "/links/{}/revocations"
    done(care.therapist.post(revoke.format(links[0])), 200)
    clock.turn(days=4)
    done(care.therapist.post(revoke.format(links[1])), 200)
    assert gaps(care.read()) == [("gmsex", "skipped", "2026-11-22", "2026-11-24")]


def test_weeks_of_the_pulse_that_nobody_asked_for_are_told_while_the_couple_is_in_care(care: Care, clock: Wristwatch) -> None:
    answer_pulse(care)
    clock.turn(days=21)
    answer_pulse(care)
    clock.turn(days=2)
    missed = ("rekindle_pulse", "not_asked", "2026-11-23", "2026-12-06")
    assert gaps(care.read()) == [missed, ("rekindle_pulse", "not_yet_due", "2026-12-14", "2026-12-20")]
    clock.turn(days=10)
    assert gaps(care.read()) == [missed, ("rekindle_pulse", "not_asked", "2026-12-14", "2026-12-25")]
    care.close()
    assert gaps(care.read()) == [missed]
    assert gaps(care.read(more="as_of=2026-12-15"))[-1] == ("rekindle_pulse", "not_yet_due", "2026-12-14", "2026-12-20")


def test_what_was_declined_passed_over_or_not_asked_as_a_whole_is_told_by_that_word(care: Care) -> None:
    path = care.pair.partner("a") + "/administrations"
    for number, reason in enumerate(("declined", "skipped", "not_asked")):
        items = [str(item) for item in range(1, 6)]
        body = {"measure": "gmsex", "answers": dict.fromkeys(items), "reasons": dict.fromkeys(items, reason)}
        at = (care.today - timedelta(days=3 - number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        done(care.therapist.post(path, json=body | {"answered_at": at}))
    points = series(care.read(), "a", "gmsex")["points"]
    assert [(point["value"], point["missing"]) for point in points] == [
        (None, "declined"),
        (None, "skipped"),
        (None, "not_asked"),
    ]


def test_what_a_partner_shares_tells_the_other_neither_gaps_nor_that_they_declined(care: Care, clock: Wristwatch) -> None:
    path = care.pair.partner("b")
    done(care.therapist.post(path + "/sharing-choices", json={"kind": "scores", "level": "summary", "told": "in_person"}))
    answer_pulse(care, "b")
    items = [str(item) for item in range(1, 6)]
    body = {"measure": "gmsex", "answers": dict.fromkeys(items), "reasons": dict.fromkeys(items, "declined")}
    done(care.therapist.post(path + "/administrations", json=body))
    ask_measure(care.pair, "b", "fsds_r", expires_in_hours=48)
    clock.turn(days=30)
    assert len(gaps(care.read("partner_b"), "b")) == 2
    for view, missing in (("partner_a", "too_few_answers"), ("partner_b", "declined")):
        found = care.read(view)
        assert [point["missing"] for point in series(found, "b", "gmsex")["points"]] == [missing]
        told = care.therapist.get(f"{path}/scores?as={view}&measure=gmsex").json()["items"]
        assert [one["reason"] for one in told] == [missing]
    assert gaps(care.read("partner_a"), "b") == []


def test_every_code_is_in_the_vocabulary(care: Care, clinic: Clinic) -> None:
    terms = clinic.integration().get("/v1/vocabularies/missing").json()["terms"]
    assert {"not_asked", "skipped", "declined", "not_yet_due", "no_activity"} < {term["code"] for term in terms}
    assert care.read()["partners"][0]["gaps"] == []
