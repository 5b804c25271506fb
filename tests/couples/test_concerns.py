"""Concerns of a couple over HTTP: where an episode starts, what is settled, and each partner's own words."""

from typing import Any

import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple
from tests.safety.records import Pair, done, new_pair


def concern(pair: Pair, code: str, **more: Any) -> str:
    """Another concern of the episode; its path."""
    body = {"code": code, **more}
    made = done(pair.therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/concerns", json=body))
    return f"{pair.path}/concerns/{made['id']}"


def lead(pair: Pair, path: str) -> Any:
    """Starts the work from another concern."""
    body = {"concern_id": path.rpartition("/")[2]}
    return pair.therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/primary-concerns", json=body)


def frame(pair: Pair, which: str, words: str, path: str | None = None, caller: Caller | None = None) -> Any:
    """A concern in a partner's own words."""
    body = {"concern_id": path.rpartition("/")[2] if path else pair.concern_id, "words": words}
    return (caller or pair.therapist).post(pair.partner(which) + "/framings", json=body)


def words_of(pair: Pair, which: str, caller: Caller | None = None, query: str = "") -> list[str]:
    """What a partner said, as somebody reads it."""
    return [one["words"] for one in (caller or pair.therapist).every(f"{pair.partner(which)}/framings?limit=1{query}")]


def problem(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


# What a couple came with.


def test_a_couples_concerns_are_listed_over_all_episodes_or_one(pair: Pair) -> None:
    concern(pair, "sexual_communication")
    done(pair.therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/closures", json={"reason": "completed"}), 200)
    second = done(pair.therapist.post(f"{pair.path}/episodes", json={"primary_concern": {"code": "erectile"}}))
    listed = list(pair.therapist.every(f"{pair.path}/concerns?limit=1"))
    assert [(one["code"], one["place"]) for one in listed] == [
        ("desire_discrepancy", "primary"),
        ("relationship_distress", "downstream"),
        ("sexual_communication", "sexual"),
        ("erectile", "primary"),
    ]
    assert [one["code"] for one in pair.therapist.every(f"{pair.path}/concerns?episode_id={second['id']}")] == ["erectile"]
    assert listed[0] == done(pair.therapist.get(f"{pair.path}/concerns/{listed[0]['id']}"), 200)


# Where an episode starts.


def test_an_episode_does_not_start_from_relationship_distress_and_is_told_where_it_could(therapist: Caller) -> None:
    couple = done(therapist.post("/v1/couples", json=new_couple()))
    refused = therapist.post(
        f"/v1/couples/{couple['id']}/episodes", json={"primary_concern": {"code": "relationship_distress"}}
    )
    assert problem(refused) == (422, "episode_must_start_from_sexual_concern")
    (fault,) = refused.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/primary_concern/code", "not_sexual")
    assert "sexual_communication" in fault["detail"]


def test_an_episode_starts_from_sexual_communication_which_counts_as_sexual(therapist: Caller) -> None:
    couple = done(therapist.post("/v1/couples", json=new_couple()))
    body = {"primary_concern": {"code": "sexual_communication"}, "other_concerns": [{"code": "relationship_distress"}]}
    episode = done(therapist.post(f"/v1/couples/{couple['id']}/episodes", json=body))
    told = [(one["code"], one["domain"], one["place"]) for one in episode["concerns"]]
    assert told == [("sexual_communication", "sexual", "primary"), ("relationship_distress", "relational", "downstream")]


def test_nothing_starts_from_violence(therapist: Caller) -> None:
    couple = done(therapist.post("/v1/couples", json=new_couple()))
    body = {"primary_concern": {"code": "ipv_suspected_or_confirmed"}}
    refused = therapist.post(f"/v1/couples/{couple['id']}/episodes", json=body)
    assert refused.json()["errors"][0]["detail"] == "No episode starts from this concern."


def test_the_work_can_start_from_another_sexual_concern_and_the_former_one_stays_beside_it(pair: Pair) -> None:
    pain = concern(pair, "painful_sex_couple")
    for _ in range(2):  # a second time changes nothing
        episode = done(lead(pair, pain), 200)
        places = {one["code"]: one["place"] for one in episode["concerns"]}
        assert (places["painful_sex_couple"], places["desire_discrepancy"]) == ("primary", "sexual")
        assert sum(one["place"] == "primary" for one in episode["concerns"]) == 1
    assert done(pair.therapist.get(pain), 200)["version"] == 2


def test_the_work_starts_from_no_relational_resolved_or_foreign_concern(pair: Pair) -> None:
    relational = next(one["id"] for one in pair.episode["concerns"] if one["domain"] == "relational")
    assert problem(lead(pair, f"x/{relational}")) == (422, "episode_must_start_from_sexual_concern")
    settled = concern(pair, "routine_boredom")
    done(pair.therapist.post(settled + "/resolutions", json={}), 200)
    assert problem(lead(pair, settled)) == (409, "concern_resolved")
    stranger = new_pair(pair.therapist, "2")
    assert lead(pair, f"x/{stranger.concern_id}").status_code == 404


# What it is, and whether it is settled.


def test_a_concern_is_settled_and_taken_up_again(pair: Pair, clock: Wristwatch) -> None:
    path = f"{pair.path}/concerns/{pair.concern_id}"
    clock.turn(days=7)
    settled = done(pair.therapist.post(path + "/resolutions", json={"resolved_on": "2026-11-25"}), 200)
    assert settled["resolved_on"] == "2026-11-25"
    assert problem(pair.therapist.post(path + "/resolutions", json={})) == (409, "concern_resolved")
    assert done(pair.therapist.post(path + "/reopenings"), 200)["resolved_on"] is None
    assert problem(pair.therapist.post(path + "/reopenings")) == (409, "concern_open")
    assert done(pair.therapist.get(path), 200)["resolved_on"] is None


@pytest.mark.parametrize(("day", "code"), [("2026-11-23", "day_in_future"), ("2026-11-21", "days_out_of_order")])
def test_a_concern_is_settled_on_a_day_of_its_episode(pair: Pair, day: str, code: str) -> None:
    refused = pair.therapist.post(f"{pair.path}/concerns/{pair.concern_id}/resolutions", json={"resolved_on": day})
    assert problem(refused) == (422, code)
    assert refused.json()["errors"][0]["pointer"] == "/resolved_on"


@pytest.mark.parametrize(("day", "code"), [("2026-11-23", "day_in_future"), ("2026-11-21", "days_out_of_order")])
def test_an_episode_closes_on_a_day_since_it_was_opened(pair: Pair, day: str, code: str) -> None:
    path = f"{pair.path}/episodes/{pair.episode['id']}/closures"
    assert problem(pair.therapist.post(path, json={"reason": "completed", "closed_on": day})) == (422, code)
    assert done(pair.therapist.post(path, json={"reason": "completed"}), 200)["closed_on"] == "2026-11-22"


def test_a_closed_episodes_concerns_are_read_and_not_changed(pair: Pair) -> None:
    done(pair.therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/closures", json={"reason": "completed"}), 200)
    path = f"{pair.path}/concerns/{pair.concern_id}"
    tried = [pair.therapist.post(path + "/resolutions", json={}), pair.therapist.post(path + "/reopenings")]
    tried += [frame(pair, "a", "Too late."), lead(pair, path)]
    tried.append(pair.therapist.patch(path, json={"bearer": "partner_a"}, headers={"If-Match": '"1"'}))
    assert {problem(answer) for answer in tried} == {(409, "episode_closed")}
    assert pair.therapist.get(path).status_code == 200


def test_what_contributes_and_who_bears_it_can_be_changed(pair: Pair) -> None:
    path = concern(pair, "orgasm_gap", contributing_factors=["relationship", "cultural", "relationship"])
    assert done(pair.therapist.get(path), 200)["contributing_factors"] == ["relationship", "cultural"]
    body = {"contributing_factors": ["lack_of_knowledge"]}
    changed = done(pair.therapist.patch(path, json=body, headers={"If-Match": '"1"'}), 200)
    assert (changed["contributing_factors"], changed["bearer"]) == (["lack_of_knowledge"], "relationship")
    assert pair.therapist.patch(path, json={"bearer": "partner_a"}, headers={"If-Match": '"1"'}).status_code == 412
    for wrong in (["astrology"], None):
        refused = pair.therapist.patch(path, json={"contributing_factors": wrong}, headers={"If-Match": '"2"'})
        assert refused.status_code == 422


# Each partner's own words.


def test_the_partners_may_frame_one_concern_in_opposite_ways_and_each_word_stays(pair: Pair) -> None:
    for words in ("You never want me.", "We want different things."):
        done(frame(pair, "a", words))
    done(frame(pair, "b", "You only ever want that."))
    assert words_of(pair, "a") == ["You never want me.", "We want different things."]
    assert words_of(pair, "b") == ["You only ever want that."]


def test_words_are_found_by_concern_and_stand_in_no_list_of_concerns(pair: Pair) -> None:
    other = concern(pair, "body_image")
    done(frame(pair, "a", "About desire."))
    done(frame(pair, "a", "About the mirror.", other))
    assert words_of(pair, "a", query="&concern_id=" + other.rpartition("/")[2]) == ["About the mirror."]
    assert "mirror" not in pair.therapist.get(f"{pair.path}/episodes").text


def test_a_word_on_violence_stays_with_the_care_team(pair: Pair, clinic: Clinic) -> None:
    violence = concern(pair, "ipv_suspected_or_confirmed")
    rating = {"partner_id": pair.b, "severity": 9, "distressed": True}
    done(pair.therapist.post(violence + "/ratings", json=rating))
    done(frame(pair, "b", "I am afraid.", violence))
    machine = clinic.integration()
    assert words_of(pair, "b", machine) == []
    assert frame(pair, "b", "Anything.", violence, machine).status_code == 404
    for verb, path in (("GET", violence), ("POST", violence + "/reopenings")):
        assert machine.request(verb, path).status_code == 404
    assert words_of(pair, "b") == ["I am afraid."]


def test_nobody_frames_another_couples_concern(pair: Pair) -> None:
    stranger = new_pair(pair.therapist, "2")
    assert frame(pair, "a", "Not ours.", f"x/{stranger.concern_id}").status_code == 404
    path = f"{pair.path}/partners/{stranger.a}/framings"
    assert pair.therapist.post(path, json={"concern_id": pair.concern_id, "words": "?"}).status_code == 404
