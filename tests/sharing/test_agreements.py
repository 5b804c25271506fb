"""An agreement on secrets counts once both have signed its words, until both sign another, and moves no row of the record."""

from typing import Any

from tests.conftest import Caller
from tests.safety.records import Pair, done, new_pair

TEXT = {"text_version": "2026-11", "language": "en", "text": "What one of us says alone is kept."}


def propose(pair: Pair, policy: str = "no_secrets") -> dict[str, Any]:
    """A text for both."""
    made: dict[str, Any] = done(pair.therapist.post(pair.path + "/secrets-agreements", json={"policy": policy, **TEXT}))
    return made


def sign(pair: Pair, agreement: dict[str, Any], which: str) -> Any:
    """One partner signs."""
    body = {"partner_id": pair.a if which == "a" else pair.b, "told": "in_writing"}
    return pair.therapist.post(f"{pair.path}/secrets-agreements/{agreement['id']}/signatures", json=body)


def states(pair: Pair, view: str = "therapist") -> list[str]:
    """Where every agreement stands."""
    listed = done(pair.therapist.get(f"{pair.path}/secrets-agreements?as={view}"), 200)["items"]
    return [one["state"] for one in listed]


def speech(pair: Pair) -> dict[str, Any]:
    """What counts in speech."""
    told: dict[str, Any] = done(pair.therapist.get(pair.path + "/secrets-policy"), 200)
    return told


def test_without_an_agreement_nothing_is_brought_to_the_other_unasked(therapist: Caller) -> None:
    told = speech(new_pair(therapist))
    assert (told["policy"], told["agreed"], told["agreement_id"]) == ("full_individual_confidentiality", False, None)
    assert "violence" in told["never"]


def test_it_counts_once_both_have_signed_and_until_both_sign_another(therapist: Caller) -> None:
    pair = new_pair(therapist)
    first = propose(pair)
    done(sign(pair, first, "a"), 200)
    assert (states(pair), speech(pair)["agreed"]) == (["proposed"], False)
    done(sign(pair, first, "b"), 200)
    assert (states(pair), speech(pair)["policy"]) == (["in_force"], "no_secrets")
    second = propose(pair, "limited_secrets")
    done(sign(pair, second, "b"), 200)
    assert (states(pair), speech(pair)["policy"]) == (["in_force", "proposed"], "no_secrets")
    done(sign(pair, second, "a"), 200)
    assert (states(pair), speech(pair)["agreement_id"]) == (["replaced", "in_force"], second["id"])


def test_only_the_newest_text_can_be_signed(therapist: Caller) -> None:
    pair = new_pair(therapist)
    first = propose(pair)
    propose(pair, "limited_secrets")
    refused = sign(pair, first, "a")
    assert (refused.status_code, refused.json()["code"]) == (409, "secrets_policy_replaced")


def test_a_partner_sees_their_own_signature_and_both_only_once_it_counts(therapist: Caller) -> None:
    pair = new_pair(therapist)
    agreement = propose(pair)
    path = f"{pair.path}/secrets-agreements/{agreement['id']}?as=partner_a"
    before = therapist.get(path)
    receipt = done(sign(pair, agreement, "b"), 200)
    assert set(receipt) == {"agreement_id", "partner_id", "received_at"}
    after = therapist.get(path)
    assert (after.content, after.headers["ETag"]) == (before.content, before.headers["ETag"])
    done(sign(pair, agreement, "a"), 200)
    shown = therapist.get(path).json()
    assert (shown["state"], [one["partner_id"] for one in shown["signatures"]]) == ("in_force", [pair.a])


def test_signing_again_changes_nothing(therapist: Caller) -> None:
    pair = new_pair(therapist)
    agreement = propose(pair)
    for _ in range(2):
        done(sign(pair, agreement, "a"), 200)
    shown = done(therapist.get(f"{pair.path}/secrets-agreements/{agreement['id']}"), 200)
    assert (len(shown["signatures"]), shown["text"]) == (1, TEXT["text"])


def test_no_policy_shows_a_partner_any_more_of_the_other(therapist: Caller) -> None:
    pair = new_pair(therapist)
    done(therapist.post(f"{pair.path}/concerns/{pair.concern_id}/ratings", json=_rating(pair.b)))
    asked = [f"{pair.path}/concerns?as=partner_a", f"{pair.partner('b')}?as=partner_a", f"{pair.path}/episodes?as=partner_a"]
    before = [therapist.get(path).content for path in asked[:1] + asked[2:]]
    agreement = propose(pair, "no_secrets")
    for which in "ab":
        done(sign(pair, agreement, which), 200)
    assert [therapist.get(path).content for path in asked[:1] + asked[2:]] == before
    assert therapist.get(asked[1]).status_code == 404


def _rating(partner_id: str) -> dict[str, Any]:
    return {"partner_id": partner_id, "severity": 8, "distressed": True}
