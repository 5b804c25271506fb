"""Every example of a request is sent, and answered as the document says."""

import pytest

from tests.contract.calls import call
from tests.contract.test_openapi import DOCUMENT, OPERATIONS, validator
from tests.contract.world import World


# Each example takes a full record of its own; what PostgreSQL says to every operation, the fuzz test asks on one record.
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_an_operation_gets_the_answer_it_documents(world: World, name: str) -> None:
    world.prepare(name)
    one = call(name, world.ids)
    found = one.send(world.sender(OPERATIONS[name][2]["x-permission"]))
    assert found.status_code == one.status, found.text
    told = DOCUMENT["paths"][OPERATIONS[name][1]][OPERATIONS[name][0]]["responses"][str(one.status)]
    content = told.get("content", {}).get("application/json")
    if content is not None:
        validator(content["schema"]).validate(found.json())
