"""When an administration may be dated, which episode it belongs to, whom it names and which days it speaks of."""

from datetime import date

import pytest

from app.clinical.measures import MEASURES
from app.core.ids import new_id
from app.measures.rules import AnsweredAfterCareError, Care, episode_on, recall_window
from tests.conftest import Caller, Clinic
from tests.measures.records import PHQ9, Json, administer, couple, item, path, send

FIRST, SECOND = new_id(), new_id()
CARES = [Care(FIRST, date(2026, 3, 1), date(2026, 5, 1)), Care(SECOND, date(2026, 7, 1), None)]


def care(caller: Caller, of: Json, opened_on: str, closed_on: str | None = None) -> str:
    """An episode of care from one day to another."""
    episodes = f"/v1/couples/{of['id']}/episodes"
    opened = caller.post(episodes, json={"primary_concern": {"code": "desire_discrepancy"}, "opened_on": opened_on}).json()
    if closed_on is not None:
        caller.post(f"{episodes}/{opened['id']}/closures", json={"reason": "completed", "closed_on": closed_on})
    found: str = opened["id"]
    return found


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2026, 2, 28), None),
        (date(2026, 3, 1), FIRST),
        (date(2026, 5, 1), FIRST),
        (date(2026, 7, 1), SECOND),
        (date(2026, 12, 31), SECOND),
    ],
)
def test_a_day_belongs_to_the_episode_open_on_it_and_before_the_first_to_none(day: date, found: object) -> None:
    assert episode_on(CARES, day) == found
    assert episode_on([], day) is None


@pytest.mark.parametrize("day", [date(2026, 5, 2), date(2026, 6, 30)])
def test_a_day_between_two_episodes_belongs_to_neither(day: date) -> None:
    with pytest.raises(AnsweredAfterCareError):
        episode_on(CARES, day)


def test_where_one_episode_ends_as_another_begins_the_later_has_the_day() -> None:
    touching = [Care(FIRST, date(2026, 3, 1), date(2026, 5, 1)), Care(SECOND, date(2026, 5, 1), None)]
    assert episode_on(touching, date(2026, 5, 1)) == SECOND


@pytest.mark.parametrize(
    ("measure", "first"),
    [("phq9", date(2026, 11, 8)), ("rekindle_pulse", date(2026, 11, 15)), ("fsds_r", date(2026, 10, 23)), ("gmsex", None)],
)
def test_the_recall_window_holds_as_many_days_as_the_measure_asks_about(measure: str, first: date | None) -> None:
    assert recall_window(MEASURES[measure], date(2026, 11, 21)) == (first, date(2026, 11, 21))


def test_a_late_entry_of_a_day_in_care_is_taken_after_it_closed(therapist: Caller) -> None:
    of = couple(therapist)
    episode = care(therapist, of, "2026-10-01", "2026-11-10")
    late = administer(therapist, of, answered_at="2026-11-10T12:00:00Z").json()
    before = administer(therapist, of, answered_at="2026-09-30T12:00:00Z").json()
    assert (late["episode_id"], before["episode_id"]) == (episode, None)


def test_after_care_closed_a_follow_up_must_be_opened_first(therapist: Caller) -> None:
    of = couple(therapist)
    care(therapist, of, "2026-10-01", "2026-11-10")
    refused = administer(therapist, of)
    assert (refused.status_code, refused.json()["code"]) == (409, "episode_closed")
    assert "follow-up episode" in refused.json()["detail"]
    follow_up = care(therapist, of, "2026-11-20")
    assert administer(therapist, of).json()["episode_id"] == follow_up


def test_the_day_is_the_couples_own(therapist: Caller) -> None:
    of = couple(therapist)
    therapist.patch(f"/v1/couples/{of['id']}", json={"time_zone": "Asia/Tokyo"}, headers={"If-Match": '"1"'})
    care(therapist, of, "2026-10-01", "2026-11-10")
    assert administer(therapist, of, answered_at="2026-11-10T14:59:00Z").status_code == 201
    assert administer(therapist, of, answered_at="2026-11-10T15:01:00Z").status_code == 409


def test_what_was_stored_before_care_closed_is_recognised_after_it(therapist: Caller) -> None:
    of = couple(therapist)
    care(therapist, of, "2026-10-01")
    first = administer(therapist, of, external_id="x").json()
    episodes = f"/v1/couples/{of['id']}/episodes"
    therapist.post(f"{episodes}/{first['episode_id']}/closures", json={"reason": "completed", "closed_on": "2026-11-10"})
    again = administer(therapist, of, external_id="x")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])


def test_the_twin_of_an_item_after_care_is_refused_with_it(therapist: Caller) -> None:
    of = couple(therapist)
    care(therapist, of, "2026-10-01", "2026-11-10")
    done = send(therapist, item(of, external_id="x"), item(of, external_id="x"), mode="partial").json()["items"]
    told = [(one["status"], one["problem"]["errors"][0]["pointer"]) for one in done]
    assert told == [(409, "/items/0/answered_at"), (409, "/items/1/answered_at")]


def test_an_administration_says_which_days_it_speaks_of(therapist: Caller) -> None:
    of = couple(therapist)
    told = administer(therapist, of, PHQ9, measure="phq9", recall_ends_on="2026-11-20").json()
    assert (told["recall_starts_on"], told["recall_ends_on"]) == ("2026-11-07", "2026-11-20")
    untold = administer(therapist, of, answered_at="2026-11-21T12:00:00Z").json()
    assert (untold["recall_starts_on"], untold["recall_ends_on"]) == (None, "2026-11-21")


def test_an_administration_names_who_answered_and_who_stored_it(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    machine = clinic.integration()
    made = administer(machine, of, slot=1, mode="imported")
    for reader in (machine, therapist):
        read = reader.get(made.headers["Location"]).json()
        assert (read["partner_id"], read["mode"], read["recorded_by"]) == (
            of["partners"][1]["id"],
            "imported",
            machine.holder_id,
        )
    assert administer(therapist, of).json()["recorded_by"] == therapist.holder_id
    assert therapist.get(f"{path(of)}/administrations").json()["items"][0]["recorded_by"] == therapist.holder_id
