"""Questions of a Questionnaire, for tests."""

from typing import Any

Json = dict[str, Any]
LOINC = "http://loinc.org"


def questions(questionnaire: Json) -> list[Json]:
    """The items of a questionnaire that are answered; what stands within them is text."""
    return [each for each in questionnaire.get("item", []) if each["type"] != "display"]
