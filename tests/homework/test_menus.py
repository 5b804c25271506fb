"""A menu over HTTP: each answers alone, both agree, some of what they share is shown, and nothing else can be learnt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.clinical.menu import MENU_BY_CODE
from app.core.database import Compartment
from app.core.ids import decode
from app.homework import reveals
from app.homework.menu_rules import rank, release_round, shown_of
from app.homework.models import MenuSeed
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic, Wristwatch
from tests.safety.records import Pair, done, new_pair

EAGER = dict.fromkeys(MENU_BY_CODE, "yes")
CODES = sorted(MENU_BY_CODE)
NOT_YET = {"status": "not_yet", "items": []}


@dataclass
class Table:
    """A couple with a menu before it."""

    pair: Pair
    menu: dict[str, Any]

    @property
    def path(self) -> str:
        """The path of the menu."""
        return f"{self.pair.path}/menus/{self.menu['id']}"

    def say(self, which: str, noun: str, caller: Caller | None = None, **body: Any) -> Any:
        """One partner answers, agrees or withdraws."""
        partner = self.pair.a if which == "a" else self.pair.b
        path = f"{self.path}/partners/{partner}/{noun}"
        return (caller or self.pair.therapist).post(path, json=body or None)

    def answer(self, which: str, answers: dict[str, str], caller: Caller | None = None) -> dict[str, Any]:
        """One partner's answers."""
        kept: dict[str, Any] = done(self.say(which, "answers", caller, answers=answers), 200)
        return kept

    def agree(self, which: str, caller: Caller | None = None) -> dict[str, Any]:
        """One partner agrees."""
        kept: dict[str, Any] = done(self.say(which, "agreements", caller), 200)
        return kept

    def overlaps(self, caller: Caller | None = None) -> dict[str, Any]:
        """What is shown."""
        seen: dict[str, Any] = done((caller or self.pair.therapist).get(self.path + "/overlaps"), 200)
        return seen

    def standing(self) -> dict[str, Any]:
        """How far it is."""
        told: dict[str, Any] = done(self.pair.therapist.get(self.path + "/standing"), 200)
        return told

    def codes(self) -> list[str]:
        """Codes of what is shown."""
        return [item["code"] for item in self.overlaps()["items"]]


def laid(therapist: Caller, number: str = "1", *, cleared: bool = True, **body: Any) -> Table:
    """A menu of a couple that safety lets through, unless told otherwise."""
    pair = new_pair(therapist, number)
    if cleared:
        pair.ready()
    return Table(pair, done(therapist.post(pair.path + "/menus", json=body)))


def revealed(table: Table, a: dict[str, str] | None = None, b: dict[str, str] | None = None) -> Table:
    """Both have answered and agreed."""
    for which, answers in (("a", a), ("b", b)):
        table.answer(which, EAGER if answers is None else answers)
        table.agree(which)
    return table


@pytest.fixture
def first_six(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six items are drawn for the first reveal, six for the second, in the order of their codes."""
    place = {code: number for number, code in enumerate(CODES)}
    monkeypatch.setattr(reveals, "release_round", lambda _seed, item: place.get(item, 0) // 6 + 1)
    monkeypatch.setattr(reveals, "rank", lambda _seed, item: bytes([place.get(item, 0)]))


def test_a_menu_lists_ours_and_then_the_couples_own_without_who_asked(therapist: Caller, ehr: Caller) -> None:
    table = laid(therapist, own_items=["Swimming at night.", "A picnic in bed."])
    assert done(ehr.get(table.path), 200) == table.menu
    own = [(item["code"], item["text"]) for item in table.menu["items"] if item["group"] == "own"]
    assert own == [("own_1", "A picnic in bed."), ("own_2", "Swimming at night.")]
    assert [menu["id"] for menu in therapist.every(table.pair.path + "/menus")] == [table.menu["id"]]
    assert set(table.menu) == {"id", "menu_version", "opened_at", "items"}


@pytest.mark.usefixtures("first_six")
def test_what_both_would_like_or_might_is_shown_at_most_five_and_without_who_said_what(therapist: Caller, ehr: Caller) -> None:
    table = revealed(laid(therapist), b=EAGER | {CODES[0]: "no", CODES[1]: "maybe"})
    assert table.codes() == sorted(table.codes(), key=list(MENU_BY_CODE).index)
    assert sorted(table.codes()) == CODES[1:6]
    shown = table.overlaps(ehr)
    assert shown == table.overlaps()
    assert shown["status"] == "shown"
    assert all(set(item) == {"code", "group", "text"} for item in shown["items"])


@pytest.mark.usefixtures("first_six")
def test_not_yet_is_the_same_word_for_word_whoever_is_missing_and_when_nothing_was_drawn(
    therapist: Caller, ehr: Caller
) -> None:
    states: list[Callable[[Table], Any]] = [
        lambda _table: None,
        lambda table: table.answer("a", EAGER),
        lambda table: (table.answer("b", EAGER), table.agree("b")),
        lambda table: [table.answer(which, EAGER) for which in "ab"],
        lambda table: [table.agree(which) for which in "ab"],
        lambda table: revealed(table, b=dict.fromkeys(CODES, "no")),
    ]
    seen = []
    for number, bring in enumerate(states):
        table = laid(therapist, str(number))
        bring(table)
        answer = ehr.get(table.path + "/overlaps")
        assert answer.json() == NOT_YET
        seen.append((answer.text, answer.headers["etag"], answer.status_code))
    assert len(set(seen)) == 1


@pytest.mark.usefixtures("first_six")
def test_it_shows_when_the_last_of_four_things_has_happened_in_any_order(therapist: Caller) -> None:
    for number, order in enumerate(("aAbB", "ABab", "BAba", "bBAa")):
        table = laid(therapist, str(number))
        for step in order:
            assert table.overlaps() == NOT_YET
            table.answer(step, EAGER) if step.islower() else table.agree(step.lower())
        assert sorted(table.codes()) == CODES[:5]


@pytest.mark.usefixtures("first_six")
def test_two_who_agree_at_the_same_moment_get_one_reveal(therapist: Caller) -> None:
    for number in range(4):
        table = laid(therapist, str(number))
        for which in "ab":
            table.answer(which, EAGER)
        with ThreadPoolExecutor(2) as both:
            list(both.map(table.agree, "ab"))
        assert sorted(table.codes()) == CODES[:5]
        assert [partner["agrees"] for partner in table.standing()["partners"]] == [False, False]


@pytest.mark.usefixtures("first_six")
def test_worlds_that_differ_in_what_one_partner_refused_look_alike_where_the_draw_allows_it(
    clinic: Clinic, therapist: Caller, ehr: Caller
) -> None:
    late = CODES[7]  # not drawn for this reveal: its no and its yes are one and the same to everyone
    worlds = [revealed(laid(therapist, reply), b=EAGER | {late: reply}) for reply in ("yes", "maybe", "no")]
    worlds.append(revealed(laid(therapist, "open"), b={code: "yes" for code in CODES if code != late}))
    views = []
    for table in worlds:
        refused = ehr.get(table.path + "/standing").status_code
        views.append((str(table.overlaps(ehr)), str(table.overlaps()), refused, outside_safety(clinic, table)))
    assert len(set(views)) == 1


def outside_safety(clinic: Clinic, table: Table) -> tuple[Any, ...]:
    """The changes of the couple in the trail that are not filed under safety."""
    with clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent).where(
            LedgerEvent.couple_id == decode("cpl", table.pair.path.rpartition("/")[2]),
            LedgerEvent.kind != "read",
            LedgerEvent.compartment.is_distinct_from("safety"),
        )
        rows = list(session.scalars(query.order_by(LedgerEvent.id)))
        return tuple((row.operation, row.kind, row.compartment, row.subject) for row in rows)


def test_answering_agreeing_and_taking_back_leave_their_trace_in_the_safety_compartment(
    clinic: Clinic, therapist: Caller
) -> None:
    table = laid(therapist)
    before = outside_safety(clinic, table)
    assert any("menu" in str(event) for event in before)  # opening it is the couple's, so the comparison would notice
    revealed(table)
    done(table.say("a", "withdrawals"), 200)
    assert outside_safety(clinic, table) == before


def test_a_receipt_is_the_same_whatever_stood_before(therapist: Caller, ehr: Caller) -> None:
    table = laid(therapist)
    receipts = [table.answer("a", EAGER, ehr), table.agree("a", ehr), table.answer("a", {}, ehr)]
    receipts += [table.agree("b", ehr), done(table.say("a", "withdrawals", ehr), 200), done(table.say("a", "withdrawals"), 200)]
    assert {tuple(sorted(receipt)) for receipt in receipts} == {("menu_id", "partner_id", "received_at")}
    assert {receipt["partner_id"] for receipt in receipts} == {table.pair.a, table.pair.b}


@pytest.mark.usefixtures("first_six")
def test_later_answers_change_nothing_about_what_is_shown(therapist: Caller) -> None:
    table = revealed(laid(therapist))
    before = table.overlaps()
    table.answer("b", dict.fromkeys(CODES, "no"))
    for which in "ab":
        table.agree(which)
    assert table.overlaps() == before


@pytest.mark.usefixtures("first_six")
def test_the_next_reveal_waits_for_weeks_and_shows_other_things_even_from_a_new_menu(
    therapist: Caller, clock: Wristwatch
) -> None:
    table = revealed(laid(therapist))
    table = Table(table.pair, done(therapist.post(table.pair.path + "/menus", json={})))
    assert revealed(table).overlaps() == NOT_YET
    clock.turn(weeks=12)
    assert table.overlaps() == NOT_YET
    done(table.pair.clear())
    table.agree("b")
    assert sorted(table.codes()) == CODES[6:11]
    assert [partner["agrees"] for partner in table.standing()["partners"]] == [False, False]


@pytest.mark.usefixtures("first_six")
def test_a_list_goes_away_by_itself_and_sooner_but_not_at_once_when_one_takes_it_back(
    therapist: Caller, clock: Wristwatch
) -> None:
    tables = [revealed(laid(therapist, str(number))) for number in range(2)]
    done(tables[0].say("b", "withdrawals"), 200)
    clock.turn(hours=11)
    assert [len(table.codes()) for table in tables] == [5, 5]
    clock.turn(hours=50)
    assert [len(table.codes()) for table in tables] == [0, 5]
    clock.turn(days=42)
    assert [table.overlaps() for table in tables] == [NOT_YET, NOT_YET]


@pytest.mark.usefixtures("first_six")
def test_nothing_is_revealed_before_safety_allows_it_and_only_the_care_team_hears_why(therapist: Caller, ehr: Caller) -> None:
    table = revealed(laid(therapist, cleared=False))
    assert table.overlaps(ehr) == NOT_YET
    assert table.standing()["waits_for"] == ["screen_missing_a", "screen_missing_b", "clearance_missing"]
    assert ehr.get(table.path + "/standing").status_code == 403
    table.pair.ready()
    table.agree("a")
    assert len(table.codes()) == 5


@pytest.mark.usefixtures("first_six")
def test_a_stop_takes_agreements_back_and_lets_the_list_go_away(therapist: Caller, clock: Wristwatch) -> None:
    shown, waiting = revealed(laid(therapist, "1")), laid(therapist, "2")
    waiting.answer("a", EAGER)
    waiting.agree("a")
    for table in (shown, waiting):
        given = table.pair.consent("b", None, kind="therapy", protocol=None)
        table.pair.withdraw("b", given)
    assert [partner["agrees"] for partner in waiting.standing()["partners"]] == [False, False]
    assert len(shown.codes()) == 5
    clock.turn(hours=61)
    assert shown.overlaps() == NOT_YET


def test_the_care_team_sees_who_has_answered_and_never_what(therapist: Caller) -> None:
    table = laid(therapist)
    table.answer("b", {"toys": "no"})
    table.agree("b")
    assert [(one["has_answered"], one["agrees"]) for one in table.standing()["partners"]] == [(False, False), (True, True)]
    assert '"no"' not in therapist.get(table.path + "/standing").text
    done(table.say("b", "withdrawals"), 200)
    assert [(one["has_answered"], one["agrees"]) for one in table.standing()["partners"]] == [(False, False), (False, False)]


def test_an_unknown_item_a_wish_listed_twice_and_a_replaced_menu_are_refused(therapist: Caller) -> None:
    table = laid(therapist)
    unknown = table.say("a", "answers", answers={"no_such_item": "yes"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "menu_item_unknown")
    assert "no_such_item" not in unknown.text
    twice = therapist.post(table.pair.path + "/menus", json={"own_items": ["A walk", "a walk!"]})
    assert (twice.status_code, twice.json()["code"]) == (422, "own_item_twice")
    done(therapist.post(table.pair.path + "/menus", json={}))
    for refused in (table.say("a", "answers", answers=EAGER), table.say("a", "agreements")):
        assert (refused.status_code, refused.json()["code"]) == (409, "menu_replaced")
    done(table.say("a", "withdrawals"), 200)


def test_what_is_shown_is_what_the_couples_own_seed_drew_and_asking_again_draws_nothing_anew(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    runtime = clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"menu_reveal_weeks": 4})
    table, shown = laid(therapist), list[list[str]]()
    for _ in range(3):
        shown.append(sorted(revealed(table).codes()))
        clock.turn(weeks=4)
        table = Table(table.pair, done(therapist.post(table.pair.path + "/menus", json={})))
    seed = seed_of(clinic, table)
    releases = {code: release_round(seed, code) for code in CODES}
    ranks = {code: rank(seed, code) for code in CODES}
    assert shown == [shown_of(CODES, number, releases, ranks) for number in (1, 2, 3)]


def seed_of(clinic: Clinic, table: Table) -> bytes:
    """The couple's secret, which no operation reads out."""
    with clinic.at_desk() as (session, vault), session.reaching(frozenset(Compartment)):
        query = select(MenuSeed).where(MenuSeed.couple_id == decode("cpl", table.pair.path.rpartition("/")[2]))
        row = session.scalars(query).one()
        return bytes.fromhex(vault.open(row, "seed", row.seed))


def test_the_same_wish_of_their_own_is_drawn_once_however_a_later_menu_words_it(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    table = laid(therapist, own_items=["Swimming at night."])
    wish = release_round(seed_of(clinic, table), "swimming at night")
    assert ("own_1" in revealed(table, {"own_1": "yes"}, {"own_1": "maybe"}).codes()) is (wish == 1)
    clock.turn(weeks=11, days=6, hours=23)
    done(table.pair.clear())
    clock.turn(hours=1)
    body = {"own_items": ["  swimming, at NIGHT"]}
    table = Table(table.pair, done(therapist.post(table.pair.path + "/menus", json=body)))
    assert ("own_1" in revealed(table, {"own_1": "yes"}, {"own_1": "yes"}).codes()) is (wish == 2)
