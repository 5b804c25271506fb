"""What the change feed tells over HTTP, to whom, and when."""

from tests.changes.follower import changed, now
from tests.conftest import Clinic
from tests.contract.world import World


def test_everything_it_names_is_there_to_be_read_by_who_is_told_of_it(clinic: Clinic) -> None:
    World(clinic, clinic.member("thea"))
    ehr = clinic.integration()
    items, token = changed(ehr, limit=7)
    assert {item["type"] for item in items} == {
        *("couple", "partner", "episode", "concern", "diagnosis", "plan", "assignment", "check_in"),
        *("administration", "outcomes"),
    }
    assert {ehr.get(item["href"]).status_code for item in items} == {200}
    assert changed(ehr, token)[0] == changed(ehr, now(ehr))[0] == []
