"""What is one partner's alone, and what is kept for safety, changes no byte of what FHIR says of the other."""

import json
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.access import actor
from app.core.database import Compartment
from app.couples.models import Partner
from app.fhir.resource import Asked, Content, Drawing, Written
from app.fhir.resources import resources
from app.fhir.rows import Rows
from app.measures.models import Administration
from app.safety.models import OpenedFlag
from tests.fhir.conftest import Read
from tests.fhir.walk import Walk, Walker, bases, brought
from tests.views import acts
from tests.views.acts import OWN, SECRET, Act, posts
from tests.views.looks import InterferenceError, Look
from tests.views.record import Record
from tests.views.stage import Told
from tests.views.test_non_interference import pause

# so many on each engine; CONTRIBUTING.md tells how to try more
PAIRS = int(os.environ.get("REKINDLE_PAIRS", "0"))
GATE = {"sqlite": 8, "postgresql": 2}
SOMETIMES = 0.2
# What is of no couple, and so may stand under both of one as it stands under everybody's Patient.
OF_ALL = {one.type for one in resources().values() if not one.of_patients}


def shares(kind: str, level: str) -> Act:
    """B lets A read something here, which changes nothing of what leaves to software."""
    return posts(f"shares {kind}: {level}", "{b}/sharing-choices", {"kind": kind, "level": level, "told": "in_person"})


def authorises(*, signed: bool) -> Act:
    """B alone lets something of their own go to somebody."""

    def do(record: Record, _: int) -> Told:
        words = {"recipient_kind": "health_professional", "recipient": "Dr. B", "purpose": "B's.", "kinds": ["measures"]}
        expires_at = record.shown.strftime("%Y-%m-%dT%H:%M:%SZ")
        path = record.couple + "/authorisations"
        made = record.send(path, words | {"partner_id": record.b, "expires_at": expires_at})
        if not signed:
            return made
        signing = {"partner_id": record.b, "own_kinds": [], "method": "on_paper"}
        return record.send(f"{path}/{json.loads(made.body)['id']}/signatures", signing)

    return Act(f"authorises, signed: {signed}", do)


def signs_authorisation() -> Act:
    """B signs what both have to sign and A has not."""

    def do(record: Record, _: int) -> Told:
        body = {"partner_id": record.b, "own_kinds": [], "method": "on_paper"}
        return record.send(f"{record.couple}/authorisations/{record.ids['authorisation_id']}/signatures", body)

    return Act("signs a joint authorisation alone", do)


# What is nobody's to have over FHIR: of B it changes nothing either, whoever asks.
NEVER_LEAVES = st.one_of(
    st.builds(acts.check_in, acts.DONE, st.tuples(acts.RATED, acts.RATED), acts.FELT),
    st.builds(acts.write, st.booleans()),
    st.just(acts.sign()),
    st.just(posts("gets a link", "{b}/links", {"purpose": "stop"})),
    st.builds(shares, st.sampled_from(["scores", "diagnoses"]), st.just("full")),
)
MORE_OWN = (
    shares("scores", "full"),
    shares("diagnoses", "full"),
    authorises(signed=False),
    authorises(signed=True),
    signs_authorisation(),
)


@dataclass(frozen=True)
class Difference:
    """What there is in one world and not in the other."""

    secrets: list[Act] = field(default_factory=list)
    never: list[Act] = field(default_factory=list)
    own: list[Act] = field(default_factory=list)
    seed: int = 0

    @property
    def acts(self) -> list[Act]:
        """All of it."""
        return [*self.secrets, *self.never, *self.own]


DIFFERENCE = st.builds(
    Difference,
    st.lists(SECRET, max_size=2),
    st.lists(NEVER_LEAVES, max_size=2),
    st.lists(OWN | st.sampled_from(MORE_OWN), max_size=3),
    st.integers(0, 2**32 - 1),
)


def under_a(read: Read) -> Callable[[Record], Walk]:
    """Everything under A's Patient, for who may know couples and for who may not."""

    def walk(_record: Record) -> Walk:
        patient = read.wide.patient("a")
        yield from read.wide.under(patient)
        yield from read.narrow.plainly(patient)

    return walk


def plainly_under_a(read: Read) -> Callable[[Record], Walk]:
    """The same, in one way."""
    return lambda _record: read.wide.plainly(read.wide.patient("a"))


def of_everybody(read: Read) -> Callable[[Record], Walk]:
    """Everything of both partners."""
    return lambda _record: read.wide.everything()


class Pairs:
    """What a world says over FHIR, and whether another says the same."""

    def __init__(self, read: Read, walk: Callable[[Record], Walk]) -> None:
        self.record = read.record
        self.compared = self.sent = 0
        self.of_a = Look(read.record, read.record.later, walk, in_all_ways=False)
        self.of_both = Look(read.record, read.record.later, of_everybody(read), in_all_ways=False)
        self.shown = Look(read.record, read.record.shown, plainly_under_a(read), in_all_ways=False, after=pause)

    def compare(self, difference: Difference) -> None:
        """Raises InterferenceError when something shows that may not."""
        try:
            self._compare(difference, random.Random(difference.seed))  # noqa: S311 - which requests are sent again is no secret
        except InterferenceError as error:
            error.add_note("; ".join(act.told for act in difference.acts))
            raise
        self.compared += 1

    def _compare(self, difference: Difference, chance: random.Random) -> None:
        with self.record.stage.database.undone():
            for number, act in enumerate(difference.acts):
                act.do(self.record, number)
            self.sent += self.of_a.again(chance)
            if not difference.own:
                self.sent += self.of_both.again(chance)
            if chance.random() < SOMETIMES:
                pause(self.record)
                self.sent += self.shown.again(chance)


@pytest.mark.timeout(0 if PAIRS else 300)
def test_what_is_bs_alone_or_kept_for_safety_changes_no_byte_under_as_patient(read: Read, engine_name: str) -> None:
    is_all = engine_name == "sqlite" or PAIRS  # in every way on one database; the other is asked the same in one
    pairs = Pairs(read, under_a(read) if is_all else plainly_under_a(read))

    @settings(max_examples=PAIRS or GATE[engine_name], derandomize=not PAIRS, phases={Phase.generate})
    @given(DIFFERENCE)
    def holds(difference: Difference) -> None:
        pairs.compare(difference)

    holds()
    looked = [len(one.places) for one in (pairs.of_a, pairs.of_both)]
    print(f"{pairs.compared} pairs, {looked} addresses, {pairs.sent} requests sent again")  # noqa: T201 - read with -s
    assert pairs.compared >= (PAIRS or GATE[engine_name])


# The controls: each leak is found.

ANSWERS = Difference(own=[acts.measure("phq9", 3)])
RENAMED = Difference(own=[posts("has another name", "{b}", {"name": "Robin"}, "PATCH", 1)])
FLAGGED = Difference(secrets=[acts.flag("unprocessed_trauma")])
WITHDRAWS = Difference(secrets=[acts.posts("withdraws", "{b}/consents/{b_consent_id}/withdrawals")])


class Leaking(Rows):
    """Patients that tell of what their partner did."""

    def count(self, drawing: Drawing, type_: str, asked: Asked) -> int:
        """As many as there are, and one for each time that a partner answered something."""
        answered = drawing.work.session.scalar(select(func.count()).select_from(Administration)) or 0
        return super().count(drawing, type_, asked) + answered


def costly(drawing: Drawing, rows: Sequence[Any]) -> Sequence[Content | Written]:
    """Patients that look again for each answer of their couple."""
    for _ in drawing.work.session.scalars(select(Administration.id)).all():
        drawing.work.session.scalars(select(Partner.id)).all()
    return patients.draw(drawing, rows)


def flagged(drawing: Drawing, rows: Sequence[Any]) -> Sequence[Content]:
    """Patients that are not active while something stands in the way of their exercises."""
    open_flags = drawing.work.session.scalars(select(OpenedFlag.id).where(OpenedFlag.cleared_at.is_(None))).all()
    drawn = [content for content in patients.draw(drawing, rows) if isinstance(content, dict)]
    return [content | {"active": len(open_flags)} for content in drawn]


def _rows(type_: str) -> Rows:
    source = resources()[type_].source
    assert isinstance(source, Rows)
    return source


patients = _rows("Patient")
OTHER = aliased(Partner)
LATEST = select(func.max(OTHER.changed_at)).where(OTHER.couple_id == Partner.couple_id).correlate(Partner).scalar_subquery()
LEAKS: dict[str, tuple[Rows, Difference]] = {
    "a moment that moves with the other": (replace(patients, updated=func.coalesce(LATEST, patients.updated)), RENAMED),
    "a total that counts what is the other's": (Leaking(**vars(patients)), ANSWERS),
    "a statement more for each thing of the other's": (replace(patients, draw=costly), ANSWERS),
}


def noticed(read: Read, difference: Difference) -> None:
    """Looks at A's Patient alone, before and after. Raises InterferenceError."""

    def walk(_record: Record) -> Walk:
        path = f"/fhir/Patient?_id={read.wide.patient('a')}"
        yield from (read.wide.asked(path + way) for way in ("", "&_summary=count"))

    look = Look(read.record, read.record.later, walk, in_all_ways=False)
    with read.record.stage.database.undone():
        for number, act in enumerate(difference.acts):
            assert act.do(read.record, number).status in {200, 201}, act.told
        look.all_again()


def is_noticed(read: Read, difference: Difference) -> bool:
    """Whether such a look finds something."""
    try:
        noticed(read, difference)
    except InterferenceError:
        return True
    return False


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_each_way_of_telling_under_a_what_is_bs_would_be_noticed(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    for told, (leaking, difference) in LEAKS.items():
        assert not is_noticed(read, difference), told
        with monkeypatch.context() as patched:
            patched.setitem(resources(), "Patient", replace(resources()["Patient"], source=leaking))
            assert is_noticed(read, difference), told


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_kept_for_safety_is_out_of_reach_of_whoever_draws_and_would_be_noticed(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client reaches nothing of safety, whatever a mapper asks for; if it did, its answers would be seen to move."""
    telling = replace(resources()["Patient"], source=replace(patients, draw=flagged))
    monkeypatch.setitem(resources(), "Patient", telling)
    noticed(read, FLAGGED)
    monkeypatch.setattr(actor, "MACHINE", frozenset(Compartment))
    with pytest.raises(InterferenceError, match="active"):
        noticed(read, FLAGGED)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_all_that_differs_between_two_worlds_can_be_done(read: Read) -> None:
    for act in (*MORE_OWN, *FLAGGED.acts, *WITHDRAWS.acts):
        with read.record.stage.database.undone():
            assert act.do(read.record, 1).status in {200, 201}, act.told


# Who is whose partner.


def marks(resources_: Sequence[dict[str, Any]]) -> set[str]:
    """What two resources could be joined by: their ids, the ids they refer to, and every identifier."""
    return {mark for one in resources_ for mark in _marks(one)}


def _marks(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _marks(inner)
    elif isinstance(value, dict):
        yield from (value[name] for name in ("id", "reference") if isinstance(value.get(name), str))
        if "system" in value and "value" in value:
            yield f"{value['system']}|{value['value']}"
        for inner in value.values():
            yield from _marks(inner)


def all_under(walker: Walker, which: str) -> list[dict[str, Any]]:
    """Every resource that a search for a partner's Patient finds or brings along."""
    patient = walker.patient(which)
    found: list[dict[str, Any]] = []
    for resource in resources().values():
        for base in bases(resource, patient) if resource.of_patients else ():
            found += walker.found("&".join([f"/fhir/{resource.type}?{base}", "_count=200", *brought(resource)]))
    return found


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_may_not_know_couples_finds_nothing_that_two_partners_share_and_others_do_not(read: Read) -> None:
    stranger = read.record.done("/v1/couples", {f"partner_{slot}": {"record_number": f"world-x{slot}"} for slot in "ab"})
    assert stranger
    for walker in (read.narrow, read.half):
        of_a, of_b = (marks(all_under(walker, which)) for which in "ab")
        shared = {mark for mark in of_a & of_b if mark.partition("/")[0] not in OF_ALL}
        assert not shared
        assert not walker.found("/fhir/RelatedPerson")
        assert not walker.found("/fhir/Group")
        assert "link" not in walker.found("/fhir/Patient?identifier=world-a")[0]
    assert "link" in read.wide.found("/fhir/Patient?identifier=world-a")[0]
