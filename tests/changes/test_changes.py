"""What the change feed tells over HTTP, to whom, and when."""

import threading
from time import monotonic, sleep
from typing import Any

import pytest

from app.access.permissions import Role
from app.core.limits import Limiter
from tests.changes.follower import Item, changed, named, now
from tests.changes.record import Copy, crawl
from tests.conftest import Caller, Clinic, Wristwatch
from tests.contract.world import World
from tests.couples.test_couples import new_couple
from tests.notes.records import retract_note, sign_note, write_note
from tests.releases.records import ask_to_erase, couple_id, ended, lived, shred
from tests.safety.records import Pair, done, new_pair

LONG = 20  # seconds; the longest there is


def test_everything_it_names_is_there_to_be_read_by_who_is_told_of_it(clinic: Clinic, ehr: Caller) -> None:
    World(clinic, clinic.member("thea"))
    items, token = changed(ehr, limit=7)
    assert {item["type"] for item in items} == {
        *("couple", "partner", "episode", "concern", "diagnosis", "plan", "assignment", "check_in"),
        *("administration", "outcomes"),
    }
    assert {ehr.get(item["href"]).status_code for item in items} == {200}
    assert changed(ehr, token)[0] == changed(ehr, now(ehr))[0] == []


def test_several_changes_of_one_thing_are_one_and_say_its_version(pair: Pair, ehr: Caller) -> None:
    token = now(ehr)
    for name in ("Kim", "Sam", "Alex"):
        headers = {"If-Match": pair.therapist.get(pair.partner("a")).headers["etag"]}
        done(pair.therapist.patch(pair.partner("a"), json={"name": name}, headers=headers), 200)
    items, _ = changed(ehr, token)
    assert [(item["type"], item["version"]) for item in items] == [("partner", 4), ("couple", 1)]
    assert f'"{items[0]["version"]}"' == ehr.get(items[0]["href"]).headers["etag"]


def test_reads_refusals_screens_and_drafts_are_no_change(pair: Pair, ehr: Caller) -> None:
    callers = (ehr, pair.therapist)
    tokens = [now(caller) for caller in callers]
    ehr.get(pair.path)
    ehr.get(pair.path + "/safety-signals")
    for which in "ab":
        done(pair.screen(which))
    done(pair.clear())
    pair.consent("a")
    pair.flag("unprocessed_trauma")
    note = write_note(pair.therapist, {"id": couple_id(pair)})
    done(pair.therapist.post(pair.path + "/psychotherapy-notes", json={"text": "Mine alone."}))
    assert [changed(caller, token)[0] for caller, token in zip(callers, tokens, strict=True)] == [[], []]
    sign_note(pair.therapist, note)
    seen = [named(changed(caller, token)[0]) for caller, token in zip(callers, tokens, strict=True)]
    assert seen == [[("outcomes", "upsert")], [("session_note", "upsert"), ("outcomes", "upsert")]]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_hour_with_one_partner_alone_moves_nothing_that_software_follows(pair: Pair, ehr: Caller, clock: Wristwatch) -> None:
    def caseload() -> Any:
        clock.turn(minutes=1)
        return ehr.get("/v1/caseload").json()["items"]

    couple = {"id": couple_id(pair)}
    before, token = caseload(), now(ehr)
    note = sign_note(pair.therapist, write_note(pair.therapist, couple, "partner_b"))
    assert (caseload(), changed(ehr, token)[0]) == (before, [])
    retract_note(pair.therapist, note)
    assert (caseload(), changed(ehr, token)[0]) == (before, [])
    assert ("session_note", "upsert") in named(changed(pair.therapist)[0]), "the care team reads it"
    sign_note(pair.therapist, write_note(pair.therapist, couple))
    assert (caseload() == before, named(changed(ehr, token)[0])) == (False, [("outcomes", "upsert")]), "the control"


def test_an_integration_is_told_of_the_kinds_its_scopes_read_and_no_other(clinic: Clinic, therapist: Caller) -> None:
    told = {}
    for scope in ("couples:read", "homework:read", "administrations:read", "outcomes:read", "diagnoses:read"):
        told[scope] = clinic.integration(scope, {"changes:read", scope})
    World(clinic, therapist)
    assert {scope: {item["type"] for item in changed(caller)[0]} for scope, caller in told.items()} == {
        "couples:read": {"couple", "partner", "episode", "concern"},
        "homework:read": {"plan", "assignment", "check_in"},
        "administrations:read": {"administration"},
        "outcomes:read": {"outcomes"},
        "diagnoses:read": {"diagnosis"},
    }
    assert clinic.integration("none", {"couples:read"}).get("/v1/changes").status_code == 403


def test_a_token_outlives_a_rotated_key_and_not_a_change_of_what_its_holder_may_see(
    clinic: Clinic, pair: Pair, ehr: Caller
) -> None:
    token = now(ehr)
    assert changed(clinic.integration("its successor"), token)[0] == []
    for caller in (clinic.integration("less", {"changes:read", "couples:read"}), pair.therapist, clinic.member("other")):
        refused = caller.get(f"/v1/changes?since={token}")
        assert (refused.status_code, refused.json()["code"]) == (409, "changes_start_anew")


def test_a_broken_token_is_refused_and_never_a_silent_beginning(ehr: Caller) -> None:
    token = now(ehr)
    for broken in ("", "x", token[:-3], token[:-1] + ("A" if token[-1] != "A" else "B"), "é", token[::-1]):
        refused = ehr.get("/v1/changes", params={"since": broken})
        assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid"), broken
    assert ehr.get("/v1/changes?since=" + "x" * 200).status_code == 422


def test_two_tokens_of_one_place_do_not_look_alike(ehr: Caller) -> None:
    """Or two of them would tell whether anything at all happened in between."""
    token = now(ehr)
    again = ehr.get(f"/v1/changes?since={token}").json()["delta"]
    assert again != token
    assert changed(ehr, again)[0] == []


def test_a_therapist_is_told_of_couples_that_come_into_view_and_leave_it(clinic: Clinic, pair: Pair, therapist: Caller) -> None:
    other = clinic.member("other")
    copy = Copy(other)
    assert copy.follow() == []
    seat = done(therapist.post(pair.path + "/care-team", json={"member_id": other.holder_id}))
    assert [(item["type"], item["op"], item["whole"]) for item in copy.follow()] == [("couple", "upsert", True)]
    assert copy.things == crawl(other)
    assert copy.things
    done(therapist.post(f"{pair.path}/care-team/{seat['id']}/endings"), 200)
    new_pair(therapist, "2")
    assert named(copy.follow()) == [("couple", "delete")]
    assert copy.things == {}


def test_a_stranger_learns_nothing_of_other_therapists_couples_not_even_that_they_ended(clinic: Clinic, pair: Pair) -> None:
    stranger = clinic.member("stranger")
    token = now(stranger)
    shred(clinic, ended(clinic, pair), ask_to_erase(pair))
    stranger = clinic.sign_in_again(stranger.holder_id)
    assert changed(stranger, token)[0] == changed(stranger)[0] == []


def test_with_a_couples_end_everything_of_it_goes_for_everybody_who_had_it(clinic: Clinic, therapist: Caller) -> None:
    pair = lived(World(clinic, therapist))
    ehr = clinic.integration()
    copies = [Copy(ehr), Copy(pair.therapist)]
    for copy in copies:
        copy.follow()
    erased_by = shred(clinic, pair, ask_to_erase(pair))
    for copy, caller in zip(copies, (clinic.integration("later"), erased_by), strict=True):
        assert copy.things
        copy.caller = caller
        assert ("couple", "delete") in named(copy.follow())
        assert copy.things == {}
    assert named(changed(clinic.integration("from the beginning"))[0]) == [("couple", "delete")]


def test_with_a_partners_end_their_part_goes_and_the_rest_is_read_anew(clinic: Clinic, therapist: Caller) -> None:
    pair = lived(World(clinic, therapist))
    copy = Copy(clinic.integration())
    copy.follow()
    assert any(isinstance(thing, dict) and thing.get("partner_id") == pair.a for thing in copy.things.values())
    shred(clinic, pair, ask_to_erase(pair, "a"))
    copy.caller = clinic.integration("later")
    items = copy.follow()
    assert ("partner", "delete") in named(items)
    assert [item["whole"] for item in items if item["type"] == "couple"] == [True]
    assert copy.things == crawl(copy.caller)
    assert not any(isinstance(thing, dict) and thing.get("partner_id") == pair.a for thing in copy.things.values())


def test_who_waits_is_answered_when_something_changes_and_no_sooner(ehr: Caller, therapist: Caller) -> None:
    found = Waiting(ehr, now(ehr), 1)
    therapist.get("/v1/couples")  # somebody reads: nobody is woken by that
    found.still_wait()
    done(therapist.post("/v1/couples", json=new_couple()))
    assert [{item["type"] for item in items} for items in found.answers()] == [{"partner", "couple"}]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_left_of_a_minute_tells_not_how_often_something_changed_while_one_waited(
    clinic: Clinic, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is woken by changes that they may not read; the one request they sent counts as one."""
    monkeypatch.setattr(clinic.app.state.runtime, "limiter", Limiter(600))
    narrow = clinic.integration("narrow", {"changes:read", "diagnoses:read"})
    left = []

    def told(path: str) -> None:
        left.append(int(narrow.get(path).headers["RateLimit"].partition("r=")[2].partition(";")[0]))

    token = now(narrow)
    told("/v1/me")
    waiting = threading.Thread(target=told, args=(f"/v1/changes?since={token}&wait=2",))
    waiting.start()
    sleep(0.3)
    write_note(pair.therapist, {"id": couple_id(pair)}, "partner_b")
    waiting.join(15)
    assert left[1] >= left[0] - 1  # more in a new minute


def test_many_who_wait_keep_nobody_from_working_and_are_all_answered(ehr: Caller, therapist: Caller) -> None:
    found = Waiting(ehr, now(ehr), 30)
    for _ in range(5):
        assert therapist.get("/v1/couples").status_code == 200
    found.still_wait()
    done(therapist.post("/v1/couples", json=new_couple()))
    assert [{item["type"] for item in items} for items in found.answers()] == [{"partner", "couple"}] * 30


def test_who_waits_for_nothing_is_told_so_when_the_time_is_over(ehr: Caller) -> None:
    token, begun = now(ehr), monotonic()
    answer = ehr.get(f"/v1/changes?since={token}&wait=1").json()
    assert monotonic() - begun >= 1
    assert (answer["items"], bool(answer["delta"])) == ([], True)


class Waiting:
    """So many who wait for changes, for longer than a test takes on a machine that has much else to do."""

    def __init__(self, ehr: Caller, token: str, many: int) -> None:
        self._found: list[list[Item]] = []
        self._threads = [threading.Thread(target=self._wait, args=(ehr, token)) for _ in range(many)]
        for thread in self._threads:
            thread.start()
        sleep(0.5)

    def _wait(self, ehr: Caller, token: str) -> None:
        self._found.append(ehr.get(f"/v1/changes?since={token}&wait={LONG}").json()["items"])

    def still_wait(self) -> None:
        """Nobody has been answered yet, although there was time for it."""
        sleep(0.2)
        assert self._found == []

    def answers(self) -> list[list[Item]]:
        """What each of them was told."""
        for thread in self._threads:
            thread.join(LONG)
        return self._found


def test_every_page_leaves_a_trace_at_the_couples_it_named(clinic: Clinic, pair: Pair, ehr: Caller) -> None:
    changed(ehr)
    administrator = clinic.member("adam", Role.ADMINISTRATOR)
    seen = administrator.get(f"/v1/audit-events?integration_id={ehr.holder_id}").json()["items"]
    assert [(event["kind"], event["couple_id"]) for event in seen] == [("read", couple_id(pair))]
