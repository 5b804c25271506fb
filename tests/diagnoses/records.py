"""Diagnoses of a couple's partners, made through the API."""

from typing import Any

from tests.conftest import Caller
from tests.safety.records import Pair, done

Json = dict[str, Any]
REASON: Json = {"exclusion_override": {"reason": "Two findings at two sites."}}


def diagnose(pair: Pair, which: str, code: str, caller: Caller | None = None, **more: Any) -> Any:
    """Records a diagnosis of a partner, in ICD-10-CM unless told otherwise."""
    body = {"system": "icd10cm", "code": code, **more}
    return (caller or pair.therapist).post(pair.partner(which) + "/diagnoses", json=body)


def path_of(pair: Pair, which: str, diagnosis: Json) -> str:
    """Where a diagnosis stands."""
    return f"{pair.partner(which)}/diagnoses/{diagnosis['id']}"


def status(pair: Pair, which: str, diagnosis: Json, to: str, **more: Any) -> Any:
    """Gives a diagnosis another status."""
    return pair.therapist.post(path_of(pair, which, diagnosis) + "/status-changes", json={"status": to, **more})


def read(pair: Pair, which: str, diagnosis: Json, caller: Caller | None = None) -> Json:
    """A diagnosis as somebody sees it."""
    seen: Json = done((caller or pair.therapist).get(path_of(pair, which, diagnosis)), 200)
    return seen


def codes_of(pair: Pair, which: str, caller: Caller | None = None, query: str = "") -> list[str]:
    """The codes of a partner's diagnoses, page by page."""
    return [one["code"] for one in (caller or pair.therapist).every(f"{pair.partner(which)}/diagnoses?limit=2{query}")]


def problem(answer: Any) -> tuple[int, str, list[str]]:
    """Status, code and the faults' codes of a refusal."""
    told = answer.json()
    return answer.status_code, told["code"], [fault["code"] for fault in told["errors"]]
