"""A sharing choice is one partner's own act: kept for good, the latest counts, and taking back always works."""

from tests.conftest import Caller, Clinic
from tests.safety.records import Pair, done, new_pair


def choose(pair: Pair, which: str, kind: str, level: str, **more: str) -> dict[str, object]:
    """A choice that succeeds."""
    body = {"kind": kind, "level": level, "told": "in_person", **more}
    made: dict[str, object] = done(pair.therapist.post(pair.partner(which) + "/sharing-choices", json=body))
    return made


def test_nothing_is_shared_until_it_is_chosen(therapist: Caller) -> None:
    pair = new_pair(therapist)
    kinds = done(therapist.get(pair.partner("a") + "/sharing"), 200)["kinds"]
    assert [(one["kind"], one["level"], one["since"]) for one in kinds] == [
        (kind, "none", None) for kind in ("scores", "check_ins", "concerns", "diagnoses")
    ]


def test_the_latest_choice_of_each_kind_counts_and_every_one_is_kept(therapist: Caller) -> None:
    pair = new_pair(therapist)
    made = [choose(pair, "a", kind, level) for kind, level in (("scores", "full"), ("concerns", "summary"), ("scores", "none"))]
    now = {one["kind"]: one["level"] for one in done(therapist.get(pair.partner("a") + "/sharing"), 200)["kinds"]}
    assert now == {"scores": "none", "check_ins": "none", "concerns": "summary", "diagnoses": "none"}
    listed = done(therapist.get(pair.partner("a") + "/sharing-choices"), 200)["items"]
    assert listed == made
    assert done(therapist.get(f"{pair.partner('a')}/sharing-choices/{made[0]['id']}"), 200) == made[0]
    assert therapist.get(f"{pair.partner('b')}/sharing-choices/{made[0]['id']}").status_code == 404
    assert made[0]["recorded_by"] == therapist.holder_id


def test_a_diagnosis_is_shared_in_full_or_not_at_all(therapist: Caller) -> None:
    pair = new_pair(therapist)
    body = {"kind": "diagnoses", "level": "summary", "told": "in_person"}
    refused = therapist.post(pair.partner("a") + "/sharing-choices", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "sharing_level_not_offered")


def test_taking_back_works_in_an_archived_couples_record_and_sharing_does_not(therapist: Caller) -> None:
    pair = new_pair(therapist)
    choose(pair, "a", "scores", "full")
    version = therapist.get(pair.path).headers["ETag"]
    assert therapist.delete(pair.path, headers={"If-Match": version}).status_code == 204
    body = {"kind": "concerns", "level": "full", "told": "in_person"}
    assert therapist.post(pair.partner("a") + "/sharing-choices", json=body).json()["code"] == "couple_archived"
    choose(pair, "a", "scores", "none")


def test_software_may_keep_a_choice_only_with_the_scope_for_partners_own_acts(therapist: Caller, clinic: Clinic) -> None:
    pair = new_pair(therapist)
    body = {"kind": "scores", "level": "summary", "told": "online"}
    path = pair.partner("a") + "/sharing-choices"
    assert clinic.integration("reader", {"couples:read", "couples:write"}).post(path, json=body).status_code == 403
    assert clinic.integration("portal", {"consents:write"}).post(path, json=body).status_code == 201
