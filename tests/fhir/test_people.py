"""Two people, the couple they are, the clinic and its members; and who may know who is whose partner."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

from app.access.permissions import Role
from app.core.ids import new_id
from app.fhir.rows import strewn
from tests.conftest import Caller, Clinic
from tests.fhir.reading import Json, found, leaves, one, patient_of, references, software
from tests.releases.records import ask_to_erase, authorise, ended, ready, shred, sign
from tests.safety.records import Pair, done, new_pair

TYPES = ("Patient", "RelatedPerson", "Group", "EpisodeOfCare", "Consent", "Practitioner", "Organization", "Condition")
ONE_OF_TWO = [("system/Group.rs",), ("system/RelatedPerson.rs",), ("system/Patient.rs", "system/Group.rs")]


def test_a_couple_is_a_group_of_two_patients_each_of_whom_leads_to_the_other(clinic: Clinic, pair: Pair) -> None:
    """And neither says anything of the other but that they are the partner."""
    ehr = software(clinic)
    a, b = (one(ehr, f"Patient?identifier={number}") for number in ("A-1", "B-1"))
    group = one(ehr, f"Group?member=Patient/{a['id']}")
    assert [member["entity"]["reference"] for member in group["member"]] == [f"Patient/{a['id']}", f"Patient/{b['id']}"]
    assert (group["type"], group["actual"], group["quantity"]) == ("person", True, 2)
    assert group["code"]["coding"][0]["code"] == "couple"
    for this, other in ((a, b), (b, a)):
        stands_for = done(ehr.get("/fhir/" + this["link"][0]["other"]["reference"]), 200)
        assert stands_for["patient"] == {"reference": f"Patient/{other['id']}"}
        assert set(stands_for) == {"resourceType", "id", "meta", "active", "patient", "relationship"}
        assert one(ehr, f"RelatedPerson?patient={other['id']}") == stands_for
    assert pair.path  # the couple there is


def test_a_group_is_found_by_what_a_couple_is_known_as_elsewhere(clinic: Clinic, therapist: Caller) -> None:
    body = {"external_id": "K-7", "partner_a": {"record_number": "7"}, "partner_b": {"record_number": "8"}}
    done(therapist.post("/v1/couples", json=body))
    new_pair(therapist)
    ehr = software(clinic)
    group = one(ehr, "Group?identifier=K-7")
    assert group["identifier"][0]["value"] == "K-7"
    system = group["identifier"][0]["system"]
    assert found(ehr, f"Group?identifier={system}|K-7&actual=true&type=person&code=couple") == [group]
    assert len(found(ehr, "Group?identifier:not=K-7")) == 1
    for nothing in ("identifier=K-8", f"identifier={system}x|K-7", "code=family", "actual=false", "type=device"):
        assert found(ehr, f"Group?{nothing}") == []


def test_nobody_is_told_who_is_whose_partner_by_one_of_the_two_scopes_that_say_it(clinic: Clinic, pair: Pair) -> None:
    """There are no couples for such a client, whatever it asks; it is not even told that it may not know."""
    ehr = software(clinic)
    group, person = one(ehr, "Group"), found(ehr, "RelatedPerson")[0]
    for scopes in ONE_OF_TWO:
        client = software(clinic, *scopes)
        for type_, known in (("Group", group), ("RelatedPerson", person)):
            if f"system/{type_}.rs" in scopes:
                assert done(client.get(f"/fhir/{type_}"), 200)["total"] == 0
                unknown = f"/fhir/{type_}/{'0' * 32}"
                told = [client.get(path) for path in (f"/fhir/{type_}/{known['id']}", unknown)]
                assert [answer.status_code for answer in told] == [404, 404]
                assert told[0].json()["issue"][0]["details"] == told[1].json()["issue"][0]["details"]
                assert found(client, f"{type_}?_id={known['id']}") == []
        if "system/Patient.rs" in scopes:
            everybody = found(client, "Patient?_revinclude=Group:member")
            assert len(everybody) == 2
            assert not any("link" in patient for patient in everybody)
    assert pair.path


def shared_by_couples_alone(resources: list[Json], partner_of: dict[str, str]) -> set[tuple[str, str]]:
    """What stands in the resources of two partners and in nobody else's."""
    bearers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for resource in resources:
        whose = resource["id"] if resource["resourceType"] == "Patient" else resource["patient"]["reference"][8:]
        for place in leaves(resource):
            bearers[place].add(whose)
    return {place for place, who in bearers.items() if len(who) == 2 and partner_of[min(who)] == max(who)}


def test_no_byte_of_what_both_partners_have_tells_a_client_that_may_not_know_who_belongs_together(
    clinic: Clinic, therapist: Caller
) -> None:
    """Couples who came on one day and signed alike: what two partners have in common, everybody has."""
    for number in range(4):
        ready(new_pair(therapist, str(number)))
    ehr = software(clinic)
    groups = [references(group["member"]) for group in found(ehr, "Group")]
    partner_of = {one: other for a, b in ([ref[8:] for ref in group] for group in groups) for one, other in ((a, b), (b, a))}
    assert len(partner_of) == 8
    stranger = software(clinic, "system/Patient.rs", "system/EpisodeOfCare.rs", "system/Consent.rs")
    for type_ in ("Patient", "EpisodeOfCare", "Consent"):
        resources = found(stranger, type_)
        assert len(resources) == 8
        assert shared_by_couples_alone(resources, partner_of) == set()
        assert [one["id"] for one in resources] == [one["id"] for one in found(stranger, type_)]


def test_what_both_have_bears_one_identifier_for_whom_may_know_and_finds_both(clinic: Clinic, pair: Pair) -> None:
    made = ready(pair)
    new_pair(pair.therapist, "2")
    ehr, stranger = software(clinic), software(clinic, "system/EpisodeOfCare.rs", "system/Consent.rs", "system/Group.rs")
    for type_ in ("EpisodeOfCare", "Consent"):
        mine = one(ehr, f"{type_}?patient={patient_of(ehr, 'A-1')}")
        value = mine["identifier"][0]["value"]
        assert made[4:] not in value
        both = found(ehr, f"{type_}?identifier={mine['identifier'][0]['system']}|{value}")
        assert {resource["patient"]["reference"] for resource in both} == {patient_of(ehr, "A-1"), patient_of(ehr, "B-1")}
        assert found(stranger, f"{type_}?identifier={value}") == []
        assert not any("identifier" in resource for resource in found(stranger, type_))


def test_every_reference_leads_somewhere_for_a_client_that_may_read_everything(clinic: Clinic, pair: Pair) -> None:
    ready(pair)
    done(pair.therapist.post(pair.partner("a") + "/diagnoses", json={"system": "icd10cm", "code": "F52.31"}))
    ehr = software(clinic)
    known = {f"{type_}/{resource['id']}": resource for type_ in TYPES for resource in found(ehr, type_)}
    pointed_at = {reference for resource in known.values() for reference in references(resource)}
    assert {reference.partition("/")[0] for reference in pointed_at} >= {"Patient", "RelatedPerson", "Organization"}
    assert pointed_at <= set(known)


def test_an_episode_stands_under_each_partner_by_its_days(clinic: Clinic, pair: Pair) -> None:
    ehr = software(clinic)
    a = patient_of(ehr, "A-1")
    running = one(ehr, f"EpisodeOfCare?patient={a}&status=active")
    assert (running["status"], running["period"]) == ("active", {"start": "2026-11-22"})
    clinic.clock.turn(days=30)
    body = {"reason": "separated"}
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    done(pair.therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/closures", json=body), 200)
    over = one(ehr, f"EpisodeOfCare?patient={a}&status=finished&date=ge2026-12-01&date=le2026-12-31")
    assert over["period"] == {"start": "2026-11-22", "end": "2026-12-22"}
    assert over["id"] == running["id"]
    assert over["meta"]["versionId"] != running["meta"]["versionId"]
    assert over["meta"]["lastUpdated"] > running["meta"]["lastUpdated"]
    assert "separated" not in str(found(ehr, "EpisodeOfCare"))
    for nothing in ("status=active", "date=lt2026-11-22", "date=gt2026-12-22", "date=sa2026-11-22"):
        assert found(ehr, f"EpisodeOfCare?{nothing}") == []


def test_an_archived_couple_is_no_longer_in_care_and_comes_back(clinic: Clinic, pair: Pair) -> None:
    ehr = software(clinic)
    before = found(ehr, "Patient?active=true")
    assert len(before) == 2
    version = pair.therapist.get(pair.path).headers["ETag"]
    assert pair.therapist.delete(pair.path, headers={"If-Match": version}).status_code == 204
    assert found(ehr, "Patient?active=true") == []
    for type_ in ("Patient", "RelatedPerson", "Group"):
        assert {resource["active"] for resource in found(ehr, type_)} == {False}
    after = {one["id"]: one["meta"] for one in found(ehr, "Patient?active=false")}
    for patient in before:
        assert after[patient["id"]]["lastUpdated"] > patient["meta"]["lastUpdated"]
        assert after[patient["id"]]["versionId"] != patient["meta"]["versionId"]


def test_a_partner_who_was_erased_is_nowhere_and_the_other_stays_without_a_link(clinic: Clinic, pair: Pair) -> None:
    """Nothing that is read leads to who is gone."""
    ready(pair)
    sign(pair, authorise(pair, "b"), "b")
    ehr = software(clinic)
    a, b = patient_of(ehr, "A-1"), patient_of(ehr, "B-1")
    erasure = ask_to_erase(ended(clinic, pair), "b")
    shred(clinic, pair, erasure)
    ehr = software(clinic)
    left = {type_: found(ehr, type_) for type_ in TYPES}
    assert [resource["id"] for resource in left["Patient"]] == [a.partition("/")[2]]
    assert "link" not in left["Patient"][0]
    assert left["RelatedPerson"] == []
    assert [group["member"] for group in left["Group"]] == [[{"entity": {"reference": a}}]]
    assert {one["patient"]["reference"] for type_ in ("EpisodeOfCare", "Consent") for one in left[type_]} == {a}
    assert ehr.get(f"/fhir/{b}").status_code == 404
    assert found(ehr, f"Patient?_id={b.partition('/')[2]}") == []


def test_pages_of_any_size_hold_each_once_in_one_order(clinic: Clinic, therapist: Caller) -> None:
    """Also where one row is two resources, and a page ends between the two."""
    for number in range(3):
        pair = new_pair(therapist, str(number))
        ready(pair)
        ready(pair, "a")
    ehr = software(clinic)
    for type_, number in {"Patient": 6, "EpisodeOfCare": 6, "Consent": 9}.items():
        whole = [resource["id"] for resource in found(ehr, type_)]
        assert len(whole) == len(set(whole)) == number
        for size in range(1, number):
            assert [resource["id"] for resource in found(ehr, f"{type_}?_count={size}")] == whole


def native(pair: Pair, client: Caller) -> dict[str, Any]:
    """The standing of each authorisation of a couple as software sees it natively, by its expiry."""
    return {one["expires_at"]: one["status"] for one in client.every(pair.path + "/authorisations")}


SAID = {"incomplete": "proposed", "running": "active", "ended": "inactive", "expired": "inactive"}


def test_a_consent_stands_where_the_authorisation_stands_that_it_is(clinic: Clinic, pair: Pair) -> None:
    """Whatever was signed and ended in which order; and the search by status says the same as the resource."""
    steps: list[tuple[str, str | None, str, bool]] = [
        ("2027-01-01", None, "", False),
        ("2027-01-02", None, "a", False),
        ("2027-01-03", None, "ab", False),
        ("2027-01-04", None, "ab", True),
        ("2027-01-05", None, "b", True),
        ("2026-11-23", None, "ab", False),
        ("2026-11-24", None, "a", False),
        ("2027-01-06", "a", "", False),
        ("2027-01-07", "a", "a", False),
        ("2027-01-08", "b", "b", True),
    ]
    for day, whose, signers, is_ended in steps:
        made = authorise(pair, whose, expires_at=f"{day}T10:00:00Z")
        sign(pair, made, *signers)
        if is_ended:
            done(pair.therapist.post(f"{pair.path}/authorisations/{made['id']}/endings", json={}), 200)
    clinic.clock.turn(days=3)
    ehr, other = software(clinic), clinic.integration("native")
    expected = {end[:10]: SAID[status] for end, status in native(pair, other).items()}
    assert set(expected.values()) == set(SAID.values())
    consents = found(ehr, "Consent")
    assert {consent["provision"]["period"]["end"][:10]: consent["status"] for consent in consents} == expected
    assert len(consents) == 7 * 2 + 3
    for status in ("proposed", "active", "inactive"):
        searched = {consent["id"] for consent in found(ehr, f"Consent?status={status}")}
        assert searched == {consent["id"] for consent in consents if consent["status"] == status}


def test_a_consent_is_among_what_changed_when_it_came_to_run_ended_or_expired_and_at_no_other_time(
    clinic: Clinic, pair: Pair
) -> None:
    """One signature of two changes nothing; and when it was is told to nobody, for it would say who was there then."""
    ehr = software(clinic)

    def changed() -> int:
        """How many did today; a search tells the day and no nearer. Then it is tomorrow."""
        today = len(found(ehr, f"Consent?_lastUpdated=ge{clinic.clock.moment:%Y-%m-%d}"))
        clinic.clock.turn(days=1)
        return today

    made, ending = authorise(pair, expires_at="2026-11-29T18:00:00Z"), authorise(pair)
    assert changed() == 4
    sign(pair, made, "a")
    assert changed() == 0
    sign(pair, made, "b")
    assert changed() == 2
    assert changed() == 0
    done(pair.therapist.post(f"{pair.path}/authorisations/{ending['id']}/endings", json={"partner_id": pair.a}), 200)
    assert changed() == 2
    clinic.clock.turn(days=2, hours=11)
    assert changed() == 2
    consent = found(ehr, "Consent")[0]
    assert "lastUpdated" not in consent["meta"]
    assert "Last-Modified" not in ehr.get(f"/fhir/Consent/{consent['id']}").headers


def test_a_consent_never_tells_what_one_signature_added_or_through_whom_it_ended(clinic: Clinic, pair: Pair) -> None:
    """To the byte: whoever signed first, let go more along, or ended it."""
    ehr = software(clinic)
    told: list[Json] = []
    for order, own, ender in (("ab", {}, pair.a), ("ba", {"b": ["measures", "diagnoses"]}, pair.b), ("ab", {}, None)):
        made = authorise(pair, expires_at="2027-06-01T00:00:00Z")
        sign(pair, made, *order, own=own)
        done(pair.therapist.post(f"{pair.path}/authorisations/{made['id']}/endings", json={"partner_id": ender}), 200)
        consents = found(ehr, f"Consent?patient={patient_of(ehr, 'A-1')}&status=inactive")
        (new,) = (one for one in consents if one["id"] not in {seen["id"] for seen in told})
        told.append(new)
        assert not {"verification", "performer", "sourceReference"} & set(new)
    bare = [{name: value for name, value in one.items() if name not in {"id", "meta", "identifier"}} for one in told]
    assert bare[0] == bare[1] == bare[2]
    assert "Dr. Example" not in str(told)


def test_what_is_kept_apart_is_not_even_told_to_have_been_let_go(clinic: Clinic, pair: Pair) -> None:
    """Authorisations of safety data and psychotherapy notes say something of them."""
    for kinds in (["safety", "measures"], ["psychotherapy_notes"], ["safety"]):
        ready(pair, "a", kinds=kinds)
    shown = ready(pair, "a", kinds=["measures"], recipient_kind="partner_b", recipient="Robin", from_on="2026-01-01")
    ehr = software(clinic)
    consent = one(ehr, "Consent")
    assert [code["coding"][0]["code"] for code in consent["provision"]["code"]] == ["measures"]
    assert consent["provision"]["actor"][0]["reference"] == {"display": "The patient's partner"}
    assert consent["provision"]["dataPeriod"] == {"start": "2026-01-01"}
    assert "Robin" not in str(consent)
    assert shown
    assert found(ehr, f"Consent?patient={patient_of(ehr, 'B-1')}") == []


def test_a_consent_is_found_by_the_day_it_was_drawn_up(clinic: Clinic, pair: Pair) -> None:
    authorise(pair)
    ehr = software(clinic)
    for day, count in {
        "2026-11-22": 2,
        "eq2026-11": 2,
        "2026-11-21": 0,
        "gt2026-11-22": 0,
        "lt2026-11-22T23:00:00Z": 0,
    }.items():
        assert len(found(ehr, f"Consent?date={day}")) == count, day


def test_practitioners_are_who_treats_or_supervises_and_stay_when_they_leave(clinic: Clinic, therapist: Caller) -> None:
    for login, role in (("sue", Role.SUPERVISOR), ("adam", Role.ADMINISTRATOR), ("ann", Role.ANALYST)):
        clinic.member(login, role)
    ehr = software(clinic)
    assert {one["name"][0]["text"] for one in found(ehr, "Practitioner")} == {"thea", "sue"}
    assert one(ehr, "Practitioner?identifier=sue")["active"] is True
    assert one(ehr, "Practitioner?name=SU") == one(ehr, "Practitioner?name:contains=ue")
    assert found(ehr, "Practitioner?name:exact=SUE") == []
    assert found(ehr, "Practitioner?active=false") == []
    assert therapist.holder_id


def test_the_clinic_is_an_organization(clinic: Clinic) -> None:
    ehr = software(clinic)
    clinic_itself = one(ehr, "Organization")
    assert (clinic_itself["name"], clinic_itself["active"]) == ("A clinic", True)
    assert one(ehr, "Organization?name=a%20cl") == clinic_itself


def test_neighbours_in_a_list_are_not_partners_nor_two_resources_of_one_row() -> None:
    """Whatever came in one moment: of five hundred couples, about one stands together by chance."""
    couples = [(new_id(), new_id()) for _ in range(500)]
    people = sorted((strewn(partner), partner.hex, number) for number, couple in enumerate(couples) for partner in couple)
    rows = sorted((strewn(row, slot), row.hex, slot) for row, _ in couples for slot in "ab")
    firsts, seconds = ([row for _, row, slot in rows if slot == which] for which in "ab")
    for order in ([number for *_, number in people], [row for _, row, _ in rows]):
        assert sum(one == other for one, other in pairwise(order)) < 20
    assert sum(one == other for one, other in zip(firsts, seconds, strict=True)) < 20
