"""A full record of one couple, built through the API, with the ids that calls need."""

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any, Self

from sqlalchemy import select

from app.access import clients, identities
from app.access import service as access
from app.access.keys import read
from app.access.permissions import ALLOWED, SUPERVISING, Permission, Role
from app.access.providers import Providers
from app.core.ids import decode, encode, new_id
from app.core.settings import Provider
from app.direction.job import analyse_waiting
from app.exports.job import make_waiting
from app.ledger.alarms import raise_alarm
from app.ledger.models import Alarm
from app.ledger.sealing import seal
from app.protocols.example import EXAMPLE
from tests.access.connected import PUBLISHED, Connected
from tests.conftest import Caller, Clinic
from tests.couples.openings import opened
from tests.direction.records import panel
from tests.measures.records import baselines


class World:
    """One therapist's couple with everything an operation may ask for."""

    def __init__(self, clinic: Clinic, therapist: Caller) -> None:
        self.clinic = clinic
        self.therapist = therapist
        self.ids: dict[str, str] = {}
        self._keep(member_id=therapist.holder_id, clinic_id=encode("cln", clinic.id))
        self._open()
        self._protect()
        self._practise()
        self._share()
        self._measure()
        self._bring_norms()
        self._bring_protocol()
        self._write()
        self._confide()
        self._link()
        self._release()
        self._keep_and_erase()
        self._agree()
        self._alarm()
        self._people()
        self._let_in()
        self._ask()
        self._tell()

    @classmethod
    def found(cls, clinic: Clinic, therapist: Caller, ids: dict[str, str], partners: list[str]) -> Self:
        """A record that was told before."""
        world = cls.__new__(cls)
        world.clinic, world.therapist, world.ids, world.partners = clinic, therapist, ids, partners
        return world

    def member(self, role: Role) -> Caller:
        """One more member, of a login that no record holds yet."""
        return self.clinic.member(f"{role}-{new_id()}", role)

    @cached_property
    def administrator(self) -> Caller:
        """Who keeps members and integrations."""
        return self.member(Role.ADMINISTRATOR)

    @cached_property
    def supervisor(self) -> Caller:
        """One more supervisor with a grant on the couple."""
        found = self.member(Role.SUPERVISOR)
        self.post(f"{self.couple}/care-team", {"member_id": found.holder_id})
        return found

    @cached_property
    def proven(self) -> Caller:
        """The therapist, who has just proved who they are."""
        return self.clinic.sign_in_again(self.therapist.holder_id)

    def sender(self, permission: str) -> Caller:
        """Who may send an operation's example: the therapist, else a supervisor or the administrator."""
        if permission == "break_glass:open":
            return self.proven
        if permission.startswith("exports:"):
            return self.clinic.sign_in_again(self.therapist.holder_id)
        if Permission(permission) in SUPERVISING:
            return self.supervisor
        if permission.startswith(("credentials:", "webhooks:")):  # the clock may have gone on since the last one
            return self.clinic.sign_in_again(self.administrator.holder_id)
        desk = ALLOWED[Role.ADMINISTRATOR] - ALLOWED[Role.THERAPIST]
        return self.administrator if Permission(permission) in desk else self.therapist

    def post(self, path: str, body: object = None, sender: Caller | None = None) -> dict[str, Any]:
        """Posts as the therapist, or as somebody else; anything but success ends the test."""
        found = (sender or self.therapist).post(path, json=body)
        assert found.status_code in {200, 201, 202}, f"{path}: {found.text}"
        answer: dict[str, Any] = found.json()
        return answer

    def _keep(self, **ids: str) -> None:
        for name, value in ids.items():
            self.ids[name] = value
            self.ids[value[:3]] = value

    @property
    def couple(self) -> str:
        """The path of the couple."""
        return f"/v1/couples/{self.ids['couple_id']}"

    @property
    def plan(self) -> str:
        """The path of the plan."""
        return f"{self.couple}/plans/{self.ids['plan_id']}"

    def _open(self) -> None:
        partners = {f"partner_{slot}": {"record_number": f"world-{slot}"} for slot in "ab"}
        couple = self.post("/v1/couples", partners)
        self._keep(couple_id=couple["id"], partner_id=couple["partners"][0]["id"])
        self.partners = [partner["id"] for partner in couple["partners"]]
        episode = self.post(f"{self.couple}/episodes", {"primary_concern": {"code": "desire_discrepancy"}})
        self._keep(episode_id=episode["id"], concern_id=episode["concerns"][0]["id"])
        diagnosis = {"system": "icd10cm", "code": "F52.32"}
        self._keep(diagnosis_id=self.post(f"{self.couple}/partners/{self.partners[0]}/diagnoses", diagnosis)["id"])

    def _protect(self) -> None:
        answers = {str(item): 1 for item in range(1, 6)}
        for partner in reversed(self.partners):
            screens = f"{self.couple}/partners/{partner}/safety-screens"
            screen = self.post(screens, {"measure": "ehits", "taken_alone": True, "answers": answers})
            self._keep(screen_id=screen["id"])
        day = str(self.clinic.clock.moment.date())
        days = {"interviewed_a_on": day, "interviewed_b_on": day}
        self._keep(clearance_id=self.post(f"{self.couple}/clearances", {"decision": "cleared", **days})["id"])
        # a flag that nothing of this record is forbidden by
        flag = self.post(f"{self.couple}/red-flags", {"code": "psychosis"})
        self._keep(red_flag_id=flag["id"])
        record = self.post(f"{self.couple}/precondition-records", {"code": "pelvic_examination", "met": True})
        self._keep(record_id=record["id"])
        for stage in (2, 1):
            self.consent(stage)

    def consent(self, stage: int) -> None:
        """Both partners say yes to a stage."""
        for partner in reversed(self.partners):
            body = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": stage, "text_version": "1"}
            consent = self.post(f"{self.couple}/partners/{partner}/consents", {**body, "language": "en"})
            self._keep(consent_id=consent["id"])

    def _practise(self) -> None:
        body = {"concern_id": self.ids["concern_id"], "protocol": "sensate_focus"}
        self._keep(plan_id=self.post(f"{self.couple}/plans", body)["id"])
        self.post(f"{self.plan}/offers")
        self.post(f"{self.plan}/activations")
        ends_on = str((self.clinic.clock.moment + timedelta(days=7)).date())
        given = self.post(f"{self.plan}/assignments", {"ends_on": ends_on, "occasions": 1})
        self._keep(assignment_id=given["id"])
        check_ins = f"{self.plan}/assignments/{given['id']}/check-ins"
        log = {"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2}
        said = {"partner_id": self.partners[0], "done": "within_rules", "pressure": 4, "log": log}
        self._keep(check_in_id=self.post(check_ins, said)["id"])
        signals = self.therapist.get(f"{self.couple}/safety-signals").json()["items"]
        self._keep(signal_id=signals[0]["id"])

    def _share(self) -> None:
        self._keep(menu_id=self.post(f"{self.couple}/menus", {})["id"])

    def _measure(self) -> None:
        answers = {str(item): 4 for item in range(1, 6)}
        path = f"{self.couple}/partners/{self.partners[0]}/administrations"
        self._keep(administration_id=self.post(path, {"measure": "gmsex", "answers": answers})["id"])
        attested = {"licence_reference": "L-1", "holder": "H", "expires_on": None}
        self._keep(attestation_id=self.post("/v1/measures/gmsex/licence-attestations", attested)["id"])

    def _bring_norms(self) -> None:
        norms = {"measure": "gmsex", "population": "couples in care", "n": 131, "sd": 6.4, "citation": "Doe & Roe 2024"}
        stable = {"value": 0.82, "kind": "test_retest", "citation": "Doe & Roe 2024"}
        self._keep(norm_set_id=self.post("/v1/norm-sets", norms | {"reliability": stable})["id"])

    def _bring_protocol(self) -> None:
        self.post("/v1/protocols", {"document": EXAMPLE | {"code": "own_quiet_evening"}})

    def _write(self) -> None:
        hour = {"held_on": "2026-11-20", "started_at": "2026-11-20T17:00:00Z", "ended_at": "2026-11-20T17:50:00Z"}
        sections = {"subjective": "S", "objective": "O", "assessment": "A", "plan": "P"}
        body = {
            "about": "couple",
            **hour,
            "format": "soap",
            "sections": sections,
            "attendance": {f"partner_{slot}": "present" for slot in "ab"},
        }
        self._keep(note_id=self.post(f"{self.couple}/notes", body)["id"])

    def _confide(self) -> None:
        own = f"{self.couple}/psychotherapy-notes"
        self._keep(psychotherapy_note_id=self.post(own, {"text": "I side with whoever speaks less."})["id"])

    def _link(self) -> None:
        asked = {"purpose": "measure", "measure": {"code": "gmsex", "language": "en"}}
        self.hold(self.post(f"{self.couple}/partners/{self.partners[0]}/links", asked))

    def _release(self) -> None:
        words = {"recipient_kind": "health_professional", "recipient": "R", "purpose": "P", "kinds": ["session_notes"]}
        expires_at = (self.clinic.clock.moment + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._keep(authorisation_id=self.post(f"{self.couple}/authorisations", words | {"expires_at": expires_at})["id"])
        # lifted, so that it holds back nothing of what the examples release
        flag = self.post(f"{self.couple}/release-flags", {"against": "everyone", "reason": "R"})
        self._keep(flag_id=flag["id"])
        self.post(f"{self.couple}/release-flags/{flag['id']}/liftings", {"reason": "R"})
        self._keep(copy_id=self.post(f"{self.couple}/partners/{self.ids['partner_id']}/copies", {})["id"])

    def _keep_and_erase(self) -> None:
        self._keep(hold_id=self.post(f"{self.couple}/legal-holds", {"reason": "R"})["id"])
        body = {"couple_id": self.ids["couple_id"], "ground": "partner_request", "asked_by": "both_partners"}
        self._keep(erasure_id=self.post("/v1/erasures", body)["id"])

    @property
    def copy(self) -> str:
        """The path of the request for a copy."""
        return f"{self.couple}/partners/{self.ids['partner_id']}/copies/{self.ids['copy_id']}"

    @property
    def erasure(self) -> str:
        """The path of the erasure."""
        return f"/v1/erasures/{self.ids['erasure_id']}"

    def prove(self) -> None:
        """The therapist signs in anew."""
        self.therapist = self.clinic.sign_in_again(self.therapist.holder_id)

    def _agree(self) -> None:
        choice = {"kind": "concerns", "level": "none", "told": "in_person"}
        chosen = self.post(f"{self.couple}/partners/{self.partners[0]}/sharing-choices", choice)
        self._keep(choice_id=chosen["id"])
        text = {"policy": "limited_secrets", "text_version": "1", "language": "en", "text": "What we agree on."}
        self._keep(agreement_id=self.post(f"{self.couple}/secrets-agreements", text)["id"])

    def _alarm(self) -> None:
        with self.clinic.at_desk() as (session, _vault):
            raise_alarm(session, "many_couples_read", couple_id=None, member_id=None)
            alarm_id = session.scalars(select(Alarm.id)).first()
        self._keep(alarm_id=encode("alm", alarm_id))

    def _people(self) -> None:
        """A supervisor with a grant, and a machine account."""
        supervise(self)
        made = self.post("/v1/integrations", {"name": f"ehr-{new_id()}", "scopes": ["couples:read"]}, self.administrator)
        self._keep(integration_id=made["id"])

    def _ask(self) -> None:
        rows = [["c1", occasion, 5.0, 6.0] for occasion in range(3)]
        panel = {"columns": ["unit", "occasion", "x", "y"], "rows": rows}
        self._keep(analysis_id=self.post("/v1/clinic/direction-analyses", {"panel": panel})["id"])
        self._keep(export_id=self.post("/v1/exports", {"tables": ["couples"]}, self.sender("exports:write"))["id"])

    def _tell(self) -> None:
        """An integration that is told of changes, and one thing it is told."""
        told = {"url": "https://ehr.example.org/hooks", "event_types": ["couple.changed"]}
        body = {**told, "integration_id": self.ids["integration_id"]}
        proven = self.clinic.sign_in_again(self.administrator.holder_id)
        endpoint = self.post("/v1/webhook-endpoints", body, proven)
        self._keep(endpoint_id=endpoint["id"])
        delivery = self.post(f"/v1/webhook-endpoints/{endpoint['id']}/pings", sender=proven)
        self._keep(delivery_id=delivery["id"])

    def _let_in(self) -> None:
        held = read(self.clinic.integration(f"with a key {new_id()}", {"couples:read"}).key)
        assert held is not None
        outbound, now = self.clinic.app.state.runtime.outbound, self.clinic.clock()
        with self.clinic.at_desk() as (session, _vault):
            integration_id, member_id = decode("int", self.ids["integration_id"]), decode("mem", self.ids["member_id"])
            made = clients.register_client(session, integration_id, jwks=PUBLISHED, jwks_url=None, outbound=outbound, now=now)
            bound = identities.bind(session, member_id, "https://id.example.org", f"of-{new_id()}", now)
        client_id, identity_id = encode("ocl", made.id), encode("idn", bound.id)
        self._keep(client_id=client_id, identity_id=identity_id, credential_id=encode("crd", held.credential_id))

    def hold(self, made: dict[str, Any]) -> None:
        """Takes a new link into the hand of its partner."""
        self._keep(link_id=made["id"])
        self.ids["link"] = made["url"].rpartition("/")[2]

    def sign_in(self, caller: Caller) -> Caller:
        """The same member, with a sign-in instead of what they had; examples that end one end this one."""
        caller = self.clinic.sign_in_again(caller.holder_id)
        held = read(caller.key)
        assert held is not None
        self.ids["sign_in_id"] = encode("sgn", held.credential_id)
        return caller

    def prepare(self, operation: str) -> None:
        """Brings the record to where an operation's example holds."""
        if prepare := PREPARED.get(operation):
            prepare(self)


def review(world: World) -> None:
    """The open signal is looked at, so that shared touch may go on."""
    world.post(f"{world.couple}/safety-signals/{world.ids['signal_id']}/reviews", {})


def close_episode(world: World) -> None:
    """No episode is open."""
    world.post(f"{world.couple}/episodes/{world.ids['episode_id']}/closures", {"reason": "completed"})


def sign(world: World) -> None:
    """The note is signed."""
    world.post(f"{world.couple}/notes/{world.ids['note_id']}/signatures", {"version": 1})


def let_supervisor_read(world: World) -> None:
    """A supervisor whom private notes can be shown to."""
    world.ids["mem"] = world.supervisor.holder_id


def show_private_notes(world: World) -> None:
    """A supervisor has been let in."""
    let_supervisor_read(world)
    until = (world.clinic.clock.moment + timedelta(days=7)).isoformat()
    grants = f"{world.couple}/psychotherapy-grants"
    made = world.post(grants, {"member_id": world.ids["mem"], "expires_at": until})
    world.ids["psychotherapy_grant_id"] = made["id"]


def new_plan(world: World) -> None:
    """A second plan, still a draft."""
    body = {"concern_id": world.ids["concern_id"], "protocol": "sensate_focus"}
    world.ids["plan_id"] = world.post(f"{world.couple}/plans", body)["id"]


def offered_plan(world: World) -> None:
    """A second plan, offered, with nothing in its way."""
    review(world)
    new_plan(world)
    world.post(f"{world.plan}/offers")


def held_plan(world: World) -> None:
    """The plan is held, with nothing in its way."""
    review(world)
    world.post(f"{world.plan}/holds")


def resolve(world: World) -> None:
    """The concern is settled."""
    world.post(f"{world.couple}/concerns/{world.ids['concern_id']}/resolutions", {})


def enough_baselines(world: World) -> None:
    """A clinic that asks for twenty baselines has them."""
    runtime = world.clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"local_norms_from": 20})
    known = len(world.therapist.get("/v1/couples?limit=200").json()["items"])
    baselines(world.therapist, *range(10, 30), start=known)


def stop_link(world: World) -> None:
    """The partner holds a link to stop by."""
    world.hold(world.post(f"{world.couple}/partners/{world.partners[0]}/links", {"purpose": "stop"}))


def prove(world: World) -> None:
    """The therapist has just proved who they are."""
    world.prove()


def prepared_copy(world: World) -> None:
    """The copy is ready to be handed over."""
    world.post(world.copy + "/preparations", {})


def denied_copy(world: World) -> None:
    """Another therapist of the couple denied the copy."""
    other = world.clinic.member("reviewed")
    world.post(world.couple + "/care-team", {"member_id": other.holder_id})
    denial = {"ground": "not_kept_here", "reason": "R"}
    assert other.post(world.copy + "/denials", json=denial).status_code == 200


def no_hold(world: World) -> None:
    """No hold stands."""
    world.prove()
    world.post(f"{world.couple}/legal-holds/{world.ids['hold_id']}/liftings", {"reason": "R"})


def no_erasure(world: World) -> None:
    """No erasure is under way."""
    world.post(world.erasure + "/withdrawals")


def due_erasure(world: World) -> None:
    """A couple whose care ended long ago is to be erased."""
    numbers = {f"partner_{slot}": {"record_number": f"long-ago-{slot}"} for slot in "ab"}
    couple = world.post("/v1/couples", numbers)
    path = f"/v1/couples/{couple['id']}/episodes"
    episode = world.post(path, {"opened_on": "2010-01-10", "primary_concern": {"code": "desire_discrepancy"}})
    world.post(f"{path}/{episode['id']}/closures", {"closed_on": "2011-01-10", "reason": "completed"})
    body = {"couple_id": couple["id"], "ground": "retention_over", "asked_by": "clinic"}
    world.ids["erasure_id"] = world.post("/v1/erasures", body)["id"]
    world.prove()


def confirmed_erasure(world: World) -> None:
    """The first step was made a day ago."""
    due_erasure(world)
    world.post(world.erasure + "/confirmations")
    world.clinic.clock.turn(hours=25)
    world.prove()


def shredded(world: World) -> None:
    """It is gone."""
    confirmed_erasure(world)
    world.post(world.erasure + "/shreddings")


def supervise(world: World) -> None:
    """A supervisor has a grant on the couple."""
    supervisor = world.member(Role.SUPERVISOR)
    seat = world.post(f"{world.couple}/care-team", {"member_id": supervisor.holder_id})
    world.ids["seat_id"] = world.ids["sea"] = seat["id"]
    world.ids["supervisor_id"] = supervisor.holder_id


def supervised_member(world: World) -> None:
    """The path names the supervisor and the seat they have."""
    supervise(world)
    world.ids["member_id"] = world.ids["supervisor_id"]


def colleague(world: World) -> None:
    """The path names a colleague of the therapist's."""
    world.ids["member_id"] = world.member(Role.THERAPIST).holder_id


def opened_by_a_colleague(world: World) -> None:
    """A colleague without a seat opened the couple's record in an emergency."""
    stranger = world.member(Role.THERAPIST)
    world.ids["opening_id"] = opened(world.clinic, stranger, couple_id=world.ids["couple_id"])


def opened_by_the_therapist(world: World) -> None:
    """The therapist opened the couple's record in an emergency."""
    world.ids["opening_id"] = opened(world.clinic, world.therapist, couple_id=world.ids["couple_id"])


def password(world: World) -> None:
    """There is a member who can sign in as the example does."""
    world.clinic.member("anna")
    with world.clinic.at_desk() as (session, _vault):
        access.set_password(session, "anna", "towels on the bed, laughing", world.clinic.clock())


def signed_in(world: World) -> None:
    """The therapist works with a sign-in instead of a key."""
    world.therapist = world.sign_in(world.therapist)


def provide(world: World) -> None:
    """A provider signs members in."""
    runtime, issuer = world.clinic.app.state.runtime, "https://id.example.org"
    told = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
    provider = Provider(
        name="hospital",
        issuer=issuer,
        client_id="rekindle",
        redirect_uris=("https://dashboard.example.org/callback",),
        **{name: issuer + path for name, path in told.items()},
    )
    runtime.providers = Providers((provider,), runtime.outbound, runtime.key_sources)


def connect(world: World) -> None:
    """There is a client that can prove itself, and its proof."""
    client = Connected(world.clinic)
    world.ids |= {"client_id": client.client_id, "client_assertion": client.assertion()}


def analysed(world: World) -> None:
    """An analysis of a panel in which x came first is done."""
    asked = {"panel": panel(60, 14), "models": ["within_lagged"]}
    world.ids["analysis_id"] = world.post("/v1/clinic/direction-analyses", asked)["id"]
    analyse_waiting(world.clinic.app.state.runtime, world.clinic.id)


def exported(world: World) -> None:
    """The export is done."""
    make_waiting(world.clinic.app.state.runtime, world.clinic.id)


def sealed(world: World) -> None:
    """What happened so far is under a checkpoint."""
    seal(world.clinic.app.state.runtime, world.clinic.id)
    world.ids["event_id"] = world.administrator.get("/v1/audit-events?limit=1").json()["items"][0]["id"]


PREPARED: dict[str, Callable[[World], None]] = {
    "sign_in": password,
    "issue_token": connect,
    "begin_sign_in": provide,
    "sign_out": signed_in,
    "end_sign_in": signed_in,
    "read_break_glass_opening": opened_by_a_colleague,
    "review_break_glass_opening": opened_by_a_colleague,
    "read_opened_couple": opened_by_the_therapist,
    "end_seat": supervise,
    "end_member_seat": supervised_member,
    "change_member": colleague,
    "depart_member": colleague,
    "assign_seat": colleague,
    "open_episode": close_episode,
    "reopen_concern": resolve,
    "add_addendum": sign,
    "retract_note": sign,
    "co_sign_note": sign,
    "grant_psychotherapy_notes": let_supervisor_read,
    "revoke_psychotherapy_grant": show_private_notes,
    "offer_plan": new_plan,
    "activate_plan": offered_plan,
    "resume_plan": held_plan,
    "create_assignment": review,
    "decide_stage": review,
    "stop_by_link": stop_link,
    "read_copy_file": prepared_copy,
    "hand_copy_over": prepared_copy,
    "review_denial": denied_copy,
    "lift_legal_hold": prove,
    "add_retention_rule": prove,
    "request_erasure": no_erasure,
    "restrict_erasure": no_hold,
    "refuse_erasure": no_hold,
    "confirm_erasure": due_erasure,
    "shred_erasure": confirmed_erasure,
    "read_erasure_proof": shredded,
    "read_inclusion_proof": sealed,
    "read_local_norms": enough_baselines,
    "adopt_local_norms": enough_baselines,
    "read_direction_analysis": analysed,
    "read_export_file": exported,
}
