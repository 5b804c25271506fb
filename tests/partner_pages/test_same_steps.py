"""A link that does not open takes the same steps whatever shut it: one answer, byte for byte, and the same statements."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.access.keys import issue_link
from app.core.ids import decode, new_id
from app.partner_pages import door
from app.partner_pages.models import PartnerLink
from tests.conftest import Caller, Clinic, Wristwatch
from tests.outcomes.statements import statements
from tests.partner_pages.records import GMSEX, YES, Held, administrations, ask, ask_consent, ask_measure
from tests.safety.records import Pair, done, new_pair

SAME = {"X-Request-ID": "req_same"}
ASKED: dict[str, Callable[[Held], Any]] = {
    "read": lambda held: held.client.get(held.path, headers=SAME),
    "answered": lambda held: held.answer(SAME, measure=GMSEX),
    "stopped": lambda held: held.client.post(held.path + "/stop", headers=SAME),
    "repeated": lambda held: held.answer(SAME | {"Idempotency-Key": "tap-1"}, measure=GMSEX),
}
UNOWNED = {"wrong secret", "unknown"}


def shut(pair: Pair, clinic: Clinic, clock: Wristwatch) -> dict[str, Held]:
    """Links that do not open, each for a reason of its own."""
    found = {name: ask_measure(pair, expires_in_hours=9) for name in ("used", "revoked", "wrong secret")}
    found["expired"] = ask_measure(pair, expires_in_hours=1)
    found |= {"a consent's, expired": ask_consent(pair, expires_in_hours=1), "a stop's, revoked": ask(pair, "b", "stop")}
    done(found["used"].answer(measure=GMSEX), 200)
    for name, which in (("revoked", "a"), ("a stop's, revoked", "b")):
        done(pair.therapist.post(f"{pair.partner(which)}/links/{found[name].made['id']}/revocations"), 200)
    clock.turn(hours=2)
    named = decode("lnk", found["wrong secret"].made["id"])
    for name, (clinic_id, link_id) in {"wrong secret": (clinic.id, named), "unknown": (clinic.id, new_id())}.items():
        found[name] = Held(found["used"].client, {"url": "/p/" + issue_link(clinic_id, link_id)[0]})
    return found


def taken(clinic: Clinic, held: Held, asked: str) -> tuple[int, bytes, list[tuple[str, str]], list[str]]:
    """The whole answer, and what it cost."""
    with statements(clinic.app.state.runtime) as found:
        answer = ASKED[asked](held)
    return answer.status_code, answer.content, sorted(answer.headers.items()), list(found)


def test_every_shut_link_takes_the_same_steps_to_the_same_bytes(therapist: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    links = shut(new_pair(therapist), clinic, clock)
    for asked in ASKED:
        first = taken(clinic, links["used"], asked)
        assert first[0] == 404
        assert sum("partner_link" in statement for statement in first[3]) >= 2
        for name, held in links.items():
            found = taken(clinic, held, asked)
            assert found[:3] == first[:3], (asked, name)
            # With an Idempotency-Key, who holds the secret gets as far as the stored answers, whatever shut the link.
            assert (asked == "repeated" and name in UNOWNED) or found[3] == first[3], (asked, name)


def test_a_door_that_looked_no_further_for_a_link_that_is_none_would_be_noticed(
    therapist: Caller, clinic: Clinic, clock: Wristwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hasty(session: Any, link_id: Any, *, lock: bool) -> Any:
        link = session.scalars(select(PartnerLink).where(PartnerLink.id == link_id)).one_or_none()
        return look_up(session, link_id, lock=lock) if link else (None, None, False)

    look_up = door._look_up  # noqa: SLF001 - what is made hasty
    links = shut(new_pair(therapist), clinic, clock)
    monkeypatch.setattr(door, "_look_up", hasty)
    assert taken(clinic, links["unknown"], "read")[:3] == taken(clinic, links["used"], "read")[:3]
    assert taken(clinic, links["unknown"], "read") != taken(clinic, links["used"], "read")


@pytest.mark.parametrize("shuts", ["revoked", "expired"])
def test_a_shut_link_that_was_never_used_does_nothing_with_a_key_either(
    therapist: Caller, clinic: Clinic, clock: Wristwatch, shuts: str
) -> None:
    pair = new_pair(therapist)
    held = shut(pair, clinic, clock)[shuts]
    before = len(administrations(pair, "a"))
    refused = [ASKED["repeated"](held) for _ in range(2)]
    assert [one.json()["code"] for one in refused] == ["link_not_open"] * 2
    assert len(administrations(pair, "a")) == before


def test_a_consent_link_takes_the_same_steps_to_the_same_page_whether_it_was_answered_or_not(
    therapist: Caller, clinic: Clinic
) -> None:
    pair = new_pair(therapist)
    answered, silent = ask_consent(pair), ask_consent(pair)
    done(answered.answer(consent=YES), 200)
    machine = clinic.integration()
    seen = []
    for held in (answered, silent):
        with statements(clinic.app.state.runtime) as found:
            page = done(held.read(), 200)
            listed = done(machine.get(f"{pair.partner('a')}/links/{held.made['id']}"), 200)
        seen.append(({**page, "expires_at": None}, listed["state"], listed["used_at"], list(found)))
    assert seen[0] == seen[1]
