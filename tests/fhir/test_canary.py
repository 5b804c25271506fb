"""Words of the record stand in no answer over FHIR but those meant for them, and what a client sends in no outcome."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.access.smart import WRITTEN
from app.fhir.resources import resources
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.contract.test_canary import logs, marked
from tests.contract.world import World
from tests.fhir.conftest import Read
from tests.fhir.walk import NOBODY
from tests.notes.records import new_note
from tests.views.record import Record

SECRET = "zq-canary-7f3a"
# Words that may stand in answers, and in which types alone; all others stand in none.
MEANT_FOR = {"name": {"Patient"}, "telephone": {"Patient"}, "task": {"Task"}, "recipient": {"Consent"}, "purpose": {"Consent"}}


def word(kind: str) -> str:
    """A word that stands nowhere else."""
    return f"zq-{kind}-nary"


def written(record: Record) -> set[str]:
    """Writes a word of its own into every kind of text that there is of a couple; the kinds."""
    plan, couple, b = f"{record.couple}/plans/{record.ids['plan_id']}", record.couple, record.b
    expires_at = record.shown.strftime("%Y-%m-%dT%H:%M:%SZ")
    calm = {"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2}
    own = {"partner_id": b, "recipient_kind": "health_professional", "kinds": ["measures"], "expires_at": expires_at}
    sections = {name: word("note") for name in ("data", "assessment", "plan")}
    texts: list[tuple[str, dict[str, Any]]] = [
        (f"{couple}/notes", new_note(sections=sections)),
        (f"{couple}/notes", new_note("partner_b", sections=sections)),
        (f"{couple}/psychotherapy-notes", {"text": word("private")}),
        (f"{couple}/red-flags", {"code": "unprocessed_trauma", "note": word("flag"), "partner_id": b}),
        (f"{record.partner('b')}/framings", {"concern_id": record.ids["concern_id"], "words": word("framing")}),
        (f"{record.partner('b')}/diagnoses", {"system": "icd10cm", "code": "Z63.0", "note": word("diagnosis")}),
        (f"{couple}/authorisations", own | {"recipient": word("recipient"), "purpose": word("purpose")}),
        (f"{couple}/legal-holds", {"reason": word("hold")}),
        (f"{couple}/release-flags", {"against": "everyone", "reason": word("danger")}),
        (
            f"{couple}/secrets-agreements",
            {"policy": "limited_secrets", "text_version": "2", "language": "en", "text": word("agreement")},
        ),
        (
            f"{plan}/assignments/{record.ids['assignment_id']}/check-ins",
            {"partner_id": b, "done": "within_rules", "log": calm, "note": word("check_in")},
        ),
    ]
    for path, body in texts:
        made = record.done(path, body)
        if path.endswith("/notes"):
            record.done(f"{path}/{made['id']}/signatures", {"version": 1})
            record.done(f"{path}/{made['id']}/addenda", {"reason": "clarification", "text": word("addendum")})
    contact = {"telephone": word("telephone"), "rules": word("rules")}
    told = record.send(record.partner("b"), {"name": word("name"), "contact": contact}, None, "PATCH", 1)
    assert told.status == 200, told.body
    found = {kind for path, body in texts for kind in _kinds(body)}
    return found | {"addendum", "name", "telephone", "rules"}


def _kinds(value: Any) -> Iterator[str]:
    text = json.dumps(value)
    yield from {part.partition("-nary")[0] for part in text.split("zq-")[1:]}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_words_of_a_record_stand_in_no_answer_but_those_meant_for_them(read: Read) -> None:
    record = read.record
    with record.stage.database.undone():
        kinds = written(record)
        asks = [ask for _name, ask in read.wide.everything()]
        told = record.stage.tell(asks, record.later)
    assert {"note", "private", "framing", "check_in", "danger", "addendum"} <= kinds
    shown: dict[str, set[str]] = {kind: set() for kind in kinds}
    for one in told:
        for resource in _resources(one.body):
            text = json.dumps(resource)
            for kind in kinds:
                if word(kind) in text:
                    shown[kind].add(resource["resourceType"])
        assert not any(word(kind).encode() in value for kind in kinds for _name, value in one.headers)
    assert shown["name"] == {"Patient"}  # the control: it is looked where words can stand
    for kind, types in shown.items():
        assert types <= MEANT_FOR.get(kind, set()), kind


def _resources(body: bytes) -> list[dict[str, Any]]:
    answer = json.loads(body) if body else {}
    return [one["resource"] for one in answer.get("entry", ()) if "resource" in one] if "entry" in answer else [answer]


Spoilt = Iterator[tuple[str, str, dict[str, str], bytes]]
FORM = {"content-type": "application/x-www-form-urlencoded"}
RESOURCE = {"content-type": "application/fhir+json"}
OF_EVERY_TYPE = ("_id", "_lastUpdated", "_security", "_sort", "_count", "_include", "_revinclude", "_elements", "_format")
HEADERS = ("if-none-match", "if-modified-since", "accept", "prefer", "if-match", "if-none-exist", "content-type")


def spoilt() -> Spoilt:
    """Requests that hold the secret in every place there is for something."""
    for resource in resources().values():
        base = f"/fhir/{resource.type}"
        for param in resource.params:
            yield "GET", f"{base}?{param.name}={SECRET}", {}, b""
            yield "GET", f"{base}?{param.name}:{SECRET}=1", {}, b""
        yield "GET", f"{base}/{SECRET}", {}, b""
    for type_ in ("Patient", *WRITTEN):
        yield from _of_every_type(f"/fhir/{type_}")
        yield from _bodies(type_)


def _of_every_type(base: str) -> Spoilt:
    for name in (*OF_EVERY_TYPE, "_page", "_summary", "_has", "unknown", SECRET):
        yield "GET", f"{base}?{name}={SECRET}", {}, b""
        yield "POST", base + "/_search", FORM, f"{name}={SECRET}".encode()
    yield from (("GET", f"{base}/{path}", {}, b"") for path in (f"{NOBODY}/_history/{SECRET}", f"{SECRET}/x"))
    for header in HEADERS:
        yield "GET", f"{base}/{NOBODY}", {header: SECRET}, b""
        yield "POST", base, RESOURCE | {header: SECRET}, b"{}"


def _bodies(type_: str) -> Spoilt:
    subject, item = {"reference": f"Patient/{NOBODY}"}, {"linkId": "1", "answer": [{"valueInteger": 1}]}
    like = {"resourceType": type_, "status": "completed", "subject": subject, "item": [item]}
    for body in marked(like):
        yield "POST", f"/fhir/{type_}", RESOURCE, json.dumps(body).encode()
    yield "PUT", f"/fhir/{type_}/{NOBODY}", RESOURCE, json.dumps(like | {"id": SECRET}).encode()
    yield "POST", f"/fhir/{type_}", RESOURCE, b'{"resourceType":"' + SECRET.encode()
    entry = {"resource": like | {"id": SECRET}, "request": {"method": "POST", "url": SECRET}}
    yield "POST", "/fhir", RESOURCE, json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [entry]}).encode()


def rows_of_the_trail(clinic: Clinic) -> str:
    """All that stands in it."""
    with clinic.at_desk() as (session, _vault):
        return repr([vars(one) for one in session.scalars(select(LedgerEvent))])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_a_client_sends_stands_in_no_outcome_no_header_no_log_and_not_in_the_trail(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    caller: Caller = world.clinic.integration("writes", {"system/*.rs", "system/QuestionnaireResponse.cu"})
    sent = 0
    with logs():
        for method, path, headers, body in spoilt():
            answer = caller.request(method, path, headers=headers, content=body)
            sent += 1
            assert answer.status_code < 500, (method, path, answer.text)
            if answer.status_code >= 400 or method != "GET":
                assert SECRET not in answer.text, (method, path, headers, body)
            following = [one["url"] for one in answer.json().get("link", ()) if one["relation"] == "next"]
            assert not any(SECRET in one for one in (*following, *answer.headers.values())), (method, path)
    written_down = capfd.readouterr()
    assert SECRET not in written_down.err + written_down.out
    assert written_down.err.count('"event": "request"') >= sent
    assert SECRET not in rows_of_the_trail(world.clinic)
