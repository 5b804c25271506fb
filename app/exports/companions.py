"""The files beside the tables of an export, by which a person or a program reads them."""

from collections.abc import Sequence
from datetime import datetime

from app.exports import codebook, descriptor, snippets
from app.exports.format import Format
from app.exports.table import Table


def companions(
    tables: Sequence[Table], formats: Sequence[Format], parts: Sequence[descriptor.Part], at: datetime, *, joins: bool = True
) -> dict[str, bytes]:
    """By name, in the order in which they are written; `joins` is that of `descriptor.describe`."""
    return {
        descriptor.NAME: descriptor.describe(tables, formats, parts, at, joins=joins),
        codebook.NAME: codebook.codebook(tables),
        **snippets.snippets(tables),
    }
