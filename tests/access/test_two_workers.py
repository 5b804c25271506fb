"""Whoever has left is refused within a second by every served process, whatever they show and wherever they knock."""

import threading
import time
from pathlib import Path

import httpx
import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple
from tests.served import Served

pytestmark = pytest.mark.served


class Knocking(threading.Thread):
    """Asks one worker for a couple again and again, with one token, and remembers when it asked and what it was told."""

    def __init__(self, address: str, token: str, path: str, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client = httpx.Client(base_url=address, timeout=10, headers={"Authorization": f"Bearer {token}"})
        self.path, self.over = path, over
        self.told: list[tuple[float, int]] = []

    def run(self) -> None:
        """Asks until it is told to stop."""
        while not self.over.is_set():
            asked = time.monotonic()
            self.told.append((asked, self.client.get(self.path).status_code))
            time.sleep(0.01)
        self.client.close()

    def accepted_after(self, moment: float) -> float:
        """Seconds after a moment at which it last asked and was let in; negative when that was before."""
        return max(asked for asked, status in self.told if status == 200) - moment


@pytest.mark.timeout(120)
def test_a_departed_members_key_and_sign_in_are_refused_within_a_second_on_both_workers(
    clinic: Clinic, therapist: Caller, tmp_path: Path
) -> None:
    couple = f"/v1/couples/{therapist.post('/v1/couples', json=new_couple()).json()['id']}"
    administrator, other = clinic.member("ada", Role.ADMINISTRATOR), clinic.member("other")
    tokens = {"key": therapist.key, "sign-in": clinic.sign_in_again(therapist.holder_id).key}
    over = threading.Event()
    with (
        Served(clinic.settings, tmp_path / "one.log") as one,
        Served(clinic.settings, tmp_path / "two.log") as two,
        httpx.Client(base_url=one.address, headers={"Authorization": f"Bearer {administrator.key}"}, timeout=10) as desk,
    ):
        knocking = [Knocking(worker.address, token, couple, over) for worker in (one, two) for token in tokens.values()]
        staying = Knocking(two.address, other.key, "/v1/me", over)
        for thread in (*knocking, staying):
            thread.start()
        while not all(len(thread.told) > 5 for thread in (*knocking, staying)):
            time.sleep(0.05)
        left = desk.post(f"/v1/members/{therapist.holder_id}/departures", json={"handed_to": other.holder_id})
        answered = time.monotonic()
        time.sleep(1.2)
        over.set()
        for thread in (*knocking, staying):
            thread.join(15)
    assert left.status_code == 200, left.text
    assert (left.json()["credentials_ended"], left.json()["sign_ins_ended"]) == (1, 1)
    for thread in knocking:
        assert thread.told[0][1] == 200  # the control: they were let in before
        assert thread.told[-1][1] == 401
        assert thread.accepted_after(answered) < 1
    assert {status for _asked, status in staying.told} == {200}
    print([round(thread.accepted_after(answered), 3) for thread in knocking])  # noqa: T201 - the figure itself, with -s
