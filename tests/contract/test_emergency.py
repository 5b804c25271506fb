"""What an opening in an emergency never opens."""

import pytest

from tests.contract.calls import call
from tests.contract.test_openapi import BY_KEY
from tests.contract.world import World
from tests.couples.openings import opened

PSYCHOTHERAPY = [name for name, (_method, path, _told) in BY_KEY.items() if "/psychotherapy-" in path]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_psychotherapy_notes_stay_shut_in_an_emergency(world: World) -> None:
    stranger = world.clinic.member("sam")
    opened(world.clinic, stranger, couple_id=world.ids["couple_id"])
    assert stranger.get(world.couple).status_code == 200
    assert PSYCHOTHERAPY
    for name in PSYCHOTHERAPY:
        world.prepare(name)
        found = call(name, world.ids).send(stranger)
        assert found.status_code in {403, 404} or found.json().get("items") == [], (name, found.text)
