"""Couples whose record leaves the clinic or ends, built through the API."""

from typing import Any

from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.safety.records import Pair, done

JOINT = ["concerns", "homework", "menus", "session_notes", "releases"]


def authorise(pair: Pair, partner: str | None = None, **more: Any) -> dict[str, Any]:
    """An authorisation, drawn up and not signed."""
    body = {
        "recipient_kind": "health_professional",
        "recipient": "Dr. Example",
        "purpose": "Going on elsewhere.",
        "kinds": JOINT if partner is None else ["measures"],
        "partner_id": None if partner is None else {"a": pair.a, "b": pair.b}[partner],
        "expires_at": "2027-06-01T00:00:00Z",
    }
    made: dict[str, Any] = done(pair.therapist.post(pair.path + "/authorisations", json=body | more))
    return made


def sign(pair: Pair, authorisation: dict[str, Any], *which: str, own: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The same, signed by some partners."""
    path = f"{pair.path}/authorisations/{authorisation['id']}"
    for one in which:
        body = {"partner_id": pair.a if one == "a" else pair.b, "method": "on_paper", "own_kinds": (own or {}).get(one, [])}
        done(pair.therapist.post(path + "/signatures", json=body), 200)
    return dict(pair.therapist.get(path).json())


def see_to(pair: Pair, authorisation: dict[str, Any]) -> None:
    """A clinician has seen to it."""
    done(pair.therapist.post(f"{pair.path}/authorisations/{authorisation['id']}/reviews"), 200)


def ready(pair: Pair, partner: str | None = None, own: dict[str, list[str]] | None = None, **more: Any) -> str:
    """The id of an authorisation that everybody signed who must, and that a clinician has seen to."""
    made = authorise(pair, partner, **more)
    sign(pair, made, *("ab" if partner is None else partner), own=own)
    see_to(pair, made)
    return str(made["id"])


def disclosing(**more: Any) -> dict[str, Any]:
    """A disclosure of two joint notes to Dr. Example."""
    return {
        "ground": "authorisation",
        "recipient_kind": "health_professional",
        "recipient": "Dr. Example",
        "purpose": "Going on elsewhere.",
        "left": [{"place": "conjoint", "kinds": {"session_notes": 2}}],
        **more,
    }


def prepared(pair: Pair, which: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """The path of a copy that a partner asked for and that was prepared, and its file."""
    path = pair.partner(which) + "/copies"
    path += "/" + done(pair.therapist.post(path, json={}))["id"]
    done(pair.therapist.post(path + "/preparations", json=more), 200)
    return path, done(pair.therapist.get(path + "/file"), 200)


def couple_id(pair: Pair) -> str:
    """The id of the couple."""
    return pair.path.rpartition("/")[2]


def let_time_pass(clinic: Clinic, pair: Pair, years: int = 8) -> Caller:
    """Years later: the therapist signs in anew, because every key has run out."""
    clinic.clock.turn(days=years * 366)
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    return pair.therapist


def ended(clinic: Clinic, pair: Pair, years: int = 8) -> Pair:
    """The couple's care has ended, and its time is over."""
    done(pair.therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/closures", json={"reason": "completed"}), 200)
    let_time_pass(clinic, pair, years)
    return pair


def ask_to_erase(pair: Pair, partner: str | None = None, **more: Any) -> str:
    """The path of an erasure that was asked for."""
    asked_by = "both_partners" if partner is None else f"partner_{partner}"
    whose = {"partner_id": None if partner is None else {"a": pair.a, "b": pair.b}[partner]}
    body = {"couple_id": couple_id(pair), "ground": "partner_request", "asked_by": asked_by, **whose, **more}
    return "/v1/erasures/" + str(done(pair.therapist.post("/v1/erasures", json=body))["id"])


def shred(clinic: Clinic, pair: Pair, erasure: str) -> Caller:
    """Both steps, a day apart; the therapist as signed in for the second."""
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    done(pair.therapist.post(erasure + "/confirmations"), 200)
    clinic.clock.turn(hours=25)
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    done(pair.therapist.post(erasure + "/shreddings"), 200)
    return pair.therapist


def pair_of(world: World) -> Pair:
    """The couple of a full record."""
    a, b = world.partners
    return Pair(world.therapist, world.couple, a, b, {})


def lived(world: World) -> Pair:
    """The couple of a full record, whose care has ended and whose time is over."""
    done(world.therapist.post(f"{world.couple}/episodes/{world.ids['episode_id']}/closures", json={"reason": "completed"}), 200)
    pair = pair_of(world)
    done(world.therapist.post(world.erasure + "/withdrawals"), 200)
    let_time_pass(world.clinic, pair)
    done(pair.therapist.post(f"{world.couple}/legal-holds/{world.ids['hold_id']}/liftings", json={"reason": "R"}), 200)
    return pair
