"""Whoever has no business here learns nothing over FHIR, not even what there is: every route, with every type."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from app.access.models import Integration
from app.core.ids import decode
from app.fhir.resources import resources
from tests.access.connected import Connected
from tests.client import Client
from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.fhir.conftest import kept_worlds, world

__all__ = ["kept_worlds", "world"]

# What anybody may read: that there is such a service, and how a client gets in.
OPEN = {"/fhir/metadata", "/fhir/.well-known/smart-configuration"}
NOBODY = "0" * 32
OWN_WORDS = re.compile(r'"diagnostics":"request [^"]*"')


def said(answer: Any) -> tuple[int, str, str]:
    """An answer without what differs between any two."""
    return answer.status_code, OWN_WORDS.sub("", answer.text), answer.headers.get("content-type", "")


def routes(clinic: Clinic) -> list[tuple[str, str]]:
    """Every method and path under `/fhir`, as the application mounts them."""
    mounted = [(one.path or "", one.methods or set()) for one in iter_route_contexts(clinic.app.routes)]
    found = {(method, path) for path, methods in mounted if path.startswith("/fhir") and path not in OPEN for method in methods}
    assert len(found) > 5
    return sorted(found)


def walk(clinic: Clinic, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every route with every type; ids by type, and one that nobody has where there is none."""
    for method, path in routes(clinic):
        for type_ in resources() if "{type}" in path else ("",):
            filled = path.replace("{type}", type_).replace("{id}", ids.get(type_, NOBODY)).replace("{version}", "1")
            yield method, re.sub(r"\{[^}]*\}", "x", filled)


def ids_of(clinic: Clinic) -> dict[str, str]:
    """One resource of each type, if there is one."""
    software = clinic.integration("all there is", {"system/*.rs"})
    found: dict[str, str] = {}
    for type_ in resources():
        entries = software.get(f"/fhir/{type_}?_count=1").json().get("entry", [])
        if entries:
            found[type_] = str(entries[0]["resource"]["id"])
    return found


def asked(caller: Client, method: str, path: str, **headers: str) -> Any:
    """One request; what is written is nothing that could be."""
    if method in {"GET", "DELETE"}:
        return caller.request(method, path, headers=headers)
    sent = {"content-type": "application/fhir+json"} | headers
    return caller.request(method, path, headers=sent, content=b'{"resourceType":"QuestionnaireResponse"}')


class Software(Connected):
    """A client that proves itself, of an integration that may read everything over FHIR."""

    def __init__(self, clinic: Clinic) -> None:
        super().__init__(clinic, "proves itself")
        with clinic.at_desk() as (session, _vault):
            session.get(Integration, (clinic.id, decode("int", self.integration_id))).scopes = ["system/*.rs"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_a_token_every_route_is_the_same_401_whatever_there_is(world: World) -> None:
    """So is it with a broken token, an expired one, and one of software that was let go."""
    clinic, ids = world.clinic, ids_of(world.clinic)
    software = Software(clinic)
    gone, late = clinic.integration("let go", {"system/*.rs"}), software.caller(scope="system/*.rs")
    assert [one.get("/fhir/Patient").status_code for one in (gone, late)] == [200, 200]
    with clinic.at_desk() as (session, _vault):
        session.get(Integration, (clinic.id, decode("int", gone.holder_id))).ended_at = clinic.clock()
    clinic.clock.turn(minutes=5, seconds=1)
    mistyped = gone.key[:-1] + ("0" if gone.key[-1] != "0" else "1")
    nobody = clinic.anonymous()
    answers = set()
    for method, path in walk(clinic, ids):
        for sent in ("", "Bearer x", f"Bearer {mistyped}", f"Bearer {gone.key}", f"Bearer {late.key}", "Basic eDp5"):
            answer = asked(nobody, method, path, **({"Authorization": sent} if sent else {}))
            assert answer.status_code == 401, (method, path, sent)
            assert "WWW-Authenticate" in answer.headers, (method, path)
            answers.add(said(answer))
    assert len(answers) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_has_no_scope_for_a_type_is_told_the_same_of_what_is_there_and_of_what_is_not(world: World) -> None:
    """Members with all permissions have no scope for any; native scopes are none here, and those of FHIR none there."""
    ids = ids_of(world.clinic)
    native = world.clinic.integration("native")
    for caller in (native, world.therapist, world.clinic.integration("no type of these", {"system/Organization.r"})):
        for type_, fhir_id in ids.items():
            if type_ == "Organization":
                continue
            paths = [f"/fhir/{type_}/{one}" for one in (fhir_id, NOBODY, "x")]
            paths += [f"/fhir/{type_}", f"/fhir/{type_}?_id={fhir_id}", f"/fhir/{type_}?nonsense=1"]
            refused = {said(caller.get(path)) for path in paths}
            assert {status for status, _text, _type in refused} == {403}, type_
            assert len(refused) == 1, type_
    assert world.clinic.integration("of FHIR alone", {"system/*.rs"}).get(world.couple).status_code == 403


def another(new_clinic: Callable[[], Clinic]) -> Caller:
    """Software of another clinic that may read everything there."""
    return new_clinic().integration("of another clinic", {"system/*.rs", "system/QuestionnaireResponse.cu"})


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_software_of_another_clinic_is_told_of_ours_what_it_is_told_of_what_is_nowhere(
    world: World, new_clinic: Callable[[], Clinic]
) -> None:
    ours = world.clinic.integration("ours", {"system/*.rs"})
    ids, stranger = ids_of(world.clinic), another(new_clinic)
    for type_, fhir_id in ids.items():
        read = ours.get(f"/fhir/{type_}/{fhir_id}").json()
        version = read["meta"]["versionId"]
        of_all = not resources()[type_].of_patients
        for one in (fhir_id, NOBODY):
            if of_all and stranger.get(f"/fhir/{type_}/{fhir_id}").json() == read:
                continue  # the same for every clinic
            assert said(stranger.get(f"/fhir/{type_}/{one}")) == said(stranger.get(f"/fhir/{type_}/{NOBODY}")), type_
            assert stranger.get(f"/fhir/{type_}/{one}/_history/{version}").status_code == 404, type_
            assert stranger.get(f"/fhir/{type_}?_id={one}").json()["total"] == 0, type_
        for param in resources()[type_].params:
            if "Patient" in param.targets:
                found = stranger.get(f"/fhir/{type_}?{param.name}={ids['Patient']}")
                assert found.json()["total"] == 0, (type_, param.name)
    page = ours.get("/fhir/Patient?_count=1").json()["link"]
    following = next(one["url"] for one in page if one["relation"] == "next").partition("?")[2]
    assert said(stranger.get(f"/fhir/Patient?{following}")) == said(stranger.get("/fhir/Patient?_page=x"))
    assert stranger.get("/fhir/Patient?identifier=world-a").json()["total"] == 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_link_to_a_next_page_opens_nothing_to_another_client_nor_to_fewer_scopes(world: World) -> None:
    one, other = (world.clinic.integration(name, {"system/*.rs"}) for name in ("one", "other"))
    fewer = world.clinic.integration("fewer", {"system/Patient.rs"})
    page = one.get("/fhir/Patient?_count=1").json()["link"]
    following = next(link["url"] for link in page if link["relation"] == "next").partition("?")[2]
    assert one.get(f"/fhir/Patient?{following}").status_code == 200
    broken = said(one.get("/fhir/Patient?_page=x"))
    assert {said(caller.get(f"/fhir/Patient?{following}")) for caller in (other, fewer)} == {broken}
    assert said(one.get(f"/fhir/Organization?{following}")) == broken
