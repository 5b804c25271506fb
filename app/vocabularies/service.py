"""Vocabularies, read from what the clinical package knows."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.clinical.answers import REASONS
from app.clinical.concern import Coded, Concern, Domain
from app.clinical.concerns import CONCERNS, excludes1, starting_points
from app.clinical.diagnosis_codes import SYSTEMS, is_billable, status_of
from app.clinical.gates import PRECONDITIONS, RED_FLAGS
from app.clinical.measures import MEASURES
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import UNIVERSAL_BLOCKERS, Precondition, RedFlag
from app.clinical.specifiers import FACTORS
from app.errors import NotFoundError
from app.vocabularies.schemas import (
    CatalogueCode,
    CatalogueConcern,
    CodePair,
    Dsm5tr,
    Icd10cmCode,
    Term,
    Vocabulary,
    VocabularyName,
)


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


def _plain(names: Mapping[Any, str]) -> list[Term]:
    return [Term(code=code, name=name, details={}) for code, name in names.items()]


def _conditions(conditions: Mapping[str, RedFlag] | Mapping[str, Precondition]) -> list[Term]:
    """Terms with their kind and the protocols that name them; one that no protocol names forbids every shared touch."""
    return [
        Term(code=code, name=one.description, details={"kind": [one.kind], "protocols": _naming(code)})
        for code, one in conditions.items()
    ]


def _naming(code: str) -> list[str]:
    return [
        protocol.code
        for protocol in PROTOCOLS.values()
        if code in {flag.code for flag in protocol.contraindications} | {one.code for one in protocol.preconditions}
    ]


BUILDERS: Final[dict[str, Callable[[], list[Term]]]] = {
    "concerns": lambda: [_concern(concern) for concern in CONCERNS.values()],
    "measures": lambda: _plain({code: measure.name for code, measure in MEASURES.items()}),
    "protocols": lambda: _plain({code: protocol.name for code, protocol in PROTOCOLS.items()}),
    "missing_reasons": lambda: _plain({reason: reason.replace("_", " ") for reason in REASONS}),
    "contributing_factors": lambda: _plain(FACTORS),
    "coding_systems": lambda: _plain(SYSTEMS),
    "red_flags": lambda: _conditions(RED_FLAGS),
    "preconditions": lambda: _conditions(PRECONDITIONS),
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


def list_concerns(domain: Domain | None) -> list[CatalogueConcern]:
    """The whole catalogue, or one domain of it; diagnosable concerns first."""
    return [_shown(concern) for concern in CONCERNS.values() if domain is None or concern.domain is domain]


def read_concern(code: str) -> CatalogueConcern:
    """One concern of the catalogue. Raises NotFoundError."""
    if code not in CONCERNS:
        raise NotFoundError
    return _shown(CONCERNS[code])


def _shown(concern: Concern) -> CatalogueConcern:
    filed = concern.dsm5tr is not None or concern.dsm5tr_codes
    return CatalogueConcern(
        code=concern.slug,
        name=concern.name,
        domain=concern.domain,
        diagnosable=concern.diagnosable,
        dsm5tr=Dsm5tr(name=concern.dsm5tr, codes=list(concern.dsm5tr_codes)) if filed else None,
        icd10cm=[Icd10cmCode(code=code, status=status_of(code), billable=is_billable(code)) for code in concern.icd10cm],
        icd11=_codes(concern.icd11),
        snomed=_codes(concern.snomed),
        not_together=[CodePair.model_validate(conflict) for conflict in excludes1(concern.icd10cm)],
        starting_points=list(starting_points(concern.slug)),
        protocols=list(concern.protocols),
        measures=list(concern.measures),
        note=concern.note,
    )


def _codes(known: tuple[Coded, ...]) -> list[CatalogueCode]:
    return [CatalogueCode.model_validate(coded) for coded in known]
