"""What one partner does or is found to be, while the other does not or is not, and what it takes to be able to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.clinical.menu import MENU_BY_CODE
from tests.homework.records import CALM_LOG, WELL
from tests.outcomes.records import answers_of
from tests.outcomes.test_non_interference import SAID
from tests.outcomes.worlds import Json, World, moment, stamp
from tests.safety.records import AFRAID, CALM

STAGE_2 = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": 2, "text_version": "1", "language": "en"}
MENU = sorted(MENU_BY_CODE)
MET = ("erectile_problem_screened", "prostate_and_thyroid_considered")


@dataclass(frozen=True)
class Ask:
    """One request: its path below the couple, or the link it is sent by, its body, and the status it has to have."""

    path: str
    body: Json | None = None
    status: int = 201
    by_link: bool = False


def nothing(_world: World) -> None:
    """Where nothing has to come before, or follows."""


@dataclass(frozen=True)
class Kind:
    """What one partner does, and what the other does meanwhile, if anything; what must stand before, and what follows."""

    ask: Callable[[World, str, bool], Ask | None]
    prepare: Callable[[World], None] = nothing
    follow: Callable[[World], None] = nothing


def hand_out_links(world: World, which: str) -> None:
    """A link for each of the things that a partner may do alone."""
    world.link(which, "measure", measure={"code": "gmsex", "language": "en"})
    world.link(which, "consent", consent=STAGE_2)
    world.link(which, "stop")


def withdraws(world: World, which: str, it_was: bool) -> Ask | None:
    path = f"{world.partner(which)}/consents/{world.ids['consent ' + which]}/withdrawals"
    return Ask(path, status=200) if it_was else None


def leaves_therapy(world: World, which: str, it_was: bool) -> Ask | None:
    path = f"{world.partner(which)}/consents/{world.ids['therapy ' + which]}/withdrawals"
    return Ask(path, status=200) if it_was else None


def is_afraid(world: World, which: str, it_was: bool) -> Ask:
    return Ask(world.partner(which) + "/safety-screens", {"taken_alone": True, "answers": AFRAID if it_was else CALM})


def thinks_of_harm(world: World, which: str, it_was: bool) -> Ask:
    answers = answers_of("phq9", 5 if it_was else 7) | {"9": 2 if it_was else 0}
    return Ask(world.partner(which) + "/administrations", {"measure": "phq9", "answers": answers, "answered_at": stamp(SAID)})


def says(**private: Any) -> Kind:
    def ask(world: World, which: str, it_was: bool) -> Ask:
        said = {**WELL, "partner_id": world.ids[which], "occurred_at": stamp(moment(minutes=30))}
        return Ask(world.check_ins, said | (private if it_was else {}))

    return Kind(ask)


def is_flagged(world: World, which: str, it_was: bool) -> Ask | None:
    body = {"code": "unprocessed_trauma", "partner_id": world.ids[which]}
    return Ask(world.couple + "/red-flags", body) if it_was else None


def run_a_plan_that_asks_for_more(world: World) -> None:
    """A plan whose preconditions are met of the couple runs instead of the other."""
    concern = world.post(
        moment(minutes=11), f"{world.couple}/episodes/{world.ids['episode']}/concerns", {"code": "early_ejaculation"}
    )
    for code in MET:
        world.post(moment(minutes=12), world.couple + "/precondition-records", {"code": code, "met": True})
    body = {"concern_id": concern["id"], "protocol": "stop_start", "practising_partner_id": world.ids["a"]}
    plan = world.post(moment(minutes=13), world.couple + "/plans", body)
    world.ids["plan"] = plan["id"]
    for noun in ("offers", "activations"):
        world.post(moment(minutes=14), f"{world.plan}/{noun}", status=200)
    week = {"ends_on": "2026-11-29", "occasions": 2}
    world.ids["assignment"] = world.post(moment(minutes=15), f"{world.plan}/assignments", week)["id"]


def does_not_meet_it(world: World, which: str, it_was: bool) -> Ask | None:
    body = {"code": MET[0], "partner_id": world.ids[which], "met": False}
    return Ask(world.couple + "/precondition-records", body) if it_was else None


def lay_a_menu(world: World) -> None:
    world.ids["menu"] = world.post(moment(minutes=11), world.couple + "/menus", {})["id"]


def says_no_to_much(world: World, which: str, it_was: bool) -> Ask:
    answers = {code: "no" if it_was and place % 2 else "yes" for place, code in enumerate(MENU)}
    return Ask(f"{world.menu}/partners/{world.ids[which]}/answers", {"answers": answers}, 200)


def both_agree(world: World) -> None:
    for which in "ab":
        world.post(SAID, f"{world.menu}/partners/{world.ids[which]}/agreements", status=200)


def stops_by_link(world: World, which: str, it_was: bool) -> Ask | None:
    urls = dict(world.links_of(which))
    return Ask(urls["stop"] + "/stop", status=200, by_link=True) if it_was else None


def stays_silent(world: World, which: str, it_was: bool) -> Ask | None:
    urls = dict(world.links_of(which))
    return None if it_was else Ask(urls["consent"] + "/answers", {"consent": {"agreed": True}}, 200, by_link=True)


KINDS: dict[str, Kind] = {
    "withdraws": Kind(withdraws),
    "leaves therapy": Kind(leaves_therapy),
    "is afraid": Kind(is_afraid),
    "thinks of harm": Kind(thinks_of_harm),
    "does not want to": says(willingness=0),
    "feels some pressure": says(pressure=4),
    "is pressed": says(pressure=9),
    "is forced": says(felt_forced=True),
    "fears the other": says(felt_afraid=True),
    "would go back": says(log=CALM_LOG | {"asks_to_go_back": True, "stopped_early_by_me": True}),
    "is flagged": Kind(is_flagged),
    "does not meet it": Kind(does_not_meet_it, run_a_plan_that_asks_for_more),
    "says no to much": Kind(says_no_to_much, lay_a_menu, both_agree),
    "stops by link": Kind(stops_by_link),
    "stays silent": Kind(stays_silent),
}
