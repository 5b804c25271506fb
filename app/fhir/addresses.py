"""Which methods an address takes: by what is mounted there, and by what can be done with the type it names."""

import re
from typing import Final

from app.errors import RekindleError
from app.fhir.resources import resources
from app.fhir.rules import AddressUnknownError, InteractionUnknownError, ResourceUnknownError

ID: Final = r"[A-Za-z0-9.-]{1,64}"
TYPE: Final = r"([A-Za-z]+)"
# Each form of address of a type, and the method of each interaction there.
FORMS: Final = (
    (re.compile(TYPE), {"search-type": "GET", "create": "POST"}),
    (re.compile(rf"{TYPE}/_search"), {"search-type": "POST"}),
    (re.compile(rf"{TYPE}/{ID}"), {"read": "GET", "update": "PUT"}),
    (re.compile(rf"{TYPE}/{ID}/_history/{ID}"), {"vread": "GET"}),
)


MOUNTED: Final[list[tuple[str, re.Pattern[str]]]] = []


def mount(method: str, template: str) -> None:
    """Keeps what is mounted at addresses that name no type, or one in so many words."""
    if "{type}" not in template:
        parts = re.split(r"\{\w+\}", template.removeprefix("/"))
        MOUNTED.append((method, re.compile("[^/]+".join(map(re.escape, parts)))))


def methods(path: str) -> list[str]:
    """What can be asked of an address, by its path after `/fhir/`; nothing of one that there is not."""
    taken = {method for method, form in MOUNTED if form.fullmatch(path)}
    for form, interactions in FORMS:
        found = form.fullmatch(path)
        resource = resources().get(found[1]) if found else None
        if resource is not None:
            taken |= {method for code, method in interactions.items() if code in resource.interactions}
    return sorted(taken | {"HEAD"} if "GET" in taken else taken)


def refusal(path: str) -> RekindleError:
    """Why nothing can be done at an address that no interaction answered."""
    if methods(path):
        return InteractionUnknownError()
    first = path.partition("/")[0]
    is_type = first[:1].isupper() and first.isalpha()
    return ResourceUnknownError() if is_type and first not in resources() else AddressUnknownError()
