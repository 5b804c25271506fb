"""A flag holds releases back, and looks to everybody outside the care team like a clinic that is not ready yet."""

import pytest

from app.access.permissions import Permission
from app.access.work import Asked
from app.core.ids import decode
from app.disclosures.rules import Ground
from app.disclosures.service import Recipient, Release, check_release
from app.errors import ConflictError
from tests.conftest import Caller, Clinic
from tests.contract.test_walk import same
from tests.releases.records import authorise, disclosing, prepared, ready, sign
from tests.safety.records import Pair, done

REASON = "zq-fear"


def flag(pair: Pair, against: str = "everyone") -> str:
    body = {"against": against, "partner_id": pair.b, "reason": REASON}
    return f"{pair.path}/release-flags/{done(pair.therapist.post(pair.path + '/release-flags', json=body))['id']}"


def lift(pair: Pair, path: str) -> None:
    done(pair.therapist.post(path + "/liftings", json={"reason": "They live apart."}), 200)


def disclosed(caller: Caller, pair: Pair, authorisation: str) -> dict[str, object]:
    found = caller.post(pair.path + "/disclosures", json=disclosing(authorisations=[authorisation]))
    told: dict[str, object] = same(found.json()) if found.status_code >= 400 else {}
    return told


def test_a_flag_holds_everything_back_until_it_is_lifted(pair: Pair) -> None:
    made, raised = ready(pair), flag(pair)
    refused = disclosed(pair.therapist, pair, made)
    assert refused["code"] == "release_in_preparation"
    assert refused["errors"][0]["code"] == "held_back"  # type: ignore[index]  # a list of faults
    compelled = pair.therapist.post(pair.path + "/disclosures", json=disclosing(ground="court_order"))
    assert compelled.json()["code"] == "release_in_preparation"
    lift(pair, raised)
    assert disclosed(pair.therapist, pair, made) == {}


def refused_to(machine: Caller, clinic: Clinic, pair: Pair, authorisation: str) -> ConflictError:
    """What an export that acts for clinic software is refused with: it asks the same function as everything that leaves."""
    asked = Asked("export", Permission.COUPLES_READ, machine.key, "req_test", writes=True)
    release = Release(
        decode("cpl", pair.path.rpartition("/")[2]),
        Ground.AUTHORISATION,
        Recipient("health_professional", "Dr. Example"),
        "Going on elsewhere.",
        {"conjoint": frozenset({"session_notes"})},
        authorisations=(decode("aut", authorisation),),
    )
    with pytest.raises(ConflictError) as refused, clinic.app.state.runtime.work(asked) as work:
        check_release(work, release)
    return refused.value


def test_outside_the_care_team_a_flag_and_a_missing_review_are_one_answer(pair: Pair, clinic: Clinic) -> None:
    machine, seen_to, waiting = clinic.integration(), ready(pair), sign(pair, authorise(pair), "a", "b")["id"]
    not_seen_to = refused_to(machine, clinic, pair, waiting)
    flag(pair)
    flagged = refused_to(machine, clinic, pair, seen_to)
    assert (flagged.code, flagged.sentence, flagged.faults) == (not_seen_to.code, not_seen_to.sentence, not_seen_to.faults)
    assert (flagged.code, flagged.faults) == ("release_in_preparation", ())
    assert disclosed(pair.therapist, pair, seen_to)["errors"]  # the control: the care team is told which it is


def test_no_machine_and_no_partner_can_tell_that_there_is_a_flag(pair: Pair, clinic: Clinic) -> None:
    ehr = clinic.integration()
    made = ready(pair)
    copy, _ = prepared(pair, "a")
    paths = [copy, pair.partner("a") + "/copies", f"{pair.path}/authorisations/{made}", pair.path + "/authorisations"]
    paths += [pair.path + "/disclosures", *(pair.partner(which) + "/disclosures" for which in "ab"), pair.path]

    def seen() -> list[tuple[int, str, str | None]]:
        answers = [ehr.get(path) for path in paths]
        return [(one.status_code, one.text, one.headers.get("etag")) for one in answers]

    before = seen()
    flag(pair, "partner_a")
    found = pair.therapist.post(copy + "/handovers", json={"form": "html"})
    assert found.json()["code"] == "release_in_preparation"
    assert seen() == before
    assert ehr.get(copy).json()["status"] == "in_preparation"
    assert ehr.get(pair.path + "/release-flags").status_code == 403


def test_a_flag_against_one_partner_leaves_the_others_copy_alone(pair: Pair) -> None:
    flag(pair, "partner_a")
    for which, code in (("a", 409), ("b", 200)):
        copy, _ = prepared(pair, which)
        assert pair.therapist.post(copy + "/handovers", json={"form": "json"}).status_code == code
