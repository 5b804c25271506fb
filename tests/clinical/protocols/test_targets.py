"""Which homework is meant for which concern: the catalogues of both say the same, and what the sources say."""

import pytest

from app.clinical.concerns import CONCERNS
from app.clinical.protocols import PROTOCOLS

# Copied by hand from the sources, apart from the catalogues: what a concern usually begins with | what else targets it.
THE_HOMEWORK = """
female_interest_arousal: | sensate_focus simmering willingness_responsive_desire mindfulness_sex_therapy \
erotic_education_bibliotherapy
male_low_desire: | sensate_focus simmering willingness_responsive_desire
erectile: | sensate_focus wax_and_wane pelvic_floor_training
female_orgasmic: | directed_masturbation sensate_focus bridge_manoeuvre erotic_education_bibliotherapy pelvic_floor_training
delayed_ejaculation: | delayed_ejaculation_retraining sensate_focus bridge_manoeuvre
early_ejaculation: | stop_start squeeze sensate_focus pelvic_floor_training erotic_education_bibliotherapy
gpppd: | graded_dilator pelvic_floor_training
sexual_aversion: | graded_exposure_aversion
desire_discrepancy: willingness_responsive_desire simmering affection_ritual sensate_focus | scheduled_intimacy \
initiation_protocol
low_sex_relationship: affection_ritual scheduled_intimacy sensate_focus
mismatch_preferences: yes_no_maybe_menu erotic_education_bibliotherapy
initiation_refusal_pattern: initiation_protocol scheduled_intimacy
routine_boredom: erotic_education_bibliotherapy yes_no_maybe_menu simmering
postpartum: affection_ritual | scheduled_intimacy
painful_sex_couple: graded_dilator yes_no_maybe_menu mindfulness_sex_therapy
unconsummated: sensate_focus graded_dilator
performance_anxiety: sensate_focus wax_and_wane | mindfulness_sex_therapy
orgasm_gap: directed_masturbation bridge_manoeuvre
after_infidelity: | affection_ritual
trauma_history: | graded_exposure_aversion
sexual_aversion_avoidance: graded_exposure_aversion sensate_focus
sexual_communication: yes_no_maybe_menu | erotic_education_bibliotherapy
body_image: mindfulness_sex_therapy
religious_cultural_guilt: erotic_education_bibliotherapy
"""
TOLD = {
    slug: tuple(protocols.replace("|", " ").split())
    for slug, protocols in (line.split(":") for line in THE_HOMEWORK.replace("\\\n", "").strip().splitlines())
}
# Where one source names homework under a condition, or in a form, that the protocol itself does not hold.
NOT_AS_IT_STANDS = (
    ("postpartum", "sensate_focus"),
    ("menopause_ageing", "sensate_focus"),
    ("illness_disability", "sensate_focus"),
    ("trauma_history", "sensate_focus"),
    ("medication_related", "scheduled_intimacy"),
    ("mismatch_preferences", "bridge_manoeuvre"),
)


def test_every_concern_names_the_homework_of_the_sources_in_their_order() -> None:
    assert {slug: concern.protocols for slug, concern in CONCERNS.items() if concern.protocols} == TOLD


@pytest.mark.parametrize("code", PROTOCOLS)
def test_a_protocol_is_for_the_concerns_that_name_it_and_for_no_other(code: str) -> None:
    assert set(PROTOCOLS[code].targets) == {slug for slug, codes in TOLD.items() if code in codes}


def test_each_protocol_is_for_something_and_names_nothing_twice() -> None:
    assert {code for codes in TOLD.values() for code in codes} == set(PROTOCOLS)
    assert all(len(set(protocol.targets)) == len(protocol.targets) for protocol in PROTOCOLS.values())


@pytest.mark.parametrize(("slug", "code"), NOT_AS_IT_STANDS)
def test_homework_that_would_need_another_form_is_not_meant_for_the_concern(slug: str, code: str) -> None:
    assert slug not in PROTOCOLS[code].targets
    assert CONCERNS[slug].note or slug == "mismatch_preferences"
