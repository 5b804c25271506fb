"""The page of problems: every code the API can answer with."""

from collections.abc import Iterator, Mapping, Sequence
from inspect import getdoc
from typing import Final

from app.core.problems import FORMS, SENTENCES, catalogue, status_of
from app.errors import RekindleError
from app.reference.api import ApiOperation
from app.reference.markdown import Page, code, codes, section, table

NAMED_AT_MOST: Final = 4


def page(operations: Sequence[ApiOperation]) -> Page:
    """Codes by status."""
    kinds = {name: kind for name, kind in catalogue().items() if kind.__module__.startswith("app.")}
    statuses = sorted({status_of(kind) for kind in kinds.values()})
    return Page(
        "problems.md",
        "Problems",
        "Every `code` a problem document can carry, with its status and meaning.",
        (
            (
                "Errors are `application/problem+json` (RFC 9457). Switch on `code`: it is stable. `detail` is a sentence for "
                "people and may say more than the one shown here; it never repeats what was sent. `errors[]` points to each "
                "fault. The last column names the operations whose document lists the code; a dash stands for what happens "
                "before an operation is reached, beneath it in the database, or at the command line."
            ),
            *(_status(status, kinds, operations) for status in statuses),
            section("Faults in fields", _faults_told(), _faults()),
        ),
    )


def _status(status: int, kinds: Mapping[str, type[RekindleError]], operations: Sequence[ApiOperation]) -> str:
    rows = (
        (code(name), _first_line(kind), kind.detail, _where(name, operations))
        for name, kind in sorted(kinds.items())
        if status_of(kind) == status
    )
    head = ("code", "what happened", "what the answer says", "operations")
    return section(f"Status {status}", table(head, rows))


def _first_line(kind: type[RekindleError]) -> str:
    return (getdoc(kind) or "").partition("\n")[0]


def _where(name: str, operations: Sequence[ApiOperation]) -> str:
    found = sorted(operation.name for operation in operations if name in operation.problems)
    if not found:
        return "-"
    if len(found) == len(operations):
        return "all"
    return codes(found) if len(found) <= NAMED_AT_MOST else f"{len(found)} of {len(operations)}"


def _faults_told() -> str:
    return (
        "What the shape of a field can break. Rules of the record add codes of their own, each with a sentence; their number "
        "grows, so treat an unknown one like `not_acceptable`."
    )


def _faults() -> str:
    return table(("code of a fault", "what it says"), _fault_rows())


def _fault_rows() -> Iterator[tuple[str, str]]:
    told: dict[str, list[str]] = {}
    for name, words in SENTENCES.values():
        told.setdefault(name, []).append(words.replace("{", "*").replace("}", "*"))
    told["wrong_form"].extend(FORMS.values())
    told["not_acceptable"] = ["Anything else that is wrong with a value."]
    for name, sentences in sorted(told.items()):
        yield code(name), " Or: ".join(dict.fromkeys(sentences))
