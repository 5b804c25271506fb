"""Keys that members and integrations send."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.access.keys import DIGITS, issue, read

UUIDS = st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))
CLINIC, CREDENTIAL = UUID(int=7), UUID(int=2**127 + 1)


@given(UUIDS, UUIDS, st.sampled_from(["live", "demo"]))
def test_a_key_names_its_clinic_and_credential_and_opens_its_own_lock_alone(
    clinic_id: UUID, credential_id: UUID, environment: str
) -> None:
    (text, kept), (_other, foreign) = issue(environment, clinic_id, credential_id), issue(environment, clinic_id, credential_id)
    key = read(text)
    assert key is not None
    assert (key.clinic_id, key.credential_id) == (clinic_id, credential_id)
    assert key.opens(kept)
    assert not key.opens(foreign)
    assert text.startswith(f"rk_{environment}_")
    assert kept not in text


def test_every_key_with_one_letter_changed_is_refused_without_a_look_up() -> None:
    text, _kept = issue("live", CLINIC, CREDENTIAL)
    changed = [text[:place] + letter + text[place + 1 :] for place in range(len(text)) for letter in DIGITS + "_-"]
    assert [other for other in changed if other != text and read(other) is not None] == []


@given(st.text(), st.integers(0, 110))
def test_a_key_with_something_in_it_is_no_key(odd: str, place: int) -> None:
    text, _kept = issue("live", CLINIC, CREDENTIAL)
    changed = text[:place] + odd + text[place:]
    assert changed == text or read(changed) is None
    assert read(odd) is None


def test_a_shortened_key_is_no_key() -> None:
    text, _kept = issue("live", CLINIC, CREDENTIAL)
    assert [length for length in range(len(text)) if read(text[:length]) is not None] == []
