"""The retention clock: the longest rule wins, counted from the last service to the couple."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.releases.jurisdictions import RULES, Rule
from app.releases.rules import Served, clock_of, years_after
from tests.conftest import Clinic
from tests.notes.records import new_note
from tests.releases.records import couple_id, ended
from tests.safety.records import done, new_pair

DEFAULT = {"clinic default": Rule(7, 3, "APA")}
DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))


def test_every_rule_has_its_source_and_keeps_for_some_years() -> None:
    assert all(rule.source and rule.years > 0 and rule.years_of_age >= 0 for rule in RULES.values())


@pytest.mark.parametrize(
    ("names", "of_age_on", "left", "due_on"),
    [
        ((), None, None, date(2027, 2, 28)),
        (("US-PA",), None, None, date(2027, 2, 28)),  # the clinic's own default is longer
        (("US-PA", "DE"), None, None, date(2030, 2, 28)),
        (("US-CA",), date(2022, 5, 1), None, date(2029, 5, 1)),
        (("US-PA",), date(2022, 5, 1), None, date(2027, 2, 28)),
        ((), None, date(2024, 2, 29), date(2030, 3, 1)),
    ],
)
def test_the_longest_rule_wins(names: tuple[str, ...], of_age_on: date | None, left: date | None, due_on: date) -> None:
    rules = DEFAULT | {name: RULES[name] for name in names}
    assert clock_of(Served(date(2020, 2, 28), False, of_age_on, left), rules).due_on == due_on
    assert clock_of(Served(date(2020, 2, 28), True, of_age_on, left), rules).due_on is None


@given(DAYS, st.none() | DAYS, st.none() | DAYS, st.sets(st.sampled_from(sorted(RULES))), st.sampled_from(sorted(RULES)))
def test_another_rule_never_makes_it_sooner(
    last: date, of_age_on: date | None, left: date | None, names: set[str], one_more: str
) -> None:
    served = Served(last, False, of_age_on, left)
    fewer = clock_of(served, DEFAULT | {name: RULES[name] for name in names}).due_on
    more = clock_of(served, DEFAULT | {name: RULES[name] for name in {*names, one_more}}).due_on
    assert fewer is not None
    assert more is not None
    assert years_after(last, 7) <= fewer <= more


def test_a_clinics_own_rule_replaces_ours_and_names_its_source(clinic: Clinic) -> None:
    theo = clinic.signed_in("theo")
    pair = new_pair(theo)
    done(theo.post(pair.path + "/retention", json={"jurisdictions": ["US-PA"]}), 200)
    found = theo.post(pair.path + "/retention", json={"jurisdictions": ["FR"]})
    assert (found.status_code, found.json()["code"]) == (422, "jurisdiction_unknown")
    for rule in ({"jurisdiction": "FR", "years": 20}, {"jurisdiction": "US-PA", "years": 9}):
        done(theo.post("/v1/retention-rules", json=rule | {"years_of_age": 0, "source": "Our counsel, 2026"}), 200)
    done(theo.post(f"{pair.path}/episodes/{pair.episode['id']}/closures", json={"reason": "completed"}), 200)
    told = theo.get(pair.path + "/retention").json()
    assert (told["due_on"], told["because"]) == ("2035-11-22", "US-PA: Our counsel, 2026")
    assert done(theo.post(pair.path + "/retention", json={"jurisdictions": ["FR"]}), 200)["due_on"] == "2046-11-22"


def test_the_clock_runs_from_the_last_hour_with_either_partner_and_the_list_tells_ids_and_days(clinic: Clinic) -> None:
    pair = new_pair(clinic.signed_in("theo"))
    note = new_note("partner_b", held_on="2026-11-21", started_at="2026-11-21T17:00:00Z", ended_at="2026-11-21T17:50:00Z")
    done(pair.therapist.post(pair.path + "/notes", json=note))
    assert pair.therapist.get("/v1/retention-due").json()["items"] == []
    ended(clinic, pair)
    office = clinic.member("office", role="administrator")  # type: ignore[arg-type]  # the name of the role
    items = office.get("/v1/retention-due").json()["items"]
    assert items == [{"couple_id": couple_id(pair), "due_on": "2033-11-22", "held": False}]
    done(office.post(pair.path + "/legal-holds", json={"reason": "R"}))
    assert office.get("/v1/retention-due").json()["items"][0]["held"] is True
    assert clinic.member("other").get("/v1/retention-due").json()["items"] == []


def test_the_view_of_one_partner_has_no_hold_no_clock(clinic: Clinic) -> None:
    pair = new_pair(clinic.signed_in("theo"))
    done(pair.therapist.post(pair.path + "/legal-holds", json={"reason": "R"}))
    for noun in ("legal-holds", "retention"):
        assert pair.therapist.get(f"{pair.path}/{noun}?as=partner_a").status_code == 404
        assert pair.therapist.get(f"{pair.path}/{noun}").status_code == 200
