"""What a concern names as its protocols, and what those protocols say they are for."""

import pytest

from app.clinical.concerns import CONCERNS
from app.clinical.protocols import PROTOCOLS


@pytest.mark.parametrize(
    "code",
    [
        "simmering",
        "willingness_responsive_desire",
        "erotic_education_bibliotherapy",
        "mindfulness_sex_therapy",
        "yes_no_maybe_menu",
        "initiation_protocol",
        "graded_exposure_aversion",
    ],
)
def test_a_protocol_is_for_every_concern_that_names_it(code: str) -> None:
    naming = {slug for slug, concern in CONCERNS.items() if code in concern.protocols}
    assert naming <= set(PROTOCOLS[code].targets)
