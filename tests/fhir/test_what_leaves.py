"""The page that therapists read of what leaves names every type that there is, and no other."""

import re
from pathlib import Path

from app.access.smart import WRITTEN
from app.fhir.resources import resources

PAGE = Path(__file__).parents[2] / "docs/clinical/what-leaves-over-fhir.md"
ROW = re.compile(r"^\|[^|]+\| `([A-Za-z]+)` \| ([^|]+) \|$", re.MULTILINE)
OF_COUPLES = {"Group", "RelatedPerson"}


def test_the_page_names_each_type_that_leaves_once_and_says_whose_it_is() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert sorted(type_ for type_, _whose in rows) == sorted(resources())
    assert {type_ for type_, whose in rows if whose.startswith("nobody's")} == {
        one.type for one in resources().values() if not one.of_patients
    }
    assert {type_ for type_, whose in rows if "may know couples" in whose} == OF_COUPLES
    assert {"QuestionnaireResponse"} == WRITTEN
