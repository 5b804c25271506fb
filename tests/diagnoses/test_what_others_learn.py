"""What the other partner, and those who act for one of them, could learn of a diagnosis: nothing."""

from typing import Any

import pytest
from sqlalchemy import select

from app.diagnoses import reading, service
from app.diagnoses.models import Diagnosis
from tests.conftest import Caller, Clinic
from tests.diagnoses.records import REASON, codes_of, diagnose, path_of, problem, read
from tests.outcomes.test_non_interference import InterferenceError, same
from tests.outcomes.worlds import World, moment, seen_by_a
from tests.safety.records import Pair, done

# Violence is for the care team.


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("T76.11XA", {}),
        ("Z69.11", {"system": "dsm5tr"}),
        ("QE51.1", {"system": "icd11"}),
        ("60103007", {"system": "snomed", "care_team_only": True}),
        ("6B40", {"system": "icd11", "concern": "ipv_suspected_or_confirmed"}),
    ],
)
def test_what_tells_of_violence_is_read_by_the_care_team_alone(
    pair: Pair, clinic: Clinic, code: str, more: dict[str, Any]
) -> None:
    machine = clinic.integration()
    made = done(diagnose(pair, "b", code, machine, **more))
    assert made["care_team_only"]
    assert machine.get(path_of(pair, "b", made)).status_code == 404
    assert codes_of(pair, "b", machine) == []
    assert codes_of(pair, "b") == [code]
    assert read(pair, "b", made) == made


def test_a_hidden_diagnosis_refuses_nothing_to_those_who_may_not_know_it(pair: Pair, clinic: Clinic) -> None:
    machine = clinic.integration()
    hidden = done(diagnose(pair, "b", "Z69.11"))
    assert problem(diagnose(pair, "b", "Z63.0"))[:2] == (409, "icd10cm_excludes1")
    made = done(diagnose(pair, "b", "Z63.0", machine))
    assert read(pair, "b", made, machine)["conflicts"] == []
    assert [one["diagnosis_id"] for one in read(pair, "b", made)["conflicts"]] == [hidden["id"]]


def test_a_reason_that_names_a_hidden_diagnosis_is_hidden_with_it(pair: Pair, clinic: Clinic) -> None:
    done(diagnose(pair, "b", "Z69.11"))
    made = done(diagnose(pair, "b", "Z63.0", **REASON))
    assert len(made["exclusion_overrides"]) == 1
    assert read(pair, "b", made, clinic.integration())["exclusion_overrides"] == []


def test_a_diagnosis_that_others_read_does_not_come_to_tell_of_violence(pair: Pair) -> None:
    made = done(diagnose(pair, "b", "6B40", system="icd11"))
    body = {"concern": "ipv_suspected_or_confirmed"}
    answer = pair.therapist.patch(path_of(pair, "b", made), json=body, headers={"If-Match": '"1"'})
    assert problem(answer) == (422, "diagnosis_code_invalid", ["for_the_care_team"])


# Two worlds that differ in what B was diagnosed with.


def record(world: World, which: str, code: str, caller: Caller | None = None, **more: Any) -> Any:
    """Records a diagnosis in a world."""
    body = {"system": "icd10cm", "code": code, **more}
    return world.call(moment(hours=1), "POST", world.partner(which) + "/diagnoses", body, caller)


def live(world: World, codes: list[str]) -> list[str]:
    """B is diagnosed and frames the concern; then all that is answered about A, and to those who act for A."""
    world.begin()
    for code in codes:
        done(record(world, "b", code, **REASON))
        words = {"concern_id": world.ids["concern"], "words": f"As one with {code}."}
        world.post(moment(hours=1), world.partner("b") + "/framings", words)
    answers = [record(world, "a", code, world.ehr) for code in ("Z63.0", "Z70.3", "F52.0", "F52", "Z63.0")]
    answers.append(record(world, "a", "Z70.3", world.ehr, **REASON))
    words = {"concern_id": world.ids["concern"], "words": "Mine."}
    answers.append(world.call(moment(hours=1), "POST", world.partner("a") + "/framings", words, world.ehr))
    reads = ["/diagnoses", "/diagnoses?active=true", "/framings"]
    answers += [world.call(moment(hours=2), "GET", world.partner("a") + path, caller=world.ehr) for path in reads]
    paths = ["", "/episodes", f"/concerns/{world.ids['concern']}", "/plans"]
    answers += [world.call(moment(hours=2), "GET", world.couple + path, caller=world.ehr) for path in paths]
    return [world.masked(answer) for answer in answers] + list(seen_by_a(world, moment(hours=2)))


HAS = ["F52.0", "Z70.3", "R68.82", "Z69.11", "T74.11XA", "Z63.0"]


def test_what_b_was_diagnosed_with_changes_no_answer_about_a(worlds: tuple[World, World]) -> None:
    first, second = worlds
    same(live(first, HAS), live(second, []))
    same(live(first, HAS[:2]), live(second, HAS[2:]))


def test_a_check_that_looked_at_both_partners_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_both(work: Any, couple_id: Any, _partner_id: Any, rows: Any) -> Any:
        beside = reading.beside_of(work, couple_id, _partner_id, rows)
        beside.active = [row for row in work.session.scalars(select(Diagnosis)) if row.couple_id == couple_id]
        return beside

    monkeypatch.setattr(service, "beside_of", of_both)
    with pytest.raises(InterferenceError, match="icd10cm_excludes1"):
        same(live(worlds[0], ["Z70.3"]), live(worlds[1], []))
