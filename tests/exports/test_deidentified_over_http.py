"""De-identified exports over HTTP: asked for by an analyst, refused where somebody could be told apart, gone when one goes."""

import json
from collections import Counter
from typing import Any

import pytest

from app.access.permissions import Role
from app.core.settings import Settings
from app.exports.job import make_waiting
from tests.conftest import Caller, Clinic, Wristwatch
from tests.safety.records import Pair, new_pair

DEIDENTIFIED = {"destination": "deidentified"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Numbers that a small clinic reaches."""
    return settings.model_copy(update={"deidentified_k": 2, "deidentified_fewest_couples": 4})


@pytest.fixture
def analyst(clinic: Clinic) -> Caller:
    """An analyst who has just signed in."""
    return clinic.signed_in("ana", Role.ANALYST)


def agree(pair: Pair) -> dict[str, Any]:
    """Both partners let their data be shared; A's consent."""
    given = {which: pair.consent(which, None, kind="data_sharing", protocol=None) for which in "ab"}
    return given["a"]


def refused(analyst: Caller, **more: Any) -> str:
    answer = analyst.post("/v1/exports", json=DEIDENTIFIED | more)
    assert answer.status_code in {409, 422}, answer.text
    return str(answer.json()["code"])


def made(clinic: Clinic, analyst: Caller) -> tuple[str, dict[str, str]]:
    """The path of an export that is done, and its files."""
    answer = analyst.post("/v1/exports", json=DEIDENTIFIED)
    assert answer.status_code == 202, answer.text
    path = str(answer.headers["Location"])
    make_waiting(clinic.app.state.runtime, clinic.id)
    found = analyst.get(path).json()
    assert found["status"] == "done", found
    return path, {file["name"]: analyst.get(f"{path}/files/{file['name']}").text for file in found["files"]}


def test_an_analyst_gets_rows_of_those_who_agreed_until_one_of_them_does_not(
    clinic: Clinic, therapist: Caller, analyst: Caller, clock: Wristwatch
) -> None:
    pairs = [new_pair(therapist, str(number)) for number in range(7)]
    consents = [agree(pair) for pair in pairs[:3]]
    assert refused(analyst) == "deidentified_too_few_couples"
    consents += [agree(pair) for pair in pairs[3:6]]
    assert refused(analyst, since="x") == "deidentified_not_since"
    clock.turn(weeks=47)  # whichever day a couple's rows end on, its care is as long as the others'
    analyst, therapist = (clinic.sign_in_again(one.holder_id) for one in (analyst, therapist))
    path, files = made(clinic, analyst)
    couples = files["couples-0001.csv"].splitlines()
    classes = Counter(row.partition(",")[2] for row in couples[1:])
    assert min(classes.values()) >= 2
    assert sum(classes.values()) == 6
    assert json.loads(files["deidentification.json"])
    everything = "".join(files.values())
    assert not any(pair.path.rpartition("/")[2] in everything or pair.a in everything for pair in pairs)
    assert not any(f"A-{number}" in everything for number in range(7))
    pairs[0].withdraw("a", consents[0], therapist)
    gone = analyst.get(f"{path}/files/couples-0001.csv")
    assert gone.json()["code"] == "export_gone"
    _path, fewer = made(clinic, analyst)
    assert len(fewer["couples-0001.csv"].splitlines()) <= 1 + 4


def test_what_one_couple_did_since_is_not_to_be_seen_by_asking_again(
    clinic: Clinic, therapist: Caller, analyst: Caller, clock: Wristwatch
) -> None:
    pairs = [new_pair(therapist, str(number)) for number in range(5)]
    for pair in pairs:
        agree(pair)
    clock.turn(weeks=47)  # whichever day a couple's rows end on, its care is as long as the others'
    analyst, therapist = (clinic.sign_in_again(one.holder_id) for one in (analyst, therapist))
    made(clinic, analyst)
    rating = {"partner_id": pairs[0].a, "severity": 3, "distressed": True}
    concern = pairs[0].episode["concerns"][0]["id"]
    assert therapist.post(f"{pairs[0].path}/concerns/{concern}/ratings", json=rating).status_code in {200, 201}
    assert refused(analyst) == "deidentified_too_little_changed"


def test_a_therapist_is_not_asked_for_it_because_they_would_know_their_couples(clinic: Clinic) -> None:
    answer = clinic.signed_in("therapist").post("/v1/exports", json=DEIDENTIFIED)
    assert answer.status_code == 403
