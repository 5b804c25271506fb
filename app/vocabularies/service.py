"""Vocabularies, read from what the clinical package knows."""

from collections.abc import Callable, Mapping
from typing import Final

from app.clinical.answers import REASONS
from app.clinical.concern import Concern
from app.clinical.concerns import CONCERNS
from app.clinical.measures import MEASURES
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import UNIVERSAL_BLOCKERS
from app.errors import NotFoundError
from app.vocabularies.schemas import Term, Vocabulary, VocabularyName


def _concern(concern: Concern) -> Term:
    details = {
        "domain": [str(concern.domain)],
        "kind": ["diagnosable" if concern.diagnosable else "couple"],
        "dsm5tr": [concern.dsm5tr] if concern.dsm5tr else [],
        "icd10cm": list(concern.icd10cm),
        "icd11": [coded.code for coded in concern.icd11],
        "snomed": [coded.code for coded in concern.snomed],
        "protocols": list(concern.protocols),
        "measures": list(concern.measures),
        "starts_at": list(concern.starts_at),
    }
    return Term(code=concern.slug, name=concern.name, details={key: value for key, value in details.items() if value})


def _plain(names: Mapping[str, str]) -> list[Term]:
    return [Term(code=code, name=name, details={}) for code, name in names.items()]


BUILDERS: Final[dict[str, Callable[[], list[Term]]]] = {
    "concerns": lambda: [_concern(concern) for concern in CONCERNS.values()],
    "measures": lambda: _plain({code: measure.name for code, measure in MEASURES.items()}),
    "protocols": lambda: _plain({code: protocol.name for code, protocol in PROTOCOLS.items()}),
    "missing_reasons": lambda: _plain({reason: reason.replace("_", " ") for reason in REASONS}),
    "blockers": lambda: _plain({blocker.code: blocker.description for blocker in UNIVERSAL_BLOCKERS}),
}


def list_vocabularies() -> list[VocabularyName]:
    """Which vocabularies there are."""
    return [VocabularyName(name=name, count=len(build())) for name, build in BUILDERS.items()]


def read_vocabulary(name: str) -> Vocabulary:
    """One vocabulary with all its words. Raises NotFoundError."""
    if name not in BUILDERS:
        raise NotFoundError
    return Vocabulary(name=name, terms=BUILDERS[name]())
