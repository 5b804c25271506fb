"""Members sign in with a password, prove themselves for five minutes, and are logged off by themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.access import passwords
from app.access import service as access
from app.access.actor import StepUpRequiredError
from app.access.keys import read
from app.access.models import Member, Password, PasswordTry, SignIn
from app.access.permissions import Permission, Role
from app.access.sign_ins import admit
from app.core.ids import encode
from app.core.limits import Limiter
from app.ledger.models import LedgerEvent
from app.ledger.service import log_refusal
from tests.conftest import Caller, Clinic, Wristwatch
from tests.outcomes.statements import statements
from tests.safety.records import done

RIGHT = "towels on the bed, laughing"
WRONG = "towels on the bed, fighting"


def member(clinic: Clinic, login: str = "anna", password: str | None = RIGHT, role: Role = Role.THERAPIST) -> str:
    """A member, with a password unless told otherwise."""
    with clinic.at_desk() as (session, _vault):
        made = access.add_member(session, login, role, "IT", clinic.clock())
        if password is not None:
            access.set_password(session, login, password, clinic.clock())
    return encode("mem", made.id)


def tried(clinic: Clinic, login: str = "anna", password: str = RIGHT) -> Any:
    """What a stranger gets who tries this."""
    body = {"clinic_id": encode("cln", clinic.id), "password": {"login": login, "password": password}}
    return clinic.anonymous().post("/v1/sign-ins", json=body, headers={"X-Request-ID": "req_same"})


def signed_in(clinic: Clinic, login: str = "anna") -> Caller:
    """A member who signed in with their password."""
    made = done(tried(clinic, login))
    return clinic.caller(made["token"], made["member_id"])


def told_of_sign_ins(clinic: Clinic) -> list[tuple[str, str, bool]]:
    """What the trail says of sign-ins: what happened, who did it, and whether it names a row or a member."""
    with clinic.at_desk() as (session, _vault):
        found = session.scalars(select(LedgerEvent).where(LedgerEvent.subject == "sign_in").order_by(LedgerEvent.id)).all()
    return [(event.kind, event.actor_kind, event.subject_id is not None) for event in found]


def test_a_password_gives_a_token_that_opens_the_door_and_proves_who_it_is(clinic: Clinic) -> None:
    member_id = member(clinic)
    made = done(tried(clinic))
    caller = clinic.caller(made["token"], member_id)
    me = done(caller.get("/v1/me"), 200)
    assert made["token"].startswith("rks_demo_")
    assert (me["kind"], me["role"], me["credential_id"][4:]) == ("member", "therapist", made["id"][4:])
    assert me["proven_at"] == made["proven_at"] == made["created_at"]
    assert done(caller.get("/v1/couples"), 200)["items"] == []
    assert told_of_sign_ins(clinic) == [("create", "member", True)]


def test_only_a_hash_of_the_token_and_of_the_password_is_kept(clinic: Clinic) -> None:
    member(clinic)
    token = done(tried(clinic))["token"]
    with clinic.at_desk() as (session, _vault):
        kept = [str(vars(row)) for table in (SignIn, Password) for row in session.scalars(select(table))]
    assert len(kept) == 2
    assert not any(RIGHT in row or token.split("_")[3] in row for row in kept)
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in kept[1]


def test_a_key_alone_never_proves_and_a_sign_in_proves_for_five_minutes(clinic: Clinic, clock: Wristwatch) -> None:
    therapist, caller = clinic.member("thea"), clinic.signed_in("sue")
    assert done(therapist.get("/v1/me"), 200)["proven_at"] is None
    for key, minutes, proves in ((therapist.key, 0, False), (caller.key, 0, True), (caller.key, 5.1, False)):
        clock.turn(minutes=minutes)
        held = read(key)
        assert held is not None
        with clinic.at_desk() as (session, _vault):
            actor = access.authenticate(session, held, clock()) if key == therapist.key else admit(session, held, clock())
            if proves:
                actor.check_recently_proven(clock())
            else:
                with pytest.raises(StepUpRequiredError):
                    actor.check_recently_proven(clock())


def test_a_proof_from_the_future_proves_nothing(clinic: Clinic, clock: Wristwatch) -> None:
    held = read(clinic.signed_in("sue").key)
    assert held is not None
    with clinic.at_desk() as (session, _vault), pytest.raises(StepUpRequiredError):
        admit(session, held, clock()).check_recently_proven(clock() - timedelta(minutes=1))


def test_a_sign_in_ends_when_it_is_not_used_and_in_any_case_after_its_hours(clinic: Clinic, clock: Wristwatch) -> None:
    idle, busy = clinic.signed_in("idle"), clinic.signed_in("busy")
    for _ in range(59):
        clock.turn(minutes=12)
        assert busy.get("/v1/me").status_code == 200
    assert idle.get("/v1/me").status_code == 401
    clock.turn(minutes=12)
    assert busy.get("/v1/me").status_code == 401


def test_fifteen_idle_minutes_end_a_sign_in(clinic: Clinic, clock: Wristwatch) -> None:
    caller = clinic.signed_in("anna")
    clock.turn(minutes=14)
    assert caller.get("/v1/me").status_code == 200
    clock.turn(minutes=14)
    assert caller.get("/v1/me").status_code == 200
    clock.turn(minutes=15)
    refused = caller.get("/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


def test_who_signs_out_is_out_at_once_and_elsewhere_still_in(clinic: Clinic) -> None:
    here = clinic.signed_in("anna")
    there = clinic.sign_in_again(here.holder_id)
    assert len(done(there.get("/v1/sign-ins"), 200)["items"]) == 2
    assert here.delete("/v1/sign-ins/current").status_code == 204
    assert here.get("/v1/me").status_code == 401
    left = done(there.get("/v1/sign-ins"), 200)["items"]
    assert [one["id"][4:] for one in left] == [done(there.get("/v1/me"), 200)["credential_id"][4:]]
    assert "token" not in left[0]
    assert told_of_sign_ins(clinic)[-1] == ("update", "member", True)


def test_one_may_end_ones_own_sign_ins_and_nobody_elses(clinic: Clinic) -> None:
    here, other = clinic.signed_in("anna"), clinic.signed_in("bert")
    there = clinic.sign_in_again(here.holder_id)
    held = read(there.key)
    assert held is not None
    path = f"/v1/sign-ins/{encode('sgn', held.credential_id)}"
    assert other.delete(path).status_code == 404
    assert here.delete(path).status_code == 204
    assert there.get("/v1/me").status_code == 401
    assert here.delete(path).status_code == 404


def test_with_a_key_there_is_no_sign_in_to_end(therapist: Caller, clinic: Clinic) -> None:
    assert therapist.delete("/v1/sign-ins/current").status_code == 404
    assert clinic.integration().get("/v1/sign-ins").status_code == 403


def test_who_left_is_out_at_the_next_request_and_cannot_come_back(clinic: Clinic) -> None:
    member(clinic)
    caller = signed_in(clinic)
    with clinic.at_desk() as (session, _vault):
        session.execute(update(Member).values(ended_at=clinic.clock()))
    assert caller.get("/v1/me").status_code == 401
    assert tried(clinic).status_code == 401


def test_a_new_password_ends_the_sign_ins_of_the_old_one(clinic: Clinic) -> None:
    member(clinic)
    caller = signed_in(clinic)
    with clinic.at_desk() as (session, _vault):
        access.set_password(session, "anna", WRONG, clinic.clock())
    assert caller.get("/v1/me").status_code == 401
    assert tried(clinic).status_code == 401
    assert tried(clinic, password=WRONG).status_code == 201


def test_every_refusal_takes_the_same_steps_to_the_same_bytes(clinic: Clinic) -> None:
    member(clinic)
    member(clinic, "nopass", None)
    member(clinic, "gone")
    with clinic.at_desk() as (session, _vault):
        session.execute(update(Member).where(Member.login == "gone").values(ended_at=clinic.clock()))
    tried(clinic, "warm", WRONG)  # the clinic's key is fetched once a process
    taken = {}
    for name, login in {"wrong": "anna", "none": "nobody", "without": "nopass", "left": "gone"}.items():
        with statements(clinic.app.state.runtime) as found:
            refused = tried(clinic, login, WRONG if login == "anna" else RIGHT)
        taken[name] = (refused.status_code, refused.content, sorted(refused.headers.items()), list(found))
    assert taken["wrong"][0] == 401
    assert sum("ledger_event" in statement for statement in taken["wrong"][3]) == 1
    for name, other in taken.items():
        assert other[:3] == taken["wrong"][:3], name
        assert other[3] == taken["wrong"][3], name
    assert [kind for kind, _actor, _named in told_of_sign_ins(clinic)] == ["refuse"] * 5


def test_a_door_that_looked_no_further_for_an_unknown_login_would_be_noticed(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    member(clinic)

    def hasty(session: Any, subject: str, who: Any) -> None:
        if who is not None:
            log_refusal(session, subject, who)

    monkeypatch.setattr("app.access.signing_in.log_refusal", hasty)
    tried(clinic, "warm", WRONG)
    found = []
    for login in ("anna", "nobody"):
        with statements(clinic.app.state.runtime) as sent:
            tried(clinic, login, WRONG)
        found.append(list(sent))
    assert found[0] != found[1]


def hears_only(clinic: Clinic, tries: int) -> None:
    """Fewer wrong passwords than usual are heard, because each takes long on purpose."""
    runtime = clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"password_tries": tries})


def test_wrong_passwords_of_one_login_are_limited_whether_or_not_it_exists(clinic: Clinic, clock: Wristwatch) -> None:
    hears_only(clinic, 4)
    member(clinic)
    member(clinic, "bert")
    for login in ("anna", "nobody"):
        found = [tried(clinic, login, WRONG).status_code for _ in range(5)]
        assert found == [401] * 4 + [429], login
    assert tried(clinic).status_code == 429  # even the right one is not heard now
    assert tried(clinic, "bert").status_code == 201
    clock.turn(minutes=16)
    assert tried(clinic).status_code == 201
    with clinic.at_desk() as (session, _vault):
        assert session.scalars(select(PasswordTry)).all() == []


def test_a_right_password_forgets_the_wrong_ones_before_it(clinic: Clinic) -> None:
    hears_only(clinic, 3)
    member(clinic)
    for _ in range(2):
        assert [tried(clinic, password=WRONG).status_code for _ in range(2)] == [401] * 2
        assert tried(clinic).status_code == 201


def test_too_many_tries_from_one_address_are_stopped(clinic: Clinic) -> None:
    clinic.app.state.runtime.strangers = Limiter(3)
    assert [tried(clinic, login).status_code for login in "abcd"] == [401, 401, 401, 429]


def test_a_clinic_may_switch_passwords_off(clinic: Clinic) -> None:
    member(clinic)
    runtime = clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"password_sign_in": False})
    assert tried(clinic).json()["code"] == "sign_in_refused"


def test_a_sign_in_to_another_clinic_or_to_none_is_refused(clinic: Clinic, new_clinic: Callable[[], Clinic]) -> None:
    member(clinic)
    body = {"clinic_id": "cln_" + "0" * 26, "password": {"login": "anna", "password": RIGHT}}
    assert clinic.anonymous().post("/v1/sign-ins", json=body).json()["code"] == "sign_in_refused"
    unnamed = clinic.anonymous().post("/v1/sign-ins", json={"password": body["password"]})
    if clinic.settings.sqlite_file is not None:
        assert unnamed.status_code == 201
        return
    assert (unnamed.status_code, unnamed.json()["errors"][0]["pointer"]) == (422, "/clinic_id")
    assert tried(new_clinic()).status_code == 401


def test_a_token_moved_to_another_clinic_or_form_opens_nothing(clinic: Clinic) -> None:
    caller = clinic.signed_in("anna")
    for prefix in ("rk", "rkt"):
        moved = prefix + caller.key.removeprefix("rks")
        assert clinic.anonymous().get("/v1/me", headers={"Authorization": f"Bearer {moved}"}).status_code == 401
    held = read(caller.key)
    assert held is not None
    assert held.clinic_id == clinic.id


def test_hashing_takes_as_long_for_nobody_as_for_a_member() -> None:
    kept = passwords.hash_of(RIGHT)
    assert passwords.is_right(RIGHT, kept)
    assert not passwords.is_right(WRONG, kept)
    assert not passwords.is_right(RIGHT, None)
    assert passwords.NOBODYS.rpartition("$")[0].rpartition("$")[0] == kept.rpartition("$")[0].rpartition("$")[0]
    assert [len(part) for part in passwords.NOBODYS.split("$")] == [len(part) for part in kept.split("$")]
    assert not passwords.is_outdated(kept)


def test_a_hash_made_with_older_parameters_is_renewed_when_it_was_right(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(passwords, "ITERATIONS", 1)
        member(clinic)
    assert tried(clinic).status_code == 201
    with clinic.at_desk() as (session, _vault):
        assert ",t=3," in session.scalars(select(Password.password_hash)).one()
    assert tried(clinic).status_code == 201


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaa", "my name is Anna!", "x" * 300])
def test_a_password_that_could_be_guessed_is_not_taken(clinic: Clinic, weak: str) -> None:
    with pytest.raises(passwords.PasswordWeakError):
        member(clinic, password=weak)


def test_the_same_letters_written_another_way_are_the_same_password(clinic: Clinic) -> None:
    member(clinic, password="Schöne Grüße, Anné's")
    assert tried(clinic, password="Scho\u0308ne Gru\u0308ße, Anne\u0301's").status_code == 201


def test_no_machine_and_no_stranger_can_be_granted_sign_ins() -> None:
    from app.access.permissions import ALLOWED, GRANTABLE  # noqa: PLC0415 - beside their one use

    assert not GRANTABLE & {Permission.SIGN_IN, Permission.SIGN_INS}
    assert all(Permission.SIGN_INS in allowed and Permission.SIGN_IN not in allowed for allowed in ALLOWED.values())
