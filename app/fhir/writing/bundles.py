"""A transaction or a batch as it comes, read into the responses it holds."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from app.errors import Fault, RekindleError
from app.fhir.rules import InteractionUnknownError
from app.fhir.writing.places import MODIFIER, Faults, plain_text, unknown_elements
from app.fhir.writing.reading import TYPE
from app.fhir.writing.recording import Sent
from app.fhir.writing.rules import BundleMalformedError
from app.measures.schemas import LARGEST_BATCH

MOST_ENTRIES: Final = LARGEST_BATCH
TRANSACTION: Final = "transaction"
BATCH: Final = "batch"
BUNDLE: Final = frozenset(
    {"resourceType", "id", "meta", "language", "identifier", "type", "timestamp", "total", "link", "entry", "signature"}
)
ENTRY: Final = frozenset({"id", "extension", "link", "fullUrl", "resource", "request", "search", "response"})
REQUEST: Final = frozenset({"id", "extension", "method", "url", "ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist"})
# What R4 lets an entry do, and nobody can do here.
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
REFUSED: Final = {"implicitRules": "Rules that are not R4's own are not followed here."}


def read_bundle(body: Mapping[str, Any], base: str) -> tuple[bool, list[Sent]]:
    """Whether all of it is done or nothing, and its entries; those of a batch that cannot be done are refused already.

    Raises BundleMalformedError.
    """
    faults = Faults()
    unknown_elements(body, "Bundle", BUNDLE, REFUSED, faults)
    kind = body.get("type")
    if body.get("resourceType") != "Bundle" or kind not in {TRANSACTION, BATCH}:
        faults.add("Bundle.type", "wrong_form", "Must be a Bundle of the type `transaction` or `batch`.")
    entries = body.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        faults.add("Bundle.entry", "too_many", f"Must be a list of at most {MOST_ENTRIES} entries.")
    if faults:
        raise BundleMalformedError(faults=tuple(faults))
    sent = [_entry(node, f"Bundle.entry[{index}]", base) for index, node in enumerate(entries)]
    _refuse_same_addresses(entries)
    return kind == TRANSACTION, sent


def _refuse_same_addresses(entries: list[Any]) -> None:
    named = [node.get("fullUrl") for node in entries if isinstance(node, dict) and isinstance(node.get("fullUrl"), str)]
    if len(set(named)) < len(named):
        twice = {name for name, times in Counter(named).items() if times > 1}
        places = [index for index, node in enumerate(entries) if isinstance(node, dict) and node.get("fullUrl") in twice]
        sentence = "Another entry has the same fullUrl."
        raise BundleMalformedError(
            faults=tuple(Fault(f"Bundle.entry[{one}].fullUrl", "wrong_form", sentence) for one in places)
        )


def _entry(node: Any, at: str, base: str) -> Sent:
    """One entry; what is wrong with its form refuses it alone, as far as the Bundle allows that."""
    sent, faults = Sent(f"{at}.resource", None), Faults()
    if not isinstance(node, dict) or not isinstance(node.get("request"), dict):
        faults.add(f"{at}.request", "required", "Say what is to be done, with `method` and `url`.")
        sent.refused = BundleMalformedError(faults=tuple(faults))
        return sent
    unknown_elements(node, at, ENTRY, MODIFIER, faults)
    request = node["request"]
    unknown_elements(request, f"{at}.request", REQUEST, MODIFIER, faults)
    method = plain_text(request, "method", f"{at}.request", faults, required=True)
    url = plain_text(request, "url", f"{at}.request", faults, required=True)
    sent.body = node.get("resource")
    sent.if_match = plain_text(request, "ifMatch", f"{at}.request", faults)
    sent.if_none_exist = plain_text(request, "ifNoneExist", f"{at}.request", faults)
    if faults:
        sent.refused = BundleMalformedError(faults=tuple(faults))
    else:
        sent.refused = _aim(sent, method or "", (url or "").removeprefix(base + "/"), f"{at}.request")
    return sent


def _aim(sent: Sent, method: str, url: str, at: str) -> RekindleError | None:
    """What an entry is to do; the refusal of what cannot be done."""
    if method not in METHODS:
        return BundleMalformedError(faults=(Fault(f"{at}.method", "wrong_form", "Must be a method that R4 has."),))
    type_, slash, fhir_id = url.partition("/")
    if method == "POST" and type_ == TYPE and not slash:
        return None
    if method == "PUT" and type_ == TYPE and fhir_id and not set("/?") & set(fhir_id):
        sent.changes = fhir_id
        return None
    return InteractionUnknownError(faults=(Fault(at, InteractionUnknownError.code, NOT_DONE),))


NOT_DONE: Final = "An entry can create a QuestionnaireResponse (POST) or change one by its id (PUT)."
