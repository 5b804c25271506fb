"""`deidentification.json`: what was dropped, generalised and left out, and what no such measure can promise."""

from typing import Any, Final

from app.core.canonical import canonical
from app.exports.deidentified.changed import Changed
from app.exports.deidentified.rules import told_in_bands
from app.exports.deidentified.shape import COUPLES, KEPT, LEFT_OUT
from app.exports.deidentified.traits import NAMES
from app.exports.tables import tables

NAME: Final = "deidentification.json"
WARNINGS: Final = (
    "Partners recognise themselves and each other in these rows.",
    "Whoever knows a couple's course, such as the days on which it answered or what it answered, may recognise the couple.",
    "k-anonymity holds for the named quasi-identifiers alone; it is no proof against other knowledge.",
    "Do not lay this export beside others to find couples again, and do not pass it on without a contract that forbids it.",
)


def report(changed: Changed, names: tuple[str, ...]) -> dict[str, bytes]:
    """The file by its name."""
    sizes = changed.classes.sizes
    told = list(changed.classes.told.values())
    document: dict[str, Any] = {
        "k": changed.k,
        "quasi_identifiers": list(NAMES),
        "whose": "partners with a running consent to sharing data; what belongs to both only where both agreed",
        "ids": "pseudonyms under a key of this export that was not kept; consistent across its tables and no other's",
        "days": "whole days since the couple's first care began; each couple's rows end on a day of its own",
        "order": "rows stand in the order of their pseudonyms",
        "not_told": {name: told_in_bands(sum(words[place] is None for words in told)) for place, name in enumerate(NAMES)},
        "couples_left_out_as_rare": told_in_bands(len(changed.classes.left_out)),
        "classes": {
            "how_many": told_in_bands(len(sizes)),
            "smallest": told_in_bands(sizes[0]) if sizes else None,
            "largest": told_in_bands(sizes[-1]) if sizes else None,
        },
        "measures": {"told": sorted(changed.common), "others": "left out, because too few couples answered them"},
        "columns_dropped": {
            name: sorted({column.name for column in tables()[name].columns} - set(KEPT[name].split()))
            for name in names
            if name != COUPLES
        },
        "tables_left_out": dict(LEFT_OUT),
        "homework": "rows of plans of the protocol that `couples` tells; of no other",
        "warnings": list(WARNINGS),
    }
    return {NAME: canonical(document) + b"\n"}
