"""What B does in private, as a member of the care team records it or as B does it by their own link."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from app.clinical.menu import MENU_BY_CODE
from tests.homework.records import CALM_LOG
from tests.notes.records import new_note
from tests.outcomes.records import answers_of
from tests.views.record import Record
from tests.views.stage import Told

MENU = sorted(MENU_BY_CODE)
RATING = st.integers(0, 10)
STAGE = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": 1, "text_version": "1", "language": "en"}


@dataclass(frozen=True)
class Act:
    """Something that B does; the number keeps two of the same kind apart."""

    told: str
    do: Callable[[Record, int], Told] = field(repr=False)


def posts(told: str, path: str, body: object = None, method: str = "POST", version: int = 0) -> Act:
    """A request below the couple or one of B's links; refused after some others, it changes nothing."""
    return Act(told, lambda record, _: record.send(filled(record, path), body, None, method, version))


def filled(record: Record, path: str) -> str:
    """A path with the ids of this record."""
    plan = f"{record.couple}/plans/{record.ids['plan_id']}"
    links = {f"link_{purpose}": url for purpose, url in record.links["b"].items()}
    theirs = {f"b_{name}": found[-1] for name, found in record.of_b.items() if found}
    more = {"couple": record.couple, "b": record.partner("b"), "plan": plan, "b_id": record.b}
    return path.format_map(record.ids | theirs | links | more)


# What only the care team may know.


def screen(answers: list[int]) -> Act:
    """A safety screen, whatever it tells."""
    body = {"taken_alone": True, "answers": {str(item): answer for item, answer in enumerate(answers, start=1)}}
    return posts(f"is screened: {answers}", "{b}/safety-screens", body)


def block() -> Act:
    """The therapist finds that it is not safe."""
    days = {"interviewed_a_on": None, "interviewed_b_on": None}
    body = {"decision": "blocked", "reason": "Seen alone.", "blockers": ["coercion_or_violence"], **days}
    return posts("is not safe", "{couple}/clearances", body)


def flag(code: str) -> Act:
    """A red flag about B."""
    return Act(
        f"is flagged: {code}",
        lambda record, _: record.send(record.couple + "/red-flags", {"code": code, "partner_id": record.b}),
    )


def lacks(code: str) -> Act:
    """A precondition that B does not meet."""

    def do(record: Record, _: int) -> Told:
        body = {"code": code, "partner_id": record.b, "met": False}
        return record.send(record.couple + "/precondition-records", body)

    return Act(f"does not meet {code}", do)


def answers_menu(yes: list[bool]) -> Act:
    """Answers to a menu, which nobody reads."""
    answers = {code: "yes" if like else "no" for code, like in zip(MENU, yes, strict=False)}
    return posts("answers the menu", "{couple}/menus/{menu_id}/partners/{b_id}/answers", {"answers": answers})


SECRET = st.one_of(
    st.just(posts("withdraws", "{b}/consents/{b_consent_id}/withdrawals")),
    st.just(posts("consents again", "{b}/consents", STAGE)),
    st.just(posts("consents by link", "{link_consent}/answers", {"consent": {"agreed": True}})),
    st.just(posts("stops by link", "{link_stop}/stop")),
    st.just(posts("agrees to a reveal", "{couple}/menus/{menu_id}/partners/{b_id}/agreements")),
    st.just(posts("leaves the menu", "{couple}/menus/{menu_id}/partners/{b_id}/withdrawals")),
    st.just(
        posts("tells of violence", "{couple}/episodes/{episode_id}/concerns", {"code": "ipv_suspected_or_confirmed"}),
    ),
    st.builds(screen, st.lists(st.integers(1, 5), min_size=5, max_size=5)),
    st.just(block()),
    st.builds(flag, st.sampled_from(["unprocessed_trauma", "psychosis"])),
    st.builds(lacks, st.just("pelvic_examination")),
    st.builds(answers_menu, st.lists(st.booleans(), min_size=5, max_size=5)),
    st.builds(
        lambda code: posts(
            f"is diagnosed: {code}",
            "{b}/diagnoses",
            {"system": "icd10cm", "code": code, "exclusion_override": {"reason": "Both found."}},
        ),
        st.sampled_from(["T74.11XA", "Z69.11"]),
    ),
    st.just(posts("has a signal looked at", "{couple}/safety-signals/{signal_id}/reviews", {})),
)


# What B's own compartment holds.


def measure(code: str, total: int) -> Act:
    """A measure that B answered."""
    body = {"measure": code, "answers": answers_of(code, total)}
    return posts(f"scores {total} on {code}", "{b}/administrations", body)


def rate(severity: int, distressed: bool) -> Act:
    """What the concern weighs on B."""

    def do(record: Record, _: int) -> Told:
        body = {"partner_id": record.b, "severity": severity, "distressed": distressed}
        return record.send(filled(record, "{couple}/concerns/{concern_id}/ratings"), body)

    return Act(f"rates the concern {severity}, {distressed}", do)


def frame(words: str) -> Act:
    """The concern in B's words."""

    def do(record: Record, _: int) -> Told:
        return record.send(record.partner("b") + "/framings", {"concern_id": record.ids["concern_id"], "words": words})

    return Act(f"frames the concern: {words}", do)


def check_in(done: str, moods: tuple[int | None, int | None], private: dict[str, Any]) -> Act:
    """A check-in, with whatever B felt."""

    def do(record: Record, number: int) -> Told:
        at = record.began.replace(microsecond=number * 1000).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        log = CALM_LOG if done in {"within_rules", "partly", "not_within_rules"} else {}
        said = {"partner_id": record.b, "done": done, "mood_before": moods[0], "mood_after": moods[1], "occurred_at": at}
        return record.send(filled(record, "{plan}/assignments/{assignment_id}/check-ins"), said | private | {"log": log})

    return Act(f"checks in: {done}, {moods}, {private}", do)


def write(signed: bool) -> Act:
    """A note about B alone."""

    def do(record: Record, _: int) -> Told:
        written = record.send(record.couple + "/notes", new_note("partner_b"))
        path = f"{record.couple}/notes/{json.loads(written.body)['id']}/signatures"
        return record.send(path, {"version": 1}) if signed else written

    return Act(f"is written about, signed: {signed}", do)


def sign() -> Act:
    """B signs the agreement on secrets, which A has not."""

    def do(record: Record, _: int) -> Told:
        body = {"partner_id": record.b, "told": "in_writing"}
        return record.send(filled(record, "{couple}/secrets-agreements/{agreement_id}/signatures"), body)

    return Act("signs the agreement on secrets", do)


def batch(total: int) -> Act:
    """A measure that came in with many others."""

    def do(record: Record, _: int) -> Told:
        person = {"couple_id": record.ids["couple_id"], "partner_id": record.b}
        items = [person | {"measure": "gmsex", "answers": answers_of("gmsex", total)}]
        return record.send("/v1/administrations/batch", {"items": items})

    return Act(f"comes in a batch: {total}", do)


def shares_and_takes_back(kind: str) -> Act:
    """B shares everything of a kind, and takes it back."""

    def do(record: Record, _: int) -> Told:
        path = record.partner("b") + "/sharing-choices"
        return [record.send(path, {"kind": kind, "level": level, "told": "in_person"}) for level in ("full", "none")][-1]

    return Act(f"shares {kind} and takes it back", do)


RATED = st.none() | RATING
FELT = st.fixed_dictionaries(
    {"willingness": RATED, "pressure": RATED, "felt_forced": st.booleans(), "felt_afraid": st.booleans()},
)
DONE = st.sampled_from(["within_rules", "partly", "not_within_rules", "not_done", "declined"])
OWN = st.one_of(
    st.builds(measure, st.just("gmsex"), st.integers(5, 35)),
    st.builds(measure, st.just("phq9"), st.integers(0, 24)),
    st.builds(batch, st.integers(5, 35)),
    st.builds(rate, RATING, st.booleans()),
    st.builds(frame, st.sampled_from(["Never.", "Always, and it wears me out."])),
    st.builds(check_in, DONE, st.tuples(RATED, RATED), FELT),
    st.builds(write, st.booleans()),
    st.builds(
        lambda code: posts(
            f"is diagnosed: {code}",
            "{b}/diagnoses",
            {"system": "icd10cm", "code": code, "exclusion_override": {"reason": "Both found."}},
        ),
        st.sampled_from(["R68.82", "Z63.0", "Z70.3"]),
    ),
    st.just(posts("is said to be in remission", "{b}/diagnoses/{b_diagnosis_id}/status-changes", {"status": "in_remission"})),
    st.builds(
        lambda name: posts("has another name", "{b}", {"name": name, "contact": {"telephone": "+49 30 5550199"}}, "PATCH", 1),
        st.sampled_from(["Robin", "R."]),
    ),
    st.just(posts("answers by link", "{link_measure}/answers", {"measure": {"answers": answers_of("gmsex", 20)}})),
    st.just(posts("gets a link", "{b}/links", {"purpose": "stop"})),
    st.just(posts("loses a link", "{b}/links/{b_link_id}/revocations")),
    st.just(sign()),
)
# rare, because everything is asked for in full after it
SHARING = st.builds(shares_and_takes_back, st.sampled_from(["scores", "check_ins", "concerns", "diagnoses"]))
# One of each, to see that it can be done.
EACH = (
    posts("withdraws", "{b}/consents/{b_consent_id}/withdrawals"),
    posts("consents by link", "{link_consent}/answers", {"consent": {"agreed": True}}),
    posts("stops by link", "{link_stop}/stop"),
    posts("answers by link", "{link_measure}/answers", {"measure": {"answers": answers_of("gmsex", 20)}}),
    posts("agrees to a reveal", "{couple}/menus/{menu_id}/partners/{b_id}/agreements"),
    posts("has a signal looked at", "{couple}/safety-signals/{signal_id}/reviews", {}),
    screen([3, 2, 3, 2, 1]),
    block(),
    flag("unprocessed_trauma"),
    lacks("pelvic_examination"),
    answers_menu([True, False]),
    measure("phq9", 9),
    batch(20),
    rate(9, distressed=True),
    frame("Never."),
    check_in("within_rules", (4, 6), {"pressure": 9, "felt_forced": True}),
    write(signed=True),
    sign(),
    *(shares_and_takes_back(kind) for kind in ("scores", "check_ins", "concerns", "diagnoses")),
)
