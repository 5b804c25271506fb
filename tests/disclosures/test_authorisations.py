"""Nothing leaves without the signatures it needs, and either partner ends a joint authorisation at once."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.disclosures.rules import AUTHORISATION, Days, Standing, stands
from tests.conftest import Clinic
from tests.releases.records import authorise, disclosing, ready, see_to, sign
from tests.safety.records import Pair, done


def disclosed(pair: Pair, *authorisations: str, **more: object) -> tuple[int, str]:
    """What a disclosure under these authorisations is answered."""
    found = pair.therapist.post(pair.path + "/disclosures", json=disclosing(authorisations=list(authorisations), **more))
    return found.status_code, found.json().get("code", "")


def test_a_joint_authorisation_carries_nothing_before_both_have_signed_and_a_clinician_has_seen_to_it(pair: Pair) -> None:
    made = authorise(pair)
    assert (made["status"], disclosed(pair, made["id"])) == ("incomplete", (409, "release_not_authorised"))
    assert sign(pair, made, "a")["status"] == "incomplete"
    assert disclosed(pair, made["id"]) == (409, "release_not_authorised")
    assert sign(pair, made, "b")["status"] == "running"
    assert disclosed(pair, made["id"]) == (409, "release_in_preparation")
    see_to(pair, made)
    assert disclosed(pair, made["id"]) == (200, "")


@pytest.mark.parametrize("who", ["a", "b", None])
def test_either_partner_or_the_clinic_ends_it_at_once_and_nobody_outside_can_tell_who(
    pair: Pair, clinic: Clinic, who: str | None
) -> None:
    made = ready(pair)
    path = f"{pair.path}/authorisations/{made}"
    partner_id = {"a": pair.a, "b": pair.b, None: None}[who]
    receipt = done(clinic.integration().post(path + "/endings", json={"partner_id": partner_id}), 200)
    assert set(receipt) == {"authorisation_id", "received_at"}
    assert disclosed(pair, made) == (409, "release_not_authorised")
    told = clinic.integration("other").get(path).json()
    assert (told["status"], told["seen_to"]) == ("ended", None)
    assert not {"ended_by", "partner", "ended_at"} & set(told)
    again = done(pair.therapist.post(path + "/endings", json={}), 200)
    assert set(again) == set(receipt)


def test_an_expired_authorisation_carries_nothing(pair: Pair, clinic: Clinic) -> None:
    made = ready(pair, expires_at="2026-11-25T00:00:00Z")
    assert disclosed(pair, made) == (200, "")
    clinic.clock.turn(days=4)
    assert disclosed(pair, made) == (409, "release_not_authorised")


@pytest.mark.parametrize(
    "other",
    [
        {"recipient": "Somebody else"},
        {"recipient_kind": "lawyer"},
        {"left": [{"place": "conjoint", "kinds": {"contact": 1}}]},
        {"left": [{"place": "individual_a", "kinds": {"session_notes": 1}}]},
        {"left": [{"place": "conjoint", "kinds": {"session_notes": 1}}, {"place": "individual_b", "kinds": {"measures": 1}}]},
    ],
)
def test_it_carries_its_recipient_its_kinds_and_what_is_both_partners_and_nothing_else(
    pair: Pair, other: dict[str, object]
) -> None:
    assert disclosed(pair, ready(pair), **other) == (409, "release_not_authorised")


def test_it_carries_only_its_days(pair: Pair) -> None:
    made = ready(pair, from_on="2026-01-01", to_on="2026-06-30")
    assert disclosed(pair, made) == (409, "release_not_authorised")
    assert disclosed(pair, made, from_on="2026-02-01", to_on="2026-07-01") == (409, "release_not_authorised")
    assert disclosed(pair, made, from_on="2026-02-01", to_on="2026-06-30") == (200, "")


def test_each_adds_of_their_own_alone_and_only_that_partner_is_shown_what(pair: Pair, clinic: Clinic) -> None:
    made = ready(pair, own={"b": ["measures"]})
    both = [{"place": "conjoint", "kinds": {"session_notes": 1}}, {"place": "individual_b", "kinds": {"measures": 3}}]
    assert disclosed(pair, made, left=both) == (200, "")
    as_a = clinic.integration().get(f"{pair.partner('a')}/disclosures").json()
    assert [(entry["about"], entry["kinds"]) for entry in as_a["entries"]] == [("couple", ["session_notes"])]
    as_b = clinic.integration("two").get(f"{pair.partner('b')}/disclosures").json()
    assert [entry["about"] for entry in as_b["entries"]] == ["couple", "you"]


def test_one_partners_own_needs_that_partner_alone_and_is_not_the_others_to_sign_or_end(pair: Pair) -> None:
    made = authorise(pair, "a")
    own = {"left": [{"place": "individual_a", "kinds": {"measures": 1}}]}
    path = f"{pair.path}/authorisations/{made['id']}"
    for noun, body in (("signatures", {"method": "on_paper"}), ("endings", {})):
        found = pair.therapist.post(f"{path}/{noun}", json={"partner_id": pair.b, **body})
        assert (found.status_code, found.json()["code"]) == (422, "authorisation_not_theirs")
    sign(pair, made, "a")
    see_to(pair, made)
    assert disclosed(pair, made["id"], **own) == (200, "")
    assert disclosed(pair, made["id"]) == (409, "release_not_authorised")


@pytest.mark.parametrize(
    ("partner", "kinds", "code"),
    [
        (None, ["psychotherapy_notes"], "psychotherapy_stands_alone"),
        (None, ["session_notes", "psychotherapy_notes"], "psychotherapy_stands_alone"),
        ("a", ["session_notes", "psychotherapy_notes"], "psychotherapy_stands_alone"),
        (None, ["safety"], "kind_not_joint"),
        (None, ["gossip"], "kind_unknown"),
    ],
)
def test_psychotherapy_notes_stand_alone_and_screens_are_one_partners(
    pair: Pair, partner: str | None, kinds: list[str], code: str
) -> None:
    body: dict[str, object] = {
        "recipient_kind": "lawyer",
        "recipient": "R",
        "purpose": "P",
        "expires_at": "2027-01-01T00:00:00Z",
    }
    body |= {"kinds": kinds, "partner_id": None if partner is None else pair.a}
    found = pair.therapist.post(pair.path + "/authorisations", json=body)
    assert (found.status_code, found.json()["code"]) == (422, code)


def test_psychotherapy_notes_go_with_nobody_elses_signature_and_only_when_both_let_them(pair: Pair) -> None:
    left = {"left": [{"place": "conjoint", "kinds": {"psychotherapy_notes": 1}}]}
    a = ready(pair, "a", kinds=["psychotherapy_notes"])
    assert disclosed(pair, a, **left) == (409, "release_not_authorised")
    assert disclosed(pair, ready(pair), **left) == (409, "release_not_authorised")
    b = ready(pair, "b", kinds=["psychotherapy_notes"])
    assert disclosed(pair, a, b, **left) == (200, "")
    with_more = {"left": [{"place": "conjoint", "kinds": {"psychotherapy_notes": 1, "session_notes": 1}}]}
    assert disclosed(pair, a, b, **with_more) == (422, "psychotherapy_stands_alone")


def test_a_bare_subpoena_opens_nothing_and_a_court_order_what_it_names(pair: Pair) -> None:
    assert disclosed(pair, ground="subpoena", recipient_kind="court") == (409, "privilege_asserted")
    assert disclosed(pair, ready(pair), ground="subpoena") == (200, "")
    assert disclosed(pair, ground="court_order", recipient_kind="court", reference="Case 12/26") == (200, "")
    rows = pair.therapist.get(pair.path + "/disclosures").json()["items"]
    assert [(row["ground"], row["reference"]) for row in rows] == [("subpoena", None), ("court_order", "Case 12/26")]


def test_the_account_goes_back_six_years_and_says_what_is_owed(pair: Pair, clinic: Clinic) -> None:
    disclosed(pair, ground="required_by_law", recipient_kind="court", disclosed_at="2020-11-01T00:00:00Z")
    disclosed(pair, ground="required_by_law", recipient_kind="court", disclosed_at="2020-12-01T00:00:00Z")
    disclosed(pair, ready(pair))
    entries = clinic.integration().get(f"{pair.partner('b')}/disclosures").json()["entries"]
    assert [(entry["disclosed_at"][:10], entry["owed"]) for entry in entries] == [("2020-12-01", True), ("2026-11-22", False)]
    assert all("file_sha256" not in entry for entry in entries)


MOMENTS = st.datetimes(timezones=st.just(UTC))
MAYBE_A_DAY = st.none() | st.dates()


@given(st.lists(MOMENTS, max_size=2), st.none() | MOMENTS, MOMENTS, MOMENTS)
def test_an_authorisation_runs_only_with_every_signature_and_before_its_end_and_its_day(
    signed: list[datetime], ended_at: datetime | None, expires_at: datetime, now: datetime
) -> None:
    standing = stands(signed, 2, ended_at, expires_at, now)
    if standing is Standing.RUNNING:
        assert len(signed) == 2
        assert ended_at is None
        assert now < expires_at
    assert standing in AUTHORISATION


@given(MAYBE_A_DAY, MAYBE_A_DAY, MAYBE_A_DAY, MAYBE_A_DAY)
def test_days_hold_others_only_when_none_of_them_lies_outside(
    first: date | None, last: date | None, other_first: date | None, other_last: date | None
) -> None:
    if Days(first, last).hold(Days(other_first, other_last)):
        assert first is None or (other_first is not None and other_first >= first)
        assert last is None or (other_last is not None and other_last <= last)
