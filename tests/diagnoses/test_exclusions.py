"""What ICD-10-CM keeps apart in one person, and how a coder lets it stand."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.diagnoses.records import REASON, codes_of, diagnose, problem, read, status
from tests.safety.records import Pair, done

APART = [
    ("F52.0", "R68.82", "F52.0 excludes R68.82"),
    ("N94.11", "F52.6", "N94.1- excludes F52.6"),
    ("Z63.0", "Z70.3", "Z63.0 excludes Z70.-"),
    ("Z63.0", "Z69.11", "Z63.0 excludes Z69.1-"),
]


@pytest.mark.parametrize(("first", "second", "rule"), APART + [(second, first, rule) for first, second, rule in APART])
def test_two_codes_that_exclude_each_other_are_refused_with_the_rule_and_both(
    pair: Pair, first: str, second: str, rule: str
) -> None:
    done(diagnose(pair, "a", first))
    answer = diagnose(pair, "a", second)
    assert problem(answer) == (409, "icd10cm_excludes1", ["icd10cm_excludes1"])
    told = answer.json()["errors"][0]["detail"]
    assert all(part in told for part in (rule, first, second))
    assert ("contradicts itself" in told) == (rule == "N94.1- excludes F52.6")
    assert codes_of(pair, "a") == [first]


def test_a_coders_reason_lets_both_stand_and_is_shown_on_both(pair: Pair) -> None:
    one = done(diagnose(pair, "a", "N94.11"))
    other = done(diagnose(pair, "a", "F52.6", **REASON))
    for own, beside in ((one, other), (other, one)):
        seen = read(pair, "a", own)
        (given,) = seen["exclusion_overrides"]
        assert (given["other_diagnosis_id"], given["rule"]) == (beside["id"], "N94.1- excludes F52.6")
        assert (given["reason"], seen["conflicts"]) == ("Two findings at two sites.", [])
    assert other == read(pair, "a", other)


def test_a_reason_holds_for_its_own_pair_alone(pair: Pair) -> None:
    done(diagnose(pair, "a", "Z63.0"))
    done(diagnose(pair, "a", "Z70.1", **REASON))
    assert problem(diagnose(pair, "a", "Z70.3"))[:2] == (409, "icd10cm_excludes1")


def test_a_reason_that_nothing_needs_is_not_kept(pair: Pair) -> None:
    assert done(diagnose(pair, "a", "F52.0", **REASON))["exclusion_overrides"] == []


def test_a_diagnosis_that_is_not_active_excludes_nothing(pair: Pair) -> None:
    first = done(diagnose(pair, "a", "F52.0"))
    done(status(pair, "a", first, "refuted"), 200)
    second = done(diagnose(pair, "a", "R68.82"))
    done(diagnose(pair, "a", "F52.0", status="resolved"))
    assert problem(status(pair, "a", first, "confirmed"))[:2] == (409, "icd10cm_excludes1")
    seen = done(status(pair, "a", first, "confirmed", **REASON), 200)
    assert [given["other_diagnosis_id"] for given in seen["exclusion_overrides"]] == [second["id"]]
    # the reason was given once for these two, and is not asked for again
    done(status(pair, "a", second, "resolved"), 200)
    assert done(status(pair, "a", second, "confirmed"), 200)["conflicts"] == []


def test_dsm5tr_codes_are_icd10cm_codes_and_other_systems_are_not(pair: Pair) -> None:
    done(diagnose(pair, "a", "F52.0", system="dsm5tr"))
    assert problem(diagnose(pair, "a", "R68.82"))[:2] == (409, "icd10cm_excludes1")
    done(diagnose(pair, "a", "HA00", system="icd11"))


@pytest.mark.parametrize(("first", "second", "_rule"), APART)
def test_the_codes_of_two_people_never_exclude_each_other(pair: Pair, first: str, second: str, _rule: str) -> None:
    done(diagnose(pair, "a", first))
    made = done(diagnose(pair, "b", second))
    assert made["conflicts"] == []
    assert read(pair, "b", made)["conflicts"] == []


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_two_that_exclude_each_other_and_come_at_once_do_not_both_stand(pair: Pair) -> None:
    body = [{"system": "icd10cm", "code": code} for code in ("Z63.0", "Z70.0", "Z63.0", "Z70.1", "Z63.0", "Z70.3")]
    with ThreadPoolExecutor(6) as threads:
        sent = list(threads.map(lambda one: pair.therapist.post(pair.partner("a") + "/diagnoses", json=one), body))
    assert {answer.status_code for answer in sent} == {201, 409}
    kept = codes_of(pair, "a")
    assert kept == ["Z63.0"] or "Z63.0" not in kept


def test_nothing_of_a_diagnosis_stands_in_what_belongs_to_the_couple(pair: Pair) -> None:
    done(diagnose(pair, "a", "N94.11"))
    made = done(diagnose(pair, "a", "F52.6", **REASON))
    for path in (pair.path, pair.path + "/episodes", pair.path + "/outcomes", pair.path + "/outcomes?as=partner_a"):
        told = pair.therapist.get(path).text
        assert not any(part in told for part in ("N94", "F52", "findings", made["id"]))
