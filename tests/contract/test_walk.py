"""Every operation of the document, as everyone who must not get through."""

from collections.abc import Callable
from typing import Any

import pytest

from app.access.permissions import ALLOWED, SUPERVISING, Role
from tests.conftest import Clinic
from tests.contract.calls import call
from tests.contract.test_openapi import BY_KEY, BY_LINK, OPERATIONS
from tests.contract.world import World

OF_THE_DESK = {
    *("read_local_norms", "adopt_local_norms", "change_member", "depart_member", "end_member_seat", "assign_seat"),
    *("read_break_glass_opening", "review_break_glass_opening", "read_inclusion_proof"),
}
# Who is let through, and which methods and parameters there are, is decided before a row is read.
ON_ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
ABOUT_A_COUPLE = [name for name, (_method, path, _told) in OPERATIONS.items() if "{couple_id}" in path]

# What the record or a sign-in that is too old may hold against those who are allowed: each is told only behind the permission.
STANDS_IN_THE_WAY = {
    "direction_analyses:read": ("not_found",),  # the panel of another
    "direction_analyses:write": ("not_found",),
    "exports:read": ("not_found", "step_up_required", "export_table_not_allowed"),  # another's; a table of the record
    "exports:write": ("not_found", "step_up_required"),
    "erasures:read": ("not_found",),
    # the integration was ended and the endpoint changed or removed by the examples before
    "webhooks:read": ("not_found",),
    "webhooks:write": ("webhook_integration_refused", "version_stale", "not_found"),
    "erasures:write": ("step_up_required", "erasure_open", "erasure_not_now", "legal_hold"),
}


def is_supervising(name: str) -> bool:
    """Whether an operation is a supervisor's alone."""
    return OPERATIONS[name][2]["x-permission"] in SUPERVISING


def same(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem without what differs between any two."""
    return {key: value for key, value in problem.items() if key not in {"request_id", "instance"}}


@ON_ONE_ENGINE
def test_without_a_key_every_operation_is_401_whatever_is_sent(world: World) -> None:
    nobody = world.clinic.anonymous()
    mistyped = world.therapist.key[:-1] + ("0" if world.therapist.key[-1] != "0" else "1")
    for name in BY_KEY:
        for key in ("", "Bearer rk_demo_x", f"Bearer {mistyped}", f"Basic {world.therapist.key}"):
            found = call(name, world.ids).send(nobody, **({"Authorization": key} if key else {}))
            assert (found.status_code, found.json()["code"]) == (401, "unauthenticated"), (name, key)
            assert "WWW-Authenticate" in found.headers
        broken = nobody.request(OPERATIONS[name][0].upper(), call(name, world.ids).path, content=b"{")
        assert broken.status_code == 401, name


def test_without_a_link_that_opens_every_page_is_the_same_404_whatever_is_sent(world: World) -> None:
    nobody, link = world.clinic.anonymous(), world.ids["link"]
    mistyped = link[:-1] + ("0" if link[-1] != "0" else "1")
    found = []
    for wrong in (mistyped, "x", "0" * 92, world.therapist.key):
        for name, (method, path, _told) in BY_LINK.items():
            one = call(name, world.ids | {"link": wrong})
            found += [one.send(nobody), one.send(world.therapist), nobody.request(method, one.path, content=b"{")]
            assert "{link}" in path
    assert {(one.status_code, one.json()["code"]) for one in found} == {(404, "link_not_open")}
    assert all(same(one.json()) == same(found[0].json()) for one in found)


def test_another_therapist_finds_nothing_of_the_couple(world: World) -> None:
    other, colleague = world.clinic.member("other"), world.clinic.member("another", Role.SUPERVISOR)
    absent = other.get("/v1/couples/cpl_00000000000000000000000000")
    for name in ABOUT_A_COUPLE:
        found = call(name, world.ids).send(colleague if is_supervising(name) else other)
        assert same(found.json()) == same(absent.json()), name
        assert found.status_code == 404, name


def test_another_clinic_finds_nothing_of_the_couple(world: World, new_clinic: Callable[[], Clinic]) -> None:
    if world.clinic.settings.sqlite_file is not None:
        return  # a SQLite file holds one clinic, which another test makes sure of
    stranger = new_clinic()
    for caller in (stranger.member("stranger"), stranger.integration()):
        for name in OPERATIONS:
            found = call(name, world.ids).send(caller)
            hidden = [value for key, value in world.ids.items() if key.endswith("_id") and key != "member_id"]
            assert not any(value in found.text for value in hidden), name
            if name in ABOUT_A_COUPLE:
                assert found.status_code in {403, 404}, name


@ON_ONE_ENGINE
@pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMINISTRATOR])
def test_those_without_clinical_access_get_no_clinical_operation(world: World, role: Role) -> None:
    caller = world.clinic.member(role, role)
    for name, (_method, _path, told) in BY_KEY.items():
        if name in OF_THE_DESK:
            world.prepare(name)
        proven = told["x-permission"] in {"sign_ins", "credentials:read", "credentials:write", "webhooks:write"}
        signed_in = world.sign_in(caller) if proven else caller
        found = call(name, world.ids).send(signed_in)
        if told["x-permission"] in {str(permission) for permission in ALLOWED[role]}:
            got_through = found.status_code == call(name, world.ids).status
            assert got_through or found.json()["code"] in STANDS_IN_THE_WAY.get(told["x-permission"], ()), (name, found.text)
        else:
            assert (found.status_code, found.json()["code"]) == (403, "not_allowed"), name


@ON_ONE_ENGINE
def test_an_integration_without_scopes_for_it_gets_403_and_with_them_gets_through(world: World) -> None:
    narrow = world.clinic.integration("narrow", {"scoring"})
    for name, (_method, _path, told) in BY_KEY.items():
        if told["x-permission"] not in {"scoring", "catalogue:read"}:
            assert call(name, world.ids).send(narrow).status_code == 403, name


@ON_ONE_ENGINE
def test_an_unknown_query_parameter_is_refused_with_a_suggestion_everywhere(world: World) -> None:
    for name in OPERATIONS.keys() - {"issue_token"}:  # which answers as RFC 6749 says: tests/access/test_oauth.py
        one = call(name, world.ids)
        path = one.path + ("&" if "?" in one.path else "?") + "limti=3"
        sender = world.sender(OPERATIONS[name][2]["x-permission"])
        found = sender.request(one.method.upper(), path, json=one.json, headers=one.headers)
        assert (found.status_code, found.json()["code"]) == (422, "invalid"), name
        assert found.json()["errors"][0]["code"] == "unknown_parameter"
        assert "limti" not in found.text


@ON_ONE_ENGINE
def test_a_path_takes_the_methods_it_names_and_no_others(world: World) -> None:
    for name, (_method, path, _told) in OPERATIONS.items():
        taken = {method.upper() for method, other, _ in OPERATIONS.values() if other == path}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - taken:
            found = world.therapist.request(method, call(name, world.ids).path.partition("?")[0])
            assert found.status_code == 405, (name, method)
            assert set(found.headers["Allow"].split(", ")) == taken | ({"HEAD"} if "GET" in taken else set())
