import re

import pytest

from app.clinical.concerns import CONCERNS, SEXUAL_STARTING_POINTS, excludes1, is_starting_point, starting_points
from app.clinical.couple_concerns import COUPLE
from app.clinical.diagnosable_concerns import DIAGNOSABLE
from app.clinical.protocols import PROTOCOLS

ALL = pytest.mark.parametrize("slug", CONCERNS)
ICD10CM = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{0,4}-?)?")
ICD11 = re.compile(r"[0-9A-Z]{3,4}(\.[0-9A-Z]{1,2})?")
THE_EIGHTEEN = {
    "sensate_focus",
    "stop_start",
    "squeeze",
    "graded_dilator",
    "directed_masturbation",
    "bridge_manoeuvre",
    "scheduled_intimacy",
    "simmering",
    "willingness_responsive_desire",
    "erotic_education_bibliotherapy",
    "pelvic_floor_training",
    "mindfulness_sex_therapy",
    "affection_ritual",
    "wax_and_wane",
    "yes_no_maybe_menu",
    "initiation_protocol",
    "graded_exposure_aversion",
    "delayed_ejaculation_retraining",
}
THE_MEASURES = {
    "fsfi",
    "iief15",
    "pedt",
    "csfq14_f",
    "csfq14_m",
    "asex",
    "promis_sexfs_brief_v2",
    "fsds_r",
    "sdi2",
    "nsss_s",
    "gmsex",
    "csi16",
    "phq9",
    "ehits",
}


def test_the_catalogue_is_whole_and_each_slug_is_used_once() -> None:
    assert (len(DIAGNOSABLE), len(COUPLE)) == (17, 25)
    assert len(CONCERNS) == 42


# Copied by hand from the sources, apart from the catalogue: ICD-10-CM | ICD-11 | SNOMED CT; `?` recalled, `~` cross-referenced.
THE_CODES = """
female_interest_arousal: F52.22 | HA00 HA01.0
male_low_desire: F52.0 | HA00?
low_libido_symptom: R68.82
erectile: F52.21 N52.9 N52.1 N52.2 | HA01.1? | 397803000~ 860914002?
female_orgasmic: F52.31 | HA02.0? | 60103007~
delayed_ejaculation: F52.32 N53.11 | HA03.1? | 15405008~
early_ejaculation: F52.4 | HA03.0? | 44001008~
anejaculation_retrograde: N53.13 N53.14 N53.19 | MF40? | 248782001~ 42288005~ 50112006~
painful_ejaculation: N53.12 | MF40?
gpppd: F52.6 F52.5 | HA20? | 71315007~ 79012001?
dyspareunia_organic: N94.10 N94.11 N94.12 N94.19 N94.2 N94.810 N94.818 N94.819 N95.2 | GA12? GA34.02? | 71315007~
sexual_aversion: F52.1 F52.8 | HA20? 6B0?
substance_medication_induced: F10.181 F10.281 F11.181 F19.181 F19.981 T43.225A | HA40.2?
other_specified: F52.8 | HA0Y?
unspecified: F52.9 R37 | HA0Z?
peyronie: N48.6 | GB06.2?
compulsive_sexual_behaviour: F52.8 F63.89 | 6C72?
desire_discrepancy: Z70.3 Z63.0
low_sex_relationship: Z70.1 Z63.0
mismatch_preferences: Z70.3
initiation_refusal_pattern: Z63.0
routine_boredom: Z70.8
postpartum: Z39.2 O90.89 F53.0 O90.6
pregnancy_fertility: Z31.-
menopause_ageing: N95.1 N95.2
painful_sex_couple: F52.6 N94.1-
unconsummated: F52.6 F52.21 Z70.8
performance_anxiety: F52.21 F52.8
orgasm_gap: F52.31 F52.32
after_infidelity: Z63.0
illness_disability: Z70.8
medication_related: N52.2
trauma_history: F43.1- Z91.410
sexual_aversion_avoidance: F52.1 F52.8
sexual_communication: Z70.8
body_image: Z70.0
religious_cultural_guilt: Z70.0
consensual_nonmonogamy: Z70.1
gender_transition_in_couple: Z70.1
porn_or_compulsive_conflict: Z70.1 F52.8
relationship_distress: Z63.0
ipv_suspected_or_confirmed: T76.11XA T76.21XA T74.11XA T74.21XA T74.31XA Z69.11 Z69.12 Z91.410 Z91.411
"""
MARKS = {"verified": "", "cross_referenced": "~"}


def test_the_catalogue_has_the_codes_of_its_sources_and_is_as_sure_of_each() -> None:
    told = dict(line.split(": ") for line in THE_CODES.strip().splitlines())
    for slug, concern in CONCERNS.items():
        marked = [[coded.code + MARKS.get(coded.status, "?") for coded in codes] for codes in (concern.icd11, concern.snomed)]
        codes = [" ".join(group) for group in (concern.icd10cm, *marked)]
        assert " | ".join(group for group in codes if group) == told.pop(slug), slug
    assert told == {}


@ALL
def test_what_dsm5tr_names_has_a_code_there(slug: str) -> None:
    concern = CONCERNS[slug]
    assert set(concern.dsm5tr_codes) <= set(concern.icd10cm)
    assert (concern.dsm5tr is None) <= (concern.dsm5tr_codes in {(), ("F52.8",)})  # aversion: other specified, since DSM-5
    assert (concern.dsm5tr is not None) <= bool(concern.dsm5tr_codes)


@ALL
def test_a_slug_and_its_codes_are_well_formed(slug: str) -> None:
    concern = CONCERNS[slug]
    assert re.fullmatch(r"[a-z_]+", slug)
    assert all(ICD10CM.fullmatch(code) for code in concern.icd10cm)
    assert all(ICD11.fullmatch(coded.code) for coded in concern.icd11)
    assert all(coded.code.isdigit() for coded in concern.snomed)


@ALL
def test_protocols_and_measures_of_a_concern_are_of_the_catalogues(slug: str) -> None:
    assert THE_EIGHTEEN.issuperset(CONCERNS[slug].protocols)
    assert THE_MEASURES.issuperset(CONCERNS[slug].measures)


@ALL
def test_snomed_ids_have_a_right_check_digit(slug: str) -> None:
    assert all(verhoeff(coded.code) for coded in CONCERNS[slug].snomed)


def verhoeff(number: str) -> bool:
    """SNOMED CT ids end in a Verhoeff check digit."""
    permuted = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for place, digit in enumerate(int(digit) for digit in reversed(number)):
        turned = digit
        for _ in range(place % 8):
            turned = permuted[turned]
        check = times(check, turned)
    return check == 0


def times(a: int, b: int) -> int:
    """The product of two elements of the dihedral group of ten."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5


def test_a_plan_starts_from_a_sexual_concern() -> None:
    assert is_starting_point("desire_discrepancy")
    assert is_starting_point("erectile")
    assert is_starting_point("sexual_communication")


def test_a_plan_never_starts_from_plain_relationship_distress_or_from_violence() -> None:
    assert not is_starting_point("relationship_distress")
    assert not is_starting_point("ipv_suspected_or_confirmed")
    assert not is_starting_point("unheard_of")


def test_relationship_distress_says_where_a_plan_could_start() -> None:
    assert "desire_discrepancy" in starting_points("relationship_distress")
    assert all(is_starting_point(slug) for slug in starting_points("relationship_distress"))


def test_violence_is_never_a_homework_target() -> None:
    assert starting_points("ipv_suspected_or_confirmed") == ()
    assert CONCERNS["ipv_suspected_or_confirmed"].protocols == ()


def test_a_sexual_concern_starts_at_itself_and_an_unknown_one_nowhere() -> None:
    assert starting_points("erectile") == ("erectile",)
    assert starting_points("unheard_of") == ()


def test_only_two_concerns_are_no_starting_points() -> None:
    assert set(CONCERNS) - set(SEXUAL_STARTING_POINTS) == {"relationship_distress", "ipv_suspected_or_confirmed"}


@pytest.mark.parametrize(
    "codes",
    [
        ("F52.0", "R68.82"),
        ("N94.11", "F52.6"),
        ("F52.6", "N94.19"),
        ("Z63.0", "Z70.3"),
        ("Z70.1", "Z63.0"),
        ("Z63.0", "Z69.11"),
        ("z63.0", " Z69.12"),
        ("N94.1-", "F52.6"),
    ],
)
def test_codes_that_never_stand_together_are_found(codes: tuple[str, str]) -> None:
    assert len(excludes1(codes)) == 1


@pytest.mark.parametrize(
    "codes", [("F52.0", "F52.21"), ("N94.2", "F52.6"), ("Z63.0", "Z63.5"), ("Z69.81", "Z63.0"), ("Z63.0",), ()]
)
def test_codes_that_may_stand_together_are_left_alone(codes: tuple[str, ...]) -> None:
    assert excludes1(codes) == ()


def test_the_disputed_pair_is_refused_by_default_and_allowed_when_asked() -> None:
    (conflict,) = excludes1(["F52.6", "N94.10"])
    assert conflict.disputed
    assert excludes1(["F52.6", "N94.10"], strict=False) == ()


def test_every_conflict_is_named_once() -> None:
    assert len(excludes1(["Z63.0", "Z70.1", "Z70.3", "Z70.1"])) == 2


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_a_protocol_targets_concerns_a_plan_may_start_from(protocol: object) -> None:
    assert all(is_starting_point(target) for target in getattr(protocol, "targets", ("",)))
