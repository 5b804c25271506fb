"""Cursors: bound to their list, filters and clinic; any other is refused."""

import base64
from collections.abc import Callable

import pytest

from app.core.ids import new_id
from app.core.paging import PLACE, CursorInvalidError, PlacePager
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def cursor_of(caller: Caller) -> str:
    """A cursor behind the first of three couples."""
    for number in range(3):
        assert caller.post("/v1/couples", json=new_couple(f"{caller.holder_id}{number}")).status_code == 201
    cursor: str = caller.get("/v1/couples?limit=1").json()["next_cursor"]
    return cursor


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_cursor_with_one_letter_changed_is_refused(therapist: Caller) -> None:
    cursor = cursor_of(therapist)
    for place, letter in enumerate(cursor):
        changed = LETTERS[(LETTERS.index(letter) + 1) % 64]
        refused = therapist.get("/v1/couples", params={"cursor": cursor[:place] + changed + cursor[place + 1 :]})
        assert (refused.status_code, refused.json()["code"]) == (400, "cursor_invalid"), place
    assert therapist.get("/v1/couples", params={"cursor": cursor}).status_code == 200


@pytest.mark.parametrize("odd", ["", "x", "=" * 8, "ä", "%00", "A" * 38, "A" * 201])
def test_what_is_no_cursor_is_refused_and_never_an_empty_page(therapist: Caller, odd: str) -> None:
    refused = therapist.get("/v1/couples", params={"cursor": odd})
    assert refused.status_code in {400, 422}, refused.text
    assert refused.json()["code"] in {"cursor_invalid", "invalid"}


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_cursor_of_another_clinic_is_refused(new_clinic: Callable[[], Clinic]) -> None:
    mine, theirs = new_clinic().member("mine"), new_clinic().member("theirs")
    cursor = cursor_of(theirs)
    assert mine.get("/v1/couples", params={"cursor": cursor}).json()["code"] == "cursor_invalid"
    assert theirs.get("/v1/couples", params={"cursor": cursor}).status_code == 200


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_cursor_that_holds_a_place_gives_back_the_very_place_and_hides_it(clinic: Clinic) -> None:
    with clinic.at_desk() as (_session, vault):
        place = (2, -1.75, new_id())
        pager = PlacePager(vault, 50, None, "list", "filter")
        cursor = pager.write(place)
        assert PlacePager(vault, 50, cursor, "list", "filter").after == place
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        assert place[2].bytes not in raw
        assert PLACE.pack(place[0], place[1], place[2].bytes)[:9] not in raw
        assert pager.write(place) == cursor != pager.write((2, -1.5, place[2]))
        for changed in (cursor[:-1] + LETTERS[(LETTERS.index(cursor[-1]) + 4) % 64], cursor[4:], cursor + "AAAA", "A"):
            with pytest.raises(CursorInvalidError):
                PlacePager(vault, 50, changed, "list", "filter")
        with pytest.raises(CursorInvalidError):
            PlacePager(vault, 50, cursor, "list", "another filter")
